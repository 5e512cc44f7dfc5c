import type { Dossier } from '../../core/dossier/dossier.ts';
import type { Html } from '../../kit/html.ts';
import type { Block } from './document.ts';
import { box, curve, drawing, label, line, pageWidth } from './draw.ts';
import type { Colour } from './draw.ts';

interface Node {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly needs: readonly string[];
}

const mostNodes = 36;
const boxHeight = 34;
const gap = 12;

/** What needs what: tasks, or phases where there are too many tasks to be seen. Lanes are as wide as the longest chain allows. */
export function graphOf({ tasks, phases }: Dossier): Block | null {
  const own = tasks.filter(({ undoes }) => undoes === null);
  const byTask = own.length <= mostNodes;
  // A task that needs no task of its phase waits for the phases before its own.
  const lastOf = (phase: string): readonly string[] => own.filter((task) => task.phase === phase && !own.some(({ needs, phase: of }) => of === phase && needs.includes(task.id))).map(({ id }) => id);
  const phaseNeeds = new Map(phases.map(({ id, needs }) => [id, needs]));
  const nodes: readonly Node[] = byTask
    ? own.map(({ id, title, status, needs, phase }) => ({ id, title, status, needs: needs.some((need) => own.some((task) => task.id === need && task.phase === phase)) ? needs : [...new Set([...needs, ...(phaseNeeds.get(phase) ?? []).flatMap(lastOf)])] }))
    : phases.map(({ id, title, status, needs, tasks: count }) => ({ id, title: `${title} (${count})`, status, needs }));
  if (nodes.length === 0 || nodes.length > mostNodes) return null;
  const lanes = lanesOf(nodes);
  const width = pageWidth / lanes.length;
  const boxWidth = Math.min(220, width - 34);
  if (boxWidth < 50) return null;
  const height = Math.max(...lanes.map((lane) => lane.length)) * (boxHeight + gap) + gap;
  const place = new Map(lanes.flatMap((lane, column) => lane.map((node, row) => [node.id, { x: column * width + 4, y: (height - lane.length * (boxHeight + gap) + gap) / 2 + row * (boxHeight + gap) }] as const)));
  const parts: Html[] = [];
  for (const { id, needs } of nodes) {
    const to = place.get(id);
    for (const need of needs) {
      const from = place.get(need);
      if (from && to) parts.push(curve(from.x + boxWidth, from.y + boxHeight / 2, to.x, to.y + boxHeight / 2));
    }
  }
  for (const { id, title, status } of nodes) {
    const { x, y } = place.get(id) ?? { x: 0, y: 0 };
    const colour = statusColour(status);
    parts.push(box(x, y, boxWidth, boxHeight, 'soft', { outline: colour, radius: 4 }), line(x + 1, y + 3, x + 1, y + boxHeight - 3, colour, 4));
    parts.push(label(x + 9, y + 14, title, { size: 11, width: boxWidth - 14 }), label(x + 9, y + 27, `${id} · ${status}`, { size: 9, colour: 'dim', width: boxWidth - 14 }));
  }
  const caption = byTask ? 'Task graph: what had to be done before what, with how it ended.' : 'Phase graph: what had to be done before what (number of tasks in brackets).';
  return { kind: 'drawing', drawing: drawing(pageWidth, height, caption, parts), caption };
}

/** Nodes by the length of the longest chain before them. */
function lanesOf(nodes: readonly Node[]): readonly (readonly Node[])[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const depths = new Map<string, number>();
  const depth = (id: string, path: ReadonlySet<string>): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const needs = (byId.get(id)?.needs ?? []).filter((need) => byId.has(need) && !path.has(need));
    const found = needs.length === 0 ? 0 : 1 + Math.max(...needs.map((need) => depth(need, new Set([...path, id]))));
    depths.set(id, found);
    return found;
  };
  const lanes: Node[][] = [];
  for (const node of nodes) (lanes[depth(node.id, new Set())] ??= []).push(node);
  return lanes.map((lane) => lane ?? []);
}

function statusColour(status: string): Colour {
  if (status === 'done' || status === 'complete') return 'good';
  return status === 'failed' || status === 'blocked' ? 'bad' : status === 'skipped' || status === 'pending' ? 'dim' : 'wait';
}
