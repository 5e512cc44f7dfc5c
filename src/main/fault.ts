import { appendFileSync } from 'node:fs';

import { faultPlaces, noFault } from '../engine/fault-point.ts';
import type { FaultPlace, FaultPoint } from '../engine/fault-point.ts';

/**
 * For crash tests only; unset (always, in production) nothing happens.
 * `MISSIONGATE_FAULT=<place>#<n>` kills this process with SIGKILL at the n-th visit of a place.
 * `MISSIONGATE_FAULT_TRACE=<file>` appends a line for every visit of any place, before anything else happens there.
 */
export function faultPointFrom(env: Readonly<Record<string, string | undefined>>): FaultPoint {
  const deadly = (env.MISSIONGATE_FAULT ?? '') === '' ? null : deadlyVisit(env.MISSIONGATE_FAULT ?? '');
  const trace = env.MISSIONGATE_FAULT_TRACE ?? '';
  if (deadly === null && trace === '') return noFault;
  let left = deadly?.visit ?? 0;
  return (visited: FaultPlace) => {
    if (trace !== '') appendFileSync(trace, `${visited}\n`);
    if (visited !== deadly?.place) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

function deadlyVisit(setting: string): { readonly place: FaultPlace; readonly visit: number } {
  const [name, visit = '1'] = setting.split('#');
  const place = faultPlaces.find((known) => known === name);
  if (place === undefined) throw new Error(`MISSIONGATE_FAULT: unknown place "${name}"; known are ${faultPlaces.join(', ')}`);
  if (!/^[1-9]\d*$/.test(visit)) throw new Error(`MISSIONGATE_FAULT: "${visit}" is no number of a visit; expected is a place, "#" and a number from 1`);
  return { place, visit: Number(visit) };
}
