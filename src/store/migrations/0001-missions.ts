/** Missions, their ledger and projections, the inbox, the outbox, leases, timers, and what is known of GitHub's objects. */
export const missions = {
  number: 1,
  name: 'missions',
  sql: `
CREATE TABLE runs (
  id              text PRIMARY KEY,
  repository_id   bigint,
  owner           text NOT NULL DEFAULT '',
  repository      text NOT NULL DEFAULT '',
  issue           integer,
  installation_id bigint,
  name            text NOT NULL DEFAULT '',
  status          text NOT NULL DEFAULT 'new',
  version         integer NOT NULL DEFAULT 1,
  plan_hash       text,
  seq             bigint NOT NULL DEFAULT 0,
  head_hash       text NOT NULL DEFAULT '',
  state           json,
  sync_wanted     boolean NOT NULL DEFAULT false,
  sync_wanted_at  timestamptz,
  sync_owner      text,
  sync_until      timestamptz,
  notices_seq     bigint NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
CREATE INDEX runs_by_status ON runs (status, updated_at);
CREATE INDEX runs_by_issue ON runs (repository_id, issue);
CREATE INDEX runs_to_sync ON runs (sync_wanted_at) WHERE sync_wanted;

CREATE TABLE plans (
  run_id     text NOT NULL REFERENCES runs (id),
  plan_hash  text NOT NULL,
  plan       json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, plan_hash)
);

CREATE TABLE phases (
  run_id       text NOT NULL REFERENCES runs (id),
  phase_id     text NOT NULL,
  status       text NOT NULL,
  gate_status  text NOT NULL,
  gate_attempt integer NOT NULL,
  state        json NOT NULL,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (run_id, phase_id)
);
CREATE INDEX phases_evaluating ON phases (updated_at) WHERE gate_status = 'evaluating';

CREATE TABLE tasks (
  run_id     text NOT NULL REFERENCES runs (id),
  task_id    text NOT NULL,
  phase_id   text NOT NULL,
  status     text NOT NULL,
  attempt    integer NOT NULL,
  state      json NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, task_id)
);
CREATE INDEX tasks_underway ON tasks (updated_at) WHERE status IN ('queued', 'integrating');

CREATE TABLE events (
  run_id    text NOT NULL REFERENCES runs (id),
  seq       bigint NOT NULL,
  type      text NOT NULL,
  at        timestamptz NOT NULL,
  body      json NOT NULL,
  prev_hash text NOT NULL,
  hash      text NOT NULL,
  PRIMARY KEY (run_id, seq)
);
CREATE INDEX events_by_type ON events (type, at);
CREATE INDEX events_notices ON events (run_id, seq) WHERE type IN ('answer.given', 'label.consumed', 'mission.refused');

CREATE TABLE signals (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id      text NOT NULL,
  source      text NOT NULL,
  meaning     text NOT NULL,
  kind        text NOT NULL,
  payload     json NOT NULL,
  status      text NOT NULL DEFAULT 'pending',
  received_at timestamptz NOT NULL,
  look_at     timestamptz NOT NULL,
  tries       integer NOT NULL DEFAULT 0,
  settled_at  timestamptz,
  note        text,
  UNIQUE (run_id, source),
  UNIQUE (run_id, meaning)
);
CREATE INDEX signals_pending ON signals (run_id, id) WHERE status = 'pending';
CREATE INDEX signals_due ON signals (look_at) WHERE status = 'pending';

CREATE TABLE outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id     text NOT NULL,
  job        json NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX outbox_by_run ON outbox (run_id);

CREATE TABLE leases (
  run_id       text NOT NULL,
  subject      text NOT NULL,
  attempt      integer NOT NULL,
  owner        text NOT NULL,
  status       text NOT NULL DEFAULT 'held',
  claimed_at   timestamptz NOT NULL,
  heartbeat_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  PRIMARY KEY (run_id, subject, attempt)
);
CREATE INDEX leases_running_out ON leases (expires_at) WHERE status IN ('held', 'cancelled');

CREATE TABLE timers (
  id       text PRIMARY KEY,
  run_id   text NOT NULL,
  purpose  json NOT NULL,
  fire_at  timestamptz NOT NULL,
  fired_at timestamptz
);
CREATE INDEX timers_due ON timers (fire_at) WHERE fired_at IS NULL;

CREATE TABLE artifacts (
  run_id     text NOT NULL,
  digest     text NOT NULL,
  name       text NOT NULL,
  media_type text NOT NULL,
  content    text NOT NULL,
  subject    text NOT NULL,
  attempt    integer NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, digest)
);

CREATE TABLE evidence_packs (
  run_id     text NOT NULL,
  phase_id   text NOT NULL,
  round      integer NOT NULL,
  digest     text NOT NULL,
  pack       json NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, phase_id, round)
);

CREATE TABLE github_objects (
  run_id      text NOT NULL,
  key         text NOT NULL,
  state       text NOT NULL,
  remote_id   bigint,
  rendered    text,
  memory      text,
  intended_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, key)
);
`,
} as const;
