/** What is re-read from GitHub, when next, and what was seen last; which deliveries were asked for again. */
export const watches = {
  number: 2,
  name: 'watches',
  sql: `
CREATE TABLE watches (
  subject     text PRIMARY KEY,
  memory      json,
  quiet       integer NOT NULL DEFAULT 0,
  look_at     timestamptz NOT NULL,
  owner       text,
  owner_until timestamptz
);
CREATE INDEX watches_due ON watches (look_at);

CREATE TABLE redeliveries (
  guid     text PRIMARY KEY,
  tries    integer NOT NULL,
  asked_at timestamptz NOT NULL
);

-- Missions that are there already were told of by webhooks whose keys were made otherwise: what is past is not read again.
INSERT INTO watches (subject, memory, look_at)
SELECT 'mission:' || id, json_build_object('since', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), now()
FROM runs WHERE seq > 0 AND installation_id > 0 AND status NOT IN ('none', 'completed', 'cancelled');
`,
} as const;
