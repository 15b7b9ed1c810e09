//! A whole store from SQLite to PostgreSQL, and the proof that it arrived.
//!
//! Every table that the SQLite store has is copied, in the order of its key, and afterwards read again on both sides:
//! as many rows, and the same digest of all their values.

use std::{path::Path, thread};

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{Database, OpenError, operation::Value, postgres::Target, sqlite::Source};
use crate::domain::{hexadecimal, keyring::Keyring};

/// Rows that are handed over at once.
pub(super) const ROWS: usize = 2_000;

/// Rows of a table, their values in the order of its columns.
pub(super) type Page = Vec<Vec<Value>>;

/// What a copy has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// All rows of a table were written.
    Copied {
        /// The table.
        table: String,
        /// How many rows.
        rows: u64,
    },
    /// A table was read again on both sides and is the same.
    Verified {
        /// The table.
        table: String,
        /// SHA-256 over its rows, in hexadecimal digits.
        digest: String,
    },
}

/// Why a store was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two cannot be used, or failed on the way.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The database is not one that a store can be copied into.
    #[error("{database}: {detail}")]
    Target {
        /// Host, port and name of the database, without any password.
        database: String,
        /// Why not, and what to do.
        detail: String,
    },
    /// Afterwards a table was not the same on both sides.
    #[error(
        "{table} is not the same on both sides: {there} rows of {here}, or other values. The copy is of no use: look at the log of the PostgreSQL server, then run the command with --again"
    )]
    Differs {
        /// The table.
        table: String,
        /// Rows in the SQLite store.
        here: u64,
        /// Rows in the PostgreSQL database.
        there: u64,
    },
    /// The thread that reads did not come to its end.
    #[error("reading the store was cut off")]
    CutOff,
}

/// Copies the store of a directory that nobody serves into a database that has no rows yet, and compares the two.
///
/// `again` throws away what an earlier copy that was cut off has left there. `tell` hears of every table.
///
/// # Errors
///
/// When the store is in use or of another schema, the key is not its own, the database holds rows, or a table differs
/// afterwards. Servers refuse the database until a copy has come to its end.
pub async fn copy(
    from: &Path,
    to: &Database,
    keyring: &Keyring,
    again: bool,
    mut tell: impl FnMut(Progress),
) -> Result<(), CopyError> {
    let mut source = Source::open(from, keyring)?;
    let mut target = Target::open(to).await?;
    let tables = source.tables()?;
    target.begin(&tables, again).await?;
    for table in &tables {
        let mut rows = 0;
        let mut reading = Reading::start(source, table.clone());
        while let Some(page) = reading.pages.recv().await {
            rows += u64::try_from(page.len()).unwrap_or_default();
            target.write(table, &page).await?;
        }
        source = reading.end()?;
        let table = table.name.clone();
        tell(Progress::Copied { table, rows });
    }
    for table in &tables {
        let mut here = Digest::default();
        let mut reading = Reading::start(source, table.clone());
        while let Some(page) = reading.pages.recv().await {
            for row in &page {
                here.take(row);
            }
        }
        source = reading.end()?;
        let there = target.digest(table).await?;
        let (table, here_rows) = (table.name.clone(), here.rows);
        let digest = here.hexadecimal();
        if here_rows != there.rows || digest != there.hexadecimal() {
            return Err(CopyError::Differs {
                table,
                here: here_rows,
                there: there.rows,
            });
        }
        tell(Progress::Verified { table, digest });
    }
    target.end().await?;
    source.close();
    Ok(())
}

/// A thread that reads a table ahead of whoever takes the pages.
struct Reading {
    pages: mpsc::Receiver<Page>,
    thread: thread::JoinHandle<(Source, Result<(), OpenError>)>,
}

impl Reading {
    fn start(source: Source, table: Table) -> Self {
        let (send, pages) = mpsc::channel(2);
        let read = move || {
            let outcome = source.read(&table, |page| send.blocking_send(page).is_ok());
            (source, outcome)
        };
        Self {
            pages,
            thread: thread::spawn(read),
        }
    }

