import type { Problem } from '../../core/mission/definition.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import { ProblemList, quoted, type Position } from '../problems.ts';
import { IdMaker } from '../slug.ts';
import { literal } from './source-variables.ts';
import type { MissionDocument, PhaseDocument, TaskDocument } from './mission-document.ts';

/** `- [ ] T012 [P] [US1] Create the model in src/models/user.py` */
const taskLine = /^\s*[-*]\s+\[([ xX])\]\s+\**(T\d{1,5}[a-z]?)\**:?\s+((?:\[[^\]\n]{1,20}\]\s+)*)(.+)$/;
/** The same with the number still to be given (`TXXX`, as the template of spec-kit has it), or without one. */
const unnumberedLine = /^\s*[-*]\s+\[([ xX])\]\s+(?:\**TX{2,4}\**:?\s+)?()((?:\[[^\]\n]{1,20}\]\s+)*)(.+)$/;
/** What is said about a task below it, further in. */
const detail = /^(?:\s{2,}|\t)\S/;
const phaseHeading = /^##\s+Phase\s+(\S+?)[:.]?\s+(.+)$/i;
/** What holds dependencies and examples after the phases. */
const otherHeading = /^##\s+/;

interface SpecTask {
  readonly number: string;
  readonly id: string;
  readonly text: string;
  /** Which part of its phase it stands in: tests come before what they test. */
  readonly section: number;
  /** Lines below it, further in. */
  readonly details: string[];
  readonly story: string | null;
  readonly isParallel: boolean;
  readonly isDone: boolean;
  readonly place: Position;
  /** Numbers it says it depends on. */
  readonly named: readonly string[];
}

interface SpecPhase {
  readonly title: string;
  readonly purpose: string[];
  readonly tasks: SpecTask[];
  /** What is looked at before the next phase, as the file says. */
  checkpoint: string;
}

/** Whether a text is a task list as GitHub's spec-kit writes it. */
export function looksLikeSpecKit(text: string): boolean {
  return text.split('\n').some((line) => taskLine.test(line));
}

/**
 * Reads a `tasks.md` of spec-kit: phases, `[P]` (may run beside its neighbours), `[US1]` (story), and its dependencies. A task
 * without `[P]` waits for those before it in its phase. Ticked tasks are left out: they are done. A checkpoint becomes a gate.
 */
export function readSpecKit(source: { readonly file: string; readonly text: string }): Result<MissionDocument, readonly Problem[]> {
  const problems = new ProblemList(source.file);
  const { title, phases, sentences } = outline(source.text);
  const all = phases.flatMap((phase) => phase.tasks);
  const open = new Set(all.filter((task) => !task.isDone).map((task) => task.number));
  const byNumber = new Map(all.map((task) => [task.number, task]));
  if (all.length === 0) problems.add('empty', { line: 1, column: 1 }, 'There is no task here. A line of spec-kit is "- [ ] T001 [P] [US1] What to do in src/file.ts".');
  else if (open.size === 0) problems.add('empty', { line: 1, column: 1 }, `All ${all.length} tasks are ticked; there is nothing left to do.`);
  const seen = new Set<string>();
  for (const task of all) {
    if (seen.has(task.number)) problems.add('duplicate-id', task.place, `There are two tasks ${task.number}; number one of them anew.`);
    seen.add(task.number);
    for (const name of task.named) if (!byNumber.has(name)) problems.add('unknown-dependency', task.place, `Task ${task.number} depends on ${name}, which does not exist.`);
  }
  const said = saidDependencies(sentences, byNumber, problems);
  if (!problems.isEmpty) return err(problems.list());
  const phaseIds = new IdMaker([], 'phase');
  const documents = phases.filter((phase) => phase.tasks.some((task) => open.has(task.number))).map((phase): PhaseDocument => {
    const before = earlierInPhase(phase.tasks.filter((task) => open.has(task.number)));
    return {
      id: phaseIds.make(phase.title),
      title: literal(phase.title, 256),
      gate: phase.checkpoint === '' ? 'none' : { approvals: { count: 1, from: ['role:write'] } },
      tasks: phase.tasks.filter((task) => open.has(task.number)).map((task) => document(task, phase, [...before(task), ...task.named, ...(said.get(task.number) ?? [])].filter((number) => open.has(number)), byNumber)),
    };
  });
  return ok({ version: 1, name: literal(title, 256) || 'Tasks', phases: documents });
}

