import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, resolve } from 'node:path';

import { sha256 } from '../../kit/hash.ts';
import { createRepositoryGit, withoutGit } from '../../worker/local-repository/repository-git.ts';
import type { RepositoryGit } from '../../worker/local-repository/repository-git.ts';
import { CannotRun } from './exit-codes.ts';

/** A git repository on this machine, as it stands when a mission begins or goes on. Nothing here was written to. */
export interface LocalRepository {
  /** Top of the worktree; the git folder itself for a bare repository. */
  readonly root: string;
  /** The git folder that all worktrees share. */
  readonly gitDir: string;
  readonly isBare: boolean;
  readonly head: string;
  /** Branch that is checked out; null when HEAD is detached. */
  readonly branch: string | null;
  /** Tracked files that differ from HEAD, and files git does not know. */
  readonly uncommitted: number;
  readonly owner: string;
  readonly name: string;
  /** Stable number and folder name of this repository on this machine. */
  readonly id: number;
  readonly key: string;
  /** Who runs missions here. */
  readonly user: { readonly name: string; readonly login: string };
  /** How what this person decides reaches us. */
  readonly via: 'terminal' | 'workflow';
  readonly git: RepositoryGit;
}

/** `git merge-tree --write-tree` came with 2.38; without it a merge needs somebody's worktree. */
const oldestGit = [2, 38] as const;

type Git = (...args: string[]) => Promise<string | null>;

/** Looks at the repository that a folder belongs to. Throws `CannotRun` when there is none that missions can run in. */
export async function lookAtRepository(path: string, env: NodeJS.ProcessEnv): Promise<LocalRepository> {
  const folder = resolve(path);
  const git = gitIn(folder, env);
  await checkGit(git);
  const inside = await git('rev-parse', '--path-format=absolute', '--git-common-dir', '--is-bare-repository');
  if (inside === null) throw new CannotRun(`${folder} is no git repository. Go to one, name one with --repo <path>, or make one with: git init`);
  const [commonDir = '', bare = ''] = inside.split('\n');
  const gitDir = realpathSync(commonDir);
  const isBare = bare === 'true';
  const top = isBare ? gitDir : await git('rev-parse', '--path-format=absolute', '--show-toplevel');
  if (top === null) throw new CannotRun(`${folder} lies inside a git folder. Go to the worktree, or name it with --repo <path>.`);
  const head = await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head === null) throw new CannotRun(`${top} has no commits yet, and a mission starts from one. Make the first: git commit --allow-empty -m "Begin"`);
  if ((await git('rev-parse', '--verify', '--quiet', 'refs/heads/mission')) !== null) {
    throw new CannotRun('The repository has a branch called "mission", which leaves no room for branches like mission/1/trunk. Rename it: git branch -m mission <other-name>');
  }
  const [branch, status, remote, userName, email] = await Promise.all([
    git('symbolic-ref', '--short', '--quiet', 'HEAD'),
    isBare ? '' : git('status', '--porcelain', '-z'),
    git('config', '--get', 'remote.origin.url'),
    git('config', '--get', 'user.name'),
    git('config', '--get', 'user.email'),
  ]);
  const local = isBare ? gitDir.replace(/\.git$/, '') : gitDir.endsWith('/.git') ? dirname(gitDir) : top;
  const digest = sha256(gitDir);
  const { owner, name } = nameFrom(remote) ?? { owner: 'local', name: basename(local) };
  const system = userInfo().username;
  return {
    root: top,
    gitDir,
    isBare,
    head,
    branch,
    uncommitted: (status ?? '').split('\0').filter((entry) => /^.. ./.test(entry)).length,
    owner,
    name,
    id: Number.parseInt(digest.slice(0, 7), 16) + 1,
    key: `${name.replaceAll(/[^A-Za-z0-9_-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 60) || 'repository'}-${digest.slice(0, 12)}`,
    user: { name: userName ?? email ?? system, login: email ?? userName ?? system },
    via: 'terminal',
    git: createRepositoryGit({ gitDir, env }),
  };
}

/** Reads only: not even the index is refreshed. Null when git says no. */
function gitIn(folder: string, env: NodeJS.ProcessEnv): Git {
  const ownEnv = { ...withoutGit(env), GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return (...args) =>
    new Promise((settle, reject) => {
      execFile('git', ['-C', folder, '-c', 'core.fsmonitor=false', ...args], { env: ownEnv, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' }, (error, stdout) => {
        if (error?.code === 'ENOENT') reject(new CannotRun(`git was not found. Install git ${oldestGit.join('.')} or newer.`));
        else settle(error ? null : stdout.replace(/\n$/, ''));
      });
    });
}

async function checkGit(git: Git): Promise<void> {
  const said = (await git('version')) ?? '';
  const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said)?.slice(1).map(Number) ?? [];
  if (major > oldestGit[0] || (major === oldestGit[0] && minor >= oldestGit[1])) return;
  throw new CannotRun(`This is ${said || 'no usable git'}; git ${oldestGit.join('.')} or newer is needed to merge without touching your files. Update it.`);
}

/** `git@github.com:acme/shop.git`, `https://github.com/acme/shop` → acme, shop. */
function nameFrom(remote: string | null): { readonly owner: string; readonly name: string } | null {
  const match = remote === null ? null : /([^/:\\]+)[/:\\]([^/\\]+?)(?:\.git)?\/?$/.exec(remote);
  const [, owner = '', name = ''] = match ?? [];
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(owner) && /^[A-Za-z0-9._-]{1,100}$/.test(name) && !/^[a-z]:$/i.test(owner) ? { owner, name } : null;
}
