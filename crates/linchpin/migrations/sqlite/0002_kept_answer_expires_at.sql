-- Kept answers are found by the time at which they may be forgotten.
ALTER TABLE kept_answer ADD COLUMN expires_at INTEGER;

UPDATE kept_answer SET expires_at = created_at + 86400000;

CREATE INDEX kept_answer_expires_at ON kept_answer (expires_at);