function outline(text: string): { readonly title: string; readonly phases: readonly SpecPhase[]; readonly sentences: readonly { readonly text: string; readonly place: Position }[] } {
  const phases: SpecPhase[] = [];
  const sentences: { text: string; place: Position }[] = [];
  let title = '';
  let phase: SpecPhase | null = null;
  let isFenced = false;
  let above: SpecTask | null = null;
  let section = 0;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trimEnd();
    if (/^\s*(?:```|~~~)/.test(line)) isFenced = !isFenced;
    // Examples of commands and of task lines stand in fences.
    else if (!isFenced) {
      const heading = phaseHeading.exec(line);
      const task = taskLine.exec(line) ?? (phase ? unnumberedLine.exec(line) : null);
      if (above && !task && detail.test(line)) {
        above.details.push(line);
        continue;
      }
      if (line !== '') above = null;
      if (/^###\s/.test(line)) section += 1;
      if (heading) phases.push((phase = newPhase(`Phase ${heading[1]}: ${plain(heading[2]!)}`)));
      else if (otherHeading.test(line)) phase = null;
      else if (/^#\s+/.test(line)) title ||= plain(line.replace(/^#\s+/, '').replace(/^Tasks:\s*/i, ''));
      else if (task) {
        if (!phase) phases.push((phase = newPhase('Tasks')));
        phase.tasks.push((above = specTask(task, section, { line: index + 1, column: 1 })));
      } else if (phase && /^\*\*(?:Purpose|Goal|Independent Test)\*\*/i.test(line)) phase.purpose.push(plain(line));
      else if (phase && /^\*\*Checkpoint\*\*/i.test(line)) phase.checkpoint = plain(line);
      else if (!phase) sentences.push({ text: line, place: { line: index + 1, column: 1 } });
    }
  }
  return { title, phases, sentences };
}

function newPhase(title: string): SpecPhase {
  return { title, purpose: [], tasks: [], checkpoint: '' };
}

function specTask([, box, number = '', marks = '', rest = '']: RegExpExecArray, section: number, place: Position): SpecTask {
  const words = [...marks.matchAll(/\[([^\]]+)\]/g)].map((mark) => mark[1]!.trim());
  const dependsOn = /\(?\b(?:depends on|requires|after|blocked by)\b:?\s+((?:T\d{1,5}[a-z]?(?:\s*(?:,|and|&|-|–|to)\s*)?)+)\)?/i.exec(rest);
  return {
    number: number || `line ${place.line}`, id: number === '' ? `line-${place.line}` : number.toLowerCase(), text: rest.trim(), section, details: [], place,
    story: words.find((word) => /^US\d+$/i.test(word)) ?? null,
    isParallel: words.some((word) => word.toUpperCase() === 'P'),
    isDone: box !== ' ',
    named: dependsOn ? numbersIn(dependsOn[1]!) : [],
  };
}

/** `T004, T005` and `T004-T007`. */
function numbersIn(text: string): readonly string[] {
  const found: string[] = [];
  for (const [, first = '', last] of text.matchAll(/(T\d{1,5}[a-z]?)(?:\s*(?:-|–|to)\s*(T\d{1,5}))?/gi)) {
    const from = Number(first.slice(1).replace(/[a-z]$/i, ''));
    const to = last === undefined ? from : Number(last.slice(1));
    if (last === undefined || to < from || to - from > 1000) found.push(first.toUpperCase().replace(/[A-Z]$/, (letter) => letter.toLowerCase()), ...(last === undefined ? [] : [last]));
    else for (let number = from; number <= to; number += 1) found.push(`T${String(number).padStart(first.length - 1, '0')}`);
  }
  return found;
}

/** A task without `[P]` waits for everything since the last one without; those with `[P]` wait for that one. What stands under another heading waits for what is above that. */
function earlierInPhase(tasks: readonly SpecTask[]): (task: SpecTask) => readonly string[] {
  const needs = new Map<string, readonly string[]>();
  let last: string[] = [];
  let beside: string[] = [];
  let section = tasks[0]?.section;
  for (const task of tasks) {
    if (task.section !== section) {
      last = beside.length > 0 ? beside : last;
      beside = [];
      section = task.section;
    }
    if (task.isParallel) {
      needs.set(task.number, last);
      beside.push(task.number);
    } else {
      needs.set(task.number, beside.length > 0 ? beside : last);
      last = [task.number];
      beside = [];
    }
  }
  return (task) => needs.get(task.number) ?? [];
}

/** The lines under "Dependencies": `T004-T007 before T008`, `T016 blocked by T018`, `T002 blocks T003`, `T009 depends on T003`. */
function saidDependencies(sentences: readonly { readonly text: string; readonly place: Position }[], tasks: ReadonlyMap<string, SpecTask>, problems: ProblemList): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, string[]>();
  for (const { text, place } of sentences) {
    const match = /^\s*[-*]?\s*\**((?:T\d{1,5}[a-z]?[\s,&–-]*(?:and\s+|to\s+)?)+)\**[^T]{0,30}?\b(before|blocks|blocked by|depends on|requires|after)\b\s+\**((?:T\d{1,5}[a-z]?[\s,&–-]*(?:and\s+|to\s+)?)+)/i.exec(text);
    if (!match) continue;
    const [left, right] = [numbersIn(match[1]!), numbersIn(match[3]!)];
    const isFirst = /before|^blocks$/i.test(match[2]!);
    const [earlier, later] = isFirst ? [left, right] : [right, left];
    for (const number of [...left, ...right]) if (!tasks.has(number)) problems.add('unknown-dependency', place, `${quoted(text.trim())} names ${number}, which does not exist.`);
    for (const one of later) needs.set(one, [...(needs.get(one) ?? []), ...earlier]);
  }
  return needs;
}

function document(task: SpecTask, phase: SpecPhase, needs: readonly string[], tasks: ReadonlyMap<string, SpecTask>): TaskDocument {
  const isNumbered = task.number.startsWith('T');
  const about = [task.text, ...task.details, '', ...(task.story === null ? [] : [`User story: ${task.story.toUpperCase()}.`]), ...phase.purpose, `This is ${isNumbered ? task.number : 'a task'} of "${phase.title}". Read the specification and the plan beside the task list first.`];
  return {
    id: task.id,
    title: literal(`${isNumbered ? `${task.number} ` : ''}${plain(task.text)}`, 256),
    uses: 'agent',
    with: { prompt: literal(about.join('\n').trim()) },
    ...(needs.length > 0 ? { needs: [...new Set(needs)].map((number) => tasks.get(number)?.id ?? number.toLowerCase()).toSorted() } : {}),
  };
}

/** Without emphasis and pictures, on one line. */
function plain(text: string): string {
  return text.replace(/\*\*|`/g, '').replace(/[\p{Extended_Pictographic}\u{FE0F}]/gu, '').replace(/\s+/g, ' ').trim();
}
