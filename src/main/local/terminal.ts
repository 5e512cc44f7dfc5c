import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Asking } from './gate-question.ts';

export interface TerminalOptions {
  /** Top of the worktree: where `git diff` is shown. */
  readonly root: string;
  readonly onInterrupt: () => void;
}

/** Asks the person at the terminal of this process; one question has the keyboard at a time. */
export function createTerminal({ root, onInterrupt }: TerminalOptions): Asking {
  return {
    ask: (question) =>
      new Promise((resolve) => {
        const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: true, historySize: 0 });
        let answer: string | null = null;
        lines.on('SIGINT', () => {
          lines.close();
          process.stdout.write('\n');
          onInterrupt();
        });
        lines.once('close', () => resolve(answer));
        lines.question(question, (typed) => {
          answer = typed;
          lines.close();
        });
      }),
    say: (line) => void process.stdout.write(`${line}\n`),
    showDiff: (from, to) =>
      new Promise((resolve) => {
        // The person's own git, with their pager and colours: nothing of ours depends on it.
        const child = spawn('git', ['-C', root, 'diff', `${from}..${to}`], { stdio: 'inherit' });
        child.on('error', () => resolve());
        child.on('close', () => resolve());
      }),
  };
}
