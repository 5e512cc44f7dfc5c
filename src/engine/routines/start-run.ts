import { reaches, steeringRole } from '../../core/mission/decide/authority.ts';
import { evaluateTemplate, resolveTemplates } from '../../core/expression/template.ts';
import type { Actor } from '../../core/mission/actor.ts';
import { missionIdOf } from '../../core/mission/source.ts';
import type { MissionSource } from '../../core/mission/source.ts';
import type { Signal } from '../../core/mission/signal.ts';
import { isGoingOn, pushedCommit, routineContext, runStatusOf, statusOf } from '../../core/schedule/routine.ts';
import type { RoutineDefinition } from '../../core/schedule/routine.ts';
import type { Json, JsonObject } from '../../kit/json.ts';
import { reasonOf } from '../../kit/reason-of.ts';
import type { Clock } from '../../kit/time.ts';
import type { Log } from '../ports/log.ts';
import type { ObjectRecords } from '../ports/projector.ts';
import { HostError } from '../ports/repository-host.ts';
import type { RepositoryHost } from '../ports/repository-host.ts';
import type { RoutineHost, RoutineRun, Routines, StoredRoutine } from '../ports/routines.ts';
import type { IncomingSignal } from '../ports/store.ts';

export interface StartParts {
  readonly routines: Routines;
  readonly records: ObjectRecords;
  readonly host: RoutineHost;
  readonly repositories: Pick<RepositoryHost, 'authorityOf'>;
  /** Words of the issue that a run's mission is. */
  readonly issueOf: (routine: StoredRoutine & { readonly definition: RoutineDefinition }, run: RoutineRun, title: string | null, inputs: JsonObject) => { readonly title: string; readonly body: string };
  /** Stores signals and has them decided. */
  readonly receive: (signals: readonly IncomingSignal[]) => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  readonly newOwner: () => string;
  /** A run that is being started may be taken over after this time without a sign of life, milliseconds. */
  readonly holdMs: number;
}

/** A start that GitHub puts off for longer than this is given up. */
const patienceMs = 24 * 60 * 60_000;
const againMs = 60_000;
const refusedAgainMs = 10 * 60_000;
/** Earlier runs that are looked at for one that is still going on. */
const lookBack = 50;

type Verdict = { readonly go: true; readonly person: string; readonly routine: StoredRoutine & { readonly definition: RoutineDefinition } } | { readonly go: false; readonly decided: 'denied' | 'skipped'; readonly why: string };

/**
 * Starts one run: opens the mission's issue and says, in the name of the person who stands for the routine, what that person would say with
 * the labels `mission` and `mission:queue`. Whether they may is looked up now, and once more where those signals are decided.
 */
export async function startRun(parts: StartParts, owner: string, run: RoutineRun): Promise<void> {
  const { routines, clock, log } = parts;
  try {
    const verdict = await judge(parts, run);
    if (verdict.go) await open(parts, owner, run, verdict);
    else await routines.settle(owner, run.id, { decided: verdict.decided, detail: verdict.why, issue: null, missionId: null }, clock.now());
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const late = clock.now() - run.createdAt > patienceMs;
    const slow = error.failure === 'permission' || error.failure === 'gone';
    log.warn('a routine could not start its mission', { routine: run.name, repository: run.repositoryId, reason: reasonOf(error), givenUp: late });
    if (late) await routines.settle(owner, run.id, { decided: 'failed', detail: error.message, issue: null, missionId: null }, clock.now());
    else await routines.putOff(owner, run.id, clock.now() + Math.max(error.retryAfterMs ?? 0, slow ? refusedAgainMs : againMs), error.message, clock.now());
  }
}

