-- Times are milliseconds since 1970 (UTC); a table's own shape of JSON is the one its Rust type writes.

-- One row a fact about this store: 'clock' is the latest time that was written, 'key_check' recognises the master key.
CREATE TABLE store_fact (
  name TEXT PRIMARY KEY,
  number BIGINT,
  bytes BYTEA
);

CREATE TABLE organisation (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE client_app (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  app TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE app_logo (
  hash TEXT PRIMARY KEY,
  png BYTEA NOT NULL
);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  record TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  revoked_at BIGINT,
  created_at BIGINT NOT NULL
);

-- The id grows with time: a new session is written at the end of the tree, and a range of ids is a day. Each day has a
-- partition of its own, which is dropped when nothing of it is kept any more.
CREATE TABLE link_session (
  id BIGINT PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  app_id TEXT NOT NULL,
  client_reference_id TEXT,
  secret_hash BYTEA NOT NULL,
  request TEXT NOT NULL,
  stage TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
) PARTITION BY RANGE (id);

-- What the sweeper asks for: open sessions whose time is over, and those with an attempt under way.
CREATE INDEX link_session_open ON link_session (expires_at) WHERE ended_at IS NULL;
CREATE INDEX link_session_busy ON link_session (stage) WHERE stage IN ('verifying', 'two_factor');

-- Append-only. The session's own row tells of its first version; this tells of every later one.
CREATE TABLE link_session_history (
  session_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  PRIMARY KEY (session_id, version)
) PARTITION BY RANGE (session_id);

CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  provider TEXT NOT NULL,
  account_id TEXT NOT NULL,
  status TEXT NOT NULL,
  connection TEXT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (organisation_id, environment, provider, account_id)
);

CREATE TABLE connection_history (
  connection_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  session_id BIGINT,
  detail TEXT NOT NULL,
  PRIMARY KEY (connection_id, version)
);

-- Answers kept for repeated requests; sealed, since an answer may carry a secret.
CREATE TABLE kept_answer (
  scope BYTEA PRIMARY KEY,
  body_hash BYTEA NOT NULL,
  answer BYTEA NOT NULL,
  created_at BIGINT NOT NULL
);

-- One row a writer, counted up in each of its commits: a commit whose answer was lost is found again by it.
CREATE TABLE commit_mark (
  writer BIGINT PRIMARY KEY,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL
);

-- Tells every node at once that organisations, apps or keys have changed. Those that miss it look twice a second.
CREATE FUNCTION linchpin_directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('linchpin_directory', '');
  RETURN NULL;
END $$;

CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE ON store_fact
  FOR EACH ROW WHEN (NEW.name = 'directory') EXECUTE FUNCTION linchpin_directory_changed();
