import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { BareRepository } from '../git/bare-repository.ts';
import { writeCommit } from '../git/commits.ts';
import { isSafeTreePath, writeBlob, writeTree } from '../git/trees.ts';
import type { Account, Label, Repository } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { forgeSignature, signatureOf } from './merging.ts';

/** The labels GitHub puts into a new repository. */
const DEFAULT_LABELS: readonly (readonly [name: string, color: string, description: string])[] = [
  ['bug', 'd73a4a', "Something isn't working"],
  ['documentation', '0075ca', 'Improvements or additions to documentation'],
  ['duplicate', 'cfd3d7', 'This issue or pull request already exists'],
  ['enhancement', 'a2eeef', 'New feature or request'],
  ['good first issue', '7057ff', 'Good for newcomers'],
  ['help wanted', '008672', 'Extra attention is needed'],
  ['invalid', 'e4e669', "This doesn't seem right"],
  ['question', 'd876e3', 'Further information is requested'],
  ['wontfix', 'ffffff', 'This will not be worked on'],
];

export interface NewRepository {
  readonly owner: Account;
  readonly name: string;
  readonly private: boolean;
  readonly description: string | null;
  readonly defaultBranch: string;
  /** First commit's files; an empty object leaves the repository empty. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Path of a local git repository whose branch is copied instead. It is only read. */
  readonly from: { readonly path: string; readonly branch: string } | null;
}

/** Creates a repository on disk and in memory. */
export async function addRepository(world: World, given: NewRepository): Promise<Repository> {
  const git = await makeGit(world, given.owner, given.name, given.defaultBranch);
  if (given.from !== null) {
    const source = new BareRepository(given.from.path);
    await git.fetchFrom(source, `refs/heads/${given.from.branch}`, `refs/heads/${given.defaultBranch}`);
  } else if (Object.keys(given.files).length > 0) {
    await firstCommit(world, git, given);
  }
  return register(world, { ...given, git, parentId: null });
}

/** Copies a repository to another account, as a fork. */
export async function forkRepository(world: World, parent: Repository, owner: Account): Promise<Repository> {
  const git = await makeGit(world, owner, parent.name, parent.defaultBranch);
  await git.run(['fetch', '--quiet', parent.git.path, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']);
  return register(world, { owner, name: parent.name, private: parent.private, description: parent.description, defaultBranch: parent.defaultBranch, git, parentId: parent.id });
}

async function makeGit(world: World, owner: Account, name: string, defaultBranch: string): Promise<BareRepository> {
  if (!/^(?!\.{1,2}$)[\w.-]{1,100}$/.test(name) || name.endsWith('.git')) throw new TypeError(`"${name}" is not a repository name that GitHub would allow`);
  if (world.repository(owner.login, name) !== undefined) throw new TypeError(`the repository ${owner.login}/${name} exists already`);
  const path = join(world.dataDir, 'repos', owner.login.toLowerCase(), `${name.toLowerCase()}.git`);
  // Memory ends with the process, so a repository of an earlier run has lost its issues and must not be mixed with a new one.
  if (existsSync(path)) throw new TypeError(`${path} exists already: give the forge a fresh data folder`);
  return BareRepository.create(path, defaultBranch);
}

async function firstCommit(world: World, git: BareRepository, given: NewRepository): Promise<void> {
  const changes = [];
  for (const [path, content] of Object.entries(given.files)) {
    if (!isSafeTreePath(path)) throw new TypeError(`"${path}" is not a path for a file in a repository`);
    const executable = typeof content === 'string' && content.startsWith('#!');
    changes.push({ path, mode: executable ? '100755' : '100644', sha: await writeBlob(git, content) });
  }
  const tree = await writeTree(git, null, changes);
  const commit = await writeCommit(git, { tree, parents: [], message: 'Initial commit', author: signatureOf(world, given.owner), committer: forgeSignature(world) });
  await git.run(['update-ref', `refs/heads/${given.defaultBranch}`, commit]);
}

function register(world: World, given: Pick<Repository, 'owner' | 'name' | 'private' | 'description' | 'defaultBranch' | 'git' | 'parentId'>): Repository {
  const now = world.clock.now();
  const labels = DEFAULT_LABELS.map(([name, color, description]): [string, Label] => [name, { id: world.ids.next('label'), name, color, description, default: true }]);
  const repository: Repository = {
    ...given,
    id: world.ids.next('repository'),
    fullName: `${given.owner.login}/${given.name}`,
    createdAt: now,
    updatedAt: now,
    pushedAt: now,
    archived: false,
    allowMergeCommit: true,
    allowSquashMerge: true,
    nextNumber: 1,
    roles: new Map(),
    labels: new Map(labels),
    issues: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    checkSuites: new Map(),
    statuses: [],
    protections: new Map(),
    mergeQueue: [],
    dispatches: [],
    activity: [],
  };
  world.repositories.set(repository.fullName.toLowerCase(), repository);
  return repository;
}
