import { Duplex } from 'node:stream';

import { greeting } from './embedded-thread-protocol.ts';
import type { ChannelReceiver, ThreadLink } from './embedded-thread-link.ts';

const SYNC = 'S'.charCodeAt(0);
const QUERY = 'Q'.charCodeAt(0);
/** Pause (ms) before a connection to a failed database is refused. */
const REFUSAL_DELAY_MS = 50;
const TERMINATE = 'X'.charCodeAt(0);

/**
 * What a `pg.Client` takes for its TCP socket, connected to the database thread instead of a server: so the client code,
 * its error handling and its parsing of types are the same embedded and in production.
 */
export class EmbeddedSocket extends Duplex implements ChannelReceiver {
  readonly #link: ThreadLink;
  readonly #searchPath: string;
  #channel: number | undefined;
  #greeted = false;
  /** Messages of a unit whose last one has not been written yet. */
  #begun: Buffer[] = [];

  constructor(link: ThreadLink, searchPath: string) {
    super({ allowHalfOpen: false });
    this.#link = link;
    this.#searchPath = searchPath;
  }

  /** Called by `pg` with a port and host that mean nothing here; `connect` is emitted once the database is open. */
  connect(): this {
    void this.#connect();
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  receive(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  disconnect(error?: Error): void {
    this.destroy(error);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#take(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#leave();
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#leave();
    done(error);
  }

  async #connect(): Promise<void> {
    try {
      await this.#link.ready;
      if (this.#link.failure !== undefined) throw this.#link.failure;
    } catch (error) {
      this.#refuse(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.destroyed) return;
    this.#channel = this.#link.open(this, this.#searchPath);
    this.emit('connect');
  }

  /** Not at once: a client that retries without a pause would otherwise never let the process do anything else. */
  #refuse(error: Error): void {
    setTimeout(() => this.destroy(error), REFUSAL_DELAY_MS);
  }

  #leave(): void {
    if (this.#channel !== undefined) this.#link.gone(this.#channel);
    this.#channel = undefined;
  }

  /** `pg` writes one whole protocol message per chunk, except for the very first one, which has no type. */
  #take(messages: readonly Buffer[]): void {
    for (const message of messages) {
      if (!this.#greeted) {
        this.#greeted = true;
        this.push(greeting());
        continue;
      }
      const type = message[0];
      if (type === TERMINATE) return;
      this.#begun.push(message);
      if (type === SYNC || type === QUERY) this.#submit();
    }
  }

  #submit(): void {
    const parts = this.#begun;
    this.#begun = [];
    if (this.#channel === undefined) return;
    // A buffer of its own, so that handing it to the other thread neither copies nor takes away anything else.
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#link.submit(this.#channel, bytes);
  }
}
