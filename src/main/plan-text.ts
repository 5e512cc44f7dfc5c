import type { GateDecision, PlanDescription, PlannedTaskDescription } from './plan-description.ts';

/** A plan for people at a terminal. */
export function planText(plan: PlanDescription): string {
  const width = Math.min(40, Math.max(...plan.phases.flatMap((phase) => phase.tasks.map(({ id }) => id.length)), 4));
  const lines = [
    oneLine(plan.name),
    `${count(plan.counts.phases, 'phase')}, ${count(plan.counts.tasks, 'task')}, ${count(plan.counts.gates, 'gate')} · plan ${plan.planHash.slice(0, 12)}`,
  ];
  const inputs = Object.entries(plan.inputs);
  if (inputs.length > 0) lines.push('', 'Inputs', ...inputs.map(([name, value]) => `  ${name} = ${cut(JSON.stringify(value), 100)}`));
  for (const phase of plan.phases) {
    const after = phase.needs.length === 0 ? '' : `  after ${phase.needs.join(', ')}`;
    lines.push('', `${oneLine(phase.title)}${phase.title === phase.id ? '' : `  (${phase.id})`}${after}${phase.condition === null ? '' : `  if ${oneLine(phase.condition)}`}`);
    for (const task of phase.tasks) lines.push(`  ${task.id.padEnd(width)}  ${task.uses.padEnd(10)}  ${details(task)}`.trimEnd());
    if (phase.guards.length > 0) lines.push(`  guards: ${phase.guards.join(', ')}`);
    const decision = plan.decisions.find((one) => one.gate === phase.id);
    if (decision) lines.push(`  gate: ${gate(decision)}`);
  }
  const { tasks, atMostSeconds } = plan.criticalPath;
  lines.push(
    '',
    `Critical path  ${count(tasks.length, 'task')}, at most ${duration(atMostSeconds)} of work: ${cut(shortened(tasks).join(' → '), 400)}`,
    `Width          up to ${plan.width.possible} at once; the settings let ${plan.width.allowed} run`,
    `Budget         ${budget(plan)}`,
    `Needs          ${needs(plan)}`,
    ...(plan.worker.length === 0 ? [] : [`               a worker with ${plan.worker.map(oneLine).join(', ')}`]),
    `Effects        ${plan.effects[0] ?? ''}`,
    ...plan.effects.slice(1).map((effect) => `               ${effect}`),
  );
  return lines.join('\n');
}

function details(task: PlannedTaskDescription): string {
  return [
    ...(task.items === null ? [] : [task.items === 'when it runs' ? 'one for each item, known when it runs' : `× ${task.items}`]),
    ...(task.needs.length === 0 ? [] : [`after ${shortened(task.needs).join(', ')}`]),
    ...(task.condition === null ? [] : [`if ${oneLine(task.condition)}`]),
    ...(task.attempts > 1 ? [`up to ${task.attempts} attempts`] : []),
    ...(task.scope === null ? [] : [`touches ${cut(task.scope.join(' '), 60)}`]),
  ].join(' · ');
}

function gate({ approvals, from, all, any, requesterMay, rubric, criteria, structure, healRounds }: GateDecision): string {
  const rules = Object.entries(rubric).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
  const own = approvals === 0 ? [] : [`${count(approvals, 'approval')} from ${who(from)}`];
  const people = [...own, ...all.map(group), ...(any.length === 0 ? [] : [`one of (${any.map(group).join('; ')})`])];
  return [
    people.length === 0 ? 'no approval' : `${people.join(' and ')}${requesterMay ? '' : ', not by who started it'}`,
    ...rules,
    ...(criteria.length === 0 ? [] : [`${count(criteria.length, 'sentence')} to confirm`]),
    ...(structure.length === 0 ? [] : [`asks for ${structure.join(', ')}`]),
    ...(healRounds === 0 ? [] : [`repairs itself, at most ${count(healRounds, 'round')}`]),
  ].join('; ');
}

function group({ count: number, from }: GateDecision['all'][number]): string {
  return `${number} from ${who(from)}`;
}

function who(from: readonly string[]): string {
  return from.map((one) => (one.startsWith('role:') ? `role ${one.slice(5)} or higher` : one.startsWith('team:') ? `team ${one.slice(5)}` : one.startsWith('user:') ? `@${one.slice(5)}` : one === 'codeowners' ? 'code owners' : one)).join(' or ');
}

function budget({ budget: bounds, timeoutSeconds }: PlanDescription): string {
  const parts = [
    ...(bounds?.tokens === undefined ? [] : [`${bounds.tokens.toLocaleString('en-US')} tokens`]),
    ...(bounds?.usd === undefined ? [] : [`$${bounds.usd}`]),
    ...(bounds?.minutes === undefined ? [] : [`${bounds.minutes} minutes of work`]),
    ...(timeoutSeconds === null ? [] : [`ends after ${duration(timeoutSeconds)}`]),
  ];
  return parts.length === 0 ? 'no bound' : parts.join(', ');
}

function needs({ decisions, questions }: PlanDescription): string {
  const short = (from: readonly string[]): string => from.map((one) => one.replace(/^role:/, '')).join(' or ');
  const people = [
    ...decisions.flatMap(({ gate: id, approvals, from, all, any }) => [
      ...(approvals > 0 ? [`${approvals} × ${short(from)} at ${id}`] : []),
      ...all.map((one) => `${one.count} × ${short(one.from)} at ${id}`),
      ...(any.length === 0 ? [] : [`${any.map((one) => `${one.count} × ${short(one.from)}`).join(' or ')} at ${id}`]),
    ]),
    ...questions.map(({ task, approvals, from }) => `${approvals} × ${short(from)} to answer ${task}`),
  ];
  return `write permission to start it${people.length === 0 ? '; nobody is asked on the way' : `, ${people.join(', ')}`}`;
}

function shortened(ids: readonly string[]): readonly string[] {
  return ids.length <= 12 ? ids : [...ids.slice(0, 6), `… ${ids.length - 11} more …`, ...ids.slice(-5)];
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** Words of a file on one line, without what moves a terminal's cursor. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what must not reach a terminal
  return cut(text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/gu, ' ').trim(), 120);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
