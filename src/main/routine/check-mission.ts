import { givenInputs } from '../../config/inputs.ts';
import type { Problem } from '../../core/mission/definition.ts';
import { routineContext } from '../../core/schedule/routine.ts';
import type { RoutineDefinition } from '../../core/schedule/routine.ts';
import { resolveTemplates } from '../../core/expression/template.ts';
import { isJsonObject } from '../../kit/json.ts';
import type { StepTypes } from '../../config/step-types.ts';
import { missionSources } from '../mission-sources.ts';
import { readMission } from '../read-mission.ts';

const folder = '.github/missions';

/** What is wrong with the mission that a routine of this repository names, and with the inputs that it gives: told of the routine's file. */
export function missionProblems(routine: RoutineDefinition, name: string, file: string, stepTypes: StepTypes): readonly Problem[] {
  const sources = missionSources([placeOf(routine.mission)]);
  const [source] = sources.ok ? sources.value : [];
  if (source === undefined) return [{ code: 'file-missing', file, line: 0, column: 0, message: `The routine starts ${routine.mission}, but ${sources.ok ? 'there is no such file' : sources.error}.` }];
  const values = resolveTemplates(routine.inputs, { routine: routineContext(name, routine, 'schedule', 0) });
  if (!values.ok || !isJsonObject(values.value)) return [];
  const read = readMission(source, { stepTypes, readFile: (path) => source.readFile(path), inputs: givenInputs(file, values.value) });
  // What is wrong with the mission itself is told where that is checked.
  return read.ok ? [] : read.error.filter((problem) => problem.file === file);
}

function placeOf(mission: string): string {
  if (mission.startsWith('template:')) return mission;
  const path = mission.startsWith(`${folder}/`) ? mission : `${folder}/${mission}`;
  return /\.ya?ml$/i.test(path) ? path : `${path}.yml`;
}
