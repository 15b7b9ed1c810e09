//! The schema's history on PostgreSQL: one transaction a migration, one node at a time.

use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, error::SqlState};

use super::database::{Database, reason};
use crate::store::{
    OpenError,
    migration::{self, Ran},
};

/// Guards the migrations among all nodes; any number that nothing else here uses.
const LOCK: i64 = 0x6c69_6e63_6870_696e;

/// Tries for a lock that others hold; each waits a second on the server.
const TRIES: u32 = 60;

/// Brings the schema up to date.
///
/// A migration waits at most a second for a lock on a table and then begins anew, so that nobody queues behind it.
pub async fn run(client: &Client, database: &Database) -> Result<(), OpenError> {
    let failed = |error: tokio_postgres::Error| OpenError::Database {
        database: database.to_string(),
        detail: reason(&error),
    };
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(client).await {
            Ok(outcome) => return outcome,
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) && tries < TRIES => {
                client.batch_execute("ROLLBACK").await.map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
    }
}

/// The migrations that ran, oldest first; none where there is no schema.
pub async fn ran(client: &Client) -> Result<Vec<Ran>, tokio_postgres::Error> {
    let there = client
        .query_one("SELECT to_regclass('schema_migration') IS NOT NULL", &[])
        .await?;
    if !there.get::<_, bool>(0) {
        return Ok(Vec::new());
    }
    let sql = "SELECT number, checksum FROM schema_migration ORDER BY number";
    let rows = client.query(sql, &[]).await?;
    Ok(rows
        .iter()
        .map(|row| Ran {
            number: row.get(0),
            checksum: row.get(1),
        })
        .collect())
}

async fn attempt(client: &Client) -> Result<Result<(), OpenError>, tokio_postgres::Error> {
    // Most starts find nothing to do, and then nothing is locked.
    match migration::missing(&ran(client).await?) {
        Ok(missing) if missing.is_empty() => return Ok(Ok(())),
        Ok(_) => {}
        Err(refused) => return Ok(Err(refused)),
    }
    loop {
        let begin = format!(
            "BEGIN; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock({LOCK}); \
             CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, checksum BYTEA NOT NULL)"
        );
        client.batch_execute(&begin).await?;
        let missing = match migration::missing(&ran(client).await?) {
            Ok(missing) => missing,
            Err(refused) => {
                client.batch_execute("ROLLBACK").await?;
                return Ok(Err(refused));
            }
        };
        let Some(next) = missing.first() else {
            client.batch_execute("COMMIT").await?;
            return Ok(Ok(()));
        };
        client.batch_execute(next.postgres).await?;
        let checksum = Sha256::digest(next.postgres.as_bytes()).to_vec();
        client
            .execute(
                "INSERT INTO schema_migration (number, checksum) VALUES ($1, $2)",
                &[&next.number, &checksum],
            )
            .await?;
        client.batch_execute("COMMIT").await?;
        tracing::info!(number = next.number, name = next.name, "migration done");
    }
}
