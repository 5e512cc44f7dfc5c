import { readSignedHead } from '../../core/ledger/signed-head.ts';
import type { SignedHead } from '../../core/ledger/signed-head.ts';
import type { Mission } from '../../core/mission/state.ts';
import { HostError } from '../../engine/ports/repository-host.ts';
import { ledgerTagMessage } from '../messages/ledger-words.ts';
import type { Desk } from './desk.ts';

const key = 'tag:ledger';
const anchoring = { what: 'anchoring the ledger in a tag', priority: 'status', content: false } as const;

/**
 * Leaves the signed head of a completed mission's ledger in the repository, as the annotated tag `missiongate/<issue>/<head>`. The head is
 * chosen once and remembered with the intent: the tag made from it is the same object every time, and its name is its marker. One that
 * somebody deletes stays deleted.
 */
export async function putLedgerTag(desk: Desk, mission: Mission): Promise<void> {
  if (mission.status !== 'completed' || desk.present(key) !== null) return;
  const head = intended(desk) ?? (await desk.projection.signedHead?.()) ?? null;
  if (head === null) return;
  const name = `missiongate/${mission.source.issue.number}/${head.head.slice(0, 12)}`;
  const record = { key, remoteId: null, rendered: name, memory: JSON.stringify(head) };
  await desk.remember({ ...record, state: 'intended' });
  const message = ledgerTagMessage(head, { number: mission.source.issue.number, status: mission.status });
  const tagger = { name: desk.ourBot.login, email: `${desk.ourBot.login}@users.noreply.github.com`, date: `${head.at.slice(0, 19)}Z` };
  const { data } = await desk.write({ ...anchoring, write: 'tag' }, (octokit) => octokit.rest.git.createTag({ ...desk.at, tag: name, message, object: mission.trunk.head, type: 'commit', tagger }));
  try {
    await desk.write({ ...anchoring, write: 'tag-ref' }, (octokit) => octokit.rest.git.createRef({ ...desk.at, ref: `refs/tags/${name}`, sha: data.sha }));
  } catch (error) {
    if (!(error instanceof HostError) || error.status !== 422 || !/already exists/i.test(error.message)) throw error;
  }
  await desk.remember({ ...record, state: 'present' });
}

/** The head of an attempt that was cut off. */
function intended(desk: Desk): SignedHead | null {
  const memory = desk.record(key)?.memory ?? null;
  return memory === null ? null : readSignedHead(memory);
}
