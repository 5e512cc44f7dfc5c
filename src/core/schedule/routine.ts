import { sha256 } from '../../kit/hash.ts';
import type { JsonObject } from '../../kit/json.ts';
import type { Millis } from '../../kit/time.ts';
import { inZone, zoneOf } from './due-times.ts';
import type { Schedule } from './due-times.ts';
import type { Misfire } from './misfire.ts';
import { isPushMeant } from './push-filter.ts';
import type { Push, PushFilter } from './push-filter.ts';

/** Where routines are defined, on the default branch. */
export const routineFolder = '.github/routines';

/** Far above what people write; what is larger is not read. */
export const routineLimits = { bytes: 256 * 1024, pieces: 50_000, depth: 20 };

/** A scheduled or event-triggered mission start, as its file says. */
export interface RoutineDefinition {
  /** In words; the routine itself is known by its file's name. */
  readonly title: string;
  readonly schedule: Schedule | null;
  /** Types of `repository_dispatch` events that start it. */
  readonly dispatches: readonly string[];
  /** The end of a workflow's run on the default branch that starts it. */
  readonly workflowRun: { readonly workflow: string; readonly conclusions: readonly string[] } | null;
  /** Pushes that start it; null: none. */
  readonly push: PushFilter | null;
  /** A mission file's name, or `template:<name>`. */
  readonly mission: string;
  readonly inputs: JsonObject;
  readonly misfire: Misfire;
  /** What happens at a due time while a mission of this routine is still going on. */
  readonly overlap: 'skip' | 'allow';
  /** Title of the issue, with templates; null: the usual one. */
  readonly issueTitle: string | null;
  /** The mission is planned, and begins when a person puts `mission:queue` on its issue. */
  readonly requiresApproval: boolean;
}

/** `proposed`: nobody who may start missions stands for this revision yet. `broken`: the file cannot be read. `ended`: it was removed. */
export type RoutineStatus = 'proposed' | 'active' | 'paused' | 'broken' | 'ended';

/** What a routine's status is made of. */
export interface RoutineFacts {
  readonly removed: boolean;
  readonly problems: readonly unknown[];
  readonly activatedBy: string | null;
  readonly pausedBy: string | null;
}

/** Only an active routine starts missions by itself. */
export function statusOf({ removed, problems, activatedBy, pausedBy }: RoutineFacts): RoutineStatus {
  if (removed) return 'ended';
  if (problems.length > 0) return 'broken';
  if (activatedBy === null) return 'proposed';
  return pausedBy === null ? 'active' : 'paused';
}

/**
 * Names what is proposed among these routines, by the contents of their files: whoever stands for a proposal stands for these and no
 * others. What is due when, and what other routines do meanwhile, does not matter.
 */
export function proposalOf(routines: readonly (RoutineFacts & { readonly name: string; readonly digest: string })[]): string {
  const proposed = routines.filter((routine) => statusOf(routine) === 'proposed').map(({ name, digest }) => `${name} ${digest}`);
  return sha256(proposed.toSorted().join('\n')).slice(0, 40);
}

/** What made a routine start a mission. */
export type RoutineTrigger = 'schedule' | 'event' | 'manual';

export type RoutineRunStatus = 'queued' | 'pending-approval' | 'running' | 'paused' | 'blocked-by-policy' | 'denied' | 'completed' | 'failed' | 'cancelled' | 'skipped';

/** Something that happened in a repository. */
export type RoutineEvent = { readonly kind: 'repository-dispatch'; readonly type: string } | { readonly kind: 'workflow-run'; readonly workflow: string; readonly conclusion: string } | ({ readonly kind: 'push' } & Push);

export function isStartedBy({ dispatches, workflowRun, push }: Pick<RoutineDefinition, 'dispatches' | 'workflowRun' | 'push'>, event: RoutineEvent): boolean {
  if (event.kind === 'repository-dispatch') return dispatches.includes(event.type);
  if (event.kind === 'push') return push !== null && isPushMeant(push, event);
  return workflowRun !== null && workflowRun.workflow === event.workflow && workflowRun.conclusions.includes(event.conclusion);
}

/** Names a push among the events: the commit it brought, and the delivery, since a branch may come back to a commit. */
export function pushKey(commit: string, delivery: string): string {
  return `push:${commit}:${delivery}`;
}

/** The commit that the push of a run brought; null for a run that no push started. */
export function pushedCommit(runKey: string): string | null {
  return /^event:push:([0-9a-f]{40}|[0-9a-f]{64}):/.exec(runKey)?.[1] ?? null;
}

/** How a run stands: what was decided about it, then how its mission stands. */
export function runStatusOf(decided: 'queued' | 'started' | 'denied' | 'skipped' | 'failed', mission: string | null, requiresApproval: boolean): RoutineRunStatus {
  if (decided !== 'started') return decided;
  switch (mission) {
    case 'planned':
      return requiresApproval ? 'pending-approval' : 'queued';
    case 'running':
    case 'paused':
    case 'completed':
    case 'cancelled':
      return mission;
    case 'failed':
    case 'partially-failed':
      return 'failed';
    case 'refused':
      return 'blocked-by-policy';
    default:
      return 'queued';
  }
}

/** True when the mission of a run may still do something, so that the next start would overlap with it. */
export function isGoingOn(status: RoutineRunStatus): boolean {
  return status === 'queued' || status === 'pending-approval' || status === 'running' || status === 'paused';
}

/** What templates in a routine's file see. */
export function routineContext(name: string, { schedule }: Pick<RoutineDefinition, 'schedule'>, trigger: RoutineTrigger, due: Millis): JsonObject {
  const { date, time } = inZone(due, zoneOf(schedule));
  return { name, trigger, due: `${date} ${time}`, date };
}
