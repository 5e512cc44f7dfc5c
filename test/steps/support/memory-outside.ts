import type { Outside } from '../../../src/steps/outside.ts';

export interface MemoryOutside extends Outside {
  readonly logged: string[];
  /** Milliseconds that were slept through. */
  readonly slept: number[];
}

/** An outside that is always fine: every server answers, every tool works, time passes when somebody waits. */
export function memoryOutside(changes: Partial<Outside> = {}): MemoryOutside {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const logged: string[] = [];
  const slept: number[] = [];
  return {
    logged,
    slept,
    clock: {
      now: () => now,
      async sleep(ms, signal) {
        signal?.throwIfAborted();
        slept.push(ms);
        now += ms;
      },
    },
    network: {
      request: async ({ url }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"ok":true}'), url }),
      connect: async () => undefined,
    },
    secrets: { forUrl: () => ({ ok: true, value: 'a-secret' }) },
    model: { complete: async ({ prompt, schema }) => ({ text: schema === null ? `You said: ${prompt}` : '{"severity":"low"}', model: 'small-1', finishReason: 'stop', promptTokens: 7, completionTokens: 3 }) },
    tools: { names: () => ['search'], call: async ({ tool }) => ({ isError: false, text: `${tool} worked`, structured: { found: 1 } }) },
    databases: { names: () => ['reporting'], query: async () => ({ columns: ['id'], rows: [{ id: 1 }], truncated: false, affected: null }) },
    notices: {
      log: (message) => void logged.push(message),
    },
    ...changes,
  };
}
