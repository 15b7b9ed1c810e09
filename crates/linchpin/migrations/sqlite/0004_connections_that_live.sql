-- What connections are found by follows from what is stored of them, so that no writer can leave it out.
ALTER TABLE connection ADD COLUMN client_reference_id TEXT GENERATED ALWAYS AS (connection ->> '$.clientReferenceId') VIRTUAL;
ALTER TABLE connection ADD COLUMN imported INTEGER GENERATED ALWAYS AS (COALESCE(connection ->> '$.imported', 0)) VIRTUAL;
ALTER TABLE connection ADD COLUMN next_check_at INTEGER GENERATED ALWAYS AS (connection ->> '$.nextCheckAt') VIRTUAL;

CREATE INDEX connection_listed ON connection (organisation_id, environment, created_at, id);
CREATE INDEX connection_by_status ON connection (organisation_id, environment, status, created_at, id);
CREATE INDEX connection_by_reference ON connection (organisation_id, environment, client_reference_id, created_at, id);
CREATE INDEX connection_due ON connection (provider, next_check_at) WHERE next_check_at IS NOT NULL;

-- Defaults for new connections.
CREATE TABLE account_settings (
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  settings TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, environment)
) STRICT, WITHOUT ROWID;

-- Secrets that are needed again: sessions of providers (kind 'session', owner a connection) and secrets of webhook
-- endpoints (kind 'webhook_secret', owner an endpoint). Each is sealed with a key of its own, which is wrapped with the
-- master key of that version.
CREATE TABLE sealed (
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  number INTEGER NOT NULL,
  key_version INTEGER NOT NULL,
  wrapped_key BLOB NOT NULL,
  sealed BLOB NOT NULL,
  sealed_at INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (kind, owner, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX sealed_key_version ON sealed (key_version, kind, owner, number);

-- What became of connections and sessions, in the words of webhooks. The position orders what is listed; it is given
-- after the commit, so that nothing appears before what is listed already.
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  type TEXT NOT NULL,
  connection_id TEXT,
  sequence INTEGER,
  at INTEGER NOT NULL,
  told TEXT NOT NULL,
  position INTEGER
) STRICT;

CREATE INDEX event_listed ON event (organisation_id, environment, position) WHERE position IS NOT NULL;
CREATE INDEX event_unplaced ON event (id) WHERE position IS NULL;
CREATE INDEX event_of_connection ON event (connection_id, position);

CREATE TABLE webhook_endpoint (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  endpoint TEXT NOT NULL,
  failing_since INTEGER,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- An event on its way to an endpoint. Of one connection and endpoint only the earliest one that is pending is attempted;
-- what waits for it is due when it is.
CREATE TABLE delivery (
  endpoint_id TEXT NOT NULL,
  event_id INTEGER NOT NULL,
  connection_id TEXT,
  sequence INTEGER,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  due_at INTEGER,
  attempts INTEGER NOT NULL,
  schedule_from INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (endpoint_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_due ON delivery (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX delivery_waiting ON delivery (endpoint_id, connection_id, sequence) WHERE state = 'pending';
CREATE INDEX delivery_of_event ON delivery (event_id);

CREATE TABLE delivery_attempt (
  endpoint_id TEXT NOT NULL,
  event_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  attempt TEXT NOT NULL,
  PRIMARY KEY (endpoint_id, event_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_attempt_at ON delivery_attempt (at);

-- Who did what to which object. Append-only: each row carries an authentication code, and a chain over all of them that
-- is continued shortly after the commit.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  organisation_id TEXT,
  environment TEXT,
  at INTEGER NOT NULL,
  entry TEXT NOT NULL,
  code BLOB NOT NULL,
  position INTEGER,
  chain BLOB
) STRICT;

CREATE UNIQUE INDEX audit_position ON audit (position) WHERE position IS NOT NULL;
CREATE INDEX audit_unchained ON audit (id) WHERE position IS NULL;
