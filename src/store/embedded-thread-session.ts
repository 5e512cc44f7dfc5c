import type { Answer } from './embedded-thread-protocol.ts';
import { queryUnit, readAnswer } from './embedded-thread-protocol.ts';

/** Runs one unit on the one session, synchronously, and returns the raw answer. */
export type Execute = (unit: Uint8Array) => Uint8Array;

export interface SessionEvents {
  answer(channel: number, bytes: Uint8Array<ArrayBuffer>): void;
  notification(channels: readonly number[], bytes: Uint8Array<ArrayBuffer>): void;
}

interface Channel {
  readonly number: number;
  readonly searchPath: string;
  listening: boolean;
}

/**
 * Lets many virtual connections share one database session, fairly and safely.
 *
 * Units run one at a time, first come, first served. A connection whose unit leaves a transaction open owns the session
 * until the transaction ends (which the server itself says in ReadyForQuery, so no SQL is parsed here); everyone else
 * waits in line. A connection that disappears is rolled back. Each connection has its own `search_path`, set on the
 * session only when it changes hands. Notifications go to every connection that has issued a LISTEN.
 *
 * Other session state (SET, UNLISTEN, advisory locks, named prepared statements, temporary tables) is shared by all
 * connections: the product uses none of it.
 */
export class SharedSession {
  readonly #execute: Execute;
  readonly #events: SessionEvents;
  readonly #channels = new Map<number, Channel>();
  #waiting: { channel: Channel; unit: Uint8Array }[] = [];
  #owner: Channel | undefined;
  #ownedSince = 0;
  #searchPath = '';
  #units = 0;

  constructor(execute: Execute, events: SessionEvents) {
    this.#execute = execute;
    this.#events = events;
  }

  /** Units run so far. */
  get units(): number {
    return this.#units;
  }

  /** No transaction is open: maintenance statements may run. */
  get idle(): boolean {
    return this.#owner === undefined;
  }

  /** Milliseconds (of `performance.now()`) at which the open transaction began, while others wait for it. */
  get blockedSince(): number | undefined {
    return this.#owner !== undefined && this.#waiting.length > 0 ? this.#ownedSince : undefined;
  }

  open(number: number, searchPath: string): void {
    this.#channels.set(number, { number, searchPath, listening: false });
  }

  /** Runs the unit now, or keeps it in line while another connection's transaction is open. */
  submit(number: number, unit: Uint8Array): void {
    const channel = this.#channels.get(number);
    if (channel === undefined) return;
    if (this.#owner !== undefined && this.#owner !== channel) {
      this.#waiting.push({ channel, unit });
      return;
    }
    this.#run(channel, unit);
    this.#serveWaiting();
  }

  /** Forgets a connection: its waiting units are dropped, its open transaction is rolled back. */
  gone(number: number): void {
    const channel = this.#channels.get(number);
    if (channel === undefined) return;
    this.#channels.delete(number);
    this.#waiting = this.#waiting.filter((entry) => entry.channel !== channel);
    if (this.#owner !== channel) return;
    this.statement('ROLLBACK');
    this.#owner = undefined;
    this.#serveWaiting();
  }

  /** Runs a statement of the thread itself; throws when the database refuses it. Only while `idle`, or to end a transaction. */
  statement(sql: string): Uint8Array {
    const answer = readAnswer(this.#execute(queryUnit(sql)));
    this.#announce(answer);
    if (answer.refused) throw new Error(`The embedded database refused: ${sql}`);
    return answer.bytes;
  }

  #run(channel: Channel, unit: Uint8Array): void {
    if (this.#owner === undefined && this.#searchPath !== channel.searchPath) {
      this.statement(`SET search_path TO ${channel.searchPath}`);
      this.#searchPath = channel.searchPath;
    }
    this.#units += 1;
    const answer = readAnswer(this.#execute(unit));
    if (answer.listened) channel.listening = true;
    if (answer.status === 'idle') this.#owner = undefined;
    else if (this.#owner === undefined) {
      this.#owner = channel;
      this.#ownedSince = performance.now();
    }
    this.#events.answer(channel.number, answer.bytes);
    this.#announce(answer);
  }

  #serveWaiting(): void {
    while (this.#owner === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#run(next.channel, next.unit);
    }
  }

  #announce(answer: Answer): void {
    if (answer.notifications.length === 0) return;
    const listeners = [...this.#channels.values()].filter((channel) => channel.listening).map((channel) => channel.number);
    if (listeners.length > 0) this.#events.notification(listeners, answer.notifications);
  }
}
