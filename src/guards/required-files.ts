import type { JsonObject } from '../kit/json.ts';
import { globProblems, matcherOf } from '../steps/globs.ts';
import { closed } from '../steps/schema-parts.ts';
import type { WorkspaceTree } from '../steps/step-type.ts';
import { FindingList } from './finding-list.ts';
import type { GuardContext, GuardOutcome, GuardType } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';

interface RequiredFile {
  readonly path: string;
  readonly contains: readonly string[];
}

/** Longest file that is searched for texts. */
const longestFile = 4 * 1024 * 1024;
/** Files of one glob that are searched for texts. */
const mostSearched = 1_000;

const path = { type: 'string', minLength: 1, maxLength: 500 } as const;

/** Whether what a phase is to leave is there. */
export const requiredFiles: GuardType = {
  name: 'required-files',
  summary: 'Looks whether files are there at the gate’s head, not empty, and hold certain texts.',
  metrics: ['required_files_missing'],
  limits: { required_files_missing: 0 },
  parameters: closed(
    {
      files: {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        items: {
          type: ['string', 'object'],
          minLength: 1,
          maxLength: 500,
          additionalProperties: false,
          required: ['path'],
          properties: {
            path: { ...path, description: 'The file, or a glob of which one file must be there.' },
            contains: { type: 'array', minItems: 1, maxItems: 50, items: { type: 'string', minLength: 1, maxLength: 1_000 }, description: 'Texts the file must hold; letters may be small or large.' },
          },
        },
        description: 'Files or globs that must be there: docs/design.md, or { path: docs/design.md, contains: ["## Risks"] }.',
      },
    },
    ['files'],
  ),
  check: (parameters) => globProblems('files', filesOf(parameters).map((file) => file.path)),
  examples: [{ files: ['README.md', 'docs/*.md'] }, { files: [{ path: 'docs/design.md', contains: ['## Risks', '## Alternatives'] }] }],
  needsFiles: true,
  examine: lookForFiles,
};

function filesOf(parameters: JsonObject): readonly RequiredFile[] {
  return (parameters['files'] as readonly (string | { readonly path: string; readonly contains?: readonly string[] })[]).map((file) => (typeof file === 'string' ? { path: file, contains: [] } : { path: file.path, contains: file.contains ?? [] }));
}

async function lookForFiles({ tree, parameters }: GuardContext): Promise<GuardOutcome> {
  const required = filesOf(parameters);
  const findings = new FindingList();
  const listed = tree ? await tree.list() : [];
  for (const file of required) {
    const matches = matcherOf([file.path]);
    const found = listed.filter((entry) => entry.path === file.path || matches(entry.path));
    const [first] = found;
    const filled = found.filter(({ bytes }) => bytes > 0);
    const missing = first === undefined ? 'is not there' : filled.length === 0 ? 'is empty' : await lackOf(tree, filled.slice(0, mostSearched), file.contains);
    if (missing !== null) findings.add({ rule: 'required-file', level: 'error', message: `${file.path} ${missing}.`, path: first?.path ?? null, line: null });
  }
  const missing = findings.total;
  const [first] = findings.kept();
  return {
    passed: true,
    summary: missing === 0 ? `${counted(required.length, 'required file')}, all there` : `${inNumbers(missing)} of ${counted(required.length, 'required file')} missing: ${first?.message ?? ''}${missing > 1 ? ` And ${inNumbers(missing - 1)} more.` : ''}`,
    metrics: { required_files_missing: missing },
    findings,
    artifacts: [],
  };
}

/** What none of the files holds together; null when one holds all texts. */
async function lackOf(tree: WorkspaceTree | null, files: readonly { readonly path: string; readonly bytes: number }[], texts: readonly string[]): Promise<string | null> {
  if (tree === null || texts.length === 0) return null;
  let fewest: readonly string[] = texts;
  for (const { path: name, bytes } of files) {
    if (bytes > longestFile) continue;
    const content = (await tree.readBytes(name, longestFile)).toString('utf8').toLowerCase();
    const lacking = texts.filter((text) => !content.includes(text.toLowerCase()));
    if (lacking.length === 0) return null;
    if (lacking.length < fewest.length) fewest = lacking;
  }
  return `does not hold ${fewest.slice(0, 5).map((text) => JSON.stringify(text.slice(0, 100))).join(', ')}`;
}
