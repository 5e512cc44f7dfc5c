import type { KillResult } from './crash-matrix-batch.ts';

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

function rowOf(name: string, results: readonly KillResult[]): readonly string[] {
  const killed = results.filter(({ happened }) => happened);
  const at = (moment: string) => killed.filter(({ kill }) => kill.place.startsWith(moment)).length || '·';
  // Missions that did not come to an end have lost something.
  const lost = results.reduce((sum, { verdict, failure }) => sum + verdict.lost.length + (failure === null ? 0 : 1), 0);
  return [name, at('before'), at('during'), at('after'), killed.length, lost, results.reduce((sum, { verdict }) => sum + verdict.doubled.length, 0)].map(String);
}

function callOf(place: string): string {
  return place.slice(place.indexOf(' ') + 1);
}

function line([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(26)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}
