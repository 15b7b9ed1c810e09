//! A stopped store, read from its first row to its last.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, types::ValueRef};

use super::{file, lock::DirectoryLock, migrate};
use crate::{
    domain::keyring::Keyring,
    store::{
        OpenError,
        copy::{Page, ROWS, Table},
        migration,
        operation::Value,
    },
};

/// Tables in the order in which they were made, which is the one in which they may be filled.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
    AND name <> 'schema_migration' ORDER BY rowid";

/// A store that nobody else uses as long as this is held.
pub struct Source {
    connection: Connection,
    directory: PathBuf,
    lock: DirectoryLock,
    /// Whether the lock may say afterwards that all is well.
    is_checked: bool,
}

impl Source {
    /// Takes the store's lock, and checks schema and master key.
    pub fn open(directory: &Path, keyring: &Keyring) -> Result<Self, OpenError> {
        let refused = |detail: &str| OpenError::Failed {
            directory: directory.to_owned(),
            detail: detail.to_owned(),
        };
        if !file::file(directory).exists() {
            return Err(refused("there is no store in it"));
        }
        let lock = DirectoryLock::take(directory)?;
        let (connection, unchecked) = file::open_writer(directory, lock.was_left_open())?;
        let ran = migrate::ran(&connection).map_err(|e| file::open_failed(directory, &e))?;
        if !migration::missing(&ran)?.is_empty() {
            return Err(refused(
                "its schema is of an older release; run `linchpin migrate run` on it first",
            ));
        }
        file::check_key(&connection, keyring, directory)?;
        Ok(Self {
            connection,
            directory: directory.to_owned(),
            lock,
            is_checked: !unchecked,
        })
    }

    /// The tables that are to be copied, with their columns.
    pub fn tables(&self) -> Result<Vec<Table>, OpenError> {
        self.read_tables()
            .map_err(|error| file::open_failed(&self.directory, &error))
    }

    fn read_tables(&self) -> rusqlite::Result<Vec<Table>> {
        let mut names = self.connection.prepare(TABLES)?;
        let names = names.query_map([], |row| row.get::<_, String>(0))?;
        let mut tables = Vec::new();
        for name in names {
            let name = name?;
            let mut columns = self
                .connection
                .prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid")?;
            let columns = columns.query_map([&name], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                ))
            })?;
            let mut table = Table::new(name);
            for column in columns {
                let (name, kind, place) = column?;
                table.add(name, &kind, place);
            }
            tables.push(table);
        }
        Ok(tables)
    }

    /// Reads all rows of a table in the order of its key and hands them over page by page, until nobody takes them.
    pub fn read(&self, table: &Table, mut take: impl FnMut(Page) -> bool) -> Result<(), OpenError> {
        self.read_rows(table, &mut take)
            .map_err(|error| file::open_failed(&self.directory, &error))
    }

    fn read_rows(
        &self,
        table: &Table,
        take: &mut impl FnMut(Page) -> bool,
    ) -> rusqlite::Result<()> {
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {}",
            table.columns(),
            table.name,
            table.key()
        );
        let mut statement = self.connection.prepare(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut page = Vec::with_capacity(ROWS);
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|column| exact(row, column));
            page.push(values.collect::<rusqlite::Result<_>>()?);
            if page.len() == ROWS && !take(std::mem::take(&mut page)) {
                return Ok(());
            }
        }
        take(page);
        Ok(())
    }

    /// Gives the directory free.
    pub fn close(self) {
        let Self {
            connection,
            lock,
            is_checked,
            ..
        } = self;
        if connection.close().is_ok() && is_checked {
            lock.closed_in_order();
        }
    }
}

/// A value as it is. Unlike [`file::value`], a text that is not UTF-8 is an error: a copy must not hide it.
fn exact(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    if let ValueRef::Text(_) = row.get_ref(column)? {
        return row.get::<_, String>(column).map(Value::from);
    }
    file::value(row, column)
}
