import type { MissionView } from '../../core/mission/view.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { Signal } from '../../core/mission/signal.ts';
import { sha256 } from '../../kit/hash.ts';
import type { ObjectRecord } from '../../engine/ports/projector.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import { mergeTitle, pullBody, pullTitle } from '../messages/pull-request.ts';
import { pullClosedMeaning, pullMergedMeaning } from '../webhooks/pull-request.ts';
import { digestOf } from './comments.ts';
import type { Desk } from './desk.ts';

export interface PullOutcome {
  readonly signals: readonly { readonly meaning: string; readonly signal: Signal }[];
  readonly againInMs: number | null;
}

const key = 'pull';
const nothing: PullOutcome = { signals: [], againInMs: null };

/** What must be remembered of the pull request: whether it was last seen as a draft; null while that is being changed. */
interface PullMemory {
  readonly draft: boolean | null;
}

/**
 * The mission's pull request: made once the trunk holds a change, a draft until every gate is open, merged then if the
 * definition says so — only the commit that the gates stand on, never another one.
 */
export async function putPull(desk: Desk, mission: Mission, view: MissionView): Promise<PullOutcome> {
  if (view.pull === null) return nothing;
  const record = mission.status === 'cancelled' ? await knownPull(desk, view) : await makePull(desk, mission, view);
  const number = record?.remoteId ?? null;
  if (record === null || number === null) return nothing;
  const opened: PullOutcome['signals'] = mission.pull?.number === number ? [] : [{ meaning: `pull-opened:${mission.missionId}:${number}`, signal: { kind: 'pull.opened', pull: number } }];
  if (mission.pull?.state === 'merged' || mission.pull?.state === 'closed') return { signals: opened, againInMs: null };
  const current = await updateText(desk, mission, record, number);
  const outcome = await finish(desk, mission, view.pull, view.trunk.head, current, number);
  return { signals: [...opened, ...outcome.signals], againInMs: outcome.againInMs };
}

/** The pull request of a mission that needs none any more, if it was made before: its answer, or the word of it, may have been lost. */
async function knownPull(desk: Desk, view: MissionView): Promise<ObjectRecord | null> {
  const record = desk.record(key);
  if (record?.state !== 'intended') return record;
  const found = await findPull(desk, view.trunk.branch, desk.source.repository.defaultBranch);
  return found === null ? null : desk.remember({ ...record, state: 'present', remoteId: found });
}

async function makePull(desk: Desk, mission: Mission, view: MissionView): Promise<ObjectRecord | null> {
  const { branch, head } = view.trunk;
  const base = desk.source.repository.defaultBranch;
  const nothingToMerge = `${key}:nothing`;
  if (desk.present(nothingToMerge)?.rendered === head) return null;
  const title = titleOf(desk, mission);
  const body = bodyOf(desk, mission);
  const open = (draft: boolean) =>
    desk.create({
      key,
      rendered: digestOf(title, body),
      memory: JSON.stringify({ draft } satisfies PullMemory),
      write: { write: 'pull', what: 'opening the pull request', priority: 'status', content: true },
      // GitHub allows one open pull request for a head and a base: the branch name is its marker.
      find: () => findPull(desk, branch, base),
      make: async (octokit) => (await octokit.rest.pulls.create({ ...desk.at, title, body, head: branch, base, draft })).data.number,
    });
  try {
    return await open(view.pull?.draft ?? true);
  } catch (error) {
    if (!(error instanceof HostError) || error.status !== 422) throw error;
    if (/already exists/i.test(error.message)) return adopt(desk, branch, base, digestOf(title, body));
    // Private repositories on GitHub's free plan have no drafts; there the check `missiongate` alone says when it is ready.
    if (/draft/i.test(error.message)) return open(false);
    // The trunk holds nothing of its own, or was never made.
    if (!/no commits between|"field":"head","code":"invalid"/i.test(error.message)) throw error;
    await desk.remember({ key: nothingToMerge, state: 'present', remoteId: null, rendered: head, memory: null });
    return null;
  }
}

/** Somebody opened it by hand: it is the mission's all the same, and keeps the words that person gave it. */
async function adopt(desk: Desk, branch: string, base: string, rendered: string): Promise<ObjectRecord | null> {
  const found = await findPull(desk, branch, base);
  if (found === null) throw new HostError('unexpected', 'GitHub says that the pull request exists but does not list it');
  return desk.remember({ key, state: 'present', remoteId: found, rendered, memory: null });
}

async function findPull(desk: Desk, branch: string, base: string): Promise<number | null> {
  const { data } = await desk.read('looking for the pull request', (octokit) =>
    octokit.rest.pulls.list({ ...desk.at, head: `${desk.at.owner}:${branch}`, base, state: 'all', sort: 'created', direction: 'desc', per_page: 100 }),
  );
  return (data.find((pull) => pull.state === 'open') ?? data.find((pull) => pull.user?.login.toLowerCase() === desk.ourBot.login.toLowerCase()))?.number ?? null;
}

function titleOf(desk: Desk, mission: Mission): string {
  return desk.redact(pullTitle(desk.ink, mission));
}

function bodyOf(desk: Desk, mission: Mission): string {
  return desk.redact(pullBody(desk.ink, mission));
}

function updateText(desk: Desk, mission: Mission, record: ObjectRecord, number: number): Promise<ObjectRecord> {
  const title = titleOf(desk, mission);
  const body = bodyOf(desk, mission);
  return desk.update(record, digestOf(title, body), { write: 'pull-edit', what: 'updating the pull request', priority: 'status', content: false }, (octokit) =>
    octokit.rest.pulls.update({ ...desk.at, pull_number: number, title, body }),
  );
}

