/** The backend did not take or answer a request. It may or may not have been carried out: repeating it is harmless. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
  readonly code = 'queue_unavailable';

  constructor(attempted: string, cause: unknown) {
    super(`The queue is unavailable (${attempted}): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Rejects with `QueueUnavailable` when `work` rejects, or when it has not settled after `ms` milliseconds. */
export async function answered<T>(attempted: string, ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer after ${ms} ms`)), ms);
  });
  // When the timeout wins, what becomes of `work` no longer interests anyone.
  work.catch(() => {});
  try {
    return await Promise.race([work, timeout]);
  } catch (error) {
    throw new QueueUnavailable(attempted, error);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `work` settled within `ms` milliseconds. Never rejects. */
export async function settledWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const outcome = await Promise.race([settled, timeout]);
  clearTimeout(timer);
  return outcome;
}
