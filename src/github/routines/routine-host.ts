import { sha256 } from '../../kit/hash.ts';
import type { Clock } from '../../kit/time.ts';
import { systemActor } from '../../core/mission/actor.ts';
import { issueOfMissionBranch } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import { proposalOf, routineFolder, routineLimits } from '../../core/schedule/routine.ts';
import type { EvidenceLinks } from '../../engine/evidence-links.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import type { ObjectRecords } from '../../engine/ports/projector.ts';
import type { RoutineFile, RoutineHost, RoutinePlace, RoutineRun } from '../../engine/ports/routines.ts';
import { headOf } from '../branches.ts';
import { NotOurs } from '../client.ts';
import type { AppCredentials } from '../credentials.ts';
import { createInk } from '../messages/ink.ts';
import type { Redact } from '../messages/ink.ts';
import { cutPoints } from '../messages/cut.ts';
import { routineCheck } from '../messages/routine-check.ts';
import { ConditionalReader } from '../observer/conditional.ts';
import { placeIn } from '../observer/memory.ts';
import { limited } from '../projector/check-runs.ts';
import { digestOf } from '../projector/comments.ts';
import { Desk, objectMarker } from '../projector/desk.ts';
import { findIssue } from '../projector/follow-ups.ts';
import type { OurBot } from '../webhooks/mapping.ts';
import { nameAt } from '../webhooks/reading.ts';
import { routineMarker } from './routine-marker.ts';
import { standingOf } from './standing.ts';

export interface RoutineHostOptions {
  readonly credentials: AppCredentials;
  readonly ourBot: OurBot;
  readonly redact: Redact;
  readonly clock: Clock;
  /** Links to the page about routines; absent: none is shown. */
  readonly evidenceLinks?: EvidenceLinks;
  /** How long a creating call that was cut off may still be on its way at GitHub's side. */
  readonly settleMs?: number;
}

const defaultSettleMs = 2_000;
const checkName = 'routines';
const maximumTitle = 256;
/** More files than this in the folder are not read. */
const mostFiles = 200;

/** Routines on GitHub, over its REST API. */
export function createRoutineHost(options: RoutineHostOptions): RoutineHost {
  const { credentials, clock, ourBot } = options;
  const readers = new Map<number, ConditionalReader>();
  const client = (place: RoutinePlace) => credentials.installation(place.installationId);

  function readerOf(installationId: number): ConditionalReader {
    const existing = readers.get(installationId);
    if (existing) return existing;
    const own = credentials.installation(installationId);
    const reader = new ConditionalReader((what, call) => own.read(what, call), clock);
    readers.set(installationId, reader);
    return reader;
  }

  async function desk(place: RoutinePlace, scope: string, records: ObjectRecords, stillOurs: () => Promise<boolean>): Promise<Desk> {
    return new Desk({
      client: client(place),
      projection: { missionId: scope, state: { status: 'none', missionId: scope, seq: 0, source: sourceOf(place) }, notices: [], ledgerHead: '', records, evidence: async () => null, artifact: async () => null, stillOurs, trunkAt: async () => null, recordsOfCommit: async () => [] },
      records: await records.all(scope),
      clock,
      redact: options.redact,
      ourBot,
      evidenceLinks: null,
      settleMs: options.settleMs ?? defaultSettleMs,
    });
  }

  return {
    ourLogin: ourBot.login,

    async look(memory) {
      const found = placeIn(memory);
      if (found === null) return null;
      const place: RoutinePlace = { installationId: found.installationId, repository: found.repository };
      const listed = await list(readerOf(place.installationId), place, nameAt(memory, 'etag'));
      if (listed === null) return { place, files: null, memory };
      return { place, files: listed.files, memory: { ...place, issue: 0, etag: listed.etag } };
    },

    async textOf(place, file) {
      const { data } = await client(place).read(`reading ${file.path}`, (octokit) => octokit.rest.git.getBlob({ ...at(place), file_sha: file.digest }));
      // One byte more than is allowed is enough to be refused for its size.
      if ((data.size ?? 0) > routineLimits.bytes) return ' '.repeat(routineLimits.bytes + 1);
      return Buffer.from(data.content, data.encoding === 'base64' ? 'base64' : 'utf8').toString('utf8');
    },

    standingOf: (place, file) => standingOf(client(place), place, file),

    async report(place, routines, records) {
      const head = await headOf(client(place), sourceOf(place), place.repository.defaultBranch);
      if (head === null) return;
      const page = options.evidenceLinks?.to({ kind: 'routines', repositoryId: place.repository.id }) ?? null;
      const shown = routineCheck(createInk(options.redact), routines, page);
      const proposal = proposalOf(routines);
      const rendered = digestOf(shown.conclusion, shown.output.title, shown.output.summary, proposal);
      const marker = routineMarker(head, sha256(rendered).slice(0, 16), proposal);
      const table = await desk(place, `routines:${place.repository.id}:${head}`, records, async () => true);
      const output = limited(table, shown.output);
      await table.create({
        key: `check:${rendered}`,
        rendered,
        write: { write: 'check', what: 'posting the check about routines', priority: 'status', content: false },
        find: () =>
          table.read('looking for an earlier check about routines', async (octokit) => {
            const { data } = await octokit.rest.checks.listForRef({ ...at(place), ref: head, check_name: checkName, app_id: ourBot.appId, filter: 'all', per_page: 100 });
            return data.check_runs.find((run) => run.external_id === marker && run.app?.id === ourBot.appId)?.id ?? null;
          }),
        make: async (octokit) => (await octokit.rest.checks.create({ ...at(place), name: checkName, head_sha: head, external_id: marker, status: 'completed', conclusion: shown.conclusion, ...(page === null ? {} : { details_url: page }), output: { ...output, annotations: shown.annotations }, ...(shown.actions.length === 0 ? {} : { actions: [...shown.actions] }) })).data.id,
      });
    },

    async landedMission(place, commit) {
      const { data: pulls } = await client(place).read('reading the pull requests of a commit', (octokit) => octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at(place), commit_sha: commit, per_page: 100 }));
      const landed = pulls.find((pull) => pull.merged_at !== null && pull.head.repo?.id === place.repository.id && issueOfMissionBranch(pull.head.ref) !== null);
      return landed === undefined ? null : issueOfMissionBranch(landed.head.ref);
    },

    async isBegun(run, records) {
      return (await records.all(scopeOf(run))).length > 0;
    },

    async open(place, run, issue, records, stillOurs) {
      const scope = scopeOf(run);
      const table = await desk(place, scope, records, stillOurs);
      const marker = objectMarker(scope, issueKey);
      const title = cutPoints(options.redact(issue.title), maximumTitle);
      const body = `${options.redact(issue.body)}\n\n${marker}`;
      try {
        const { remoteId } = await table.create({
          key: issueKey,
          rendered: digestOf(title, body),
          write: { write: 'issue', what: `opening the issue of the routine ${run.name}`, priority: 'decision', content: true },
          find: (since) => findIssue(table, marker, since),
          make: async (octokit) => (await octokit.rest.issues.create({ ...at(place), title, body, labels: [...issue.labels] })).data.number,
        });
        return remoteId;
      } catch (error) {
        if (error instanceof NotOurs) return null;
        throw error;
      }
    },
  };
}

