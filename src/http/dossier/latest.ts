/** The values that were asked for last, by their keys: at most `most` of them. */
export function latest<T>(most: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, T>();
  return async (key, make) => {
    const known = kept.get(key);
    kept.delete(key);
    const value = known ?? (await make());
    kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return value;
  };
}
