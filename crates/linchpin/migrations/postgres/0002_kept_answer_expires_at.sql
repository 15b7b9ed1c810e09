-- Kept answers are found by the time at which they may be forgotten. Nodes of the release before go on while this runs
-- and after it: they leave the column empty, and where they renew an answer, they leave the old time in it.

-- step: transaction
ALTER TABLE kept_answer ADD COLUMN IF NOT EXISTS expires_at BIGINT;

-- step: index kept_answer_expires_at
CREATE INDEX CONCURRENTLY kept_answer_expires_at ON kept_answer (expires_at);

-- step: pages
WITH page AS MATERIALIZED (
  SELECT scope FROM kept_answer WHERE scope > $1 ORDER BY scope LIMIT 2000
), filled AS (
  UPDATE kept_answer AS kept SET expires_at = kept.created_at + 86400000
  FROM page WHERE kept.scope = page.scope AND kept.expires_at IS NULL
)
SELECT scope FROM page ORDER BY scope DESC LIMIT 1
