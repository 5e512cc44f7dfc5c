import { err, ok } from '../kit/result.ts';
import type { Result } from '../kit/result.ts';
import type { Definition, Problem } from '../core/mission/definition.ts';
import { ProblemList } from './problems.ts';
import { defaultValues, inputValues } from './inputs.ts';
import type { DeclaredInput } from './inputs.ts';
import { MissionLoader } from './load-missions.ts';
import type { ReadOptions } from './read-options.ts';
import type { YamlOptions } from './read-yaml.ts';

/** A file as it was read, and what it asks for. */
export interface MissionFile {
  readonly definition: Definition;
  readonly inputs: readonly DeclaredInput[];
}

/**
 * Reads a mission file (`config/schemas/mission.v1.schema.json` says the same in JSON Schema). Either a complete definition,
 * every default filled in and every included mission made part of it, or every problem in it with its place.
 */
export function readMissionFile(source: { file: string; text: string }, options: ReadOptions & { yaml?: YamlOptions }): Result<Definition, readonly Problem[]> {
  const read = readMissionWithInputs(source, options);
  return read.ok ? ok(read.value.definition) : read;
}

/** The same, with the inputs the file declares. */
export function readMissionWithInputs(source: { file: string; text: string }, options: ReadOptions & { yaml?: YamlOptions }): Result<MissionFile, readonly Problem[]> {
  const problems = new ProblemList(source.file);
  const loader = new MissionLoader(options, problems);
  const { inputs } = options;
  const reading = loader.load(source, (declared) => (inputs ? inputValues(declared, inputs, problems) : defaultValues(declared)), options.yaml);
  return reading && problems.isEmpty ? ok({ definition: reading.definition, inputs: reading.declared }) : err(problems.list());
}

/** Reads a file whose included missions must be fetched first: reads as often as it takes to know them all (they include each other at most ten deep). */
export async function readMissionFetching(
  source: { file: string; text: string },
  options: Omit<ReadOptions, 'readFile'> & { yaml?: YamlOptions },
  fetchFile: (path: string) => Promise<string | null>,
): Promise<Result<Definition, readonly Problem[]>> {
  const files = new Map<string, string | null>();
  for (;;) {
    const missing = new Set<string>();
    const read = readMissionFile(source, {
      ...options,
      readFile(path) {
        if (!files.has(path)) missing.add(path);
        return files.get(path) ?? null;
      },
    });
    if (missing.size === 0) return read;
    for (const path of missing) files.set(path, await fetchFile(path));
  }
}
