import type { Audit, AuditSpan } from '../../core/ledger/audit.ts';
import { html } from '../../kit/html.ts';
import type { Html } from '../../kit/html.ts';
import { entryWords, timeWords } from './words.ts';

const width = 960;
const labelWidth = 150;
const rowHeight = 20;
const top = 28;
/** More rows than this are no picture any more; phases and decisions stay. */
const mostTasks = 60;

interface Row {
  readonly label: string;
  readonly span: AuditSpan | null;
  readonly isPhase: boolean;
}

/** The mission in time: phases and tasks as bars, decisions as diamonds, seals as ticks at the foot. Every mark has a title. */
export function timelineSvg(audit: Audit): Html {
  const from = Date.parse(audit.from ?? '');
  const to = Date.parse(audit.to ?? '');
  if (Number.isNaN(from) || Number.isNaN(to)) return html``;
  const length = Math.max(1, to - from);
  const x = (at: string | null) => labelWidth + 8 + ((at === null ? length : Date.parse(at) - from) / length) * (width - labelWidth - 24);
  const rows = rowsOf(audit);
  const foot = top + rows.length * rowHeight + 6;
  const height = foot + 44;
  const decisions = audit.entries.filter(({ kind }) => kind === 'decision');
  const seals = audit.entries.filter(({ kind }) => kind === 'signature');
  return html`<svg class="timeline" viewBox="0 0 ${width} ${height}" role="img" aria-label="Timeline of the mission">
    ${ticks(length).map((offset) => {
      const place = x(new Date(from + offset).toISOString()).toFixed(1);
      return html`<line class="grid" x1="${place}" x2="${place}" y1="${top - 6}" y2="${foot + 26}"/><text class="axis" x="${place}" y="${top - 12}">${tickWords(offset)}</text>`;
    })}
    ${rows.map((row, index) => bar(row, top + index * rowHeight, x))}
    <text class="label" x="${labelWidth}" y="${foot + 11}">decisions</text>
    ${decisions.map((entry) => {
      const at = x(entry.at);
      return html`<path class="decision ${entry.body.type === 'gate.rejected' ? 'bad' : 'good'}" d="M${(at - 5).toFixed(1)} ${foot + 8} l5 -6 l5 6 l-5 6 z"><title>${timeWords(entry.at)}: ${entryWords(entry) ?? entry.body.type} (entry ${entry.seq})</title></path>`;
    })}
    <text class="label" x="${labelWidth}" y="${foot + 29}">seals</text>
    ${seals.map((entry) => html`<rect class="seal" x="${(x(entry.at) - 1.5).toFixed(1)}" y="${foot + 19}" width="3" height="12"><title>${timeWords(entry.at)}: ${entryWords(entry)}</title></rect>`)}
  </svg>`;
}

function rowsOf({ phases, spans }: Audit): readonly Row[] {
  const tasks = spans.filter(({ of }) => !of.startsWith('phase '));
  const shown = new Set(tasks.slice(0, mostTasks));
  const rows = phases.flatMap(({ id }): readonly Row[] => [
    { label: id, span: spans.find(({ of }) => of === `phase ${id}`) ?? null, isPhase: true },
    ...tasks.filter((task) => task.phase === id && shown.has(task)).map((span) => ({ label: span.of, span, isPhase: false })),
  ]);
  return tasks.length > shown.size ? [...rows, { label: `… ${tasks.length - shown.size} more tasks`, span: null, isPhase: false }] : rows;
}

function bar({ label, span, isPhase }: Row, y: number, x: (at: string | null) => number): Html {
  const text = html`<text class="label${isPhase ? ' phase' : ''}" x="${labelWidth}" y="${y + 13}">${label.length > 24 ? `${label.slice(0, 23)}…` : label}</text>`;
  if (span === null) return text;
  const start = x(span.from);
  const wide = Math.max(2, x(span.to) - start);
  return html`${text}<rect class="${isPhase ? 'phase' : 'task'} ${span.ended}" x="${start.toFixed(1)}" y="${y + (isPhase ? 4 : 5)}" width="${wide.toFixed(1)}" height="${isPhase ? 12 : 10}" rx="2"><title>${span.of}: ${timeWords(span.from)} … ${span.to === null ? 'not ended' : timeWords(span.to)} (${span.ended})</title></rect>`;
}

const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800].map((seconds) => seconds * 1000);

/** Round distances from the beginning; at most ten of them. */
function ticks(length: number): readonly number[] {
  const step = steps.find((one) => length / one <= 8) ?? length / 8;
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step);
}

function tickWords(offset: number): string {
  const seconds = offset / 1000;
  if (seconds === 0) return '0';
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 7200) return `${Number((seconds / 60).toFixed(1))} min`;
  return seconds < 172_800 ? `${Number((seconds / 3600).toFixed(1))} h` : `${Number((seconds / 86_400).toFixed(1))} d`;
}
