import { formatItemLine, isChecked } from './item-line.ts';
import type { ItemLine } from './item-line.ts';
import { moreLine, oneLine, phaseMarker, regionBegin, regionEnd, statusBegin, statusEnd } from './markers.ts';
import { matchTasks } from './match-tasks.ts';
import type { ChecklistModel, ChecklistTask, TaskMatch } from './match-tasks.ts';
import { endsOpen, viewBody } from './region.ts';
import type { BodyItem, BodyView, Conflict } from './region.ts';

export interface Annotated {
  readonly body: string;
  readonly conflicts: readonly Conflict[];
}

/** What is left out so that the body fits, in this order. */
const shrinkSteps = [
  { suffixes: true, finished: true, status: true, markers: true },
  { suffixes: false, finished: true, status: true, markers: true },
  { suffixes: false, finished: false, status: true, markers: true },
  { suffixes: false, finished: false, status: false, markers: true },
  { suffixes: false, finished: false, status: false, markers: false },
] as const;

type Shown = { readonly [K in keyof (typeof shrinkSteps)[number]]: boolean };

/**
 * Brings the body of an issue to the state of the mission. What people wrote stays byte for byte: every line outside the region, and
 * inside it every line that is not a marker, a status block or a count of ours. Of a task's line only the letter in the box, the
 * marker and the suffix change. Annotating twice gives the same as once. A body that cannot be read, made to fit, or
 * repaired so that it stays repaired comes back as it is, with a conflict (`unreadable`, `too-large`, `unsettled`). Never throws.
 *
 * This is also the three-way merge: `annotate(theirs, model)`, with the model after the intents of `readIntents(base, theirs)` have
 * been accepted or refused, keeps their text and puts our state.
 */
export function annotate(body: string | null, model: ChecklistModel): Annotated {
  const before = body ?? '';
  const first = annotateOnce(before, model);
  if (first.isCalm || first.body === before) return { body: first.body, conflicts: first.conflicts };
  // Taking out a stray marker or putting a line back can change how the lines around it read; look again until nothing changes.
  let current = first.body;
  for (let round = 0; round < maximumRounds; round += 1) {
    const next = annotateOnce(current, model).body;
    if (next === current) return { body: current, conflicts: first.conflicts };
    current = next;
  }
  return { body: before, conflicts: [...first.conflicts, { kind: 'unsettled', line: 0, task: null }] };
}

/** Two passes are usual. A body that does not settle is left alone: one that grew with every visit would be worse than a stale one. */
const maximumRounds = 6;

function annotateOnce(before: string, model: ChecklistModel): Annotated & { readonly isCalm: boolean } {
  const view = viewBody(before);
  if (!view) return { body: before, conflicts: [{ kind: 'unreadable', line: 0, task: null }], isCalm: true };
  const match = matchTasks(view, model);
  const conflicts = [...view.conflicts, ...match.conflicts];
  const isCalm = conflicts.length === 0 && isInShape(view) && model.phases.every((phase) => phase.tasks.every((task) => match.lines.has(task.id)));
  for (const shown of shrinkSteps) {
    const body = render(view, model, match, shown);
    if (Buffer.byteLength(body) > model.maximumBytes) continue;
    return { body, conflicts: shown.status ? conflicts : [...conflicts, { kind: 'too-large', line: 0, task: null }], isCalm: isCalm && shown.finished };
  }
  return { body: before, conflicts: [...conflicts, { kind: 'too-large', line: 0, task: null }], isCalm: true };
}

/** Our lines stand exactly where we put them: then only boxes, suffixes and the status block change, and no line reads differently. */
function isInShape(view: BodyView): boolean {
  if (!view.region || view.statusLeaks) return false;
  const { start, end } = view.region;
  if (view.lines[start]?.text.trim() !== regionBegin || view.lines[end]?.text.trim() !== regionEnd) return false;
  let line = end;
  while (view.ours.has(line - 1) && line - 1 > start) line -= 1;
  return view.ours.size === end - line + 2;
}

/** Lines to add before and behind lines of the body, in the order they were asked for. */
class Insertions {
  readonly #before = new Map<number, string[]>();
  readonly #behind = new Map<number, string[]>();

  add(place: Place, text: string): void {
    const side = place.side === 'before' ? this.#before : this.#behind;
    const list = side.get(place.line);
    if (list) list.push(text);
    else side.set(place.line, [text]);
  }

  before(line: number): readonly string[] {
    return this.#before.get(line) ?? [];
  }

  behind(line: number): readonly string[] {
    return this.#behind.get(line) ?? [];
  }
}

interface Place {
  readonly line: number;
  readonly side: 'before' | 'behind';
}

