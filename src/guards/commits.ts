import { closed, flag, whole } from '../steps/schema-parts.ts';
import { FindingList } from './finding-list.ts';
import type { GuardContext, GuardOutcome, GuardType, TrunkCommit } from './guard-type.ts';
import { counted, inNumbers } from './numbers.ts';

interface CommitParameters {
  readonly types?: readonly string[];
  readonly scopes?: readonly string[];
  readonly 'require-scope'?: boolean;
  readonly 'max-header'?: number;
}

/** Those of the Angular convention, which most projects follow. */
const usualTypes = ['build', 'chore', 'ci', 'docs', 'feat', 'fix', 'perf', 'refactor', 'revert', 'style', 'test'] as const;

/** The part of a message that is parsed: the expressions of the parser read all of it. */
const longestHeader = 1_000;

const words = { type: 'array', minItems: 1, maxItems: 100, uniqueItems: true, items: { type: 'string', minLength: 1, maxLength: 50, pattern: '^[a-z0-9][a-z0-9./_-]*$' } } as const;

/** Whether the messages of the trunk's commits follow Conventional Commits 1.0.0. Merges are left out: nobody writes their messages. */
export const commits: GuardType = {
  name: 'commits',
  summary: 'Looks at the messages of the commits since the trunk’s base: Conventional Commits 1.0.0 (`feat(parser): read arrays`). Merges are left out.',
  metrics: ['commits', 'commits_unconventional'],
  limits: { commits_unconventional: 0 },
  parameters: closed({
    types: { ...words, description: `Types that are known; ${usualTypes.join(', ')} when absent.` },
    scopes: { ...words, description: 'Scopes that are known; any when absent.' },
    'require-scope': flag('Every commit names a scope.'),
    'max-header': whole('Longest first line, in characters; 100 when absent.', 10, 500),
  }),
  examples: [{}, { types: ['feat', 'fix', 'docs'], scopes: ['api', 'ui'], 'require-scope': true, 'max-header': 72 }],
  needsFiles: false,
  examine: lookAtCommits,
};

async function lookAtCommits(context: GuardContext): Promise<GuardOutcome> {
  const findings = new FindingList();
  const listed = context.commits === null ? [] : (await context.commits()).filter(({ parents }) => parents < 2);
  const problemOf = await convention(context.parameters);
  for (const commit of listed) {
    const problem = problemOf(commit);
    if (problem !== null) findings.add({ rule: 'conventional-commit', level: 'error', message: `${commit.commit.slice(0, 12)} ${JSON.stringify(headerOf(commit).slice(0, 100))}: ${problem}.`, path: null, line: null });
  }
  const wrong = findings.total;
  return {
    passed: true,
    summary: `${counted(listed.length, 'commit')}, ${wrong === 0 ? 'all conventional' : `${inNumbers(wrong)} unconventional`}`,
    metrics: { commits: listed.length, commits_unconventional: wrong },
    findings,
    artifacts: [],
  };
}

function headerOf({ message }: TrunkCommit): string {
  return message.split('\n', 1)[0] ?? '';
}

async function convention(parameters: CommitParameters): Promise<(commit: TrunkCommit) => string | null> {
  const { CommitParser } = await import('conventional-commits-parser');
  const parser = new CommitParser({ headerPattern: /^(\w+)(?:\(([^()\r\n]+)\))?(!)?: (\S.*)$/, headerCorrespondence: ['type', 'scope', 'breaking', 'subject'], issuePrefixes: ['#'] });
  const types: readonly string[] = parameters.types ?? usualTypes;
  const longest = parameters['max-header'] ?? 100;
  return (commit) => {
    const header = headerOf(commit);
    if (Array.from(header).length > longest) return `its first line has more than ${longest} characters`;
    if (header.trim() === '') return 'it is empty';
    const { type, scope } = parser.parse(`${header.slice(0, longestHeader)}\n`);
    if (typeof type !== 'string') return 'it does not read "type: subject" or "type(scope): subject"';
    if (!types.includes(type.toLowerCase())) return `its type is ${JSON.stringify(type)}, not one of ${types.join(', ')}`;
    if (typeof scope !== 'string' && parameters['require-scope'] === true) return 'it names no scope';
    if (typeof scope === 'string' && parameters.scopes && !parameters.scopes.includes(scope)) return `its scope is ${JSON.stringify(scope)}, not one of ${parameters.scopes.join(', ')}`;
    const second = commit.message.split('\n', 2)[1];
    return second !== undefined && second.trim() !== '' ? 'an empty line is missing after its first line' : null;
  };
}
