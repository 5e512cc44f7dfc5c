import { storeContract } from '../contracts/store-contract.ts';
import { memoryStore, MemoryTables, MissionLocks } from './memory-store.ts';

storeContract('the tables in memory of the simulator', async () => {
  const tables = new MemoryTables();
  const locks = new MissionLocks();
  const process = () => memoryStore({ tables, locks, process: {}, turn: async (_what, action) => action(), now: () => Date.now() });
  return { store: process(), second: process(), close: async () => undefined };
});
