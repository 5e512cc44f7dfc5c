import { StepError } from '../steps/step-type.ts';
import { breathe } from './breathe.ts';
import { secretsIn } from './find-secrets.ts';
import type { CommitSize, TrunkHistory } from './guard-type.ts';
import { inNumbers } from './numbers.ts';
import { portions } from './portions.ts';

/** Text that is searched of one commit, as of one file. */
const longestCommit = 2 * 1024 * 1024;

/** A secret that a commit itself holds. */
export interface CommitSecret {
  readonly rule: string;
  readonly commit: string;
  /** The author's or committer's name and address, the message, or what else git keeps of a commit: a signature, a merged tag. */
  readonly part: 'author' | 'committer' | 'message' | 'header';
  /** The line of the message; null in the other parts, which are one line for people. */
  readonly line: number | null;
}

/**
 * Searches what git keeps of each commit besides its files. Every commit is told, also where several hold the same secret: each of
 * them has to be rewritten. What could not be searched is named in `refused`.
 */
export async function searchCommits(history: TrunkHistory, commits: readonly CommitSize[], refused: string[], signal: AbortSignal): Promise<readonly CommitSecret[]> {
  const found: CommitSecret[] = [];
  for (const group of portions(commits, nameOf, refused)) {
    const contents = await history.read(group.map(({ commit }) => commit));
    for (const one of group) {
      if (signal.aborted) throw new StepError('cancelled', 'the examination was cancelled');
      await breathe();
      const bytes = contents.get(one.commit);
      if (bytes === undefined) throw new StepError('environment', `git gave no content for ${nameOf(one)}`);
      if (bytes.length > longestCommit) refused.push(`${nameOf(one)} (${inNumbers(bytes.length)} bytes; up to ${inNumbers(longestCommit)} are searched)`);
      else found.push(...(await secretsOf(one.commit, bytes)));
    }
  }
  return found;
}

function nameOf({ commit }: CommitSize): string {
  return `commit ${commit.slice(0, 12)}`;
}

async function secretsOf(commit: string, bytes: Buffer): Promise<readonly CommitSecret[]> {
  const lines = bytes.toString('latin1').split('\n');
  const end = lines.indexOf('');
  const header = end === -1 ? lines : lines.slice(0, end);
  const found = await secretsIn('COMMIT_EDITMSG', bytes);
  return found.map(({ rule, line }) => {
    if (line > header.length) return { rule, commit, part: 'message', line: line - header.length - 1 };
    const [key] = (header[line - 1] ?? '').split(' ', 1);
    return { rule, commit, part: key === 'author' || key === 'committer' ? key : 'header', line: null };
  });
}
