import { compositeKey, compositeName, gateKey } from './check-keys.ts';
import { trunkBranch } from './source.ts';
import type { MissionSource } from './source.ts';
import { allPassed, hasFailed, isOver, isSatisfied } from './state.ts';
import type { GateState, Mission, PhaseState, TaskState, TaskStatus } from './state.ts';

export type CheckStatus = 'in_progress' | 'completed';
/** `neutral` and `skipped` are never used: GitHub lets both pass as required checks. */
export type CheckConclusion = 'success' | 'failure' | 'action_required' | 'cancelled';
export type CheckButton = 'approve' | 'reject' | 'examine';

export type CheckSubject =
  | { readonly kind: 'task'; readonly task: TaskState }
  | { readonly kind: 'gate'; readonly phase: PhaseState }
  | { readonly kind: 'mission' };

/** A check run as it should be. One key is one check run on GitHub, for ever. */
export interface CheckView {
  readonly key: string;
  readonly name: string;
  readonly head: string;
  readonly status: CheckStatus;
  readonly conclusion: CheckConclusion | null;
  /** At most three (GitHub's limit); shown by GitHub once the check is completed. */
  readonly buttons: readonly CheckButton[];
  readonly subject: CheckSubject;
}

export interface ChecklistView {
  readonly phases: readonly {
    readonly id: string;
    readonly title: string;
    readonly tasks: readonly { readonly id: string; readonly title: string; readonly checked: boolean; readonly status: TaskStatus | 'cancelled' }[];
  }[];
}

/** A failed task that has no commit of the mission's own to carry its check. */
export interface NoteView {
  readonly key: string;
  readonly task: TaskState;
}

/** A task that asks people, once for every time it does. */
export interface QuestionView {
  readonly key: string;
  readonly task: TaskState;
}

/** What GitHub should show for a mission. Level-triggered: the same state always gives the same view. */
export interface MissionView {
  readonly source: MissionSource;
  readonly trunk: { readonly branch: string; readonly base: string; readonly head: string };
  readonly checklist: ChecklistView;
  readonly checks: readonly CheckView[];
  /** Shown as comments: a check on the default branch's commit would mark that branch, which the mission has not touched. */
  readonly notes: readonly NoteView[];
  /** People are asked in comments. */
  readonly questions: readonly QuestionView[];
  /** Null until the trunk holds a change. None is made for a cancelled mission; one that was being made when it was cancelled belongs to it. */
  readonly pull: { readonly draft: boolean; readonly merge: 'merge' | 'squash' | 'rebase' | null } | null;
  readonly issue: { readonly state: 'open' | 'closed'; readonly reason: 'completed' | 'not_planned' | null };
  /** The mission is over: its summary is due. */
  readonly summary: boolean;
}

/** More task checks than this on one mission tell nobody anything; then only failures get one of their own. */
export const maximumTaskChecks = 100;
/** People are told of every comment; further failures are named in the issue's status. */
export const maximumNotes = 10;

export function viewMission(mission: Mission): MissionView {
  return {
    source: mission.source,
    trunk: { branch: trunkBranch(mission.source.issue.number), base: mission.trunk.base, head: mission.trunk.head },
    checklist: checklist(mission),
    checks: [...taskChecks(mission), ...gateChecks(mission), ...missionCheck(mission)],
    notes: notes(mission),
    questions: questions(mission),
    pull: pull(mission),
    issue: issue(mission),
    summary: isOver(mission),
  };
}

function checklist(mission: Mission): ChecklistView {
  return {
    phases: mission.plan.phases.map((phase) => ({
      id: phase.id,
      title: phase.title,
      tasks: (mission.index.tasksOfPhase.get(phase.id) ?? []).flatMap((id) => {
        const task = mission.tasks.get(id);
        const planned = mission.index.tasks.get(id);
        if (!task || !planned) return [];
        const ended = isSatisfied(task, planned.continueOnError) || task.status === 'failed';
        const status = mission.status === 'cancelled' && !ended ? 'cancelled' : task.status;
        return [{ id, title: planned.title, checked: task.status === 'done', status }];
      }),
    })),
  };
}

function taskChecks(mission: Mission): readonly CheckView[] {
  const few = mission.tasks.size <= maximumTaskChecks;
  return [...mission.index.tasks.keys()].flatMap((id): CheckView[] => {
    const task = mission.tasks.get(id);
    if (!task || task.attempt === 0 || task.base === null) return [];
    const succeeded = task.status === 'done' && task.evidence !== null;
    const failed = task.status === 'failed' || task.status === 'retrying';
    if (!failed && !(succeeded && few)) return [];
    const head = (succeeded ? task.commit : null) ?? task.base;
    if (head === mission.trunk.base) return [];
    return [
      {
        key: `check:task/${id}@${head}`,
        name: `task/${id}`,
        head,
        status: 'completed',
        conclusion: succeeded ? 'success' : 'failure',
        buttons: [],
        subject: { kind: 'task', task },
      },
    ];
  });
}

function notes(mission: Mission): readonly NoteView[] {
  const found: NoteView[] = [];
  for (const id of mission.index.tasks.keys()) {
    const task = mission.tasks.get(id);
    if (task?.status !== 'failed' || task.base !== mission.trunk.base) continue;
    found.push({ key: noteKey(id), task });
    if (found.length === maximumNotes) break;
  }
  return found;
}

