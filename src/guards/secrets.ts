import type { JsonObject } from '../kit/json.ts';
import { gitBlobId } from '../kit/hash.ts';
import { globProblems, matcherOf } from '../steps/globs.ts';
import { closed, flag, globs } from '../steps/schema-parts.ts';
import { StepError } from '../steps/step-type.ts';
import { FindingList } from './finding-list.ts';
import { isBinary, secretsIn } from './find-secrets.ts';
import type { FoundSecret } from './find-secrets.ts';
import type { GuardContext, GuardOutcome, GuardType } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';
import { searchCommits } from './secrets-in-commits.ts';
import type { CommitSecret } from './secrets-in-commits.ts';
import { searchHistory } from './secrets-in-history.ts';
import type { HistorySearch } from './secrets-in-history.ts';

/** Text that is searched of one file: its expressions take long on more. */
const longestFile = 2 * 1024 * 1024;
const longestTogether = 64 * 1024 * 1024;

/** Searches the changed files for secrets, and the history they come with. What was found is told by kind and line and never shown. */
export const secrets: GuardType = {
  name: 'secrets',
  summary: 'Searches every changed file at the gate’s head, every version that a commit of the trunk brought in, and the messages and names of these commits, for secrets: keys, tokens, passwords in addresses (secretlint). Tells kind, line and commit, never the secret.',
  metrics: ['secrets', 'secrets_in_history'],
  limits: { secrets: 0 },
  parameters: closed({
    ignore: globs('Files that are not searched: fixtures with made-up keys.'),
    history: flag('Versions that a commit of the trunk brought in are searched too, also where a later commit took the secret out again: what is merged holds them. True when absent.'),
    messages: flag('Messages, authors and committers of these commits are searched too; not where `history` is false. True when absent.'),
  }),
  check: (parameters) => globProblems('ignore', ignored(parameters)),
  examples: [{}, { ignore: ['test/fixtures/**'] }, { history: false }, { messages: false }],
  needsFiles: false,
  examine: searchForSecrets,
};

function ignored(parameters: JsonObject): readonly string[] {
  return (parameters['ignore'] as readonly string[] | undefined) ?? [];
}

interface Search {
  readonly findings: FindingList;
  readonly history: HistorySearch | null;
  /** What the commits themselves hold; null when they were not searched. */
  readonly commits: readonly CommitSecret[] | null;
  /** Secrets that the files at the head hold. */
  readonly present: Set<string>;
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
  const history = context.history === null || context.parameters['history'] === false ? null : await searchHistory(context.history, isIgnored, context.signal);
  const refused = [...(history?.refused ?? [])];
  const commits = history === null || context.history === null || context.parameters['messages'] === false ? null : await searchCommits(context.history, history.commits, refused, context.signal);
  const search: Search = { findings: new FindingList(), history, commits, present: new Set(), searched: 0, binary: 0, left: longestTogether, refused };
  if (tree) for (const { path } of files) await searchFile(context, tree, path, search);
  const gone = history === null ? [] : history.brought.filter(({ identity }) => !search.present.has(identity));
  for (const { rule, path, line, commit } of gone) {
    search.findings.add({ rule, level: 'error', message: `This looked like a secret (${rule}). Commit ${commit.slice(0, 12)} brought it; the files at the head do not hold it any more, but the history that is merged does. Make a new one in its place, for whoever may read the branch has seen it, and rewrite the branch without it: another commit does not take it out.`, path, line });
  }
  for (const secret of commits ?? []) search.findings.add({ rule: secret.rule, level: 'error', message: toldOfCommit(secret), path: null, line: null });
  const onlyThere = gone.length + (commits?.length ?? 0);
  const isWhole = refused.length === 0;
  const shown = told(search, onlyThere);
  return {
    passed: isWhole && (tree !== null || files.length === 0),
    summary: tree === null && files.length > 0 ? 'There are no real files here to search.' : isWhole ? shown : `${shown}. Not searched: ${refused.slice(0, 3).join('; ')}. Leave them out ("ignore", "messages: false") where that is right.`,
    metrics: { secrets: search.findings.total, secrets_in_history: onlyThere },
    findings: search.findings,
    artifacts: [],
  };
}

function toldOfCommit({ rule, commit, part, line }: CommitSecret): string {
  const name = commit.slice(0, 12);
  const place = { message: `Line ${line} of the message`, author: 'The name or address of the author', committer: 'The name or address of the committer', header: 'The header' }[part];
  const other = { message: 'another message', author: 'another author', committer: 'another committer', header: 'a commit made anew' }[part];
  return `${place} of commit ${name} looks like a secret (${rule}). Make a new one in its place, for whoever may read the branch has seen it, and rewrite the branch with ${other} there: a further commit does not take it out, and a squash may copy it.`;
}

function told({ findings, searched, binary, history, commits }: Search, gone: number): string {
  const places = `${findings.total === 0 ? 'no secret' : counted(findings.total, 'secret')} in ${counted(searched, 'changed file')}${binary > 0 ? `, ${inNumbers(binary)} large binary ones not searched` : ''}`;
  if (history === null) return places;
  const looked = `${counted(history.searched, 'version')} that ${counted(history.commits.length, 'commit')} brought in${commits === null ? '' : ', their messages included'}`;
  return gone === 0 ? `${places} and ${looked}` : `${places} and ${looked}: ${inNumbers(gone)} of them only in the history`;
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
  if (bytes.length > longestFile && isBinary(bytes)) return void (search.binary += 1);
  if (bytes.length > longestFile) return void search.refused.push(`${path} (${inNumbers(bytes.length)} bytes; up to ${inNumbers(longestFile)} are searched)`);
  search.searched += 1;
  for (const { rule, line, identity } of await foundIn(path, bytes, search)) {
    search.present.add(identity);
    const commit = search.history?.brought.find((one) => one.identity === identity)?.commit;
    const origin = commit === undefined ? '' : ` Commit ${commit.slice(0, 12)} brought it.`;
    search.findings.add({ rule, level: 'error', message: `This looks like a secret (${rule}).${origin} Remove it, and make a new one: whoever may read the branch has seen it.`, path, line });
  }
}

/** Mostly the head's version of a file is the last one in the history, and was searched there. */
async function foundIn(path: string, bytes: Buffer, { history }: Search): Promise<readonly FoundSecret[]> {
  const known = history === null || history.sample === null ? undefined : history.found.get(gitBlobId(bytes, history.sample));
  return known ?? secretsIn(path, bytes);
}
