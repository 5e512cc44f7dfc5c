import { visibleText } from '../command/hidden-characters.ts';
import { oneLine } from './markers.ts';
import type { BodyItem, BodyView, Conflict } from './region.ts';

export interface ChecklistTask {
  readonly id: string;
  readonly title: string;
  readonly checked: boolean;
  /** Short state behind the item, like `— ⏳ running`; '' for none. */
  readonly suffix: string;
}

/** What the checklist of a mission shows. */
export interface ChecklistModel {
  readonly phases: readonly { readonly id: string; readonly title: string; readonly tasks: readonly ChecklistTask[] }[];
  /** Markdown below the checklist; '' for none. */
  readonly statusBlock: string;
  /** Where the tasks stood in the body the definition was read from; null for a definition that is no checklist of this body. */
  readonly adopt: readonly { readonly taskId: string; readonly line: number }[] | null;
  /** UTF-8 bytes the body may have. */
  readonly maximumBytes: number;
}

export interface TaskMatch {
  /** Task → its line in the body. */
  readonly lines: ReadonlyMap<string, BodyItem>;
  /** Phase → last line of its heading. */
  readonly headings: ReadonlyMap<string, number>;
  /** Copies of a task's line in the region: they lose our marker and count as a person's own. */
  readonly strayed: readonly BodyItem[];
  /** Lines the region will have, 0-based; null when it is to be put at the end. */
  readonly region: { readonly start: number; readonly end: number } | null;
  readonly conflicts: readonly Conflict[];
}

/** Finds each task's line: by marker, by the place it was read from, by its words; and where the region begins and ends. */
export function matchTasks(view: BodyView, model: ChecklistModel): TaskMatch {
  const tasks = new Map(model.phases.flatMap((phase) => phase.tasks.map((task) => [task.id, task] as const)));
  const lines = new Map<string, BodyItem>();
  const strayed: BodyItem[] = [];
  const conflicts: Conflict[] = [];
  const used = new Set<number>();
  const isInside = (line: number): boolean => view.region === null || (line >= view.region.start && line <= view.region.end);
  const inside = view.items.filter((item) => isInside(item.line));

  for (const item of inside) {
    const { id } = item.parts;
    if (id === null) continue;
    const task = tasks.get(id);
    if (!task) {
      conflicts.push({ kind: 'unknown-task', line: item.line + 1, task: id });
      continue;
    }
    const before = lines.get(id);
    // Of several copies the one that still says what the task says is the task; the others were copied to be changed.
    const isBetter = before !== undefined && before.title !== words(task.title) && item.title === words(task.title);
    const stray = isBetter ? before : before && item;
    if (stray) {
      strayed.push(stray);
      conflicts.push({ kind: 'duplicate-task', line: stray.line + 1, task: id });
    }
    if (before === undefined || isBetter) lines.set(id, item);
  }
  for (const item of lines.values()) used.add(item.line);

  const byLine = new Map(inside.map((item) => [item.line + 1, item]));
  const isOurs = (item: BodyItem): boolean => item.parts.id !== null && tasks.has(item.parts.id);
  const take = (id: string, item: BodyItem | undefined): void => {
    if (!item || lines.has(id) || used.has(item.line) || isOurs(item)) return;
    lines.set(id, item);
    used.add(item.line);
  };
  if (view.region === null) {
    for (const { taskId, line } of model.adopt ?? []) {
      const item = byLine.get(line);
      if (item && item.title === words(tasks.get(taskId)?.title ?? '')) take(taskId, item);
    }
  }
  // Unmarked lines are recognised by their words: a person removed the marker, or there was no room for markers.
  if (view.region !== null || model.adopt !== null) {
    const free = new Map<string, BodyItem[]>();
    for (const item of inside) {
      if (isOurs(item) || used.has(item.line)) continue;
      const list = free.get(item.title);
      if (list) list.push(item);
      else free.set(item.title, [item]);
    }
    for (const list of free.values()) list.reverse();
    for (const [id, task] of tasks) if (!lines.has(id)) take(id, free.get(words(task.title))?.pop());
  }
  return { lines, headings: headingsOf(view, model, isInside), strayed, region: regionOf(view, lines), conflicts };
}

/** A title as it reads back from a line of the checklist. */
function words(title: string): string {
  return visibleText(oneLine(title)).replace(/\s+/g, ' ').trim();
}

/** A phase's heading by our marker in it, or by its words. */
function headingsOf(view: BodyView, model: ChecklistModel, isInside: (line: number) => boolean): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  if (view.region === null) return found;
  const inside = view.headings.filter((heading) => isInside(heading.line));
  const byId = new Map(inside.flatMap((heading) => (heading.phaseId === null ? [] : [[heading.phaseId, heading.endLine] as const])));
  const byTitle = new Map(inside.toReversed().map((heading) => [heading.title, heading.endLine]));
  for (const phase of model.phases) {
    const line = byId.get(phase.id) ?? byTitle.get(phase.title);
    if (line !== undefined) found.set(phase.id, line);
  }
  return found;
}

/** The region there is, or the span from the heading above the first adopted item to the end of the last one. */
function regionOf(view: BodyView, lines: ReadonlyMap<string, BodyItem>): TaskMatch['region'] {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (const item of lines.values()) {
    first = Math.min(first, item.line);
    last = Math.max(last, item.endLine);
  }
  if (view.region) return { start: view.region.start, end: Math.max(view.region.end, last) };
  if (last < 0) return null;
  const heading = view.headings.findLast((candidate) => candidate.line < first);
  return { start: heading?.line ?? first, end: last };
}
