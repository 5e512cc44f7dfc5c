import type { GitOutput } from './run-git.ts';

/** Commands that read objects and nothing else. `merge-tree` writes the merged tree as well, but the same tree every time. */
const readers: ReadonlySet<string> = new Set(['cat-file', 'diff-tree', 'log', 'ls-tree', 'merge-base', 'merge-tree', 'rev-list', 'rev-parse', 'show']);
/** Options with which they would read refs or their input. */
const looksFurther = /^(--(all|branches|tags|remotes|glob|exclude|stdin|reflog|batch)|-g$)/;
/** A full object id, with what git lets stand around it: `^id`, `id^{tree}`, `id:path`, `id..id`. */
const fullId = /^\^?[0-9a-f]{40}(\^\{\w*\}|:.*|\.{2,3}[0-9a-f]{40})?$/;
/** Of these, the exit code 1 is an answer about objects that are there: no ancestor, no common one, a conflict. */
const says1 = /^merge-(base|tree)$/;
/** An answer larger than this (bytes) is asked for again: a diff of everything is rare and big. */
const LARGEST = 65_536;
/** So many answers are kept for one repository; the oldest gives way. */
const MOST = 4_000;

/** Whether git's answer to this can never change: everything it is about is named by its full id, and objects never change. */
export function isAboutObjects(args: readonly string[]): boolean {
  const [command = '', ...rest] = args[0] === '--literal-pathspecs' ? args.slice(1) : args;
  if (!readers.has(command)) return false;
  const end = rest.indexOf('--');
  const named = (end < 0 ? rest : rest.slice(0, end)).filter((argument) => !argument.startsWith('-'));
  if (rest.some((argument) => looksFurther.test(argument))) return false;
  // `cat-file <type> <id>` and `ls-tree` of a whole tree name one object; the type is no name.
  const names = command === 'cat-file' ? named.slice(-1) : named;
  return names.length > 0 && names.every((name) => fullId.test(name));
}

/** What git said about objects. Every question is a process, most are asked many times, and the answer never changes. */
export class RememberedAnswers {
  readonly #answers = new Map<string, GitOutput>();

  /** The answer from memory, or git's. What is not there yet may come with the next push: it is asked for again, and by everybody who asks. */
  async ask(args: readonly string[], git: () => Promise<GitOutput>): Promise<GitOutput> {
    const question = args.join('\0');
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = await git();
    const isFinal = answer.exitCode === 0 || (answer.exitCode === 1 && says1.test(args[0] ?? ''));
    if (isFinal && answer.stdout.length <= LARGEST) this.#answers.set(question, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MOST && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}