/** One task has one note, however often it is tried. */
export function noteKey(task: string): string {
  return `comment:task/${task}`;
}

/** More questions at once than this are asked in the issue's status only. */
export const maximumQuestions = 20;

export function questionKey(task: string, attempt: number): string {
  return `comment:approval/${task}#${attempt}`;
}

function questions(mission: Mission): readonly QuestionView[] {
  if (mission.counts.waiting === 0 || mission.status === 'cancelled') return [];
  return [...mission.index.tasks.keys()]
    .flatMap((id): QuestionView[] => {
      const task = mission.tasks.get(id);
      return task?.status === 'waiting' && task.wait?.for === 'people' ? [{ key: questionKey(id, task.attempt), task }] : [];
    })
    .slice(0, maximumQuestions);
}

function gateChecks(mission: Mission): readonly CheckView[] {
  return mission.plan.phases.flatMap((planned): CheckView[] => {
    const phase = mission.phases.get(planned.id);
    if (!phase || phase.gate.head === null || phase.gate.status === 'closed') return [];
    const { conclusion, buttons } = resultOf(mission, phase.gate);
    return [
      {
        key: gateKey({ phase: phase.id, head: phase.gate.head, round: phase.gate.round }),
        name: `gate/${phase.id}`,
        head: phase.gate.head,
        status: conclusion === null ? 'in_progress' : 'completed',
        conclusion,
        buttons,
        subject: { kind: 'gate', phase },
      },
    ];
  });
}

function resultOf(mission: Mission, gate: GateState): { readonly conclusion: CheckConclusion | null; readonly buttons: readonly CheckButton[] } {
  if (gate.status === 'open') return { conclusion: 'success', buttons: [] };
  if (mission.status === 'cancelled') return { conclusion: 'cancelled', buttons: [] };
  switch (gate.status) {
    case 'awaiting':
      return { conclusion: 'action_required', buttons: ['approve', 'reject', 'examine'] };
    case 'failed':
    case 'rejected':
      return { conclusion: 'failure', buttons: ['examine'] };
    case 'evaluating':
    case 'closed':
      return { conclusion: null, buttons: [] };
  }
}

/**
 * The one check to require in branch protection. It is posted where a mission rests (a gate waits, something failed, the
 * mission is over), not on every head in between; where it is missing, GitHub waits for it. Where a gate has just opened
 * it stands already, and must not go on saying that the gate waits. Where a gate is examined once more it says so at once: what
 * was said before of this commit, or of the one before it, holds no longer, and nothing may be merged on it meanwhile.
 */
function missionCheck(mission: Mission): readonly CheckView[] {
  const check = compositeCheck(mission);
  return check === null ? [] : [check];
}

/**
 * The composite check as it should be; null where it needs not be there. `atOnce`: something else was said of the trunk's commit under
 * the same name before the trunk came there, so that the mission has to speak, also while it has nothing to say yet.
 */
export function compositeCheck(mission: Mission, atOnce = false): CheckView | null {
  const gates = mission.plan.phases.flatMap((phase) => mission.phases.get(phase.id)?.gate ?? []);
  const rests = gates.some((gate) => gate.status === 'awaiting' || gate.status === 'failed' || gate.status === 'rejected') || isOver(mission) || allPassed(mission);
  const stands = gates.some((gate) => gate.status === 'open' && gate.head === mission.trunk.head);
  const again = mission.status !== 'cancelled' && gates.some((gate) => gate.status === 'evaluating' && gate.round > 1 && gate.head === mission.trunk.head);
  const speaks = rests || stands;
  if ((!speaks && !again && !atOnce) || mission.trunk.head === mission.trunk.base) return null;
  const head = mission.trunk.head;
  const open = again || !speaks;
  return {
    key: compositeKey(head),
    name: compositeName,
    head,
    status: open ? 'in_progress' : 'completed',
    conclusion: open ? null : missionConclusion(mission, gates),
    buttons: [],
    subject: { kind: 'mission' },
  };
}

function missionConclusion(mission: Mission, gates: readonly GateState[]): CheckConclusion {
  if (mission.status === 'cancelled') return 'cancelled';
  if (allPassed(mission)) return 'success';
  if (hasFailed(mission) || gates.some((gate) => gate.status === 'failed' || gate.status === 'rejected')) return 'failure';
  return 'action_required';
}

function pull(mission: Mission): MissionView['pull'] {
  if (mission.trunk.head === mission.trunk.base) return null;
  const ready = allPassed(mission) && mission.status !== 'cancelled';
  const { merge } = mission.plan.settings;
  // A pause holds the merge back as well.
  return { draft: !ready, merge: ready && merge !== 'none' && mission.status !== 'paused' && mission.pull?.state !== 'merged' ? merge : null };
}

function issue(mission: Mission): MissionView['issue'] {
  if (mission.status === 'cancelled') return { state: 'closed', reason: 'not_planned' };
  const landed = mission.pull?.state === 'merged' || mission.trunk.head === mission.trunk.base;
  return mission.status === 'completed' && landed ? { state: 'closed', reason: 'completed' } : { state: 'open', reason: null };
}
