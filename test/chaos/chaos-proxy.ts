import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** What befalls one connection: nothing, or its end or silence after so many bytes from the server. */
export type Fate = { readonly kind: 'spared' } | { readonly kind: 'reset' | 'silent'; readonly afterBytes: number };

export interface FaultProxy {
  /** The given URL, led through the proxy. */
  readonly url: string;
  /** Connections that were reset or went silent. */
  readonly struck: number;
  /** Every connection that is not silent ends at once, as when a router starts anew. */
  resetAll(): number;
  /** No further connection meets its fate, and silent ones are reset. */
  calm(): void;
  close(): Promise<void>;
}

/**
 * A TCP proxy that is an unreliable network: each new connection draws its fate. A silent connection stays open on both
 * sides and carries nothing any more, like one whose other end lost power.
 */
export async function openFaultProxy(target: string, fateOf: () => Fate): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const silent = new Set<readonly [Socket, Socket]>();
  let struck = 0;
  let calm = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        silent.delete(pair);
        for (const one of pair) one.destroy();
      });
    }
    const fate = fateOf();
    let passed = 0;
    near.on('data', (data) => {
      if (!silent.has(pair)) far.write(data);
    });
    far.on('data', (data) => {
      passed += data.length;
      if (silent.has(pair)) return;
      if (calm || fate.kind === 'spared' || passed < fate.afterBytes) {
        near.write(data);
        return;
      }
      struck += 1;
      if (fate.kind === 'reset') reset(pair);
      else silent.add(pair);
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get struck() {
      return struck;
    },
    resetAll() {
      const open = [...pairs].filter((pair) => !silent.has(pair));
      struck += open.length;
      for (const pair of open) reset(pair);
      return open.length;
    },
    calm() {
      calm = true;
      for (const pair of silent) reset(pair);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const pair of pairs) reset(pair);
      }),
  };
}

function reset(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.resetAndDestroy();
}
