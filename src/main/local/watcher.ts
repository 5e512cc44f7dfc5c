import { createJsonReporter } from './json-reporter.ts';
import { listenForInterrupts } from './interruption.ts';
import type { Interruption } from './interruption.ts';
import type { Asking } from './gate-question.ts';
import { createPaint, wantsColour } from './paint.ts';
import type { Reporter } from './reporter.ts';
import { createTerminal } from './terminal.ts';
import { createTextReporter } from './text-reporter.ts';

/** Whoever watches this process: how they are told, whether they can be asked, how they stop it. */
export interface Watcher {
  readonly reporter: Reporter;
  readonly interruption: Interruption;
  asking(root: string): Asking | null;
}

/** A terminal is somebody only with both a screen and a keyboard, and when text was asked for. */
export function watcherOf(format: 'text' | 'json', env: NodeJS.ProcessEnv): Watcher {
  const { stdin, stdout, stderr } = process;
  const isScreen = stdout.isTTY && format === 'text';
  const isLive = isScreen && env.TERM !== 'dumb';
  const write = (text: string) => void stdout.write(text);
  const interruption = listenForInterrupts(() => {
    // A hard end leaves the cursor visible and lines that wrap.
    if (isLive) write('\u001B[?25h\u001B[?7h\n');
  });
  const reporter =
    format === 'json'
      ? createJsonReporter(write)
      : createTextReporter({ write, writeError: (text) => void stderr.write(text), paint: createPaint(wantsColour(stdout.isTTY, env)), rows: () => (isLive ? stdout.rows || 24 : null) });
  return { reporter, interruption, asking: (root) => (isScreen && stdin.isTTY ? createTerminal({ root, onInterrupt: interruption.ask }) : null) };
}
