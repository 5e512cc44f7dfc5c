import type { JsonObject } from '../kit/json.ts';
import { agent } from './agent.ts';
import { approval } from './approval.ts';
import { archiveCreate } from './archive-create.ts';
import { archiveExtract } from './archive-extract.ts';
import { command } from './command.ts';
import { dataCsv } from './data-csv.ts';
import { dataJson } from './data-json.ts';
import { dataValidate } from './data-validate.ts';
import { dataXml } from './data-xml.ts';
import { dataYaml } from './data-yaml.ts';
import { fileCopy } from './file-copy.ts';
import { fileDelete } from './file-delete.ts';
import { fileEdit } from './file-edit.ts';
import { fileList } from './file-list.ts';
import { fileMove } from './file-move.ts';
import { fileRead } from './file-read.ts';
import { fileSearch } from './file-search.ts';
import { fileWrite } from './file-write.ts';
import { formatRun } from './format-run.ts';
import { gitBranch } from './git-branch.ts';
import { gitCommit } from './git-commit.ts';
import { gitDiff } from './git-diff.ts';
import { gitMerge } from './git-merge.ts';
import { gitRestore } from './git-restore.ts';
import { gitStatus } from './git-status.ts';
import { http } from './http.ts';
import { lintRun } from './lint-run.ts';
import { llm } from './llm.ts';
import { mission } from './mission.ts';
import { noop } from './noop.ts';
import { notify } from './notify.ts';
import { serviceHealth } from './service-health.ts';
import { sqlQuery } from './sql-query.ts';
import { testRun } from './test-run.ts';
import { tool } from './tool.ts';
import { wait } from './wait.ts';
import { nearestWord } from '../kit/nearest-word.ts';
import { compileParameters } from './parameters.ts';
import type { ParameterProblem, StepType } from './step-type.ts';

/** The step types that ship with the product. A new one is a file, its test, and a line here. */
export const builtInSteps: readonly StepType[] = [
  agent,
  approval,
  archiveCreate,
  archiveExtract,
  command,
  dataCsv,
  dataJson,
  dataValidate,
  dataXml,
  dataYaml,
  fileCopy,
  fileDelete,
  fileEdit,
  fileList,
  fileMove,
  fileRead,
  fileSearch,
  fileWrite,
  formatRun,
  gitBranch,
  gitCommit,
  gitDiff,
  gitMerge,
  gitRestore,
  gitStatus,
  http,
  lintRun,
  llm,
  mission,
  noop,
  notify,
  serviceHealth,
  sqlQuery,
  testRun,
  tool,
  wait,
];

export interface StepRegistry {
  /** In order of name. */
  readonly types: readonly StepType[];
  names(): readonly string[];
  find(name: string): StepType | null;
  /** What a step type waits for, when no worker runs it. */
  waitsFor(name: string): StepType['waitsFor'];
  /** The existing name closest to a mistyped one, or null when none is close. */
  nearest(name: string): string | null;
  /**
   * Everything that is wrong with `with:` for a step type, all at once; empty when it may run. The name is known (`find`);
   * an unknown one is a programming error and throws.
   */
  check(name: string, parameters: JsonObject): readonly ParameterProblem[];
}

/** Builds a registry; two types of one name are a programming error and throw, and so does a schema that is none when it is first needed. */
export function createStepRegistry(types: readonly StepType[]): StepRegistry {
  const byName = new Map<string, { readonly type: StepType; readonly check: (parameters: JsonObject) => readonly ParameterProblem[] }>();
  for (const type of types) {
    if (byName.has(type.name)) throw new Error(`two step types are named ${type.name}`);
    byName.set(type.name, { type, check: compileParameters(type) });
  }
  return {
    types: types.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    names: () => [...byName.keys()],
    find: (name) => byName.get(name)?.type ?? null,
    waitsFor: (name) => byName.get(name)?.type.waitsFor,
    nearest: (name) => nearestWord(name, [...byName.keys()]),
    check(name, parameters) {
      const entry = byName.get(name);
      if (!entry) throw new Error(`unknown step type ${name}`);
      return entry.check(parameters);
    },
  };
}
