import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import { readRoutine } from '../config/read-routine.ts';
import { readPolicy } from '../config/read-policy.ts';
import { policyPath } from '../core/gate/policy.ts';
import type { Problem } from '../core/mission/definition.ts';
import { routineFolder } from '../core/schedule/routine.ts';
import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';
import type { StepRegistry } from '../steps/registry.ts';
import { missionSources } from './mission-sources.ts';
import type { MissionText } from './mission-sources.ts';
import { formatProblems, problemFormats } from './problem-formats.ts';
import type { Findings } from './problem-formats.ts';
import { readMission } from './read-mission.ts';
import { missionProblems } from './routine/check-mission.ts';

const defaultFolder = '.github/missions';

/** `missiongate validate`: 0 all right, 1 problems found, 2 called wrongly. */
export function validateFiles(words: readonly string[], options: { readonly format: string; readonly version: string }): number {
  const format = problemFormats.find((known) => known === options.format);
  if (format === undefined) return usage(`--format: found "${options.format}", expected ${problemFormats.join(', ')}`);
  const findings = checkFiles(words);
  if (!findings.ok) return usage(findings.error);
  const text = formatProblems(format, findings.value, options.version);
  if (text !== '') console.log(text);
  return findings.value.problems.length === 0 ? 0 : 1;
}

/** Every problem of mission files, routines and policies; of those that lie where they usually do when no words are given. An error is a sentence. */
export function checkFiles(words: readonly string[]): Result<Findings, string> {
  const found = [defaultFolder, routineFolder, policyPath].filter((path) => existsSync(path));
  if (words.length === 0 && found.length === 0) return err(`name a mission file, a folder or template:<name> (there is no ${defaultFolder}, ${routineFolder} or ${policyPath} here)`);
  const sources = missionSources(words.length === 0 ? found : words);
  if (!sources.ok) return sources;
  const stepTypes = createStepRegistry(builtInSteps);
  const problems = sources.value.flatMap((source) => problemsIn(source, stepTypes));
  // A mission that is included is checked for itself and where it is included: what is wrong with it is told once.
  const told = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return ok({ files: sources.value.map(({ file }) => file), problems: [...told.values()] });
}

function problemsIn(source: MissionText, stepTypes: StepRegistry): readonly Problem[] {
  if (isRoutine(source)) {
    const routine = readRoutine(source.text, source.file);
    return routine.ok ? missionProblems(routine.value, basename(source.file).replace(/\.ya?ml$/i, ''), source.file, stepTypes) : routine.error;
  }
  const read = isPolicy(source.file) ? readPolicy(source.text, source.file) : readMission(source, { stepTypes, readFile: (path) => source.readFile(path) });
  return read.ok ? [] : read.error;
}

/** By its folder; elsewhere by what no mission has. */
function isRoutine({ file, text }: MissionText): boolean {
  return basename(dirname(resolve(file))) === basename(routineFolder) || (/^mission:/m.test(text) && /^["']?on["']?:/m.test(text));
}

/** The repository's policy lies beside the folder of missions, under a name of its own. */
function isPolicy(file: string): boolean {
  return basename(file) === basename(policyPath);
}

function usage(message: string): number {
  console.error(`missiongate validate: ${message}`);
  return 2;
}
