/** Routines as their files were last read, every revision of them, and every time one was due. */
export const routines = {
  number: 4,
  name: 'routines',
  sql: `
CREATE TABLE routines (
  repository_id bigint NOT NULL,
  name          text NOT NULL,
  place         json NOT NULL,
  revision      integer NOT NULL,
  digest        text NOT NULL,
  definition    json,
  problems      json NOT NULL,
  removed       boolean NOT NULL,
  activated_by  text,
  standing      text NOT NULL,
  paused_by     text,
  next_due      timestamptz,
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (repository_id, name)
);
CREATE INDEX routines_due ON routines (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE routine_revisions (
  repository_id bigint NOT NULL,
  name          text NOT NULL,
  revision      integer NOT NULL,
  digest        text NOT NULL,
  definition    json,
  removed       boolean NOT NULL,
  activated_by  text,
  standing      text NOT NULL,
  at            timestamptz NOT NULL,
  PRIMARY KEY (repository_id, name, revision)
);

CREATE TABLE routine_runs (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository_id bigint NOT NULL,
  routine       text NOT NULL,
  key           text NOT NULL,
  trigger       text NOT NULL,
  due_at        timestamptz NOT NULL,
  revision      integer NOT NULL,
  decided       text NOT NULL,
  detail        text NOT NULL,
  issue         integer,
  mission_id    text,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL,
  look_at       timestamptz NOT NULL,
  owner         text,
  owner_until   timestamptz,
  UNIQUE (repository_id, routine, key)
);
CREATE INDEX routine_runs_queued ON routine_runs (look_at) WHERE decided = 'queued';
`,
} as const;
