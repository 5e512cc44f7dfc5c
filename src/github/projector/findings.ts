import type { Finding } from '../../core/mission/event.ts';
import { readFindings } from '../../core/mission/read-findings.ts';
import type { GateState } from '../../core/mission/state.ts';
import type { Desk } from './desk.ts';

/** What the guards of a judged gate found, in the order of the guards. */
export async function findingsOf({ projection }: Desk, { reports }: GateState): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  for (const { findings } of reports) {
    if (findings === undefined || findings.digest === null) continue;
    all.push(...readFindings((await projection.artifact(findings.digest)) ?? ''));
  }
  return all;
}