const issueKey = 'issue';

/** One for each due time of each routine: what is remembered, and what the marker in the issue is made of. */
function scopeOf({ repositoryId, name, key }: RoutineRun): string {
  return `routine:${repositoryId}:${name}:${sha256(key).slice(0, 24)}`;
}

/**
 * The folder's files; null when they are as they were. Asked is for the folder's latest commit: where there is no folder that is an empty
 * list, which is conditional like any other, while a 404 would cost a request each time.
 */
async function list(reader: ConditionalReader, place: RoutinePlace, etag: string | null): Promise<{ readonly files: readonly RoutineFile[]; readonly etag: string | null } | null> {
  const latest = await latestCommit(reader, place, etag);
  if (latest === null) return null;
  if (latest.none) return { files: [], etag: latest.etag };
  try {
    const fresh = await reader.get('reading the routines', `/repos/{owner}/{repo}/contents/${routineFolder}`, at(place));
    return { files: filesIn(fresh?.data), etag: latest.etag };
  } catch (error) {
    // The latest commit of the folder removed it.
    if (error instanceof HostError && error.status === 404) return { files: [], etag: latest.etag };
    throw error;
  }
}

async function latestCommit(reader: ConditionalReader, place: RoutinePlace, etag: string | null): Promise<{ readonly none: boolean; readonly etag: string | null } | null> {
  try {
    const fresh = await reader.get('looking for routines', '/repos/{owner}/{repo}/commits', { ...at(place), path: routineFolder, per_page: 1 }, etag);
    return fresh === null ? null : { none: !Array.isArray(fresh.data) || fresh.data.length === 0, etag: fresh.etag };
  } catch (error) {
    // A repository without any commit.
    if (error instanceof HostError && error.status === 409) return { none: true, etag: null };
    throw error;
  }
}

function filesIn(data: unknown): readonly RoutineFile[] {
  const entries = Array.isArray(data) ? (data as readonly unknown[]) : [];
  return entries.slice(0, mostFiles).flatMap((entry) => {
    const path = nameAt(entry, 'path');
    const digest = nameAt(entry, 'sha');
    return path === null || digest === null || nameAt(entry, 'type') !== 'file' ? [] : [{ path, digest }];
  });
}

function at({ repository }: RoutinePlace): { owner: string; repo: string } {
  return { owner: repository.owner, repo: repository.name };
}

function sourceOf(place: RoutinePlace): MissionSource {
  return { ...place, issue: { number: 0, title: '', author: systemActor } };
}
