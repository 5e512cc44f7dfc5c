/**
 * What the main thread and the database thread say to each other, and the little of the PostgreSQL wire protocol that
 * sharing one session needs. A *unit* is everything a client sends before it waits for an answer: one `Query` message, or
 * an extended-protocol batch that ends in `Sync`. Its answer always ends in `ReadyForQuery`.
 */

export interface ThreadStart {
  /** Where the database lives; undefined means in memory. */
  readonly dataDir: string | undefined;
  /** The template archive a new database is made from; undefined means `initdb`, which takes seconds. */
  readonly template: string | undefined;
  /** Write a template archive to this path and stop, instead of serving a database. */
  readonly writeTemplateTo?: string;
}

/** `channel` numbers the virtual connections; each has its own `search_path`. */
export type ToThread =
  | { readonly kind: 'open'; readonly channel: number; readonly searchPath: string }
  | { readonly kind: 'unit'; readonly channel: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'gone'; readonly channel: number }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly channel: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'notification'; readonly channels: readonly number[]; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string | undefined }
  | { readonly kind: 'closed' };

const CODE = {
  commandComplete: 'C'.charCodeAt(0),
  notification: 'A'.charCodeAt(0),
  readyForQuery: 'Z'.charCodeAt(0),
  error: 'E'.charCodeAt(0),
} as const;

/** `idle`: no transaction is open. `failed`: one is open and waits for its ROLLBACK. */
export type TransactionStatus = 'idle' | 'open' | 'failed';

export interface Answer {
  /** The answer without notifications, in a buffer of its own (it can be transferred). */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Notification messages that arrived with it, for whoever listens; empty when there were none. */
  readonly notifications: Uint8Array<ArrayBuffer>;
  readonly status: TransactionStatus;
  /** The unit held a LISTEN that succeeded. */
  readonly listened: boolean;
  readonly refused: boolean;
}

/** Reads the raw answer to one unit. Throws when it is not complete: the session is then unusable. */
export function readAnswer(raw: Uint8Array): Answer {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const notificationRanges: [start: number, end: number][] = [];
  let status: TransactionStatus | undefined;
  let listened = false;
  let refused = false;
  let at = 0;
  while (at + 5 <= raw.length) {
    const code = raw[at];
    const end = at + 1 + view.getInt32(at + 1);
    if (end <= at || end > raw.length) break;
    if (code === CODE.notification) notificationRanges.push([at, end]);
    else if (code === CODE.readyForQuery) status = transactionStatus(raw[at + 5]);
    else if (code === CODE.error) refused = true;
    else if (code === CODE.commandComplete && isListenTag(raw, at + 5, end)) listened = true;
    at = end;
  }
  if (at !== raw.length || status === undefined) throw new Error('The embedded database gave an incomplete answer.');
  if (notificationRanges.length === 0) {
    return { bytes: new Uint8Array(raw), notifications: new Uint8Array(0), status, listened, refused };
  }
  const { kept, taken } = partition(raw, notificationRanges);
  return { bytes: kept, notifications: taken, status, listened, refused };
}

function transactionStatus(byte: number | undefined): TransactionStatus {
  if (byte === 0x54) return 'open';
  return byte === 0x45 ? 'failed' : 'idle';
}

function isListenTag(raw: Uint8Array, start: number, end: number): boolean {
  const tag = 'LISTEN\0';
  if (end - start !== tag.length) return false;
  for (let i = 0; i < tag.length; i += 1) if (raw[start + i] !== tag.charCodeAt(i)) return false;
  return true;
}

function partition(raw: Uint8Array, ranges: readonly (readonly [number, number])[]): { kept: Uint8Array<ArrayBuffer>; taken: Uint8Array<ArrayBuffer> } {
  const size = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  const taken = new Uint8Array(size);
  const kept = new Uint8Array(raw.length - size);
  let [takenAt, keptAt, from] = [0, 0, 0];
  for (const [start, end] of ranges) {
    kept.set(raw.subarray(from, start), keptAt);
    keptAt += start - from;
    taken.set(raw.subarray(start, end), takenAt);
    takenAt += end - start;
    from = end;
  }
  kept.set(raw.subarray(from), keptAt);
  return { kept, taken };
}

/** A simple `Query` message for `sql`. */
export function queryUnit(sql: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(sql);
  const bytes = new Uint8Array(text.length + 6);
  bytes[0] = 'Q'.charCodeAt(0);
  new DataView(bytes.buffer).setInt32(1, text.length + 5);
  bytes.set(text, 5);
  return bytes;
}

/** What a server says once it has accepted a connection: AuthenticationOk, the version, ReadyForQuery (idle). */
export function greeting(): Buffer {
  const authenticationOk = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
  const parameters = Buffer.from('client_encoding\0UTF8\0');
  const parameterStatus = Buffer.concat([Buffer.from([0x53, 0, 0, 0, parameters.length + 4]), parameters]);
  const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
  return Buffer.concat([authenticationOk, parameterStatus, readyForQuery]);
}
