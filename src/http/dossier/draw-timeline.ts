import type { Dossier } from '../../core/dossier/dossier.ts';
import type { Html } from '../../kit/html.ts';
import type { Block } from './document.ts';
import { box, diamond, drawing, label, line, pageWidth } from './draw.ts';
import type { Colour } from './draw.ts';
import { milliseconds, shown, time } from './words.ts';

const left = 190;
const rowHeight = 30;
const top = 34;
const mostPhases = 40;

/** Phases from their start to their end, and on them the decisions that were made. */
export function timelineOf({ mission, phases, decisions, at }: Dossier): Block | null {
  const from = Date.parse(mission.plannedAt);
  const until = Math.max(Date.parse(mission.finishedAt ?? at), from + 1);
  const place = (moment: number): number => left + (Math.min(1, Math.max(0, (moment - from) / (until - from))) * (pageWidth - left - 20));
  const rows = phases.slice(0, mostPhases);
  if (rows.length === 0) return null;
  const bottom = top + rows.length * rowHeight;
  const parts: Html[] = [];
  for (let tick = 0; tick <= 4; tick += 1) {
    const moment = from + ((until - from) * tick) / 4;
    parts.push(line(place(moment), top - 8, place(moment), bottom));
    parts.push(label(place(moment), top - 14, tick === 0 ? time(mission.plannedAt).slice(0, 19) : `+ ${milliseconds(Math.round(moment - from))}`, { size: 11, colour: 'dim', anchor: tick === 4 ? 'end' : tick === 0 ? 'start' : 'middle' }));
  }
  rows.forEach((phase, index) => {
    const y = top + index * rowHeight;
    parts.push(label(left - 12, y + 17, phase.title, { anchor: 'end', width: left - 20 }));
    if (phase.startedAt !== null) {
      const start = place(Date.parse(phase.startedAt));
      const end = place(Date.parse(phase.finishedAt ?? at));
      parts.push(box(start, y + 5, Math.max(3, end - start), 16, barColour(phase.status)));
    }
    for (const { phase: of, decision, at: moment, by } of decisions) {
      if (of === phase.id) parts.push(diamond(place(Date.parse(moment)), y + 13, decisionColour(decision), `${decision} ${by?.login ?? ''} ${time(moment)}`));
    }
  });
  const caption = `Timeline: bars are phases, diamonds are decisions on their gates${phases.length > rows.length ? `; the first ${rows.length} of ${phases.length} phases` : ''}.`;
  return { kind: 'drawing', drawing: drawing(pageWidth, bottom + 6, shown(caption), parts), caption };
}

function barColour(status: string): Colour {
  return status === 'complete' ? 'good' : status === 'failed' ? 'bad' : 'wait';
}

function decisionColour(decision: string): Colour {
  if (/reject|void|shut|expired|refused/.test(decision)) return 'bad';
  return decision.startsWith('waiver.') ? 'wait' : 'link';
}
