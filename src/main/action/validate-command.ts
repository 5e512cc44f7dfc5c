import { existsSync, readdirSync } from 'node:fs';
import { sep } from 'node:path';

import { page, paragraph } from '../../github/messages/page.ts';
import { count } from '../../github/messages/words.ts';
import { globProblems, matcherOf } from '../../steps/globs.ts';
import { CannotRun } from '../local/exit-codes.ts';
import { formatProblems } from '../problem-formats.ts';
import { checkFiles } from '../validate-files.ts';
import type { Outcome } from './outputs.ts';
import { annotateProblems, problemsBlock, summaryBytes } from './summary.ts';
import type { Surroundings } from './surroundings.ts';

/** `command: validate`: mission files and policies, every problem at its line. */
export function validateCommand({ call, log, ink, version }: Surroundings): Outcome {
  const findings = checkFiles(expanded(call.list('files')));
  if (!findings.ok) throw new CannotRun(`files: ${findings.error}`);
  const { files, problems } = findings.value;
  const valid = problems.length === 0;
  log.line(formatProblems('text', findings.value, version));
  annotateProblems(log, problems);
  const verdict = valid ? `✅ ${count(files.length, 'file')} checked, no problems` : `❌ ${count(problems.length, 'problem')}`;
  return {
    exitCode: valid ? 0 : 1,
    outputs: { status: valid ? 'valid' : 'invalid', problems: JSON.stringify(problems) },
    summary: page([paragraph(`## ${verdict}`), problemsBlock(ink, problems)], summaryBytes),
  };
}

/** Globs become the files they mean; everything else stays as it is. */
function expanded(words: readonly string[]): readonly string[] {
  const isGlob = (word: string) => /[*?{[]/.test(word) && !existsSync(word);
  const globs = words.filter((word) => isGlob(word) || word.startsWith('!'));
  if (globs.length === 0) return words;
  const [wrong] = globProblems('files', globs);
  if (wrong) throw new CannotRun(`files: ${wrong.message.replace(/^with\.files\.\d+/, String(wrong.found))} Expected: ${wrong.expected}.`);
  const matches = matcherOf(globs);
  const found = globs.every((glob) => glob.startsWith('!')) ? [] : filesHere().filter(matches);
  const unmatched = globs.filter((glob) => !glob.startsWith('!') && !found.some(matcherOf([glob])));
  if (unmatched.length > 0) throw new CannotRun(`files: no file matches ${unmatched.map((glob) => JSON.stringify(glob)).join(', ')}. Correct the pattern, or leave files out to check .github/missions.`);
  return [...words.filter((word) => !globs.includes(word)), ...found];
}

const unread: ReadonlySet<string> = new Set(['.git', 'node_modules']);

function filesHere(folder = '.'): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '.' ? entry.name : `${folder}${sep}${entry.name}`;
      if (entry.isDirectory()) return unread.has(entry.name) ? [] : filesHere(path);
      return entry.isFile() ? [path.split(sep).join('/')] : [];
    });
}
