import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** A program to start, and what came of it. */
export interface Launch {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string | Uint8Array;
}

export interface Launched {
  /** Null when a signal ended it, or when it could not be started: `stderr` says why. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Starts git for whoever asks. It stands here as text because it runs on its own, from sources as from the bundle. */
const program = `
const { spawn } = require('node:child_process');
process.on('message', ({ id, args, cwd, env, input }) => {
  const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const stdout = [], stderr = [];
  const answer = (exitCode, more) => process.connected && process.send({ id, exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat([...stderr, ...more]) });
  child.stdout.on('data', (chunk) => stdout.push(chunk));
  child.stderr.on('data', (chunk) => stderr.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  child.once('error', (error) => { child.removeAllListeners('close'); answer(null, [Buffer.from(String(error))]); });
  child.once('close', (exitCode) => answer(exitCode, []));
});
`;

/**
 * A small process that starts git for this one. To start a program, a process is copied first, and one that has grown (an embedded
 * database, a test run) takes several times as long for that, and stands still meanwhile.
 */
export class GitLauncher {
  readonly #waiting = new Map<number, { readonly resolve: (launched: Launched) => void; readonly reject: (error: Error) => void }>();
  #process: ChildProcess | null = null;
  #serial = 0;

  /** Rejects when the launcher itself ends meanwhile; the next call starts another. */
  launch(launch: Launch): Promise<Launched> {
    const id = (this.#serial += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const launcher = this.#started();
      launcher.ref();
      launcher.channel?.ref();
      launcher.send({ id, ...launch }, (error) => {
        if (error !== null) this.#settle(id, launcher)?.reject(error);
      });
    });
  }

  #started(): ChildProcess {
    if (this.#process !== null) return this.#process;
    const launcher = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced', env: {} });
    launcher.on('message', ({ id, ...launched }: Launched & { readonly id: number }) => this.#settle(id, launcher)?.resolve(launched));
    const over = (reason: string) => {
      if (this.#process !== launcher) return;
      this.#process = null;
      for (const id of this.#waiting.keys()) this.#settle(id, launcher)?.reject(new Error(reason));
    };
    launcher.once('error', (error) => over(`git cannot be started: ${error.message}`));
    launcher.once('exit', (code, signal) => over(`what starts git ended with ${signal ?? code}`));
    this.#process = launcher;
    return launcher;
  }

  #settle(id: number, launcher: ChildProcess) {
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    // Nobody waits: a process that has nothing else to do may end.
    if (this.#waiting.size === 0) {
      launcher.unref();
      launcher.channel?.unref();
    }
    return one;
  }
}
