import { randomUUID } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

import type { Clock } from '../kit/time.ts';
import { StepError, type CommandOutcome } from '../steps/step-type.ts';
import { createOutputCapture } from './output-capture.ts';
import { killMarked, signalGroup } from './process-tree.ts';
import type { TextRedactor } from './worker-options.ts';

/** Names the attempt (and, after a dot, the run) in the environment of everything it starts, so that what escapes its process group is found. */
export const MARK = 'MISSIONGATE_ATTEMPT';

export interface ProgramCall {
  readonly argv: readonly [string, ...string[]];
  /** Absolute folder, checked. */
  readonly cwd: string;
  /** The whole environment; the mark is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly mark: string;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly keptBytes: number;
  readonly maximumBytes: number;
  readonly signal: AbortSignal;
  readonly redactor: TextRedactor;
  readonly clock: Clock;
}

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** The one place where a task's program is started: a sandbox wraps `argv` here. Its own process group; stdin is empty. */
function spawnProgram(call: ProgramCall, mark: string): Program {
  const [file, ...args] = call.argv;
  return spawn(file, args, { cwd: call.cwd, env: { ...call.env, [MARK]: mark }, stdio: ['ignore', 'pipe', 'pipe'], detached: true, shell: false });
}

/** A program's pipes close with it; when they are still open after this, somebody it left behind is looked for. */
const PIPE_LOOK_MS = 20;
/** Time that pipes stay open after every process we could find is gone: then somebody hides, and we stop listening. */
const PIPE_GRACE_MS = 1000;

/**
 * Runs a program to its end, or ends it: at the time limit, at the output limit, or when the signal is aborted. First
 * SIGTERM to the whole group, after `graceMs` SIGKILL to the group and to everything that carries the attempt's mark. Also
 * after a normal end nothing is left running. A signal that is aborted already gives the outcome without a start.
 */
export function runProgram(call: ProgramCall): Promise<CommandOutcome> {
  if (call.signal.aborted) return Promise.resolve({ exitCode: null, signal: null, endedBy: 'cancel', output: { text: '', truncatedBytes: 0 }, durationMs: 0 });
  const mark = `${call.mark}.${randomUUID()}`;
  const killStragglers = (): Promise<number> => killMarked(`${MARK}=${mark}`);
  return new Promise((resolve, reject) => {
    const startedAt = call.clock.now();
    let program: Program;
    try {
      program = spawnProgram(call, mark);
    } catch (error) {
      reject(cannotStart(call, error as NodeJS.ErrnoException));
      return;
    }
    const capture = createOutputCapture(call.keptBytes);
    let endedBy: CommandOutcome['endedBy'] = null;
    let kill: NodeJS.Timeout | undefined;
    let pipes: readonly NodeJS.Timeout[] = [];

    function end(reason: NonNullable<CommandOutcome['endedBy']>): void {
      if (endedBy !== null || program.pid === undefined) return;
      endedBy = reason;
      const leader = program.pid;
      signalGroup(leader, 'SIGTERM');
      kill = setTimeout(() => {
        signalGroup(leader, 'SIGKILL');
        void killStragglers();
      }, reason === 'output-limit' ? 0 : call.graceMs);
    }
    const limit = setTimeout(() => end('timeout'), call.timeoutMs);
    const onAbort = (): void => end('cancel');
    call.signal.addEventListener('abort', onAbort, { once: true });
    function stopWatching(): void {
      clearTimeout(limit);
      clearTimeout(kill);
      for (const pipe of pipes) clearTimeout(pipe);
      call.signal.removeEventListener('abort', onAbort);
    }

    for (const stream of [program.stdout, program.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        if (endedBy === 'output-limit') return;
        if (capture.add(chunk) > call.maximumBytes) end('output-limit');
      });
      stream.on('error', () => undefined);
    }
    program.on('error', (error) => {
      stopWatching();
      reject(cannotStart(call, error));
    });
    program.on('exit', () => {
      clearTimeout(limit);
      // Whatever it left behind in its group or elsewhere ends with it; it may hold the pipes open.
      if (program.pid !== undefined) signalGroup(program.pid, 'SIGKILL');
      // Only when the pipes stay open does somebody else hold them; otherwise `close` follows at once and looks anyway.
      pipes = [
        setTimeout(() => void killStragglers(), PIPE_LOOK_MS),
        setTimeout(() => {
          program.stdout.destroy();
          program.stderr.destroy();
        }, PIPE_GRACE_MS),
      ];
    });
    program.on('close', (exitCode, signal) => {
      stopWatching();
      // Nothing can start anything after this look: what it could have left is dead.
      killStragglers()
        .then(() => resolve({ exitCode, signal, endedBy, output: capture.finish(call.redactor), durationMs: call.clock.now() - startedAt }))
        .catch(reject);
    });
  });
}

function cannotStart(call: ProgramCall, error: NodeJS.ErrnoException): StepError {
  const program = JSON.stringify(call.redactor.redact(call.argv[0]).text.slice(0, 200));
  switch (error.code) {
    case 'ENOENT': return new StepError('environment', `Could not start ${program}: no such program on this worker (or its folder is gone). Install it on the worker, or name a program of the repository with "./".`);
    case 'EACCES': return new StepError('input', `Could not start ${program}: it is not executable. Set its executable bit in the repository, or start it through its interpreter.`);
    case 'E2BIG': return new StepError('input', `Could not start ${program}: its arguments and environment are too long. Pass them in a file.`);
    case 'ERR_INVALID_ARG_VALUE': return new StepError('input', `Could not start ${program}: an argument or variable holds a NUL.`);
    default: return new StepError('environment', `Could not start ${program}: ${error.code ?? error.message}. Look at the worker's limits (processes, memory, files).`);
  }
}
