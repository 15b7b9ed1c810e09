//! The schema's history on SQLite: one transaction a migration.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::file;
use crate::store::{
    OpenError,
    migration::{self, Ran},
};

/// Brings the schema up to date.
pub fn run(connection: &mut Connection, directory: &Path) -> Result<(), OpenError> {
    let failed = |error: &rusqlite::Error| file::open_failed(directory, error);
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT",
        )
        .map_err(|e| failed(&e))?;
    for migration in migration::missing(&ran(connection).map_err(|e| failed(&e))?)? {
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
    }
    Ok(())
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
