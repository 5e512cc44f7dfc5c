/** Which missions a commit belongs to, without reading their ledgers. */
export const trunkHeads = {
  number: 3,
  name: 'trunk-heads',
  sql: `
CREATE INDEX events_trunk_heads ON events ((body ->> 'head')) WHERE type = 'trunk.moved';
`,
} as const;
