import type { OutlineNode } from '../core/checklist/outline.ts';
import { withoutComments } from '../core/checklist/item-line.ts';
import { visibleText } from '../core/command/hidden-characters.ts';
import { nearestWord } from '../kit/nearest-word.ts';
import { definitionDefaults } from '../core/mission/definition.ts';
import type { Definition, GateDefinition, GuardDefinition, MissionSettings, PhaseDefinition, TaskDefinition } from '../core/mission/definition.ts';
import { rubricGaps } from './check-rubric.ts';
import { checkReferences } from './check-references.ts';
import { guards as guardTypes } from '../guards/registry.ts';
import { gateWords, guardWords, idList, keyAndValue, programAndArguments, settingWords } from './issue-words.ts';
import { quoted } from './problems.ts';
import type { Position, ProblemList } from './problems.ts';
import { defaultGate } from './read-gate.ts';
import { bulletText, readIssueTask } from './read-issue-task.ts';
import type { IssueTask } from './read-issue-task.ts';
import { kebabCase, longestId } from './shape.ts';
import { IdMaker, slug } from './slug.ts';
import { parameterWords } from './step-types.ts';
import type { StepTypes } from './step-types.ts';

/** Keys of the bullets under a phase heading, and anywhere at the top level for the whole mission. */
const phaseWords = ['id', 'needs', 'gate', 'guard', 'max-parallel', 'fail-fast', 'merge'] as const;

/** A checklist item that became a task. */
export interface ChecklistItem {
  readonly taskId: string;
  /** 1-based line of the item in the body. */
  readonly line: number;
  /** Ticked by a person before the mission began: done by hand. */
  readonly checked: boolean;
}

interface IssuePhase {
  readonly title: string;
  readonly place: Position;
  explicitId: { readonly id: string; readonly place: Position } | null;
  needs: readonly { readonly id: string; readonly place: Position }[] | null;
  gate: GateDefinition | null;
  gatePlace: Position | null;
  guards: GuardDefinition[];
  readonly tasks: IssueTask[];
  readonly bullets: Position[];
}

/** Reads headings as phases and items with a box as tasks. Problems go to `problems`; the result counts only if there are none. */
export function readIssueChecklist(
  name: string,
  nodes: readonly OutlineNode[],
  lines: readonly string[],
  stepTypes: StepTypes,
  problems: ProblemList,
): { readonly definition: Definition; readonly items: readonly ChecklistItem[] } {
  let settings: MissionSettings = definitionDefaults.settings;
  let phase = newPhase('Tasks', { line: 1, column: 1 });
  const phases: IssuePhase[] = [phase];
  for (const node of nodes) {
    if (node.block.kind === 'heading') {
      phase = newPhase(headingTitle(node), { line: node.block.line, column: node.block.column });
      phases.push(phase);
    } else if (node.task) phase.tasks.push(readIssueTask(node, lines, stepTypes, problems));
    else settings = { ...settings, ...readBullet(node, phase, stepTypes, problems) };
  }
  const withTasks = phases.filter((candidate) => candidate.tasks.length > 0);
  for (const empty of phases) {
    const [place] = empty.bullets;
    if (empty.tasks.length === 0 && place) problems.add('empty', place, `There is no task under ${quoted(empty.title)}, so it is no phase and this setting has no meaning.`);
  }
  return build(name, description(nodes), withTasks, settings, problems);
}

function newPhase(title: string, place: Position): IssuePhase {
  return { title, place, explicitId: null, needs: null, gate: defaultGate, gatePlace: null, guards: [], tasks: [], bullets: [] };
}

function headingTitle(node: OutlineNode): string {
  const text = withoutComments(node.block.lines.map((line) => line.text).join(' '));
  return Array.from(visibleText(text).replace(/\s+/g, ' ').trim()).slice(0, 256).join('');
}

/** Prose before the first heading: what the mission is about. */
function description(nodes: readonly OutlineNode[]): string {
  const end = nodes.findIndex((node) => node.block.kind === 'heading' || node.task !== null);
  const paragraphs = nodes.slice(0, end < 0 ? 0 : end).filter((node) => node.block.kind === 'paragraph');
  return visibleText(withoutComments(paragraphs.map((node) => node.block.lines.map((line) => line.text).join('\n')).join('\n\n'))).trim();
}

/** A bullet without a box: a setting of the phase, of the mission, or prose. Returns what it changes in the mission's settings. */
function readBullet(node: OutlineNode, phase: IssuePhase, stepTypes: StepTypes, problems: ProblemList): Partial<MissionSettings> {
  const text = bulletText(node);
  const found = text === null ? null : keyAndValue(text);
  if (!found) return {};
  const place = { line: node.block.line, column: node.block.column };
  const guardName = /^guard-([a-z0-9-]+)$/.exec(found.key)?.[1];
  const key = guardName === undefined ? found.key : 'guard';
  if (!(phaseWords as readonly string[]).includes(key)) {
    const near = nearestWord(key, phaseWords, 1);
    if (near !== null) problems.add('unknown-key', place, `There is no setting ${quoted(key)}. Did you mean "${near}"?`);
    return {};
  }
  if (found.value === '') {
    problems.add('missing-value', place, `Write the value of "${key}" on the same line.`);
    return {};
  }
  const setting = settingWords(key, found.value);
  if (setting) {
    if (setting.ok) return setting.value;
    problems.add('bad-value', place, setting.error);
    return {};
  }
  phase.bullets.push(place);
  if (key === 'id') phase.explicitId = readPhaseId(found.value, place, problems);
  else if (key === 'needs') phase.needs = found.value.toLowerCase() === 'none' ? [] : idList(found.value).map((id) => ({ id, place }));
  else if (key === 'gate') {
    phase.gate = readGateBullet(found.value, phase.gate, place, problems);
    phase.gatePlace = place;
  }
  else readGuard(found.value, guardName, phase, place, stepTypes, problems);
  return {};
}

