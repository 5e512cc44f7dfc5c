import type { Dossier } from '../../../core/dossier/dossier.ts';
import type { Block, Spans } from '../document.ts';
import { timelineOf } from '../draw-timeline.ts';
import { counted, milliseconds, person, shown, state, time } from '../words.ts';

/** What a reader in a hurry has to know: how it ended, who let it pass, and whether the record of it holds. */
export function opening(dossier: Dossier): readonly Block[] {
  const timeline = timelineOf(dossier);
  return [verdictNote(dossier), recordNote(dossier), { kind: 'facts', rows: factsOf(dossier) }, ...(timeline === null ? [] : [timeline])];
}

function verdictNote({ mission, code, gates, waivers }: Dossier): Block {
  const open = gates.filter(({ status }) => status === 'open').length;
  const merged = code.merged === null ? 'Nothing of it was merged as far as its ledger knows.' : `Merged by ${person(code.merged.by)} on ${time(code.merged.at)}.`;
  const inForce = waivers.filter(({ status }) => status === 'approved').length;
  const excepted = inForce === 0 ? '' : ` Not everything passed: ${counted(inForce, 'rule')} of its gates ${inForce === 1 ? 'is' : 'are'} waived.`;
  const spans: Spans = [{ strong: `Mission ${mission.status}. ` }, `${open} of ${counted(gates.length, 'gate')} open. ${merged}${excepted}${mission.reason === null ? '' : ` Reason: ${shown(mission.reason, 500)}`}`];
  const verdict = mission.status === 'completed' ? (inForce === 0 ? 'passed' : 'waived') : mission.status === 'failed' || mission.status === 'cancelled' ? 'failed' : 'waiting';
  return { kind: 'note', state: verdict, spans };
}

function recordNote({ signatures: { verification, entries, head, keys } }: Dossier): Block {
  if (verification.verdict !== 'valid') {
    return { kind: 'note', state: 'failed', spans: [{ strong: `The record of this mission does not verify: ${verification.verdict}. ` }, `${verification.faults.map((fault) => shown(fault, 300)).slice(0, 5).join('; ')}. Nothing below may be relied on before that is explained.`] };
  }
  const signed = keys.length === 0 ? 'It is not signed: whoever held it could have written it anew.' : 'It is signed; compare the key below with the one that the installation publishes.';
  return { kind: 'note', state: keys.length === 0 ? 'waiting' : 'passed', spans: [{ strong: 'The record verifies: ' }, `${entries.toLocaleString('en')} ledger entries up to `, { code: head.slice(0, 16) }, `, ${counted(verification.packs, 'evidence pack')}, ${counted(verification.artifacts, 'artifact')}, ${counted(verification.statements, 'signed statement')}. ${signed}`] };
}

function factsOf({ mission, tasks, waivers, costs, at }: Dossier): readonly (readonly [string, Spans])[] {
  const done = tasks.filter(({ status, undoes }) => status === 'done' && undoes === null).length;
  const waived = waivers.filter(({ status }) => status === 'approved').length;
  const took = mission.startedAt === null ? null : Date.parse(mission.finishedAt ?? at) - Date.parse(mission.startedAt);
  return [
    ['status', [state(mission.status)]],
    ['asked for by', [person(mission.requestedBy), ` on ${time(mission.plannedAt)}`]],
    ['finished', [time(mission.finishedAt), took === null ? '' : `, ${milliseconds(took)} after it began`]],
    ['tasks', [`${done} done of ${tasks.filter(({ undoes }) => undoes === null).length}`]],
    ['waivers in force', [waived === 0 ? 'none' : { state: 'waived', text: counted(waived, 'waiver') }]],
    ['used up', [`${costs.total.minutes} minutes of work, ${costs.total.tokens.toLocaleString('en')} tokens, ${costs.total.usd.toFixed(2)} USD, as far as attempts told`]],
  ];
}
