//! The schema's history on SQLite: one transaction a migration, after a copy of what was there.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::file;
use crate::store::{
    OpenError,
    migration::{self, Migration, Ran},
};

/// Brings the schema up to date; answers what was done.
pub fn run(
    connection: &mut Connection,
    directory: &Path,
) -> Result<Vec<&'static Migration>, OpenError> {
    let failed = |error: &rusqlite::Error| file::open_failed(directory, error);
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT",
        )
        .map_err(|e| failed(&e))?;
    let ran = ran(connection).map_err(|e| failed(&e))?;
    let missing = migration::missing(&ran)?;
    if let (Some(first), false) = (missing.first(), ran.is_empty()) {
        put_aside(connection, directory, first.number)?;
    }
    for migration in &missing {
        let transaction = connection.transaction().map_err(|e| failed(&e))?;
        transaction
            .execute_batch(migration.sqlite)
            .map_err(|e| failed(&e))?;
        transaction
            .execute(
                "INSERT INTO schema_migration (number, checksum) VALUES (?1, ?2)",
                params![
                    migration.number,
                    Sha256::digest(migration.sqlite.as_bytes()).to_vec()
                ],
            )
            .map_err(|e| failed(&e))?;
        transaction.commit().map_err(|e| failed(&e))?;
        tracing::info!(
            number = migration.number,
            name = migration.name,
            "migration done"
        );
    }
    Ok(missing)
}

/// The migrations that ran, oldest first.
pub fn ran(connection: &Connection) -> rusqlite::Result<Vec<Ran>> {
    let mut question =
        connection.prepare("SELECT number, checksum FROM schema_migration ORDER BY number")?;
    let rows = question.query_map([], |row| {
        Ok(Ran {
            number: row.get(0)?,
            checksum: row.get(1)?,
        })
    })?;
    rows.collect()
}

/// Puts a copy of the database beside it, `linchpin.db.before-0002`, for whoever wants the release before back.
///
/// It has that name only when the whole of it is on the disk; what a start that was cut off has left is replaced.
fn put_aside(connection: &Connection, directory: &Path, number: i64) -> Result<(), OpenError> {
    let copy = directory.join(format!("linchpin.db.before-{number:04}"));
    let draft = directory.join(format!("linchpin.db.before-{number:04}.part"));
    let refused = |detail: String| OpenError::Failed {
        directory: directory.to_owned(),
        detail: format!(
            "the copy that is put aside before a migration could not be written ({}): {detail}",
            copy.display()
        ),
    };
    let failed = |error: std::io::Error| refused(error.to_string());
    // SQLite would make it readable for all; into an empty file it writes as it is.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(failed)?;
    let name = draft.to_str().ok_or_else(|| {
        refused("the name of the directory is not UTF-8; move it to another".to_owned())
    })?;
    connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(|error| refused(error.to_string()))?;
    let flush = |path: &Path| File::open(path).and_then(|file| file.sync_all());
    flush(&draft).map_err(failed)?;
    fs::rename(&draft, &copy).map_err(failed)?;
    flush(directory).map_err(failed)?;
    tracing::warn!(
        copy = %copy.display(),
        "the store as it was before the migration was put aside; delete the copy when the new release has proved itself"
    );
    Ok(())
}
