import { watchesContract } from '../contracts/watches-contract.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';
import type { Turn } from './memory-store.ts';
import { memoryWatches, WatchTables } from './memory-watches.ts';

const atOnce: Turn = async (_what, action) => action();

watchesContract('the tables in memory of the simulator', async () => {
  const tables = new MemoryTables();
  const watchTables = new WatchTables(tables);
  const locks = new MissionLocks();
  const process = () => ({ ...memoryStore({ tables, locks, process: {}, turn: atOnce, now: () => Date.now() }), watches: memoryWatches(watchTables, atOnce) });
  return { store: process(), second: process(), close: async () => undefined };
});
