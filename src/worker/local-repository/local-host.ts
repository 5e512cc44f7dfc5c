import { pathToFileURL } from 'node:url';

import type { TrunkFacts } from '../../core/mission/signal.ts';
import type { RepositoryHost } from '../../engine/ports/repository-host.ts';
import type { CommitIdentity } from '../../engine/ports/workspaces.ts';
import type { Clock } from '../../kit/time.ts';
import { commitOf, mergeCommit } from './merge-commit.ts';
import type { RepositoryGit } from './repository-git.ts';

export interface LocalHostOptions {
  readonly git: RepositoryGit;
  readonly gitDir: string;
  /** Names the worker's copy of the repository. */
  readonly key: string;
  /** Where the mission begins. */
  readonly base: string;
  readonly identity: CommitIdentity;
  readonly clock: Clock;
}

/**
 * A repository on this machine, with no GitHub beside it. Whoever runs missions in it could do to it whatever they like, so they
 * count as its admin; and since they are alone with it, what they committed themselves keeps them from no approval.
 */
export function createLocalHost(options: LocalHostOptions): RepositoryHost {
  const { git, gitDir, key, base: begin, identity, clock } = options;
  // Two merges at once would only make one of them begin again.
  let merging: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = merging.then(work, work);
    merging = turn.catch(() => undefined);
    return turn;
  };

  return {
    authorityOf: async () => ({ known: true, role: 'admin' }),
    labelsOf: async () => ['mission', 'mission:queue'],
    // Nobody but who runs it is there.
    assignmentOf: async (_source, logins) => ({ present: [], people: logins.map((login) => ({ login, assignable: 'nobody' })) }),
    // The file and what it includes are read before the mission begins.
    readFile: async () => null,
    // Whoever is alone with a repository could change its rules as well as its files.
    fileOf: async () => ({ found: 'nothing' }),
    membershipOf: async () => ({ known: true, member: true }),
    touchedFiles: async () => ({ known: true, paths: [] }),
    emailOf: async () => null,
    pullsAt: async () => [],
    pullsOfGroup: async () => ({ known: false, reason: 'a repository on this machine has no merge queue' }),
    trunk: async (_source, branch): Promise<TrunkFacts> => ({ head: (await commitOf(git, `refs/heads/${branch}`)) ?? begin, authors: [] }),
    mergeInto: (_source, request) => inTurn(() => mergeCommit(git, request, { ...identity, at: clock.now() })),
    addressOf: () => ({ key, cloneUrl: pathToFileURL(gitDir).href }),
    credentialsFor: () => async () => null,
  };
}
