import { missionIdOf } from '../../core/mission/source.ts';
import type { Observation, Observer } from '../../engine/ports/observer.ts';
import type { Json } from '../../kit/json.ts';
import type { Clock } from '../../kit/time.ts';
import type { AppCredentials } from '../credentials.ts';
import { missionLabel } from '../webhooks/issues.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import { field, idAt, isObjectAt, listAt, nameAt } from '../webhooks/reading.ts';
import { happeningsOfOpenPulls, signalsAsTold } from './as-told.ts';
import { ConditionalReader, sendAs } from './conditional.ts';
import type { Fresh } from './conditional.ts';
import { missionMemory, placeIn } from './memory.ts';
import type { Place } from './memory.ts';
import { lookAtMission } from './mission-look.ts';

export interface ObserverOptions {
  readonly credentials: AppCredentials;
  readonly ourBot: OurBot;
  readonly clock: Clock;
}

const perPage = 100;
/** More installations, repositories or open missions in one repository than this times a hundred are not looked for. */
const mostPages = 50;
/** More open pull requests in one repository than this times a hundred are not looked at. */
const mostPullPages = 10;

/** Re-reads GitHub over REST (and GraphQL for what REST does not say), one reader and one budget for each installation. */
export function createObserver({ credentials, ourBot, clock }: ObserverOptions): Observer {
  const asApp = new ConditionalReader(sendAs(credentials.app, clock), clock);
  const readers = new Map<number, ConditionalReader>();

  function readerOf(installationId: number): ConditionalReader {
    const existing = readers.get(installationId);
    if (existing) return existing;
    const client = credentials.installation(installationId);
    const reader = new ConditionalReader((what, call) => client.read(what, call), clock);
    readers.set(installationId, reader);
    return reader;
  }

  return {
    async installations(memory) {
      const listed = await allOrNone(asApp, 'reading the installations', '/app/installations', {}, nameAt(memory, 'etag'), (data) => (Array.isArray(data) ? (data as readonly unknown[]) : []));
      const ids = listed === null ? listAt(memory, 'ids').flatMap((id) => (typeof id === 'number' ? id : [])) : listed.items.filter((one) => field(one, 'suspended_at') === null).flatMap((one) => idAt(one, 'id') ?? []);
      const etags: Record<string, string | null> = {};
      const found: Observation['found'][number][] = [];
      let quiet = listed === null;
      for (const id of ids) {
        const before = nameAt(memory, 'repositories', String(id));
        const repositories = await allOrNone(readerOf(id), 'reading the repositories of an installation', '/installation/repositories', {}, before, (data) => listAt(data, 'repositories'));
        etags[id] = repositories === null ? before : repositories.etag;
        if (repositories === null) continue;
        quiet = false;
        for (const repository of repositories.items) found.push(...watchOf(id, repository));
      }
      return { signals: [], memory: { etag: listed === null ? nameAt(memory, 'etag') : listed.etag, ids, repositories: etags }, quiet, found, over: false };
    },

    async repository(memory) {
      const place = placeIn(memory);
      if (place === null) return over(memory);
      const { owner, name } = place.repository;
      const parameters = { owner, repo: name, labels: missionLabel, state: 'open', sort: 'updated', direction: 'desc' };
      const reader = readerOf(place.installationId);
      const entries = (data: unknown) => (Array.isArray(data) ? (data as readonly unknown[]) : []);
      const issues = await allOrNone(reader, 'looking for missions', '/repos/{owner}/{repo}/issues', parameters, nameAt(memory, 'etag'), entries);
      // The newest first: what is beyond the last page has been looked at when it was new.
      const pulls = await allOrNone(reader, 'looking for pull requests', '/repos/{owner}/{repo}/pulls', { owner, repo: name, state: 'open', sort: 'created', direction: 'desc' }, nameAt(memory, 'pulls'), entries, mostPullPages);
      if (issues === null && pulls === null) return { signals: [], memory, quiet: true, found: [], over: false };
      const found = (issues?.items ?? []).flatMap((issue) => {
        const number = idAt(issue, 'number');
        if (number === null || isObjectAt(issue, 'pull_request')) return [];
        return [{ subject: `mission:${missionIdOf(place.repository.id, number)}`, memory: { place: asMemory({ ...place, issue: number }) } }];
      });
      const seen = { etag: issues === null ? nameAt(memory, 'etag') : issues.etag, pulls: pulls === null ? nameAt(memory, 'pulls') : pulls.etag };
      return { signals: [], offered: signalsAsTold(happeningsOfOpenPulls(pulls?.items ?? []), place, ourBot), memory: { ...asMemory(place), ...seen }, quiet: false, found, over: false };
    },

    async mission(known, memory) {
      const place = known === null ? missionMemory(memory).place : placeOf(known.source);
      return place === null ? over(memory) : lookAtMission(readerOf(place.installationId), ourBot, place, known, memory);
    },
  };
}

function over(memory: Json): Observation {
  return { signals: [], memory, quiet: true, found: [], over: true };
}

/** Every entry of a list, or null when its only page is as it was. A list of several pages is always read in full. */
async function allOrNone(
  reader: ConditionalReader,
  what: string,
  route: string,
  parameters: Readonly<Record<string, string | number>>,
  etag: string | null,
  entriesOf: (data: unknown) => readonly unknown[],
  pages = mostPages,
): Promise<{ readonly items: readonly unknown[]; readonly etag: string | null } | null> {
  const items: unknown[] = [];
  let first: Fresh | null = null;
  for (let page = 1; page <= pages; page += 1) {
    const fresh = await reader.get(what, route, { ...parameters, per_page: perPage, page }, page === 1 ? etag : null);
    if (fresh === null) return null;
    first ??= fresh;
    const entries = entriesOf(fresh.data);
    items.push(...entries);
    if (entries.length < perPage) return { items, etag: page === 1 ? first.etag : null };
  }
  return { items, etag: null };
}

function watchOf(installationId: number, repository: unknown): readonly Observation['found'][number][] {
  const id = idAt(repository, 'id');
  const owner = nameAt(repository, 'owner', 'login');
  const name = nameAt(repository, 'name');
  // An archived repository takes no writes: nothing can be done for a mission there.
  if (id === null || owner === null || name === null || field(repository, 'archived') === true) return [];
  const defaultBranch = nameAt(repository, 'default_branch') ?? 'main';
  return [{ subject: `repository:${id}`, memory: asMemory({ installationId, repository: { id, owner, name, defaultBranch }, issue: 0 }) }];
}

function placeOf({ installationId, repository, issue }: { readonly installationId: number; readonly repository: Place['repository']; readonly issue: { readonly number: number } }): Place {
  return { installationId, repository, issue: issue.number };
}

function asMemory({ installationId, repository, issue }: Place): { readonly installationId: number; readonly repository: { readonly id: number; readonly owner: string; readonly name: string; readonly defaultBranch: string }; readonly issue: number } {
  return { installationId, repository, issue };
}
