import { readIfSourceFormat } from '../config/import/read-any-mission.ts';
import { readMissionWithInputs } from '../config/read-mission-file.ts';
import type { MissionFile } from '../config/read-mission-file.ts';
import type { ReadOptions } from '../config/read-options.ts';
import type { Problem } from '../core/mission/definition.ts';
import { ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { systemClock } from '../kit/system-clock.ts';

/** A mission file as every command reads it: ours, or one in the source format. */
export function readMission(source: { readonly file: string; readonly text: string }, options: ReadOptions): Result<MissionFile, readonly Problem[]> {
  const foreign = readIfSourceFormat(source, { ...options, now: new Date(systemClock.now()) });
  if (foreign === null) return readMissionWithInputs(source, options);
  return foreign.ok ? ok({ definition: foreign.value, inputs: [] }) : foreign;
}