async function judge({ routines, records, host, repositories, clock }: StartParts, run: RoutineRun): Promise<Verdict> {
  const routine = (await routines.ofRepository(run.repositoryId)).find(({ name }) => name === run.name);
  const no = (decided: 'denied' | 'skipped', why: string): Verdict => ({ go: false, decided, why });
  if (routine === undefined || routine.definition === null) return no('skipped', 'there is no such routine any more');
  const { definition, activatedBy } = routine;
  const status = statusOf(routine);
  // A process died in the middle: what was decided then stands, so that no issue is left that nobody takes on.
  if (activatedBy !== null && (await host.isBegun(run, records))) return { go: true, person: activatedBy, routine: { ...routine, definition } };
  // A person who asks for a run need not resume the routine.
  if (status !== 'active' && !(status === 'paused' && run.trigger === 'manual')) return no(status === 'proposed' ? 'denied' : 'skipped', `the routine is ${status}: ${routine.standing}`);
  if (activatedBy === null) return no('denied', routine.standing);
  const landed = await landedBy(host, routine, run);
  if (landed !== null) return no('skipped', `the push landed what mission #${landed} did, and no mission starts the next`);
  if (definition.overlap === 'skip') {
    const other = await goingOn(routines, run, definition);
    if (other !== null) return no('skipped', other);
  }
  const authority = await repositories.authorityOf(sourceOf(routine, 0, '', ''), activatedBy);
  if (!authority.known) throw new HostError('network', `what ${activatedBy} may do could not be looked up: ${authority.reason}`);
  if (reaches(authority, steeringRole)) return { go: true, person: activatedBy, routine: { ...routine, definition } };
  const standing = `${activatedBy}, who stood for it, has the role ${authority.role} and may not start missions any more`;
  await routines.steer({ ...routine, activatedBy: null, standing, nextDue: null }, clock.now());
  return no('denied', standing);
}

/** A merge queue lands a mission's work in a name of its own: without this such a push could start a mission that lands, without end. */
async function landedBy(host: RoutineHost, { place }: StoredRoutine, { key }: RoutineRun): Promise<number | null> {
  const commit = pushedCommit(key);
  return commit === null ? null : host.landedMission(place, commit);
}

/** Why an earlier run keeps this one from starting; null when none does. */
async function goingOn(routines: Routines, run: RoutineRun, { requiresApproval }: RoutineDefinition): Promise<string | null> {
  const earlier = (await routines.runs(run, lookBack)).filter(({ id }) => BigInt(id) < BigInt(run.id));
  const other = earlier.find(({ decided, missionStatus }) => isGoingOn(runStatusOf(decided, missionStatus, requiresApproval)));
  if (other === undefined) return null;
  return other.issue === null ? 'the run before it has not started yet' : `the mission of the run before it, #${other.issue}, is still going on`;
}

async function open(parts: StartParts, owner: string, run: RoutineRun, { routine, person }: Extract<Verdict, { go: true }>): Promise<void> {
  const { routines, clock, host, records, holdMs } = parts;
  const { definition, name } = routine;
  const context = { routine: routineContext(name, definition, run.trigger, run.due) };
  const title = definition.issueTitle === null ? null : evaluateTemplate(definition.issueTitle, context);
  const inputs = resolveTemplates(definition.inputs, context);
  if (!inputs.ok || (title !== null && !title.ok)) {
    const reason = inputs.ok ? (title?.ok === false ? title.error.message : '') : inputs.error.map(({ message }) => message).join(' ');
    return routines.settle(owner, run.id, { decided: 'failed', detail: `a template cannot be worked out: ${reason}`, issue: null, missionId: null }, clock.now());
  }
  const issue = parts.issueOf(routine, run, title === null ? null : asText(title.value), inputs.value as JsonObject);
  const labels = definition.requiresApproval ? ['mission'] : ['mission', 'mission:queue'];
  const number = await host.open(routine.place, run, { ...issue, labels }, records, () => routines.hold(owner, run.id, holdMs, clock.now()));
  if (number === null) return;
  const source = sourceOf(routine, number, issue.title, host.ourLogin);
  const missionId = missionIdOf(run.repositoryId, number);
  await parts.receive(signalsOf(run, { missionId, source, body: issue.body, person, queue: !definition.requiresApproval, now: clock.now() }));
  await routines.settle(owner, run.id, { decided: 'started', detail: `in the name of ${person}`, issue: number, missionId }, clock.now());
}

/** Equal meanings are stored once: a process that died after this, and before it was noted, does no harm. */
function signalsOf(run: RoutineRun, of: { readonly missionId: string; readonly source: MissionSource; readonly body: string; readonly person: string; readonly queue: boolean; readonly now: number }): readonly IncomingSignal[] {
  const actor: Actor = { kind: 'person', login: of.person };
  const incoming = (kind: string, signal: Signal): IncomingSignal => {
    const meaning = `routine:${run.name}:${run.key}:${kind}`;
    return { missionId: of.missionId, source: meaning, meaning, signal, receivedAt: of.now };
  };
  return [
    incoming('requested', { kind: 'mission.requested', source: of.source, title: of.source.issue.title, body: of.body, actor }),
    ...(of.queue ? [incoming('queued', { kind: 'mission.queue-requested', source: of.source, actor })] : []),
  ];
}

function sourceOf({ place }: StoredRoutine, number: number, title: string, login: string): MissionSource {
  return { ...place, issue: { number, title, author: { kind: 'bot', login } } };
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
