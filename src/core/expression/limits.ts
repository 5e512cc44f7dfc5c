/** Bounds that keep every expression short of harm, whatever it is and whatever it is given. */
export const expressionLimits = {
  /** Characters of one expression: a screen full. */
  length: 8_192,
  /** Operators, names and values of one expression. */
  nodes: 2_000,
  /** Operators inside each other; evaluation recurses as deep. */
  depth: 200,
  /** Expressions in one text. */
  templates: 1_000,
  /** Elements looked at, characters made (16 count as one): about a tenth of a second at the very most. */
  work: 1_000_000,
  /** Work that a failure counts for where evaluation goes on behind it (`||`, `exists`): it costs that much time. */
  failure: 100,
  /** Characters of a text that an expression makes. */
  text: 1_048_576,
  /** Elements of a list that an expression makes. */
  list: 100_000,
} as const;
