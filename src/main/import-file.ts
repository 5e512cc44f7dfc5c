import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { importFormats, importMission, type ImportFormat } from '../config/import/import-mission.ts';
import { systemClock } from '../kit/system-clock.ts';
import { builtInSteps, createStepRegistry } from '../steps/registry.ts';

export interface ImportOptions {
  readonly from: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** `missiongate import`: 0 imported, 1 every problem in the file, 2 called wrongly. */
export function importFile(file: string, options: ImportOptions): number {
  const format = (['auto', ...importFormats] as const).find((one) => one === options.from);
  if (format === undefined) return usage(`--from: found "${options.from}", expected auto, ${importFormats.join(', ')}`);
  if (options.out !== undefined && existsSync(options.out) && options.force !== true) return usage(`${options.out} exists already; choose another file, or say --force`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return usage(`cannot read ${file}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'}`);
  }
  const imported = importMission({ file, text }, format satisfies ImportFormat | 'auto', { stepTypes: createStepRegistry(builtInSteps), now: new Date(systemClock.now()) });
  if (!imported.ok) {
    for (const problem of imported.error) console.error(`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`);
    return 1;
  }
  const { yaml, document } = imported.value;
  if (options.out === undefined) process.stdout.write(yaml);
  else {
    writeFileSync(options.out, yaml);
    const tasks = document.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
    console.error(`${options.out}: ${document.phases.length} ${document.phases.length === 1 ? 'phase' : 'phases'}, ${tasks} ${tasks === 1 ? 'task' : 'tasks'} from ${file} (${imported.value.format})`);
  }
  return 0;
}

function usage(message: string): number {
  console.error(`missiongate import: ${message}`);
  return 2;
}
