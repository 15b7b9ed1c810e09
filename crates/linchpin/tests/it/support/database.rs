//! A look into the data directory of a server, from beside it.

use std::{fmt::Write as _, path::Path};

use rusqlite::{Connection, OpenFlags, types::ValueRef};

use super::engine::{Engine, Session};

/// Every table that business rows are in.
const TABLES: [&str; 15] = [
    "organisation",
    "client_app",
    "api_key",
    "link_session",
    "link_session_history",
    "connection",
    "connection_history",
    "kept_answer",
    "account_settings",
    "sealed",
    EVENT,
    "webhook_endpoint",
    "delivery",
    "delivery_attempt",
    AUDIT,
];

/// The audit log, whose chain is continued at any time after a commit.
const AUDIT: &str = "audit";
/// Events, which get their position at any time after a commit.
const EVENT: &str = "event";

/// The database, read only.
pub enum Database {
    Sqlite(Connection),
    Postgres(Session),
}

impl Database {
    pub fn open(engine: &Engine, directory: &Path) -> Self {
        if let Engine::Postgres(made) = engine {
            return Self::Postgres(Session::open(&made.url()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = directory.join("linchpin.db");
        Self::Sqlite(Connection::open_with_flags(path, flags).expect("the database opens"))
    }

    /// Every row of a question, its columns as text.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let connection = match self {
            Self::Postgres(session) => return session.rows(sql),
            Self::Sqlite(connection) => connection,
        };
        let mut statement = connection.prepare(sql).expect("a question");
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
        let rows = self.rows(sql);
        let number = rows.first().and_then(|row| row.first()).expect("a row");
        number.parse().expect("a number")
    }

    /// Everything in every table, in an order that does not depend on where it lies.
    pub fn dump(&self) -> Vec<(&'static str, Vec<Vec<String>>)> {
        let all = |table: &&'static str| {
            let columns = match *table {
                AUDIT => "id, entry, code",
                EVENT => {
                    "id, organisation_id, environment, type, connection_id, sequence, at, told"
                }
                _ => "*",
            };
            let mut rows = self.rows(&format!("SELECT {columns} FROM {table}"));
            rows.sort();
            (*table, rows)
        };
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
        ValueRef::Blob(bytes) => hexadecimal(bytes),
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Every byte of every file of a directory, with the files' names, and of every table of a database beside it.
pub fn bytes_of(engine: &Engine, directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("the data directory");
    let files = entries.filter_map(|entry| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let bytes = std::fs::read(entry.path()).ok()?;
        Some((name, bytes))
    });
    let tables = match engine {
        Engine::Sqlite => Vec::new(),
        Engine::Postgres(_) => Database::open(engine, directory).dump(),
    };
    let tables = tables.into_iter().flat_map(|(table, rows)| {
        let values = rows.into_iter().flatten();
        values.flat_map(move |value| {
            let bytes = from_hexadecimal(&value);
            let as_bytes = bytes.map(|bytes| (format!("{table}, bytes"), bytes));
            as_bytes
                .into_iter()
                .chain([(table.to_owned(), value.into_bytes())])
        })
    });
    files.chain(tables).collect()
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
