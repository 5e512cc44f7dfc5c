import type { Forge } from '../../../src/forge/forge.ts';
import type { RequestRecord } from '../../../src/forge/rest/request-record.ts';
import { Contract } from './contract.ts';

let shared: Contract | undefined;

/** One contract per process: its validators are compiled once. */
export function sharedContract(): Contract {
  shared ??= new Contract();
  return shared;
}

export interface ContractObserver {
  /** Every violation so far, each once, in the order it was seen. */
  violations(): string[];
  /** Throws when there was a violation. Call at the end of every test. */
  assertKept(): void;
  /** Routes called by the App that were never answered with a valid 2xx. */
  uncovered(appId: number): string[];
  stop(): void;
}

export interface ContractOptions {
  /**
   * What an invalid request means: `forbidden` (default, for the product) is a violation whatever the answer;
   * `refused` (for the forge's own tests, which provoke refusals) only when the forge accepted it.
   */
  readonly invalidRequests?: 'forbidden' | 'refused';
}

/** Holds everything a forge hears and says against GitHub's description. */
export function observeContract(forge: Forge, options: ContractOptions = {}): ContractObserver {
  const contract = sharedContract();
  const found = new Set<string>();
  const valid = new Set<RequestRecord>();
  const before = forge.requests().length;
  const deliveriesBefore = forge.deliveries().length;
  let checkedDeliveries = deliveriesBefore;

  function examine(record: RequestRecord): void {
    // What a fault answered instead was ordered by the test.
    if (record.kind !== 'rest' || record.fault?.endsWith('before the work') === true || record.fault === 'reset') return;
    const { method, route, path } = record;
    const asked = contract.request({ method, route, path, query: record.query, body: record.body, byApp: record.actor.appId !== null });
    const refused = record.status >= 400;
    if (options.invalidRequests !== 'refused' || !refused) for (const one of asked) found.add(`request  ${one}`);
    const said = contract.answer({ method, route, path, status: record.status, body: record.answer, contentType: record.headers['content-type'] ?? '' });
    for (const one of said) found.add(`response ${one}`);
    if (asked.length === 0 && said.length === 0) valid.add(record);
  }

  const unsubscribe = forge.onRequest((record, phase) => {
    if (phase === 'after') examine(record);
  });

  function examineDeliveries(): void {
    for (const delivery of forge.deliveries().slice(checkedDeliveries)) {
      for (const one of contract.webhook(delivery.event, delivery.action, delivery.payload)) found.add(`webhook  ${one}`);
    }
    checkedDeliveries = forge.deliveries().length;
  }

  function violations(): string[] {
    examineDeliveries();
    return [...found];
  }

  return {
    violations,
    assertKept() {
      const all = violations();
      if (all.length > 0) throw new Error(`GitHub's description was violated ${all.length} times:\n${all.join('\n')}`);
    },
    uncovered(appId) {
      const called = new Map<string, boolean>();
      for (const record of forge.requests().slice(before)) {
        if (record.kind !== 'rest' || record.actor.appId !== appId || record.route === null) continue;
        const key = `${record.method} ${record.route}`;
        const covered = record.status >= 200 && record.status < 400 && valid.has(record);
        called.set(key, called.get(key) === true || covered);
      }
      return [...called].filter(([, covered]) => !covered).map(([key]) => key);
    },
    stop: unsubscribe,
  };
}