    /// Gives the source back. Call it when there are no more pages.
    fn end(self) -> Result<Source, CopyError> {
        let (source, outcome) = self.thread.join().map_err(|_| CopyError::CutOff)?;
        outcome?;
        Ok(source)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Text,
    Bytes,
}

/// A table as both engines have it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: String,
    columns: Vec<(String, Kind)>,
    /// Places in `columns`, in the order of the key.
    key: Vec<(i64, usize)>,
}

impl Table {
    pub fn new(name: String) -> Self {
        Self {
            name,
            columns: Vec::new(),
            key: Vec::new(),
        }
    }

    /// Adds a column by its type on SQLite, and its place in the key, from 1; 0 for one that is not of the key.
    pub fn add(&mut self, name: String, kind: &str, place_in_key: i64) {
        let kind = match kind {
            "INTEGER" => Kind::Number,
            "BLOB" => Kind::Bytes,
            _ => Kind::Text,
        };
        if place_in_key > 0 {
            self.key.push((place_in_key, self.columns.len()));
            self.key.sort_unstable();
        }
        self.columns.push((name, kind));
    }

    /// The names of all columns, between commas.
    pub fn columns(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.columns.iter().map(|(_, kind)| *kind)
    }

    /// The columns of the key, between commas.
    pub fn key(&self) -> String {
        self.key_with("")
    }

    /// The same, by the bytes of the texts, whatever the database sorts by.
    pub fn key_by_bytes(&self) -> String {
        self.key_with(" COLLATE \"C\"")
    }

    fn key_with(&self, after_text: &str) -> String {
        let columns = self.key.iter().filter_map(|(_, at)| self.columns.get(*at));
        let columns: Vec<String> = columns
            .map(|(name, kind)| match kind {
                Kind::Text => format!("{name}{after_text}"),
                Kind::Number | Kind::Bytes => name.clone(),
            })
            .collect();
        columns.join(", ")
    }
}

/// Rows and their values, in order, as one number.
#[derive(Default)]
pub(super) struct Digest {
    pub rows: u64,
    state: Sha256,
}

impl Digest {
    /// Takes a row. Each value stands with its kind, and what varies in length with its length, so that no two
    /// tables are written alike.
    pub fn take(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            match value {
                Value::Null => self.state.update([0]),
                Value::Int(number) => {
                    self.state.update([1]);
                    self.state.update(number.to_be_bytes());
                }
                Value::Text(text) => self.take_bytes(2, text.as_bytes()),
                Value::Bytes(bytes) => self.take_bytes(3, bytes),
            }
        }
    }

    fn take_bytes(&mut self, kind: u8, bytes: &[u8]) {
        self.state.update([kind]);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.state.update(length.to_be_bytes());
        self.state.update(bytes);
    }

    pub fn hexadecimal(&self) -> String {
        hexadecimal::of(&self.state.clone().finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(rows: &[&[Value]]) -> String {
        let mut digest = Digest::default();
        for row in rows {
            digest.take(row);
        }
        digest.hexadecimal()
    }

    #[test]
    fn no_two_rows_of_values_have_the_same_digest() {
        let text = |text: &'static str| Value::from(text);
        let all = [
            digest(&[&[text("ab"), text("c")]]),
            digest(&[&[text("a"), text("bc")]]),
            digest(&[&[text("abc"), Value::Null]]),
            digest(&[&[Value::Null, text("abc")]]),
            digest(&[&[Value::Bytes(b"ab".to_vec()), text("c")]]),
            digest(&[&[Value::Int(0), Value::Null]]),
            digest(&[&[text("c"), text("ab")]]),
            digest(&[&[text(""), Value::Null]]),
        ];
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    #[test]
    fn a_table_is_read_in_the_order_of_its_key() {
        let mut table = Table::new("t".to_owned());
        table.add("b".to_owned(), "TEXT", 2);
        table.add("c".to_owned(), "BLOB", 0);
        table.add("a".to_owned(), "INTEGER", 1);
        assert_eq!(table.columns(), "b, c, a");
        assert_eq!(table.key(), "a, b");
        assert_eq!(table.key_by_bytes(), "a, b COLLATE \"C\"");
    }
}
