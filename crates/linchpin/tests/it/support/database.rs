//! A look into the data directory of a server, from beside it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, types::ValueRef};

/// Every table that business rows are in.
pub const TABLES: [&str; 8] = [
    "organisation",
    "client_app",
    "api_key",
    "link_session",
    "link_session_history",
    "connection",
    "connection_history",
    "kept_answer",
];

/// The database, read only.
pub struct Database(Connection);

impl Database {
    pub fn open(directory: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = directory.join("linchpin.db");
        Self(Connection::open_with_flags(path, flags).expect("the database opens"))
    }

    /// Every row of a question, its columns as text.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let mut statement = self.0.prepare(sql).expect("a question");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|at| row.get_ref(at).map(as_text))
                .collect::<rusqlite::Result<Vec<_>>>()
        });
        rows.expect("an answer")
            .collect::<Result<_, _>>()
            .expect("rows")
    }

    /// The number that a question has for an answer.
    pub fn number(&self, sql: &str) -> i64 {
        self.0
            .query_row(sql, [], |row| row.get(0))
            .expect("a number")
    }

    /// Everything in every table.
    pub fn dump(&self) -> Vec<(&'static str, Vec<Vec<String>>)> {
        let all = |table: &&'static str| (*table, self.rows(&format!("SELECT * FROM {table}")));
        TABLES.iter().map(all).collect()
    }

    /// Events of the history of every session, in their order.
    pub fn events(&self) -> Vec<String> {
        self.rows("SELECT event FROM link_session_history ORDER BY session_id, version")
            .into_iter()
            .flatten()
            .collect()
    }

    /// How often the history has this event.
    pub fn count_of(&self, event: &str) -> usize {
        self.events().iter().filter(|e| *e == event).count()
    }

    /// Stages of all sessions, oldest first.
    pub fn stages(&self) -> Vec<String> {
        self.rows("SELECT stage FROM link_session ORDER BY id")
            .into_iter()
            .flatten()
            .collect()
    }

    /// Ids of all connections, oldest first.
    pub fn connections(&self) -> Vec<String> {
        self.rows("SELECT id FROM connection ORDER BY created_at, id")
            .into_iter()
            .flatten()
            .collect()
    }
}

fn as_text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// Every byte of every file of a directory, with the files' names.
pub fn bytes_of(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("the data directory");
    entries
        .filter_map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            let bytes = std::fs::read(entry.path()).ok()?;
            Some((name, bytes))
        })
        .collect()
}
