import { existsSync } from 'node:fs';

import { builtInSteps, createStepRegistry } from '../steps/registry.ts';
import { missionSources } from './mission-sources.ts';
import { formatProblems, problemFormats } from './problem-formats.ts';
import { readMission } from './read-mission.ts';

const defaultFolder = '.github/missions';

/** `missiongate validate`: 0 all right, 1 problems found, 2 called wrongly. */
export function validateFiles(words: readonly string[], options: { readonly format: string; readonly version: string }): number {
  const format = problemFormats.find((known) => known === options.format);
  if (format === undefined) return usage(`--format: found "${options.format}", expected ${problemFormats.join(', ')}`);
  if (words.length === 0 && !existsSync(defaultFolder)) return usage(`name a mission file, a folder or template:<name> (there is no ${defaultFolder} here)`);
  const sources = missionSources(words.length === 0 ? [defaultFolder] : words);
  if (!sources.ok) return usage(sources.error);
  const stepTypes = createStepRegistry(builtInSteps);
  const problems = sources.value.flatMap((source) => {
    const read = readMission(source, { stepTypes, readFile: (path) => source.readFile(path) });
    return read.ok ? [] : read.error;
  });
  // A mission that is included is checked for itself and where it is included: what is wrong with it is told once.
  const told = new Map(problems.map((found) => [JSON.stringify(found), found]));
  const text = formatProblems(format, { files: sources.value.map(({ file }) => file), problems: [...told.values()] }, options.version);
  if (text !== '') console.log(text);
  return told.size === 0 ? 0 : 1;
}

function usage(message: string): number {
  console.error(`missiongate validate: ${message}`);
  return 2;
}
