//! A database that a dump was just read into: what it must be like, and how it is told from one that is fit to be served.
//!
//! Two facts stand in the store. `restore_under_way` is there from before the first change until the last one, and no
//! node starts beside it. `restored` is what becomes of it then: it keeps the time of the backup, since the restore
//! itself moves the store's clock, and a repetition has to go by the backup's. A dump of that database takes the fact
//! along; it counts only in the table in which it was written.

use std::time::Duration;

use tokio_postgres::{Client, Error};

use super::{
    Postgres,
    database::Database,
    dial::{Line, reason},
    migrate, settle,
};
use crate::{
    domain::{keyring::Keyring, time::Timestamp},
    store::{OpenError, migration},
};

/// Looks for connections of nodes, and the time between them: three seconds in all. A node that has lost the database
/// tries again every second.
const LOOKS: u32 = 7;
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

const IS_STORE: &str = "SELECT to_regclass('store_fact') IS NOT NULL";
const NODES: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = 'linchpin' AND pid <> pg_backend_pid()";
const BACKUP: &str = "SELECT number FROM store_fact WHERE name IN ('restore_under_way', 'clock') \
    OR name = 'restored' AND bytes = int8send(tableoid::bigint) \
    ORDER BY CASE name WHEN 'restore_under_way' THEN 1 WHEN 'restored' THEN 2 ELSE 3 END LIMIT 1";
const BEGIN: &str = "INSERT INTO store_fact (name, number) VALUES ('restore_under_way', $1) ON CONFLICT (name) DO NOTHING";
const TAKE_BACK: &str = "DELETE FROM store_fact WHERE name = 'restore_under_way'";
const END: &str = "BEGIN; DELETE FROM store_fact WHERE name = 'restored'; \
    UPDATE store_fact SET name = 'restored', bytes = int8send(tableoid::bigint) WHERE name = 'restore_under_way'; COMMIT";
const UNDER_WAY: &str = "SELECT number FROM store_fact WHERE name = 'restore_under_way'";

/// A database on its way to be served again.
pub struct Restored {
    database: Database,
    backup: Timestamp,
}

/// Looks whether there is a store of this master key, and whether nobody works with it. Changes nothing.
///
/// # Errors
///
/// [`OpenError`] where not, with what to do.
pub async fn check_restored(database: &Database, keyring: &Keyring) -> Result<Restored, OpenError> {
    let refused = |detail: String| OpenError::Database {
        database: database.to_string(),
        detail,
    };
    let failed = |error: Error| refused(reason(&error));
    let line = database.connect().await.map_err(refused)?;
    let client = &line.client;
    let is_store = client.query_one(IS_STORE, &[]).await.map_err(failed)?;
    if !is_store.get::<_, bool>(0) {
        return Err(refused(
            "there is no store in it; read the dump with pg_restore first".to_owned(),
        ));
    }
    migration::missing(&migrate::ran(client).await.map_err(failed)?)?;
    settle::check_key(client, keyring, database).await?;
    for _ in 1..LOOKS {
        check_unused(client).await.map_err(refused)?;
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    check_unused(client).await.map_err(refused)?;
    let backup = client.query_opt(BACKUP, &[]).await.map_err(failed)?;
    Ok(Restored {
        database: database.clone(),
        backup: Timestamp(backup.map_or(0, |row| row.get(0))),
    })
}

impl Restored {
    /// The time of the latest change in the backup, whatever an earlier try has written since.
    pub fn backup(&self) -> Timestamp {
        self.backup
    }

    /// Marks the database as one that no node may serve. To be called before the first change.
    ///
    /// # Errors
    ///
    /// Where a node was faster.
    pub async fn begin(&self) -> Result<(), OpenError> {
        let line = self.connect().await?;
        let failed = |error: Error| self.refused(reason(&error));
        let begun = line.client.execute(BEGIN, &[&self.backup.0]).await;
        let is_first = begun.map_err(failed)? == 1;
        // A node that starts from here on sees the mark; one that was faster is seen here.
        let unused = check_unused(&line.client).await;
        if unused.is_err() && is_first {
            line.client.execute(TAKE_BACK, &[]).await.map_err(failed)?;
        }
        unused.map_err(|detail| self.refused(detail))
    }

    /// Says that the database is fit to be served. To be called after the last change.
    ///
    /// # Errors
    ///
    /// Where it cannot be reached; the restore has to be repeated then.
    pub async fn end(&self) -> Result<(), OpenError> {
        let line = self.connect().await?;
        let ended = line.client.batch_execute(END).await;
        ended.map_err(|error| self.refused(reason(&error)))
    }

    async fn connect(&self) -> Result<Line, OpenError> {
        let connected = self.database.connect().await;
        connected.map_err(|detail| self.refused(detail))
    }

    fn refused(&self, detail: String) -> OpenError {
        OpenError::Database {
            database: self.database.to_string(),
            detail,
        }
    }
}

impl Postgres {
    /// Refuses a database whose restore was begun and did not come to its end.
    pub async fn check_not_restoring(&self) -> Result<(), OpenError> {
        let refused = |detail: String| OpenError::Database {
            database: self.database.to_string(),
            detail,
        };
        let rows = self.pool.read("store_fact", UNDER_WAY, &[]).await;
        match rows.map_err(|error| refused(error.to_string()))?.is_empty() {
            true => Ok(()),
            false => Err(refused(
                "a backup was read into it, and `linchpin restore --database` is under way or was cut off; run that command again with every ledger".to_owned(),
            )),
        }
    }
}

async fn check_unused(client: &Client) -> Result<(), String> {
    let found = client.query_one(NODES, &[]).await;
    let nodes: i64 = found.map_err(|error| reason(&error))?.get(0);
    match nodes {
        0 => Ok(()),
        _ => Err(format!(
            "{nodes} connections of linchpin nodes are open. Stop every node first: what they hold in memory would be served on"
        )),
    }
}
