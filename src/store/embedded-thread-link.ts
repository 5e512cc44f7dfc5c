import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { reasonOf } from '../kit/reason-of.ts';
import type { FromThread, ThreadStart, ToThread } from './embedded-thread-protocol.ts';

/** The thread writes its last checkpoint when it is told to close; after this time (ms) it is ended anyway. */
const CLOSE_TIMEOUT_MS = 10_000;

/** The database thread died or trapped. Nothing sent to it can succeed any more; the process should be started again. */
export class EmbeddedDatabaseFailed extends Error {
  override readonly name = 'EmbeddedDatabaseFailed';
  readonly code = 'embedded_database_failed';

  constructor(reason: string, options?: ErrorOptions) {
    super(`The embedded database has stopped: ${reason}. What was committed is on disk: start the process again.`, options);
  }
}

/** One virtual connection's end of the link. */
export interface ChannelReceiver {
  receive(bytes: Uint8Array): void;
  /** The link is gone: with an error when it broke, without one when it was closed. */
  disconnect(error?: Error): void;
}

/** The main thread's end of the line to the database thread: routes answers to virtual connections, notices its death. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #channels = new Map<number, ChannelReceiver>();
  readonly #onNotice: (text: string) => void;
  readonly #onFailure: (error: Error) => void;
  readonly #exited: Promise<void>;
  /** Rejects when the database cannot be opened. */
  readonly ready: Promise<void>;
  #resolveReady: () => void = () => {};
  #rejectReady: (error: Error) => void = () => {};
  #failure: Error | undefined;
  #closing = false;
  #next = 1;

  constructor(start: ThreadStart, onNotice: (text: string) => void, onFailure: (error: Error) => void) {
    this.#onNotice = onNotice;
    this.#onFailure = onFailure;
    this.ready = new Promise<void>((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.ready.catch(() => {});
    this.#worker = startThread(start);
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(reasonOf(error), error));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        if (!this.#closing) this.#fail(`its thread ended with code ${code}`);
        resolve();
      });
    });
  }

  /** Set once the thread has failed; new connections are refused with it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  open(receiver: ChannelReceiver, searchPath: string): number {
    const channel = this.#next;
    this.#next += 1;
    this.#channels.set(channel, receiver);
    this.#send({ kind: 'open', channel, searchPath });
    return channel;
  }

  /** `bytes` is handed over: the caller must not use it afterwards. */
  submit(channel: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#send({ kind: 'unit', channel, bytes }, [bytes.buffer]);
  }

  gone(channel: number): void {
    if (this.#channels.delete(channel)) this.#send({ kind: 'gone', channel });
  }

  /** Ends every connection, lets the database write its checkpoint, ends the thread. Never rejects. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const [channel, receiver] of this.#channels) {
      receiver.disconnect();
      this.gone(channel);
    }
    this.#send({ kind: 'close' });
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #send(message: ToThread, transfer: ArrayBuffer[] = []): void {
    if (this.#failure === undefined) this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'answer':
        this.#channels.get(message.channel)?.receive(message.bytes);
        return;
      case 'notification':
        for (const channel of message.channels) this.#channels.get(channel)?.receive(message.bytes);
        return;
      case 'ready':
        this.#resolveReady();
        return;
      case 'notice':
        this.#onNotice(message.text);
        return;
      case 'failed': {
        const cause = new Error(message.message);
        if (message.stack !== undefined) cause.stack = message.stack;
        this.#fail(message.message, cause);
        return;
      }
      case 'closed':
        // A worker that is told to end while it still holds open handles would linger: it has said its last word.
        void this.#worker.terminate();
    }
  }

  #fail(reason: string, cause?: unknown): void {
    if (this.#failure !== undefined) return;
    const error = new EmbeddedDatabaseFailed(reason, { cause });
    this.#failure = error;
    this.#rejectReady(error);
    const receivers = [...this.#channels.values()];
    this.#channels.clear();
    for (const receiver of receivers) receiver.disconnect(error);
    void this.#worker.terminate();
    if (!this.#closing) this.#onFailure(error);
  }
}

/** Runs the thread that makes the template archive at `path`. Takes as long as `initdb`: seconds. */
export async function runTemplateThread(path: string): Promise<void> {
  const worker = startThread({ dataDir: undefined, template: undefined, writeTemplateTo: path });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'failed') reject(new EmbeddedDatabaseFailed(message.message));
        else resolve();
      });
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new EmbeddedDatabaseFailed(`its thread ended with code ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}

/**
 * The compiled program starts the compiled thread. From TypeScript sources (tests, development) the thread's modules are
 * loaded through `tsx`, which is a development dependency and never needed by the compiled program.
 */
function startThread(start: ThreadStart): Worker {
  const options = { workerData: start, execArgv: [], name: 'embedded-database' };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./embedded-thread.js', import.meta.url), options);
  const loader = new URL('./esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx'))).href;
  const entry = new URL('./embedded-thread.ts', import.meta.url).href;
  const program = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(entry)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), options);
}