/** Draft or ready, and merged: what needs to know how the pull request stands now, and is read only then. */
async function finish(desk: Desk, mission: Mission, wanted: NonNullable<MissionView['pull']>, head: string, record: ObjectRecord, number: number): Promise<PullOutcome> {
  if (isDraft(record) === wanted.draft && wanted.merge === null) return nothing;
  const { data: pull } = await desk.read('reading the pull request', (octokit) => octokit.rest.pulls.get({ ...desk.at, pull_number: number }));
  if (pull.state === 'closed') return { signals: [closed(desk, mission, number, pull)], againInMs: null };
  if (pull.draft !== wanted.draft) {
    // Until the answer is recorded nobody knows how it stands: the next pass has to look.
    await desk.remember({ ...record, memory: JSON.stringify({ draft: null } satisfies PullMemory) });
    await setDraft(desk, pull.node_id, wanted.draft);
  }
  await desk.remember({ ...record, memory: JSON.stringify({ draft: wanted.draft } satisfies PullMemory) });
  if (wanted.merge === null) return nothing;
  if (pull.head.sha !== head) return { signals: [pushed(desk, mission, pull.head.sha)], againInMs: null };
  return merge(desk, mission, wanted.merge, head, number);
}

function isDraft(record: ObjectRecord): boolean | null {
  try {
    const memory: unknown = JSON.parse(record.memory ?? 'null');
    return typeof memory === 'object' && memory !== null && 'draft' in memory && typeof memory.draft === 'boolean' ? memory.draft : null;
  } catch {
    return null;
  }
}

async function setDraft(desk: Desk, pullRequestId: string, draft: boolean): Promise<void> {
  const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
  const query = `mutation($pullRequestId: ID!) { ${mutation}(input: { pullRequestId: $pullRequestId }) { pullRequest { isDraft } } }`;
  try {
    await desk.write({ write: draft ? 'pull-draft' : 'pull-ready', what: draft ? 'making the pull request a draft again' : 'marking the pull request ready for review', priority: 'decision', content: false }, (octokit) => octokit.graphql(query, { pullRequestId }));
  } catch (error) {
    // Where there are no drafts, none can be made; the checks speak for themselves.
    if (!draft || !(error instanceof HostError) || error.failure !== 'unexpected') throw error;
  }
}

async function merge(desk: Desk, mission: Mission, method: 'merge' | 'squash' | 'rebase', head: string, number: number): Promise<PullOutcome> {
  const title = desk.redact(mergeTitle(desk.ink, mission, number));
  try {
    const { data } = await desk.write({ write: 'pull-merge', what: 'merging the pull request', priority: 'decision', content: true }, (octokit) =>
      octokit.rest.pulls.merge({ ...desk.at, pull_number: number, sha: head, merge_method: method, ...(method === 'rebase' ? {} : { commit_title: title }) }),
    );
    return { signals: [merged(desk, mission, number, data.sha)], againInMs: null };
  } catch (error) {
    const isRefusal = error instanceof HostError && (error.failure === 'conflict' || error.failure === 'permission' || error.status === 422);
    if (!isRefusal) throw error;
    const reason = error.message.replace(/^.*?GitHub answered \d+: /, '').replace(/ - https:\/\/docs\..*$/, '').slice(0, 300);
    const meaning = `merge-refused:${mission.missionId}:${sha256(`${head} ${reason}`).slice(0, 24)}`;
    return { signals: [{ meaning, signal: { kind: 'merge.refused', reason } }], againInMs: null };
  }
}

function merged(desk: Desk, mission: Mission, number: number, commit: string | null): PullOutcome['signals'][number] {
  return {
    meaning: pullMergedMeaning(mission.missionId, number),
    signal: { kind: 'pull.closed', source: mission.source, pull: number, merged: true, commit, actor: { kind: 'bot', login: desk.ourBot.login } },
  };
}

interface ClosedPull {
  readonly merged: boolean;
  readonly merge_commit_sha: string | null;
  readonly closed_at: string | null;
  readonly merged_by: { readonly login: string; readonly type: string } | null;
}

/** It was merged or closed and nobody told us, or our own merge was made and its answer lost. */
function closed(desk: Desk, mission: Mission, number: number, pull: ClosedPull): PullOutcome['signals'][number] {
  if (pull.merged) {
    const by = pull.merged_by;
    const found = merged(desk, mission, number, pull.merge_commit_sha);
    return by === null || by.type === 'Bot' ? found : { ...found, signal: { ...found.signal, actor: { kind: 'person', login: by.login } } as Signal };
  }
  return {
    meaning: pullClosedMeaning(mission.missionId, number, pull.closed_at ?? ''),
    signal: { kind: 'pull.closed', source: mission.source, pull: number, merged: false, commit: null, actor: { kind: 'person', login: 'ghost' } },
  };
}

/** The trunk stands elsewhere than the gates: they are examined again before anything is merged. The same commit may come again at another time. */
function pushed(desk: Desk, mission: Mission, head: string): PullOutcome['signals'][number] {
  const { id } = desk.source.repository;
  return { meaning: `push:${id}:seen:${mission.missionId}:${mission.seq}:${head}`, signal: { kind: 'trunk.pushed', source: mission.source, head, actor: { kind: 'person', login: 'ghost' } } };
}
