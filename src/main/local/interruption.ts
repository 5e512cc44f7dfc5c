import { exitCodes } from './exit-codes.ts';

/** How a run is told to stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Asks to stop as Ctrl-C does: the first time in good order, the second time at once. */
  readonly ask: () => void;
  /** Something without which nothing can go on is gone. */
  readonly fail: (error: Error) => void;
  dispose(): void;
}

/** Listens to Ctrl-C and the other ways of ending a process. `atOnce` puts the terminal back in order before a hard end. */
export function listenForInterrupts(atOnce: () => void): Interruption {
  const stop = new AbortController();
  const end = (code: number) => {
    atOnce();
    process.exit(code);
  };
  const ask = () => {
    if (stop.signal.aborted) end(exitCodes.interrupted);
    else stop.abort();
  };
  const fail = (error: Error) => {
    process.stderr.write(`missiongate: the embedded database stopped: ${error.message}\n`);
    end(exitCodes.failed);
  };
  // Whoever read our output has gone (`| head`): the mission is not carried on unseen.
  const onBrokenPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop.abort();
    else throw error;
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, ask);
  process.stdout.on('error', onBrokenPipe);
  return {
    signal: stop.signal,
    ask,
    fail,
    dispose() {
      for (const signal of signals) process.off(signal, ask);
    },
  };
}
