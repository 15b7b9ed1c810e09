//! The schema's history on PostgreSQL: one node at a time, and never a lock that others wait behind for long.
//!
//! A migration is written down as done when all of its steps are. A node that was killed in between leaves a lock that
//! goes with its connection, and steps that the next node runs again.

use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, Error, error::SqlState};

use super::{database::Database, dial::reason};
use crate::store::{
    OpenError,
    migration::{self, Migration, Ran, Step},
};

/// Guards the migrations among all nodes; any number that nothing else here uses.
const LOCK: i64 = 0x6c69_6e63_6870_696e;

/// How long a node waits for another one that migrates.
const TURN: Duration = Duration::from_mins(30);
/// Between two looks whether it is done.
const LOOK: Duration = Duration::from_millis(200);

/// Tries of a step whose rows or tables others hold; each waits a second on the server.
const TRIES: u32 = 60;
/// Between two of them, so that those who waited behind the step get through.
const PAUSE: Duration = Duration::from_millis(200);

/// Pages between two lines in the log.
const PAGES_TOLD: u64 = 100;

const WRITE_DOWN: &str = "INSERT INTO schema_migration (number, checksum) VALUES ($1, $2)";

/// Brings the schema up to date; answers what was done.
pub async fn run(
    client: &Client,
    database: &Database,
) -> Result<Vec<&'static Migration>, OpenError> {
    let failed = |error: Error| OpenError::Database {
        database: database.to_string(),
        detail: reason(&error),
    };
    // Most starts find nothing to do, and then nothing is locked.
    if migration::missing(&ran(client).await.map_err(failed)?)?.is_empty() {
        return Ok(Vec::new());
    }
    // Steps end by themselves or by their lock; the lock is waited for in small bites.
    let settings = "SET statement_timeout = 0; SET lock_timeout = '1s'";
    client.batch_execute(settings).await.map_err(failed)?;
    if !take_turn(client).await.map_err(failed)? {
        return Err(OpenError::Database {
            database: database.to_string(),
            detail: "another node is changing its schema and is not done after 30 minutes; look at that node's log".to_owned(),
        });
    }
    let done = run_missing(client).await;
    // Fails where the connection is gone, and the lock with it.
    let give_back = format!(
        "ROLLBACK; SELECT pg_advisory_unlock({LOCK}); RESET statement_timeout; RESET lock_timeout"
    );
    client.batch_execute(&give_back).await.unwrap_or_default();
    done.map_err(failed)?
}

/// The migrations that ran, oldest first; none where there is no schema.
pub async fn ran(client: &Client) -> Result<Vec<Ran>, Error> {
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

/// Waits until no other node migrates. It asks again and again, since a statement that waits would be waited for by
/// the making of an index.
async fn take_turn(client: &Client) -> Result<bool, Error> {
    let begun = Instant::now();
    let sql = format!("SELECT pg_try_advisory_lock({LOCK})");
    let mut told = false;
    loop {
        if client.query_one(&sql, &[]).await?.get(0) {
            return Ok(true);
        }
        if begun.elapsed() > TURN {
            return Ok(false);
        }
        if !told {
            tracing::info!("another node changes the schema; waiting for it");
            told = true;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn run_missing(client: &Client) -> Result<Result<Vec<&'static Migration>, OpenError>, Error> {
    let table = "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, checksum BYTEA NOT NULL)";
    client.batch_execute(table).await?;
    let missing = match migration::missing(&ran(client).await?) {
        Ok(missing) => missing,
        Err(refused) => return Ok(Err(refused)),
    };
    for next in &missing {
        tracing::info!(number = next.number, name = next.name, "migration begun");
        carry_out(client, next).await?;
        tracing::info!(number = next.number, name = next.name, "migration done");
    }
    Ok(Ok(missing))
}

async fn carry_out(client: &Client, migration: &Migration) -> Result<(), Error> {
    let steps = migration::steps(migration.postgres);
    let checksum = Sha256::digest(migration.postgres.as_bytes()).to_vec();
    if let [Step::Transaction(sql)] = steps.as_slice() {
        // Done and written down in one, so that such a text may be one that cannot run twice.
        return patiently(client, async || {
            client.batch_execute(&format!("BEGIN; {sql}")).await?;
            client
                .execute(WRITE_DOWN, &[&migration.number, &checksum])
                .await?;
            client.batch_execute("COMMIT").await
        })
        .await;
    }
    for step in steps {
        match step {
            Step::Transaction(sql) => {
                let sql = format!("BEGIN; {sql}; COMMIT");
                patiently(client, async || client.batch_execute(&sql).await).await?;
            }
            Step::Index { name, sql } => make_index(client, name, sql).await?,
            Step::Pages(sql) => page_by_page(client, sql).await?,
        }
    }
    client
        .execute(WRITE_DOWN, &[&migration.number, &checksum])
        .await
        .map(drop)
}

/// Tries again while others hold what the step needs. In between they get their turn.
async fn patiently<T>(
    client: &Client,
    step: impl AsyncFn() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match step().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let in_the_way = [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ];
        if tries == TRIES || !error.code().is_some_and(|code| in_the_way.contains(code)) {
            return Err(error);
        }
        client.batch_execute("ROLLBACK").await?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Makes an index while others read and write. It waits for transactions that are open, and nobody waits for it.
async fn make_index(client: &Client, name: &str, sql: &str) -> Result<(), Error> {
    let look = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1::text)::oid";
    let valid: Option<bool> = client
        .query_opt(look, &[&name])
        .await?
        .map(|row| row.get(0));
    if valid == Some(true) {
        return Ok(());
    }
    client.batch_execute("SET lock_timeout = 0").await?;
    if valid == Some(false) {
        let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
        client.batch_execute(&drop).await?;
    }
    client.batch_execute(sql).await?;
    client.batch_execute("SET lock_timeout = '1s'").await
}

async fn page_by_page(client: &Client, sql: &str) -> Result<(), Error> {
    let page = client.prepare(sql).await?;
    let mut last: Vec<u8> = Vec::new();
    for pages in 1_u64.. {
        let row = patiently(client, async || client.query_opt(&page, &[&last]).await).await?;
        match row {
            Some(row) => last = row.get(0),
            None => break,
        }
        if pages % PAGES_TOLD == 0 {
            tracing::info!(pages, "migration goes on");
        }
    }
    Ok(())
}
