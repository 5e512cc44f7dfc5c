/**
 * Runs `work` for a key at most once at a time. A request that comes while one is running waits for one more run after it,
 * shared with all others that came meanwhile: what was stored before the call is always seen.
 */
export function coalesce(work: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();

  function start(key: string): Promise<void> {
    const run = work(key).finally(() => {
      if (running.get(key) === run) running.delete(key);
    });
    running.set(key, run);
    return run;
  }

  return (key) => {
    // The next run first: between the end of one and the start of the next there is a moment without a running one.
    const waiting = next.get(key);
    if (waiting) return waiting;
    const current = running.get(key);
    if (!current) return start(key);
    const following = current
      .catch(() => undefined)
      .then(() => {
        next.delete(key);
        return start(key);
      });
    next.set(key, following);
    return following;
  };
}
