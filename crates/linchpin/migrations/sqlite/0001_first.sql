-- Times are milliseconds since 1970 (UTC); a table's own shape of JSON is the one its Rust type writes.

-- One row a fact about this store: 'clock' is the latest time that was written, 'key_check' recognises the master key.
CREATE TABLE store_fact (
  name TEXT PRIMARY KEY,
  number INTEGER,
  bytes BLOB
) STRICT;

CREATE TABLE organisation (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE client_app (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  app TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE app_logo (
  hash TEXT PRIMARY KEY,
  png BLOB NOT NULL
) STRICT;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  record TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  revoked_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

-- The id grows with time, so that a new session is written at the end of the tree.
CREATE TABLE link_session (
  id INTEGER PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  app_id TEXT NOT NULL,
  client_reference_id TEXT,
  secret_hash BLOB NOT NULL,
  request TEXT NOT NULL,
  stage TEXT NOT NULL,
  state TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

-- What the sweeper asks for: open sessions whose time is over, and those with an attempt under way.
CREATE INDEX link_session_open ON link_session (expires_at) WHERE ended_at IS NULL;
CREATE INDEX link_session_busy ON link_session (stage) WHERE stage IN ('verifying', 'two_factor');

-- Append-only. The session's own row tells of its first version; this tells of every later one.
CREATE TABLE link_session_history (
  session_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  PRIMARY KEY (session_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE connection (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  provider TEXT NOT NULL,
  account_id TEXT NOT NULL,
  status TEXT NOT NULL,
  connection TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  UNIQUE (organisation_id, environment, provider, account_id)
) STRICT;

CREATE TABLE connection_history (
  connection_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  session_id INTEGER,
  detail TEXT NOT NULL,
  PRIMARY KEY (connection_id, version)
) STRICT, WITHOUT ROWID;

-- Answers kept for repeated requests; sealed, since an answer may carry a secret.
CREATE TABLE kept_answer (
  scope BLOB PRIMARY KEY,
  body_hash BLOB NOT NULL,
  answer BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
