import { trunkBranch } from '../../src/core/mission/source.ts';
import type { MissionSource } from '../../src/core/mission/source.ts';
import type { RepositoryHost } from '../../src/engine/ports/repository-host.ts';
import { HostError } from '../../src/engine/ports/repository-host.ts';
import { changed, CommitGraph } from './github/commit-graph.ts';
import type { Commit } from './github/commit-graph.ts';
import { cast } from './people.ts';
import type { ProcessLife } from './simulated-process.ts';

const bot = { name: 'bot', email: 'bot@example.com' };

/** A repository with branches, roles and labels, and nothing of GitHub around it. */
export class BareRepository {
  readonly source: MissionSource = { installationId: 0, repository: { id: 10, owner: 'octo', name: 'shop', defaultBranch: 'main' }, issue: { number: 7, title: 'Please', author: { kind: 'person', login: 'author' } } };
  readonly labels = new Set<string>();
  readonly trunk = trunkBranch(this.source.issue.number);
  readonly #graph = new CommitGraph();
  readonly #branches = new Map<string, string>();
  readonly #merges: string[] = [];
  readonly #pushed: { readonly login: string; readonly commit: string }[] = [];
  /** Commits are told apart by their second: each gets one of its own. */
  #seconds = 1_900_000_000;

  /** Files of the default branch: those that missions name. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.#branches.set('main', this.#commit([], new Map([['README.md', 'x'], ...Object.entries(files)]), 'First').sha);
  }

  /** Members of teams, by `organisation/slug`. */
  readonly teams = new Map<string, readonly string[]>();

  touchedBy(head: string): readonly string[] {
    const main = this.#graph.get(this.#branches.get('main') ?? '').files;
    return [...this.#graph.get(head).files].flatMap(([path, content]) => (main.get(path) === content ? [] : [path])).sort();
  }

  fileOfMain(path: string): string | null {
    return this.#graph.get(this.#branches.get('main') ?? '').files.get(path) ?? null;
  }

  write(parent: string, files: Readonly<Record<string, string>>, message: string): string {
    return this.#graph.write({ parents: [parent], files: changed(this.#graph.get(parent).files, files), message, author: bot, committer: bot, at: 1_900_000_000_000 }, false).sha;
  }

  push(branch: string, commit: string): void {
    this.#graph.publish(commit);
    this.#branches.set(branch, commit);
  }

  /** A person's push to the trunk; null while there is none. */
  pushToTrunk(login: string, content: string): string | null {
    const head = this.#branches.get(this.trunk);
    if (head === undefined) return null;
    const { sha } = this.#commit([head], changed(this.#graph.get(head).files, { [`by-${login}.txt`]: content }), `By ${login}`);
    this.#branches.set(this.trunk, sha);
    this.#pushed.push({ login, commit: sha });
    return sha;
  }

  /** A push that changes nothing: another head with the same change. */
  pushNothing(login: string): string | null {
    const head = this.#branches.get(this.trunk);
    if (head === undefined) return null;
    const { sha } = this.#commit([head], this.#graph.get(head).files, `Nothing by ${login}`);
    this.#branches.set(this.trunk, sha);
    this.#pushed.push({ login, commit: sha });
    return sha;
  }

  /** What a commit changes against the default branch, in one text. */
  patchOf(head: string): string {
    const files = this.#graph.get(head).files;
    return JSON.stringify(this.touchedBy(head).map((path) => [path, files.get(path)]));
  }

  trunkHead(): string {
    return this.#branches.get(this.trunk) ?? this.#branches.get('main') ?? '';
  }

  filesOfTrunk(): readonly string[] {
    return [...this.#graph.get(this.trunkHead()).files.keys()].sort();
  }

  mergedIntoTrunk(): readonly string[] {
    return this.#merges;
  }

  authorsBetween(base: string, head: string): readonly string[] {
    return this.#pushed.filter(({ commit }) => this.#graph.isAncestor(commit, head) && !this.#graph.isAncestor(commit, base)).map(({ login }) => login);
  }

  merge(base: string, commit: string): { readonly head: string } | null {
    const head = this.#branches.get(this.trunk) ?? base;
    if (this.#graph.isAncestor(commit, head)) {
      this.#branches.set(this.trunk, head);
      return { head };
    }
    const files = this.#graph.merge(head, commit);
    if (files === null) return null;
    this.#merges.push(commit);
    const { sha } = this.#commit([head, commit], files, 'Merge');
    this.#branches.set(this.trunk, sha);
    return { head: sha };
  }

  #commit(parents: readonly string[], files: Commit['files'], message: string): Commit {
    this.#seconds += 1;
    return this.#graph.write({ parents, files, message, author: bot, committer: bot, at: this.#seconds * 1000 }, true);
  }
}

/** The repository as one process reaches it, over a network that fails. */
export function bareHost(repository: BareRepository, process: ProcessLife, guarded: <T>(action: () => T) => T): RepositoryHost {
  async function ask<T>(what: string, action: () => T): Promise<T> {
    try {
      return await process.call('GitHub', what, () => guarded(action));
    } catch (error) {
      throw new HostError('network', error instanceof Error ? error.message : String(error));
    }
  }
  const trunkNow = (base: string | null) => ({ head: repository.trunkHead(), authors: base === null ? [] : [...new Set(repository.authorsBetween(base, repository.trunkHead()))].sort() });
  return {
    authorityOf: (_source, login) => ask(`role of ${login}`, () => ({ known: true, role: cast[login] ?? 'none' }) as const),
    labelsOf: () => ask('labels', () => [...repository.labels]),
    assignmentOf: (_source, logins) => ask('assignees', () => ({ present: [], people: logins.map((login) => ({ login, assignable: cast[login] === undefined ? ('nobody' as const) : ('yes' as const) })) })),
    readFile: (_source, path) => ask('file', () => repository.fileOfMain(path)),
    fileOf: (_source, path) =>
      ask('file', () => {
        const text = repository.fileOfMain(path);
        return text === null ? ({ found: 'nothing' } as const) : ({ found: 'text', text } as const);
      }),
    membershipOf: (_source, team, login) => ask(`${login} in ${team}`, () => ({ known: true, member: repository.teams.get(team)?.includes(login) === true }) as const),
    emailOf: async () => null,
    pullsAt: async () => [],
    pullsOfGroup: async () => ({ known: true, pulls: [] }),
    touchedFiles: (_source, head) => ask('files of the change', () => ({ known: true, paths: repository.touchedBy(head) }) as const),
    trunk: (_source, _branch, base) => ask('trunk', () => trunkNow(base)),
    mergeInto: (_source, { base, commit }) =>
      ask(`merge ${commit.slice(0, 8)}`, () => {
        const merged = repository.merge(base, commit);
        return merged === null ? ({ outcome: 'conflict', reason: 'the same file was changed', trunk: trunkNow(base) } as const) : ({ outcome: 'merged', ...trunkNow(base), head: merged.head } as const);
      }),
    addressOf: () => ({ key: 'r10', cloneUrl: 'https://git.invalid/octo/shop.git' }),
    credentialsFor: () => async () => null,
  };
}
