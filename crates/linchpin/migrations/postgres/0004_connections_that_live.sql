-- What connections are found by follows from what is stored of them, so that no writer can leave it out: also none of the
-- release before, which goes on beside this one.

-- step: transaction
ALTER TABLE connection ADD COLUMN IF NOT EXISTS client_reference_id TEXT;
ALTER TABLE connection ADD COLUMN IF NOT EXISTS imported BIGINT;
ALTER TABLE connection ADD COLUMN IF NOT EXISTS next_check_at BIGINT;

CREATE OR REPLACE FUNCTION linchpin_connection_found_by() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  stored JSON := NEW.connection::json;
BEGIN
  NEW.client_reference_id := stored ->> 'clientReferenceId';
  NEW.imported := CASE WHEN stored ->> 'imported' = 'true' THEN 1 ELSE 0 END;
  NEW.next_check_at := (stored ->> 'nextCheckAt')::bigint;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER connection_found_by BEFORE INSERT OR UPDATE ON connection
  FOR EACH ROW EXECUTE FUNCTION linchpin_connection_found_by();

-- step: pages
WITH page AS MATERIALIZED (
  SELECT id FROM connection WHERE id > convert_from($1, 'UTF8') ORDER BY id LIMIT 1000
), filled AS (
  UPDATE connection SET status = connection.status FROM page
  WHERE connection.id = page.id AND connection.imported IS NULL
)
SELECT convert_to(id, 'UTF8') FROM page ORDER BY id DESC LIMIT 1

-- step: index connection_listed
CREATE INDEX CONCURRENTLY connection_listed ON connection (organisation_id, environment, created_at, id);

-- step: index connection_by_status
CREATE INDEX CONCURRENTLY connection_by_status ON connection (organisation_id, environment, status, created_at, id);

-- step: index connection_by_reference
CREATE INDEX CONCURRENTLY connection_by_reference
  ON connection (organisation_id, environment, client_reference_id, created_at, id);

-- step: index connection_due
CREATE INDEX CONCURRENTLY connection_due ON connection (provider, next_check_at) WHERE next_check_at IS NOT NULL;

-- step: transaction
-- Defaults for new connections.
CREATE TABLE IF NOT EXISTS account_settings (
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  settings TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (organisation_id, environment)
);

-- Secrets that are needed again: sessions of providers (kind 'session', owner a connection) and secrets of webhook
-- endpoints (kind 'webhook_secret', owner an endpoint). Each is sealed with a key of its own, which is wrapped with the
-- master key of that version.
CREATE TABLE IF NOT EXISTS sealed (
  kind TEXT NOT NULL,
  owner TEXT NOT NULL,
  number BIGINT NOT NULL,
  key_version BIGINT NOT NULL,
  wrapped_key BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  sealed_at BIGINT NOT NULL,
  until BIGINT,
  PRIMARY KEY (kind, owner, number)
);

CREATE INDEX IF NOT EXISTS sealed_key_version ON sealed (key_version, kind, owner, number);

-- What became of connections and sessions, in the words of webhooks. The position orders what is listed; it is given
-- after the commit, so that nothing appears before what is listed already.
CREATE TABLE IF NOT EXISTS event (
  id BIGINT PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  type TEXT NOT NULL,
  connection_id TEXT,
  sequence BIGINT,
  at BIGINT NOT NULL,
  told TEXT NOT NULL,
  position BIGINT
);

CREATE INDEX IF NOT EXISTS event_listed ON event (organisation_id, environment, position) WHERE position IS NOT NULL;
CREATE INDEX IF NOT EXISTS event_unplaced ON event (id) WHERE position IS NULL;
CREATE INDEX IF NOT EXISTS event_of_connection ON event (connection_id, position);

CREATE TABLE IF NOT EXISTS webhook_endpoint (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  environment TEXT NOT NULL CHECK (environment IN ('sandbox', 'live')),
  endpoint TEXT NOT NULL,
  failing_since BIGINT,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

-- An event on its way to an endpoint. Of one connection and endpoint only the earliest one that is pending is attempted;
-- what waits for it is due when it is.
CREATE TABLE IF NOT EXISTS delivery (
  endpoint_id TEXT NOT NULL,
  event_id BIGINT NOT NULL,
  connection_id TEXT,
  sequence BIGINT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  due_at BIGINT,
  attempts BIGINT NOT NULL,
  schedule_from BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (endpoint_id, event_id)
);

CREATE INDEX IF NOT EXISTS delivery_due ON delivery (endpoint_id, due_at) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (endpoint_id, connection_id, sequence) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS delivery_of_event ON delivery (event_id);

CREATE TABLE IF NOT EXISTS delivery_attempt (
  endpoint_id TEXT NOT NULL,
  event_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  attempt TEXT NOT NULL,
  PRIMARY KEY (endpoint_id, event_id, number)
);

CREATE INDEX IF NOT EXISTS delivery_attempt_at ON delivery_attempt (at);

-- Who did what to which object. Append-only: each row carries an authentication code, and a chain over all of them that
-- is continued shortly after the commit.
CREATE TABLE IF NOT EXISTS audit (
  id BIGINT PRIMARY KEY,
  organisation_id TEXT,
  environment TEXT,
  at BIGINT NOT NULL,
  entry TEXT NOT NULL,
  code BYTEA NOT NULL,
  position BIGINT,
  chain BYTEA
);

CREATE UNIQUE INDEX IF NOT EXISTS audit_position ON audit (position) WHERE position IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_unchained ON audit (id) WHERE position IS NULL;
