//! What must hold of the database whatever happened before, read without the server.

use std::{fs, path::Path};

use rusqlite::Connection;

use crate::impossible::IMPOSSIBLE;

/// Checks a copy of the database of a data directory, whose server may be dead or alive but must be doing nothing.
///
/// Returns how many sessions there are.
pub fn is_consistent(directory: &Path) -> u64 {
    let copy = tempfile::tempdir().unwrap();
    for file in ["linchpin.db", "linchpin.db-wal"] {
        let from = directory.join(file);
        if from.exists() {
            fs::copy(from, copy.path().join(file)).unwrap();
        }
    }
    let database = Connection::open(copy.path().join("linchpin.db")).unwrap();
    let check = "PRAGMA integrity_check";
    let told: String = database.query_row(check, [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok");
    for (what, sql) in IMPOSSIBLE {
        assert_eq!(count(&database, sql), 0, "there is {what}");
    }
    count(&database, "SELECT count(*) FROM link_session")
}

fn count(database: &Connection, sql: &str) -> u64 {
    let found: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
    found.try_into().unwrap()
}
