import type { JsonObject } from '../kit/json.ts';
import { globProblems, matcherOf } from '../steps/globs.ts';
import { closed, globs } from '../steps/schema-parts.ts';
import { StepError } from '../steps/step-type.ts';
import { FindingList } from './finding-list.ts';
import type { GuardContext, GuardOutcome, GuardType } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';

/** Text that is searched of one file: its expressions take long on more. */
const longestFile = 2 * 1024 * 1024;
const longestTogether = 64 * 1024 * 1024;

/** Searches the changed files for secrets. What was found is told by kind and line and never shown. */
export const secrets: GuardType = {
  name: 'secrets',
  summary: 'Searches every changed file at the gate’s head for secrets: keys, tokens, passwords in addresses (secretlint). Tells kind and line, never the secret.',
  metrics: ['secrets'],
  limits: { secrets: 0 },
  parameters: closed({ ignore: globs('Files that are not searched: fixtures with made-up keys.') }),
  check: (parameters) => globProblems('ignore', ignored(parameters)),
  examples: [{}, { ignore: ['test/fixtures/**'] }],
  needsFiles: false,
  examine: searchForSecrets,
};

function ignored(parameters: JsonObject): readonly string[] {
  return (parameters['ignore'] as readonly string[] | undefined) ?? [];
}

interface Search {
  readonly findings: FindingList;
  searched: number;
  binary: number;
  left: number;
  readonly refused: string[];
}

async function searchForSecrets(context: GuardContext): Promise<GuardOutcome> {
  const { tree, changes } = context;
  const skip = ignored(context.parameters);
  const isIgnored = skip.length === 0 ? () => false : matcherOf(skip);
  const files = changes.files.filter(({ path, status }) => status !== 'deleted' && !isIgnored(path));
  const search: Search = { findings: new FindingList(), searched: 0, binary: 0, left: longestTogether, refused: [] };
  if (tree) for (const { path } of files) await searchFile(context, tree, path, search);
  const found = search.findings.total;
  const shown = `${found === 0 ? 'no secret' : counted(found, 'secret')} in ${counted(search.searched, 'changed file')}${search.binary > 0 ? `, ${inNumbers(search.binary)} large binary ones not searched` : ''}`;
  const isWhole = search.refused.length === 0;
  return {
    passed: isWhole && (tree !== null || files.length === 0),
    summary: tree === null && files.length > 0 ? 'There are no real files here to search.' : isWhole ? shown : `${shown}. Not searched: ${search.refused.slice(0, 3).join('; ')}. Ignore them ("ignore") where that is right.`,
    metrics: { secrets: found },
    findings: search.findings,
    artifacts: [],
  };
}

async function searchFile(context: GuardContext, tree: NonNullable<GuardContext['tree']>, path: string, search: Search): Promise<void> {
  if (context.signal.aborted) throw new StepError('cancelled', 'the examination was cancelled');
  let facts;
  try {
    facts = await tree.facts(path);
  } catch (error) {
    if (!(error instanceof StepError) || error.failure !== 'input') throw error;
    search.refused.push(`${JSON.stringify(path.slice(0, 100))} cannot be read`);
    return;
  }
  // A link or a submodule has no text of its own.
  if (facts?.kind !== 'file') return;
  if (facts.bytes > longestTogether || facts.bytes > search.left) return void search.refused.push(`${path} (${inNumbers(facts.bytes)} bytes)`);
  const bytes = await tree.readBytes(path, longestTogether);
  search.left -= bytes.length;
  const isBinary = bytes.subarray(0, 8_192).includes(0) && !hasByteOrder(bytes);
  if (bytes.length > longestFile && isBinary) return void (search.binary += 1);
  if (bytes.length > longestFile) return void search.refused.push(`${path} (${inNumbers(bytes.length)} bytes; up to ${inNumbers(longestFile)} are searched)`);
  search.searched += 1;
  for (const { rule, line } of await secretsIn(path, textOf(bytes, isBinary))) {
    search.findings.add({ rule, level: 'error', message: `This looks like a secret (${rule}). Remove it, and make a new one: whoever may read the branch has seen it.`, path, line });
  }
}

/** This rule of the preset obeys comments; whoever wrote a secret may not say that it is none. */
const excuses = '@secretlint/secretlint-rule-filter-comments';

function hasByteOrder(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
}

/** What is no text is searched as if every byte were a letter: a key in a program or an archive's name is a key all the same. */
function textOf(bytes: Buffer, isBinary: boolean): string {
  if (isBinary) return bytes.toString('latin1').replaceAll('\u0000', '\n');
  if (!hasByteOrder(bytes)) return bytes.toString('utf8');
  const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
  return (bytes[0] === 0xfe ? Buffer.from(even).swap16() : even).toString('utf16le');
}

/** Kinds and lines; several words of one rule on one line are one secret. */
async function secretsIn(path: string, content: string): Promise<readonly { readonly rule: string; readonly line: number }[]> {
  const [{ lintSource }, { rules }] = await Promise.all([import('@secretlint/core'), import('@secretlint/secretlint-rule-preset-recommend')]);
  const result = await lintSource({
    source: { filePath: `/${path}`, content, ext: /\.[^./]*$/.exec(path)?.[0] ?? '', contentType: 'text' },
    options: { config: { rules: rules.filter(({ meta }) => meta.id !== excuses).map((rule) => ({ id: rule.meta.id, rule })) }, maskSecrets: true, noPhysicFilePath: true },
  });
  const found = new Map(
    result.messages
      .filter(({ type }) => type === 'message')
      .map(({ ruleId, loc }) => {
        const rule = ruleId.replace(/^@secretlint\/secretlint-rule-/, '');
        return [`${rule}:${loc.start.line}`, { rule, line: loc.start.line }] as const;
      }),
  );
  return [...found.values()];
}