function render(view: BodyView, model: ChecklistModel, match: TaskMatch, shown: Shown): string {
  const eol = (view.lines.find((line, index) => line.eol !== '' && !view.ours.has(index)) ?? view.lines.find((line) => line.eol !== ''))?.eol ?? '\n';
  const changed = new Map<number, string | null>();
  const inserted = new Insertions();
  const tail: string[] = [];
  const keepsFinished = shown.finished || model.adopt !== null;
  for (const item of match.strayed) changed.set(item.line, formatItemLine({ ...item.parts, id: null, suffix: null }));

  for (const phase of model.phases) {
    let anchor = firstPlace(phase.tasks, match, match.headings.get(phase.id));
    const created: string[] = [];
    let omitted = 0;
    for (const task of phase.tasks) {
      const item = match.lines.get(task.id);
      const line = item ? updated(item.parts, task, shown) : formatItemLine(generated(task, shown));
      if (item) {
        const isOmitted = !keepsFinished && task.checked && isGenerated(item, task);
        changed.set(item.line, isOmitted ? null : line);
        if (isOmitted) omitted += 1;
        else anchor = { line: item.endLine, side: 'behind' };
      } else if (!keepsFinished && task.checked) omitted += 1;
      else if (anchor === null) created.push(line);
      else inserted.add(anchor, line);
    }
    const more = omitted === 0 ? [] : [moreLine(omitted)];
    if (anchor !== null) for (const line of more) inserted.add(anchor, line);
    else if (created.length > 0) tail.push('', headingOf(phase), '', ...created, ...more);
    else if (more.length > 0) tail.push('', headingOf(phase), ...more);
  }
  const status = shown.status && model.statusBlock !== '' ? [statusBegin, ...statusText(model.statusBlock), statusEnd] : [];
  return assemble(view, match.region, eol, changed, inserted, tail, status);
}

/** Where the first line of a phase goes that is missing: below the heading, else before the first task that has a line. */
function firstPlace(tasks: readonly ChecklistTask[], match: TaskMatch, heading: number | undefined): Place | null {
  const first = tasks.map((task) => match.lines.get(task.id)).find((item) => item !== undefined);
  if (first === undefined) return heading === undefined ? null : { line: heading, side: 'behind' };
  return heading !== undefined && heading < first.line ? { line: heading, side: 'behind' } : { line: first.line, side: 'before' };
}

function headingOf(phase: ChecklistModel['phases'][number]): string {
  return `### ${oneLine(phase.title)}${phaseMarker(phase.id)}`;
}

function assemble(
  view: BodyView,
  region: TaskMatch['region'],
  eol: string,
  changed: ReadonlyMap<number, string | null>,
  inserted: Insertions,
  tail: readonly string[],
  status: readonly string[],
): string {
  const out: string[] = [];
  let isEnded = true;
  const add = (text: string, ending = eol): void => {
    if (!isEnded) out.push(eol);
    out.push(text, ending);
    isEnded = ending !== '';
  };
  const close = (): void => {
    const [first, ...rest] = tail;
    if (first !== undefined && first !== '') add(first);
    // The blank line before a heading is left out where the region begins.
    if (first === '' && out.at(-2)?.trim() !== regionBegin) add('');
    for (const line of rest) add(line);
    for (const line of status) add(line);
    add(regionEnd);
  };
  for (const [line, { text, eol: ending }] of view.lines.entries()) {
    if (region?.start === line) add(regionBegin);
    for (const extra of inserted.before(line)) add(extra);
    if (!view.ours.has(line)) {
      const next = changed.get(line);
      if (next !== null) add(next ?? text, ending);
    }
    for (const extra of inserted.behind(line)) add(extra);
    if (region?.end === line) close();
  }
  if (region === null && view.endsOpen) {
    // Below an unclosed code fence or comment nobody would see the checklist, and we would not find it again.
    const text = out.splice(0);
    isEnded = true;
    add(regionBegin);
    close();
    for (const part of text) out.push(part);
  } else if (region === null) {
    const hasText = view.lines.some((line, index) => line.text.trim() !== '' && !view.ours.has(index));
    const last = view.lines.at(-1);
    if (hasText && (last?.text.trim() !== '' || last.eol === '')) add('');
    add(regionBegin);
    close();
  }
  return out.join('');
}

function updated(parts: ItemLine, task: ChecklistTask, shown: Shown): string {
  const box = task.checked === isChecked(parts.box) ? parts.box : task.checked ? 'x' : ' ';
  return formatItemLine({ ...parts, box, id: shown.markers ? task.id : null, suffix: shown.suffixes ? suffixOf(task) : null });
}

function generated(task: ChecklistTask, shown: Shown): ItemLine {
  return { lead: '- ', box: task.checked ? 'x' : ' ', text: ` ${oneLine(task.title)}`, id: shown.markers ? task.id : null, suffix: shown.suffixes ? suffixOf(task) : null, tail: '' };
}

/** True when nothing in the line came from a person. */
function isGenerated(item: BodyItem, task: ChecklistTask): boolean {
  return item.parts.lead === '- ' && item.parts.text === ` ${oneLine(task.title)}` && item.parts.tail === '' && item.endLine === item.line;
}

function suffixOf(task: ChecklistTask): string | null {
  const text = task.suffix.trim();
  return text === '' ? null : oneLine(text);
}

/** Lines of the status block: none that looks like a marker of ours, and nothing left open that would swallow what follows. */
function statusText(block: string): readonly string[] {
  const lines = block.split(/\r\n|\n|\r/).map((line) => (/^\s*<!-- \/?mg:(?:begin|end|status) -->\s*$/.test(line) ? line.replace('<!--', '&lt;!--') : line));
  const closing = ['', '```', '~~~', '-->'].find((text) => !endsOpen([...lines, text]));
  if (closing === undefined) return [];
  return closing === '' ? lines : [...lines, closing];
}
