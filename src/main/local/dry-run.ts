import type { Plan, PlannedTask } from '../../core/mission/plan.ts';
import type { StepRegistry } from '../../steps/registry.ts';
import { counted, plain } from './paint.ts';

/** What a task would do to the world. */
export interface TaskEffects {
  readonly task: string;
  readonly title: string;
  readonly uses: string;
  readonly needs: readonly string[];
  /** `writes-files`, `runs-programs`, `network`, `model`, …: as its step type declares. */
  readonly effects: readonly string[];
  /** The program it starts, as far as that is known before it runs. */
  readonly program: readonly string[] | null;
  readonly branch: string | null;
  readonly condition: string | null;
  readonly manyTimes: string | null;
}

export interface DryRun {
  readonly type: 'run.dry';
  readonly name: string;
  readonly file: string;
  readonly base: string;
  readonly trunk: string;
  readonly phases: readonly { readonly phase: string; readonly title: string; readonly tasks: readonly TaskEffects[]; readonly guards: readonly string[]; readonly gate: string | null }[];
  readonly notes: readonly string[];
}

export interface DryRunOptions {
  readonly plan: Plan;
  readonly file: string;
  readonly base: string;
  readonly steps: StepRegistry;
  readonly notes: readonly string[];
}

/** A branch's number is given when the mission begins. */
const number = '<n>';

/** Everything that carrying a plan out would do, without any of it. */
export function dryRun({ plan, file, base, steps, notes }: DryRunOptions): DryRun {
  return {
    type: 'run.dry',
    name: plan.name,
    file,
    base,
    trunk: `mission/${number}/trunk`,
    phases: plan.phases.map((phase) => ({
      phase: phase.id,
      title: phase.title,
      tasks: plan.tasks.filter((task) => task.phase === phase.id).map((task) => effectsOf(task, steps)),
      guards: phase.guards.map((guard) => `${guard.id} (${guard.uses})`),
      gate: phase.gate === null ? null : phase.gate.approvals.count === 0 ? 'opens by its rubric' : 'waits for your approval',
    })),
    notes,
  };
}

function effectsOf(task: PlannedTask, steps: StepRegistry): TaskEffects {
  const type = steps.find(task.uses);
  const { strategy } = task;
  return {
    task: task.id,
    title: task.title,
    uses: task.uses,
    needs: task.needs,
    effects: declared(type) ?? (type?.needsWorkspace === false ? [] : ['writes-files']),
    program: programOf(task),
    branch: type?.needsWorkspace === false ? null : `mission/${number}/${task.id}${strategy === undefined ? '' : '-<i>'}`,
    condition: task.if ?? null,
    manyTimes: strategy === undefined ? null : 'matrix' in strategy.over ? counted(strategy.over.matrix.length, 'time') : `once for each of ${strategy.over.forEach.trim()}`,
  };
}

/** Step types say what they do to the world; one that does not is shown by what it needs. */
function declared(type: object | null): readonly string[] | null {
  const effects: unknown = type !== null && 'effects' in type ? type.effects : null;
  return Array.isArray(effects) ? effects.filter((effect) => effect !== 'none').map(String) : null;
}

function programOf({ uses, with: parameters }: PlannedTask): readonly string[] | null {
  const { run } = parameters;
  if (uses === 'command' && Array.isArray(run)) return run.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return uses === 'command' && typeof run === 'string' ? [run] : null;
}

/** The same for people. */
export function describeDryRun(run: DryRun): readonly string[] {
  const tasks = run.phases.flatMap((phase) => phase.tasks);
  const lines = [`${plain(run.name)}: ${counted(tasks.length, 'task')} in ${counted(run.phases.length, 'phase')}, from ${run.base.slice(0, 12)}`, ...run.notes.map((note) => `! ${note}`)];
  for (const phase of run.phases) {
    lines.push('', plain(phase.title || phase.phase));
    for (const task of phase.tasks) lines.push(...describeTask(task));
    for (const guard of phase.guards) lines.push(`  guard    ${guard}`);
    if (phase.gate !== null) lines.push(`  gate     ${phase.phase} ${phase.gate}`);
  }
  const branches = tasks.flatMap(({ branch }) => branch ?? []);
  return [...lines, '', branches.length === 0 ? 'No branch would be made.' : `Branches and commits: ${branches.length === 1 ? branches[0] : `${counted(branches.length, 'branch', 'branches')} mission/${number}/…`}, merged into ${run.trunk}. Your branch and files stay as they are.`, 'Nothing was run and nothing was written.'];
}

function describeTask(task: TaskEffects): readonly string[] {
  const facts = [
    ...(task.needs.length > 0 ? [`after ${task.needs.slice(0, 6).join(', ')}${task.needs.length > 6 ? ' …' : ''}`] : []),
    ...(task.condition === null ? [] : [`if ${plain(task.condition, 100)}`]),
    ...(task.manyTimes === null ? [] : [task.manyTimes]),
  ];
  const does = [task.program === null ? null : `runs ${plain(task.program.map(quotedPart).join(' '), 160)}`, task.effects.length === 0 ? null : task.effects.join(', ')].filter((part) => part !== null);
  return [`  ${task.task.padEnd(8)} ${task.uses}${does.length === 0 ? '' : `: ${does.join('; ')}`}${facts.length === 0 ? '' : `  (${facts.join('; ')})`}`];
}

function quotedPart(part: string): string {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : JSON.stringify(part);
}
