export interface YamlLimits {
  /** UTF-8 bytes. */
  readonly bytes: number;
  /** Pieces of syntax: words, brackets, ends of lines. Each may cost 10 µs, whatever its length. */
  readonly pieces: number;
  /** Levels of lists and mappings inside each other. */
  readonly depth: number;
  /** Uses of `*alias`. */
  readonly aliases: number;
  /** Values that aliases may add by being repeated. */
  readonly aliasedValues: number;
}

/** `yaml` 2.9 aborts the whole process from about 900 levels on; 780 survived every try. People write fewer than 20. */
export const yamlLimits: YamlLimits = { bytes: 16 * 1024 * 1024, pieces: 1_000_000, depth: 100, aliases: 1000, aliasedValues: 100_000 };
