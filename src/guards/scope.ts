import type { JsonObject } from '../kit/json.ts';
import { globProblems, matcherOf } from '../steps/globs.ts';
import { closed, globs, oneOf, whole } from '../steps/schema-parts.ts';
import { FindingList } from './finding-list.ts';
import type { Changes, GuardOutcome, GuardType } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';
import { protectedFiles, protectedKinds } from './protected-files.ts';
import type { ProtectedKind } from './protected-files.ts';

interface ScopeParameters {
  readonly allow?: readonly string[];
  readonly forbid?: readonly string[];
  readonly protect?: readonly ProtectedKind[];
  readonly 'max-files'?: number;
  readonly 'max-lines'?: number;
}

/** Whether the change keeps to what it was to touch, and to a size that somebody can read. */
export const scope: GuardType = {
  name: 'scope',
  summary: 'Looks at which files changed and how much: globs that are allowed and forbidden, protected files (workflows, instructions for agents, lockfiles, owners, …), size.',
  metrics: ['files_out_of_scope', 'protected_files_changed'],
  limits: { files_out_of_scope: 0, protected_files_changed: 0 },
  parameters: closed({
    allow: globs('Files that may change; every file when absent. A file that is allowed by name and protected counts as protected all the same.'),
    forbid: globs('Files that may not change, also where they are allowed.'),
    protect: { type: 'array', uniqueItems: true, maxItems: protectedKinds.length, items: oneOf(protectedKinds, 'A kind of protected files.'), description: 'Kinds of files that are protected; all of them when absent, none with [].' },
    'max-files': whole('Most files that may change.', 0, 1_000_000),
    'max-lines': whole('Most lines that may be added and deleted together.', 0, 100_000_000),
  }),
  check(parameters) {
    const { allow = [], forbid = [] } = parameters as unknown as ScopeParameters;
    return [...globProblems('allow', allow), ...globProblems('forbid', forbid)];
  },
  examples: [{}, { allow: ['src/**', 'test/**'], 'max-lines': 500 }, { forbid: ['migrations/**'], protect: ['workflows', 'agent-instructions', 'owners', 'missiongate'] }],
  needsFiles: false,
  async examine(context) {
    return judge(context.changes, context.parameters);
  },
};

function judge(changes: Changes, given: JsonObject): GuardOutcome {
  const parameters = given as unknown as ScopeParameters;
  const findings = new FindingList();
  const kinds = (parameters.protect ?? protectedKinds).map((kind) => ({ kind, matches: folded(protectedFiles[kind]) }));
  const allowed = parameters.allow ? matcherOf(parameters.allow) : () => true;
  const forbidden = parameters.forbid ? matcherOf(parameters.forbid) : () => false;
  let outside = 0;
  let guarded = 0;
  for (const file of changes.files) {
    const paths = file.from === undefined ? [file.path] : [file.path, file.from];
    const kind = kinds.find(({ matches }) => paths.some((path) => matches(path)))?.kind;
    if (kind !== undefined) {
      guarded += 1;
      findings.add({ rule: `protected/${kind}`, level: 'error', message: `This file is protected (${kind}) and was ${file.status}. Revert it, or have the definition say that it may change ("protect").`, path: file.path, line: null });
    }
    const wrong = paths.find((path) => forbidden(path) || !allowed(path));
    if (wrong !== undefined) {
      outside += 1;
      findings.add({ rule: forbidden(wrong) ? 'scope/forbidden' : 'scope/not-allowed', level: 'error', message: `This file may not change and was ${file.status}. Revert it, or have the definition say that it may.`, path: file.path, line: null });
    }
  }
  const sizes = tooMuch(changes, parameters);
  const shown = `${counted(changes.files.length, 'file')} changed, ${outside === 0 ? 'none' : inNumbers(outside)} out of scope, ${guarded === 0 ? 'none' : inNumbers(guarded)} protected`;
  return { passed: sizes.length === 0, summary: sizes.length === 0 ? shown : `${sizes.join('; ')}. Make the change smaller, or split it. ${shown}.`, metrics: { files_out_of_scope: outside, protected_files_changed: guarded }, findings, artifacts: [] };
}

function tooMuch(changes: Changes, parameters: ScopeParameters): readonly string[] {
  const lines = changes.additions + changes.deletions;
  return ([['files', changes.files.length, parameters['max-files']], ['lines', lines, parameters['max-lines']]] as const).flatMap(([noun, found, most]) => (most !== undefined && found > most ? [`${inNumbers(found)} ${noun} changed, more than ${inNumbers(most)}`] : []));
}

/** On some machines `agents.md` is `AGENTS.md`. */
function folded(patterns: readonly string[]): (path: string) => boolean {
  const matches = matcherOf(patterns.map((pattern) => pattern.toLowerCase()));
  return (path) => matches(path.toLowerCase());
}

