import { setImmediate } from 'node:timers/promises';

/** Lets other work of this process go on: a long report takes seconds, and leases must be kept alive meanwhile. */
export async function breathe(): Promise<void> {
  await setImmediate();
}
