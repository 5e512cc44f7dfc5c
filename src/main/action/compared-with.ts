import { readFileSync } from 'node:fs';

import { isJsonObject } from '../../kit/json.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { RepositoryGit } from '../../worker/local-repository/repository-git.ts';
import { CannotRun } from '../local/exit-codes.ts';

export interface Comparison {
  readonly git: RepositoryGit;
  readonly head: string;
  /** As written in the workflow; empty: what the event says. */
  readonly asked: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The commit that the checkout is compared with: where it parted from what was asked for, or from what the event names (the base of a pull
 * request or merge group, the commit before a push). Throws `CannotRun` when there is none: without it, guards that look at changes
 * would pass on everything.
 */
export async function comparedWith({ git, head, asked, env }: Comparison): Promise<string> {
  const named = asked === '' ? baseOfEvent(env, head) : asked;
  if (named === null) throw new CannotRun(`base: the event ${JSON.stringify(env.GITHUB_EVENT_NAME ?? 'unknown')} does not say what the checkout is to be compared with. Name a commit, branch or tag, for example base: HEAD^ or base: origin/main; base: HEAD compares with nothing.`);
  const commit = await commitNamed(git, head, named);
  if (commit === null) throw new CannotRun(`base: ${JSON.stringify(named.slice(0, 100))} is not in this checkout${asked === '' ? ', and the event says to compare with it' : ''}. Check out with fetch-depth: 0 (or 2 for a pull request), or name another commit.`);
  const parted = await git({ args: ['merge-base', '--end-of-options', commit, head] });
  return parted.exitCode === 0 ? parted.stdout.trim() : commit;
}

async function commitNamed(git: RepositoryGit, head: string, name: string): Promise<string | null> {
  // Git is asked without a worktree, where HEAD may stand elsewhere.
  const own = /^HEAD(?=$|[\^~])/.test(name) ? name.replace('HEAD', head) : name;
  for (const candidate of [own, `refs/remotes/origin/${own}`]) {
    const found = await git({ args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`] });
    if (found.exitCode === 0) return found.stdout.trim();
  }
  return null;
}

function baseOfEvent(env: Comparison['env'], head: string): string | null {
  // What is usually checked out for a pull request is its merge into the base branch as that stands now, which may be ahead of what the event says.
  if (/^refs\/pull\/\d+\/merge$/.test(env.GITHUB_REF ?? '') && env.GITHUB_SHA === head) return 'HEAD^1';
  const event = readEvent(env.GITHUB_EVENT_PATH);
  const shaIn = (...path: readonly string[]): string | null => {
    let value: unknown = event;
    for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
    return typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value) && !/^0+$/.test(value) ? value : null;
  };
  return shaIn('pull_request', 'base', 'sha') ?? shaIn('merge_group', 'base_sha') ?? shaIn('before');
}

function readEvent(path: string | undefined): JsonObject {
  if (!path) return {};
  try {
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isJsonObject(event) ? event : {};
  } catch {
    return {};
  }
}
