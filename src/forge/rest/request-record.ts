import type { Millis } from '../../kit/time.ts';
import type { Actor } from './actor.ts';

/** One request as the log keeps it. */
export interface RequestRecord {
  readonly id: number;
  readonly at: Millis;
  readonly kind: 'rest' | 'git';
  readonly actor: {
    readonly kind: Actor['kind'];
    readonly login: string | null;
    readonly appId: number | null;
    readonly installationId: number | null;
  };
  readonly method: string;
  /** Without `/api/v3` and without query, still percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly accept: string;
  /** The endpoint's template as GitHub's description writes it; null when nothing matched. */
  readonly route: string | null;
  readonly body: unknown;
  /** 0 until answered. The forge's own answer, also when a fault replaced or cut it. */
  status: number;
  answer: unknown;
  headers: Readonly<Record<string, string>>;
  /** What a fault did to it. */
  fault: string | null;
}

/** Called before the work and after it (before the answer leaves); the request waits for it. */
export type RequestObserver = (request: RequestRecord, phase: 'before' | 'after') => void | Promise<void>;

/** The log of all requests, and those who watch it. */
export class RequestLog {
  readonly records: RequestRecord[] = [];
  readonly #observers = new Set<RequestObserver>();

  /** Adds an observer. Returns the function that removes it. */
  observe(observer: RequestObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  begin(given: Omit<RequestRecord, 'id' | 'status' | 'answer' | 'headers' | 'fault' | 'actor'> & { actor: Actor }): RequestRecord {
    const { actor, ...rest } = given;
    const record: RequestRecord = { ...rest, id: this.records.length + 1, actor: describe(actor), status: 0, answer: undefined, headers: {}, fault: null };
    this.records.push(record);
    return record;
  }

  async tell(record: RequestRecord, phase: 'before' | 'after'): Promise<void> {
    for (const observer of this.#observers) await observer(record, phase);
  }
}

function describe(actor: Actor): RequestRecord['actor'] {
  return {
    kind: actor.kind,
    login: actor.kind === 'user' || actor.kind === 'installation' ? actor.account.login : null,
    appId: actor.kind === 'app' || actor.kind === 'installation' ? actor.app.id : null,
    installationId: actor.kind === 'installation' ? actor.installation.id : null,
  };
}
