import type { KillResult } from './crash-matrix-batch.ts';
import type { Backend } from './crash-matrix-run.ts';

/** Every kill happened, and after none of them anything was lost, doubled or unfinished. No result at all is no proof. */
export function isFlawless(results: readonly KillResult[]): boolean {
  return results.length > 0 && results.every(({ happened, verdict, failure }) => happened && failure === null && verdict.lost.length + verdict.doubled.length === 0);
}

/** A table with a row for each durable call and each kind of write, its moments beside each other. */
export function tableOf(title: string, results: readonly KillResult[], unreached: readonly string[]): string {
  const calls = new Map<string, KillResult[]>();
  for (const result of results) {
    const call = callOf(result.kill.place);
    calls.set(call, [...(calls.get(call) ?? []), result]);
  }
  const rows = [...calls].map(([call, its]) => rowOf(call, its));
  const points = new Set(results.map(({ kill }) => `${kill.role} ${kill.place}`)).size;
  return [
    '',
    line([title, 'before', 'during', 'after', 'kills', 'lost', 'doubled']),
    line(['-'.repeat(26), ...Array.from({ length: 6 }, () => '-'.repeat(7))]),
    ...rows.map(line),
    line(['-'.repeat(26), ...Array.from({ length: 6 }, () => '-'.repeat(7))]),
    line(rowOf(`${points} points`, results)),
    ...results.filter(({ happened }) => !happened).map(({ kill }) => `NOT REACHED: ${kill.role}: ${kill.place}#${kill.visit}`),
    ...unreached.map((place) => `NO WAY TO: ${place}; the missions must be made to pass it`),
    '',
  ].join('\n');
}

/** The page with the table of its last section made anew: a row for each place, the kills of each backend, and what they lost and doubled. */
export function withMeasured(page: string, measured: ReadonlyMap<Backend, readonly KillResult[]>): string {
  const header = '| place | kills, embedded | kills, PostgreSQL + Redis | lost | doubled |';
  const from = page.indexOf(header);
  if (from < 0) throw new Error(`the page has no table that begins with "${header}"`);
  const of = (backend: Backend, call: string | null) => (measured.get(backend) ?? []).filter(({ kill }) => call === null || callOf(kill.place) === call);
  const row = (name: string, call: string | null) => {
    const [embedded, servers] = [of('embedded', call), of('servers', call)];
    const { lost, doubled } = damageOf([...embedded, ...servers]);
    return `| ${[name, killedIn(embedded).length, killedIn(servers).length, lost, doubled].join(' | ')} |`;
  };
  const calls = new Set([...measured.values()].flat().map(({ kill }) => callOf(kill.place)));
  const rows = [...[...calls].sort().map((call) => row(`\`${call}\``, call)), row('all', null)];
  const after = page.slice(from).split('\n').findIndex((text) => !text.startsWith('|'));
  const rest = after < 0 ? [] : page.slice(from).split('\n').slice(after);
  return [page.slice(0, from) + header, '| --- | --- | --- | --- | --- |', ...rows, ...rest].join('\n');
}

function killedIn(results: readonly KillResult[]): readonly KillResult[] {
  return results.filter(({ happened }) => happened);
}

/** Missions that did not come to an end have lost something. */
function damageOf(results: readonly KillResult[]): { readonly lost: number; readonly doubled: number } {
  return {
    lost: results.reduce((sum, { verdict, failure }) => sum + verdict.lost.length + (failure === null ? 0 : 1), 0),
    doubled: results.reduce((sum, { verdict }) => sum + verdict.doubled.length, 0),
  };
}

function rowOf(name: string, results: readonly KillResult[]): readonly string[] {
  const killed = killedIn(results);
  const at = (moment: string) => killed.filter(({ kill }) => kill.place.startsWith(moment)).length || '·';
  const { lost, doubled } = damageOf(results);
  return [name, at('before'), at('during'), at('after'), killed.length, lost, doubled].map(String);
}

function callOf(place: string): string {
  return place.slice(place.indexOf(' ') + 1);
}

function line([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(26)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}
