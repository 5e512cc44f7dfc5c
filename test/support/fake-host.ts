import type { RepositoryRole } from '../../src/core/mission/definition.ts';
import type { Projection, ProjectionOutcome, Projector } from '../../src/engine/ports/projector.ts';
import type { RepositoryHost } from '../../src/engine/ports/repository-host.ts';
import { sha256 } from '../../src/kit/hash.ts';

/** A repository host that lives in memory: roles, labels and a trunk that merges by hashing. */
export function fakeHost(options: { readonly roles?: Readonly<Record<string, RepositoryRole>>; readonly labels?: Set<string> } = {}): RepositoryHost & { readonly labels: Set<string>; head: string } {
  const labels = options.labels ?? new Set(['mission']);
  const merged = new Set<string>();
  const host = {
    labels,
    head: sha256('base').slice(0, 40),
    async authorityOf(_source: unknown, login: string) {
      return { known: true, role: options.roles?.[login] ?? 'write' } as const;
    },
    async labelsOf() {
      return [...labels];
    },
    async assignmentOf(_source: unknown, logins: readonly string[]) {
      return { present: [], people: logins.map((login) => ({ login, assignable: 'yes' as const })) };
    },
    async readFile() {
      return null;
    },
    async fileOf() {
      return { found: 'nothing' } as const;
    },
    async membershipOf() {
      return { known: true, member: false } as const;
    },
    async touchedFiles() {
      return { known: true, paths: [] } as const;
    },
    async emailOf() {
      return null;
    },
    async pullsAt() {
      return [];
    },
    async pullsOfGroup() {
      return { known: true, pulls: [] } as const;
    },
    async trunk() {
      return { head: host.head, authors: [] };
    },
    async mergeInto(_source: unknown, request: { readonly commit: string }) {
      if (!merged.has(request.commit)) host.head = sha256(host.head + request.commit).slice(0, 40);
      merged.add(request.commit);
      return { outcome: 'merged', head: host.head, authors: [] } as const;
    },
    addressOf() {
      return { key: 'fake', cloneUrl: 'http://127.0.0.1:1/fake.git' };
    },
    credentialsFor() {
      return async () => null;
    },
  };
  return host;
}

/** A projector that keeps what it was asked to show. */
export function rememberingProjector(): Projector & { readonly shown: Projection[] } {
  const shown: Projection[] = [];
  return {
    shown,
    async project(projection): Promise<ProjectionOutcome> {
      shown.push(projection);
      return { signals: [], writes: 0, againInMs: null };
    },
  };
}
