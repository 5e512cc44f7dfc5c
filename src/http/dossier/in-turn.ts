/** Work that is done one after the other; what would wait behind too much else is refused. */
export interface InTurn {
  /** Null: too many are waiting, and the work was not begun. */
  do<T>(work: () => Promise<T>): Promise<T | null>;
}

export function inTurn(mostWaiting: number): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  return {
    async do(work) {
      // One of them is at work.
      if (open > mostWaiting) return null;
      open += 1;
      const mine = last.then(work);
      last = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        open -= 1;
      }
    },
  };
}
