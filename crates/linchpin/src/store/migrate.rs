//! The schema's history: numbered migrations, each run once, each recognised by its checksum.

use std::path::Path;

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::{OpenError, sqlite};

/// Every migration of the embedded engine, oldest first.
const MIGRATIONS: [(i64, &str); 1] = [(1, include_str!("../../migrations/sqlite/0001_first.sql"))];

/// Brings the schema up to date, one transaction a migration.
pub fn run(connection: &mut Connection, directory: &Path) -> Result<(), OpenError> {
    let failed = |error: &rusqlite::Error| sqlite::open_failed(directory, error);
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_migration (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT",
        )
        .map_err(|e| failed(&e))?;
    let known = MIGRATIONS
        .iter()
        .map(|(number, _)| *number)
        .max()
        .unwrap_or(0);
    let found: i64 = connection
        .query_row(
            "SELECT COALESCE(MAX(number), 0) FROM schema_migration",
            [],
            |row| row.get(0),
        )
        .map_err(|e| failed(&e))?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (number, sql) in MIGRATIONS {
        let checksum = Sha256::digest(sql.as_bytes()).to_vec();
        if number <= found {
            let ran: Vec<u8> = connection
                .query_row(
                    "SELECT checksum FROM schema_migration WHERE number = ?1",
                    [number],
                    |row| row.get(0),
                )
                .map_err(|e| failed(&e))?;
            if ran != checksum {
                return Err(OpenError::OtherMigration(number));
            }
            continue;
        }
        let transaction = connection.transaction().map_err(|e| failed(&e))?;
        transaction.execute_batch(sql).map_err(|e| failed(&e))?;
        transaction
            .execute(
                "INSERT INTO schema_migration (number, checksum) VALUES (?1, ?2)",
                params![number, checksum],
            )
            .map_err(|e| failed(&e))?;
        transaction.commit().map_err(|e| failed(&e))?;
    }
    Ok(())
}