function readPhaseId(value: string, place: Position, problems: ProblemList): { readonly id: string; readonly place: Position } | null {
  if (kebabCase.test(value) && value.length <= longestId) return { id: value, place };
  problems.add('bad-id', place, `The id ${quoted(value)} must be in kebab-case: letters a–z, digits and single hyphens, at most ${longestId} characters.`);
  return null;
}

function readGateBullet(value: string, before: GateDefinition | null, place: Position, problems: ProblemList): GateDefinition | null {
  const gate = gateWords(value);
  if (!gate.ok) problems.add('bad-value', place, gate.error);
  if (!gate.ok) return before;
  return gate.value === 'none' ? null : gate.value;
}

/** `guard: run npm test`, `guard tests: npm test`, `guard: secrets`, `guard: junit reports/*.xml`. */
function readGuard(value: string, name: string | undefined, phase: IssuePhase, place: Position, stepTypes: StepTypes, problems: ProblemList): void {
  const line = value.replace(/^run:?\s+/i, '').replace(/^`([^`]+)`$/, '$1');
  const named = line === value ? guardWords(value) : null;
  const base = name ?? (named?.uses || slug(line) || 'guard');
  let id = base;
  for (let number = 2; phase.guards.some((guard) => guard.id === id); number += 1) id = `${base}-${number}`;
  if (named !== null) {
    for (const wrong of guardTypes.check(named.uses, named.with)) problems.add('parameter', place, parameterWords(wrong));
    phase.guards.push({ id, ...named });
    return;
  }
  const argv = programAndArguments(line);
  if (!argv.ok) {
    problems.add('run', place, argv.error.message);
    return;
  }
  const parameters = { run: argv.value };
  for (const wrong of stepTypes.check('command', parameters)) problems.add('parameter', place, parameterWords(wrong));
  phase.guards.push({ id, uses: 'command', with: parameters });
}

/** Gives ids and defaults, then checks references. */
function build(name: string, text: string, phases: readonly IssuePhase[], settings: MissionSettings, problems: ProblemList): ReturnType<typeof readIssueChecklist> {
  const phaseIds = new IdMaker(phases.flatMap((phase) => phase.explicitId?.id ?? []), 'phase');
  const taskIds = new IdMaker(['trunk', ...phases.flatMap((phase) => phase.tasks.flatMap((task) => task.explicitId ?? []))], 'task');
  const items: ChecklistItem[] = [];
  const definitions: PhaseDefinition[] = [];
  for (const phase of phases) {
    const id = phase.explicitId?.id ?? phaseIds.make(phase.title);
    const previous = definitions.at(-1);
    for (const gap of rubricGaps(phase.gate?.rubric ?? {}, phase.guards)) problems.add('rubric', phase.gatePlace ?? phase.place, gap.message);
    definitions.push({
      id,
      title: phase.title === '' ? id : phase.title,
      needs: phase.needs?.map((need) => need.id) ?? (previous ? [previous.id] : []),
      tasks: phase.tasks.map((task): TaskDefinition => {
        const taskId = task.explicitId ?? taskIds.make(task.title);
        items.push({ taskId, line: task.place.line, checked: task.checked });
        return { id: taskId, title: task.title, uses: task.uses, with: task.with, needs: task.needs.map((need) => need.id), continueOnError: task.continueOnError, maxAttempts: task.maxAttempts, timeoutSeconds: task.timeoutSeconds, ...(task.waits === undefined ? {} : { waits: task.waits }) };
      }),
      guards: phase.guards,
      gate: withGuardThresholds(phase.gate, phase.guards),
    });
  }
  const definition = { name, description: text, phases: definitions, settings };
  const nowhere = { line: 0, column: 0 };
  checkReferences(
    definition,
    {
      phase: (p) => phases[p]?.explicitId?.place ?? phases[p]?.place ?? nowhere,
      phaseNeed: (p, n) => phases[p]?.needs?.[n]?.place ?? nowhere,
      task: (p, t) => phases[p]?.tasks[t]?.idPlace ?? nowhere,
      taskNeed: (p, t, n) => phases[p]?.tasks[t]?.needs[n]?.place ?? nowhere,
    },
    problems,
  );
  return { definition, items };
}

/** Who writes `guard: run npm test` wants the gate closed when the tests fail; a threshold somebody wrote is kept. */
function withGuardThresholds(gate: GateDefinition | null, guards: readonly GuardDefinition[]): GateDefinition | null {
  if (!gate) return null;
  const thresholds = guards.filter((guard) => guard.uses === 'command').map((guard): [string, number] => [`${guard.id.replaceAll('-', '_')}_failed_max`, 0]);
  return thresholds.length === 0 ? gate : { ...gate, rubric: { ...Object.fromEntries(thresholds), ...gate.rubric } };
}
