import { criteriaOf } from '../../core/mission/criteria.ts';
import { hasFailed, isMission, isOver, phaseOf, activeCount } from '../../core/mission/state.ts';
import type { Mission } from '../../core/mission/state.ts';
import type { IncomingSignal } from '../../engine/ports/store.ts';
import { systemClock } from '../../kit/system-clock.ts';
import { askForApproval, openQuestions, waitsForTime } from './ask-approval.ts';
import type { OpenQuestion } from './ask-approval.ts';
import { askAboutGate } from './gate-question.ts';
import type { Asking, GateAnswer } from './gate-question.ts';
import { gateSheet, gatesInQuestion } from './gate-sheet.ts';
import type { GateSheet } from './gate-sheet.ts';
import type { LocalRepository } from './local-repository.ts';
import { commandGiven, examinationAsked, deciderOf } from './local-signals.ts';
import type { MissionRecord } from './mission-folder.ts';
import type { Reporter } from './reporter.ts';
import type { TellEvents } from './tell-events.ts';
import type { LocalParts } from './wire-local.ts';

export interface CarryOut {
  readonly parts: Pick<LocalParts, 'store' | 'engine'>;
  readonly record: MissionRecord;
  readonly repository: Pick<LocalRepository, 'git' | 'user' | 'via'>;
  readonly reporter: Reporter;
  /** Gates and tasks that are approved without asking. */
  readonly yesTo: (phase: string) => boolean;
  /** Null where nobody can be asked. */
  readonly asking: Asking | null;
  /** Aborted when the run is to stop here. */
  readonly stop: AbortSignal;
  readonly tellNews: TellEvents;
}

/** Why nothing more happens in this process. */
export type Stopped =
  | { readonly why: 'over' | 'interrupted' | 'paused'; readonly mission: Mission }
  /** A task asks something, and nobody is here to answer. */
  | { readonly why: 'question'; readonly mission: Mission; readonly open: OpenQuestion }
  /** `put-off`: the person who was asked wants to decide later. */
  | { readonly why: 'gate' | 'rejected' | 'put-off'; readonly mission: Mission; readonly sheet: GateSheet };

const lookEveryMs = 80;

/** Follows the mission while the engine carries it out, and has its gates decided; resolves when it is over or waits for somebody who is not here. */
export async function carryOut(run: CarryOut): Promise<Stopped> {
  const { parts, record, reporter, stop } = run;
  /** Gate rounds that were dealt with already. */
  const answered = new Set<string>();
  for (;;) {
    const seen = await run.tellNews();
    const state = (await parts.store.read(record.missionId))?.state ?? null;
    const mission = isMission(state) ? state : null;
    if (state?.status === 'refused') throw new Error(`the mission was refused: ${state.missionId}`);
    if (mission !== null && mission.seq === seen) {
      reporter.stands(mission);
      if (isOver(mission)) return { why: 'over', mission };
      if (stop.aborted) return { why: 'interrupted', mission };
      if (mission.status === 'paused' && activeCount(mission.counts) === 0) return { why: 'paused', mission };
      const stopped = (await answerQuestions(run, mission, answered)) ?? (await decideGates(run, mission, answered));
      if (stopped !== null) return stopped;
    } else if (stop.aborted && mission !== null) return { why: 'interrupted', mission };
    await systemClock.sleep(lookEveryMs);
  }
}

async function answerQuestions(run: CarryOut, mission: Mission, answered: Set<string>): Promise<Stopped | null> {
  for (const open of openQuestions(mission)) {
    const approves = run.yesTo(open.task);
    if (answered.has(open.key) || (!approves && run.asking === null)) {
      if (isIdle(mission)) return { why: 'question', mission, open };
      continue;
    }
    answered.add(open.key);
    const answer = approves || run.asking === null ? ({ kind: 'approve' } as const) : await askInPeace(run, run.asking, open);
    if (answer.kind === 'pause') return run.stop.aborted ? { why: 'interrupted', mission } : { why: 'question', mission, open };
    const words = answer.kind === 'approve' ? (['approve', open.task] as const) : (['reject', open.task] as const);
    await run.parts.engine.receive([commandGiven(run.record, deciderOf(run.repository), mission.seq, words, answer.kind === 'reject' ? answer.reason : '', systemClock.now())]);
    await run.parts.engine.advance(run.record.missionId);
    return null;
  }
  return null;
}

