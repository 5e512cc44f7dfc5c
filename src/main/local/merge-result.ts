import { execFile } from 'node:child_process';

import { trunkBranch } from '../../core/mission/source.ts';
import { withoutGit } from '../../worker/local-repository/repository-git.ts';
import type { LocalRepository } from './local-repository.ts';
import type { MissionRecord } from './mission-folder.ts';

export interface MergeResult {
  readonly repository: LocalRepository;
  readonly record: MissionRecord;
  /** Head of the trunk. */
  readonly head: string;
  readonly env: NodeJS.ProcessEnv;
  readonly wanted: boolean;
}

/**
 * Brings a completed mission into the branch its person was on, where that is safe and was asked for; in every other case says
 * what to type. The only place that touches a person's branch and files: with their own git, settings and hooks.
 */
export async function mergeIntoBranch({ repository, record, head, env, wanted }: MergeResult): Promise<readonly string[]> {
  if (head === record.base) return [];
  const trunk = trunkBranch(record.number);
  const type = record.branch === null ? `git merge ${trunk}` : `git switch ${record.branch} && git merge ${trunk}`;
  if (!wanted) return [`Take it over: ${type}   (or: missiongate run … --merge)`];
  const git = (...args: string[]) => run(repository.root, env, args);
  const now = (await git('symbolic-ref', '--short', '--quiet', 'HEAD')).stdout.trim();
  if (repository.isBare || record.branch === null) return [`Not merged: no branch was checked out when the mission began. Type: ${type}`];
  if (now !== record.branch) return [`Not merged: ${now === '' ? 'no branch' : now} is checked out, the mission began on ${record.branch}. Type: ${type}`];
  const status = await git('status', '--porcelain', '--untracked-files=no');
  if (status.code !== 0 || status.stdout !== '') return [`Not merged: there are uncommitted changes. Commit or stash them, then type: git merge ${trunk}`];
  const before = (await git('rev-parse', 'HEAD')).stdout.trim();
  const merged = await git('merge', '--no-edit', '--quiet', trunk);
  if (merged.code === 0) {
    const after = (await git('rev-parse', 'HEAD')).stdout.trim();
    return [after === before ? `${record.branch} holds it already.` : `Merged into ${record.branch}: ${before.slice(0, 12)}..${after.slice(0, 12)}`];
  }
  await git('merge', '--abort');
  return [`Not merged: ${reason(merged)}. ${record.branch} is as it was. Type: git merge ${trunk}`];
}

function reason({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  const conflicts = [...stdout.matchAll(/Merge conflict in (.+)/g)].map((match) => match[1]);
  return conflicts.length > 0 ? `it conflicts in ${conflicts.slice(0, 5).join(', ')}` : (stderr.trim().split('\n')[0] ?? 'git refused');
}

function run(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile('git', ['-C', cwd, ...args], { env: { ...withoutGit(env), GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true', LC_ALL: 'C' }, encoding: 'utf8' }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr }),
    );
  });
}
