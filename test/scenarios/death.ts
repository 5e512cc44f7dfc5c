import type { FaultPlace } from '../../src/engine/fault-point.ts';
import { expect } from 'vitest';

import { ProductWorld } from '../support/product-world.ts';
import type { ProductProcess } from '../support/product-world.ts';
import { carryThrough, expectCarriedThrough, slugFiles } from './conversation.ts';

/** Which visit of a place is deadly: the first is not always the most interesting one. */
const visits: { readonly [place in FaultPlace]?: number } = { 'before commit': 4, 'between commit and outbox': 2, 'after object create': 5, 'after object intent': 3, 'after sync write': 6, 'after inbox insert': 2, 'after finish': 2 };

/** Starts a process again, without the fault, as often as it dies; and delivers again what nobody took meanwhile. */
async function keepAlive(world: ProductWorld, process: ProductProcess, start: () => Promise<ProductProcess>, deaths: { count: number }): Promise<void> {
  const { signal } = await process.exited;
  if (signal !== 'SIGKILL') return;
  deaths.count += 1;
  const next = await start();
  await world.forge.idle();
  for (const delivery of world.forge.deliveries()) {
    if (!delivery.attempts.some((attempt) => attempt.statusCode >= 200 && attempt.statusCode < 300)) world.forge.redeliver(delivery.guid);
  }
  await keepAlive(world, next, start, deaths);
}

/** Kills the app at a place while it carries a mission through; in the end nothing may be missing and nothing double. */
export async function surviveDeathAt(place: FaultPlace): Promise<void> {
  const world = await ProductWorld.open({ files: slugFiles });
  try {
    const deaths = { count: 0 };
    const app = await world.startApp({ MISSIONGATE_FAULT: `${place}#${visits[place] ?? 1}` });
    const guard = keepAlive(world, app, () => world.startApp(), deaths);
    guard.catch(() => undefined);
    const issue = await carryThrough(world);
    await expectCarriedThrough(world, issue);
    expect(deaths.count).toBe(1);
    world.contract.assertKept();
  } finally {
    await world.close();
  }
}

/** Places on the way to GitHub; the others are on the way through engine and worker. */
export function isTowardsGitHub(place: FaultPlace): boolean {
  return /sync|object/.test(place);
}
