import type { JsonObject } from '../kit/json.ts';
import { globProblems, matcherOf } from './globs.ts';
import { asOutput } from './output-size.ts';
import { lineMatcher, patternProblem } from './patterns.ts';
import { closed, flag, globs, text, whole } from './schema-parts.ts';
import { treeOf } from './step-context.ts';
import { StepError, type StepContext, type StepOutcome, type StepType } from './step-type.ts';

interface FileSearchParameters {
  readonly text?: string;
  readonly regex?: string;
  readonly 'ignore-case'?: boolean;
  readonly files?: readonly string[];
  readonly 'max-matches'?: number;
}

/** Larger files are no sources; they are counted as skipped. */
const largestFile = 4 * 1024 * 1024;
/** A line longer than this is shown in part. */
const shownLetters = 300;

/** Finds lines. */
export const fileSearch: StepType = {
  name: 'file.search',
  summary: 'Finds lines of the repository’s files that hold a text or match a regular expression, into the output "matches". What git ignores is left out.',
  needsWorkspace: true,
  effects: ['reads-files'],
  parameters: {
    ...closed({
      text: text('Text to look for, as it is.', 1000, 1),
      regex: text('Regular expression (RE2: no look-around, no back-references), matched line by line in time that grows with the text alone.', 1000, 1),
      'ignore-case': flag('True: letter case does not matter.'),
      files: globs('Globs of the files to look in; every file when absent.'),
      'max-matches': whole('The search ends after so many; 200 when absent.', 1, 2000),
    }),
    minProperties: 1,
  },
  examples: [{ text: 'export' }, { regex: '^#+ .*', files: ['**/*.md'], 'max-matches': 20 }],
  check: (parameters: JsonObject) => {
    const { text: literal, regex, files } = parameters as unknown as FileSearchParameters;
    const problems = [...globProblems('files', files ?? [])];
    if ((literal === undefined) === (regex === undefined)) problems.push({ path: [], message: 'with needs either "text" or "regex".', found: null, expected: 'one of the two', nearest: null });
    const wrong = regex === undefined ? null : patternProblem(regex);
    if (wrong !== null) problems.push({ path: ['regex'], message: `with.regex is no regular expression of RE2: ${wrong}.`, found: JSON.stringify(regex), expected: 'a regular expression without look-around and back-references', nearest: null });
    return problems;
  },
  async run(context: StepContext): Promise<StepOutcome> {
    const parameters = context.parameters as unknown as FileSearchParameters;
    const most = parameters['max-matches'] ?? 200;
    const inFiles = matcherOf(parameters.files ?? ['**']);
    const inLine = lineMatcher(parameters, parameters['ignore-case'] ?? false);
    const tree = treeOf(context);
    const matches: { path: string; line: number; text: string }[] = [];
    let files = 0;
    let skipped = 0;
    for (const entry of await tree.list()) {
      if (!inFiles(entry.path) || matches.length >= most) continue;
      if (context.signal.aborted) throw new StepError('cancelled', 'The search was ended because the attempt was cancelled.');
      const content = entry.bytes > largestFile ? null : await tree.readBytes(entry.path).catch(notReadable);
      // As git does: a NUL near the start is no text.
      if (!content || content.subarray(0, 8000).includes(0)) {
        skipped += 1;
        continue;
      }
      files += 1;
      for (const [index, line] of content.toString('utf8').split(/\r?\n/).entries()) {
        if (!inLine(line)) continue;
        matches.push({ path: entry.path, line: index + 1, text: line.length > shownLetters ? `${line.slice(0, shownLetters)}…` : line });
        if (matches.length >= most) break;
      }
    }
    const truncated = matches.length >= most;
    return {
      summary: `${matches.length}${truncated ? ' or more' : ''} ${matches.length === 1 ? 'line matches' : 'lines match'} in ${files} files.`,
      outputs: { matches: asOutput(matches, 'Narrow the globs, or lower "max-matches".'), count: matches.length, truncated, files, skipped },
      artifacts: [],
    };
  },
};

/** A file that a program replaced by a link meanwhile is not looked into. */
function notReadable(error: unknown): null {
  if (error instanceof StepError) return null;
  throw error;
}
