-- What only one node may do at a time; a later holder has a higher token.
-- Of a file with one process nobody claims anything; the table is there so that both engines have the same ones.
CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  token INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