async function askInPeace(run: CarryOut, asking: Asking, open: OpenQuestion) {
  run.reporter.suspend();
  try {
    return await askForApproval(asking, open);
  } finally {
    run.reporter.resume();
  }
}

async function decideGates(run: CarryOut, mission: Mission, answered: Set<string>): Promise<Stopped | null> {
  for (const { phase, status } of gatesInQuestion(mission)) {
    const key = `${phase} ${phaseOf(mission, phase)?.gate.round ?? 0} ${status}`;
    const sheet = () => gateSheet(mission, phase, status, run.repository.git);
    if (answered.has(key)) {
      // What was asked for was refused, or put off while other work went on.
      if (isIdle(mission)) return { why: 'gate', mission, sheet: await sheet() };
      continue;
    }
    const approves = status === 'awaiting' && run.yesTo(phase);
    if (!approves && run.asking === null) {
      if (!isIdle(mission)) continue;
      const shown = await sheet();
      run.reporter.gate(shown, run.record);
      return { why: 'gate', mission, sheet: shown };
    }
    answered.add(key);
    const shown = await sheet();
    const answer = approves || run.asking === null ? approved(run, shown) : await ask(run, run.asking, shown);
    if (answer.kind === 'pause') return { why: run.stop.aborted ? 'interrupted' : 'put-off', mission, sheet: shown };
    await run.parts.engine.receive(signalsFor(run, mission, answer, shown));
    await run.parts.engine.advance(run.record.missionId);
    // Whoever has just said no is not asked again in the same breath.
    if (answer.kind === 'reject') return { why: 'rejected', sheet: { ...shown, status: 'rejected', reason: answer.reason }, mission };
    return null;
  }
  return null;
}

function signalsFor({ record, repository }: CarryOut, mission: Mission, answer: Exclude<GateAnswer, { kind: 'pause' }>, { phase, head }: GateSheet): readonly IncomingSignal[] {
  // Whoever sits here now decides, who may not be the one who began the mission.
  const decider = deciderOf(repository);
  const now = systemClock.now();
  switch (answer.kind) {
    case 'approve':
      // For the commit that was shown: should the trunk move in between, it does not count. Its criteria were shown too.
      return [
        ...criteriaOf(mission, phase).flatMap(({ text, met }) => (met === null ? [commandGiven(record, decider, mission.seq, ['meet-criterion', phase], text, now)] : [])),
        commandGiven(record, decider, mission.seq, ['approve-gate', phase, head], '', now),
      ];
    case 'reject':
      return [commandGiven(record, decider, mission.seq, ['reject-gate', phase], answer.reason, now)];
    case 'examine':
      return [examinationAsked(record, decider.by, mission.seq, phase, now)];
  }
}

function approved(run: CarryOut, sheet: GateSheet): GateAnswer {
  run.reporter.gate(sheet, run.record);
  return { kind: 'approve' };
}

async function ask(run: CarryOut, asking: Asking, sheet: GateSheet): Promise<GateAnswer> {
  run.reporter.suspend();
  run.reporter.gate(sheet, run.record);
  try {
    return await askAboutGate(asking, sheet);
  } finally {
    run.reporter.resume();
  }
}

/** Nothing runs, and nothing will by itself: only people can bring it further. */
function isIdle(mission: Mission): boolean {
  if (activeCount(mission.counts) > 0 || mission.counts.retrying > 0 || waitsForTime(mission) || hasFailed(mission)) return false;
  return mission.plan.phases.every(({ id }) => {
    const gate = phaseOf(mission, id)?.gate;
    return gate?.status !== 'evaluating' && (gate?.retryAt ?? null) === null;
  });
}
