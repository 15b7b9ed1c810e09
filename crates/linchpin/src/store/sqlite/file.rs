//! The database file: opening, settings, checks, values, errors.

use std::{
    borrow::Cow,
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension as _, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use subtle::ConstantTimeEq as _;

use crate::domain::{
    keyring::{Keyring, Purpose},
    time::Timestamp,
};
use crate::store::{
    OpenError,
    operation::{Refusal, Value, WriteError},
};

/// Below this size the whole database is checked before it is served after an unclean stop, in bytes.
const CHECK_BEFORE_SERVING_MAX: u64 = 64 * 1024 * 1024;

/// Statements that a connection keeps prepared.
const STATEMENTS_KEPT: usize = 64;

/// The database file of a data directory.
pub fn file(directory: &Path) -> PathBuf {
    directory.join("linchpin.db")
}

/// Opens the one connection that writes. The second value says whether the database is still to be checked for damage,
/// because it is too large to have everybody wait for that.
pub fn open_writer(directory: &Path, left_open: bool) -> Result<(Connection, bool), OpenError> {
    let path = file(directory);
    // SQLite would make its files readable for all; it gives the log the mode of the database.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|error| OpenError::Failed {
            directory: directory.to_owned(),
            detail: error.to_string(),
        })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(&path, flags).map_err(|e| open_failed(directory, &e))?;
    settle(&connection, directory)?;
    let small = std::fs::metadata(&path).is_ok_and(|found| found.len() < CHECK_BEFORE_SERVING_MAX);
    if left_open && small {
        check_for_damage(&connection, directory)?;
    }
    Ok((connection, left_open && !small))
}

/// Opens a connection that only reads.
pub fn open_reader(directory: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file(directory), flags)
        .map_err(|e| open_failed(directory, &e))?;
    connection
        .execute_batch(
            "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 5000;",
        )
        .map_err(|e| open_failed(directory, &e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Opens a connection that only looks, and leaves no file behind.
///
/// Without a log the store was closed in order, and the file alone is read; SQLite would make a log otherwise.
pub fn open_onlooker(directory: &Path) -> Result<Connection, OpenError> {
    let path = file(directory);
    if path.with_extension("db-wal").exists() {
        return open_reader(directory);
    }
    let refused = |detail: String| OpenError::Failed {
        directory: directory.to_owned(),
        detail,
    };
    let path = std::path::absolute(&path).map_err(|error| refused(error.to_string()))?;
    let mut url = url::Url::from_file_path(&path)
        .map_err(|()| refused("its name cannot be written as a URL".to_owned()))?;
    url.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(url.as_str(), flags).map_err(|e| open_failed(directory, &e))
}

/// Sets what durability rests on, and that what is deleted is overwritten, and looks whether it took.
fn settle(connection: &Connection, directory: &Path) -> Result<(), OpenError> {
    let failed = |error: &rusqlite::Error| open_failed(directory, error);
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA secure_delete = ON;
             PRAGMA busy_timeout = 5000;
             PRAGMA cell_size_check = ON;
             PRAGMA cache_size = -8192;
             PRAGMA wal_autocheckpoint = 0;",
        )
        .map_err(|e| failed(&e))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    let expected = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("trusted_schema", "0"),
        ("secure_delete", "1"),
    ];
    for (name, wanted) in expected {
        let found: String = connection
            .pragma_query_value(None, name, |row| {
                Ok(match row.get_ref(0)? {
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                    _ => String::new(),
                })
            })
            .map_err(|e| failed(&e))?;
        if found != wanted {
            let detail = format!("the database would not take {name} = {wanted} (it says {found})");
            return Err(OpenError::Failed {
                directory: directory.to_owned(),
                detail,
            });
        }
    }
    Ok(())
}

/// Reads the whole database and refuses it when anything in it is not as it was written.
pub fn check_for_damage(connection: &Connection, directory: &Path) -> Result<(), OpenError> {
    let found: Option<String> = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .optional()
        .map_err(|e| open_failed(directory, &e))?;
    match found.as_deref() {
        Some("ok") => Ok(()),
        other => Err(OpenError::Damaged {
            path: file(directory),
            detail: other.unwrap_or("the check gave no answer").to_owned(),
        }),
    }
}

/// Recognises the master key by a value that only it can make; writes that value on the first start.
pub fn check_key(
    connection: &Connection,
    keyring: &Keyring,
    directory: &Path,
) -> Result<(), OpenError> {
    let failed = |error: &rusqlite::Error| open_failed(directory, error);
    let check = keyring.mac(Purpose::Check, &[b"linchpin store"]);
    let found: Option<Vec<u8>> = connection
        .query_row(
            "SELECT bytes FROM store_fact WHERE name = 'key_check'",
            [],
            |row| row.get(0),
        )
        .optional()
        .map_err(|e| failed(&e))?;
    match found {
        Some(found) if found.ct_eq(&check).into() => Ok(()),
        Some(_) => Err(OpenError::OtherKey),
        None => connection
            .execute(
                "INSERT INTO store_fact (name, bytes) VALUES ('key_check', ?1)",
                [check.as_slice()],
            )
            .map(drop)
            .map_err(|e| failed(&e)),
    }
}

/// The latest time that was written.
pub fn latest_time(connection: &Connection, directory: &Path) -> Result<Timestamp, OpenError> {
    connection
        .query_row(
            "SELECT number FROM store_fact WHERE name = 'clock'",
            [],
            |row| row.get(0),
        )
        .optional()
        .map(|found: Option<i64>| Timestamp(found.unwrap_or(0)))
        .map_err(|e| open_failed(directory, &e))
}

/// Turns an error at start-up into a text that says what to do.
pub fn open_failed(directory: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Damaged {
            path: file(directory),
            detail: error.to_string(),
        },
        _ => OpenError::Failed {
            directory: directory.to_owned(),
            detail: error.to_string(),
        },
    }
}

/// Turns an error of a statement into what the caller is told.
pub fn write_error(error: &rusqlite::Error) -> WriteError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => WriteError::Refused(Refusal::Exists),
        Some(ErrorCode::DiskFull) => WriteError::Full,
        _ => WriteError::Failed(error.to_string()),
    }
}

/// Whether the error means that bytes may or may not have reached the disk.
///
/// The page cache can have dropped what failed to be flushed, so flushing again and hearing "done" proves nothing.
pub fn is_failed_flush(error: &rusqlite::Error) -> bool {
    const FAILED_FLUSHES: [i32; 3] = [
        rusqlite::ffi::SQLITE_IOERR_FSYNC,
        rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC,
        rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
    ];
    error
        .sqlite_error()
        .is_some_and(|e| FAILED_FLUSHES.contains(&e.extended_code))
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// Reads one column of the current row.
pub fn value(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(Cow::Owned(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(rusqlite::Error::InvalidQuery),
    })
}
