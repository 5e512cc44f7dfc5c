import { faultPlaces, noFault } from '../engine/fault-point.ts';
import type { FaultPlace, FaultPoint } from '../engine/fault-point.ts';

/**
 * For crash tests only: `MISSIONGATE_FAULT=<place>#<n>` kills this process with SIGKILL at the n-th visit of a named place.
 * Unset (always, in production) nothing happens.
 */
export function faultPointFrom(setting: string | undefined): FaultPoint {
  if (setting === undefined || setting === '') return noFault;
  const [place, times = '1'] = setting.split('#');
  if (!faultPlaces.some((known) => known === place)) throw new Error(`MISSIONGATE_FAULT: unknown place "${place}"; known are ${faultPlaces.join(', ')}`);
  let left = Number(times);
  return (visited: FaultPlace) => {
    if (visited !== place) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
