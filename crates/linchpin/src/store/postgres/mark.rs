//! A mark in every commit, by which one that got no answer is found again.
//!
//! Each writer has a row of its own and counts it up in each of its transactions. When the answer to COMMIT is lost,
//! the row says whether that transaction stands: it is read under a lock, and so not before the transaction is over.
//! Unlike a transaction's id, the mark says the same after a crash of the server and on the standby that took over.

use tokio_postgres::Client;

use crate::{
    domain::time::{HOUR, Timestamp},
    store::operation::WriteError,
};

/// Counts up by one commit.
pub const COUNT: &str = "UPDATE commit_mark SET number = $1, \
    at = (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint WHERE writer = $2";

/// For how long the mark of a writer that commits nothing is kept, in milliseconds. One that is still there notices and
/// puts it down again.
const KEPT_FOR: i64 = 7 * 24 * HOUR;

/// Lets go of the marks of writers that are gone.
pub async fn forget(client: &Client, now: Timestamp) -> Result<u64, tokio_postgres::Error> {
    let sql = "DELETE FROM commit_mark WHERE at <= $1";
    client.execute(sql, &[&now.plus(-KEPT_FOR).0]).await
}

/// A writer's mark.
pub struct Mark {
    writer: i64,
    number: i64,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stands.
    Stands,
    /// It was undone; nothing of it is left.
    Undone,
}

impl Mark {
    /// A mark of a new writer.
    pub fn draw() -> Result<Self, WriteError> {
        let random = getrandom::u64().map_err(|error| WriteError::Failed(error.to_string()))?;
        Ok(Self {
            writer: i64::from_le_bytes(random.to_le_bytes()),
            number: 0,
        })
    }

    /// Makes the row where there is none.
    pub async fn put_down(&self, client: &Client) -> Result<(), String> {
        let sql = "INSERT INTO commit_mark (writer, number, at) \
            VALUES ($1, 0, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint) ON CONFLICT (writer) DO NOTHING";
        client
            .execute(sql, &[&self.writer])
            .await
            .map(drop)
            .map_err(|error| super::dial::reason(&error))
    }

    /// The number and the writer of the next commit, for [`COUNT`].
    pub fn next(&mut self) -> (i64, i64) {
        self.number += 1;
        (self.number, self.writer)
    }

    /// Whether the commit with the latest number stands. Waits until it is over, as long as the server lets it.
    pub async fn look_up(&self, client: &Client) -> Result<Fate, String> {
        let sql = "SELECT number FROM commit_mark WHERE writer = $1 FOR UPDATE";
        let row = client
            .query_opt(sql, &[&self.writer])
            .await
            .map_err(|error| super::dial::reason(&error))?;
        let found: i64 = row.map_or(0, |row| row.get(0));
        Ok(match found >= self.number {
            true => Fate::Stands,
            false => Fate::Undone,
        })
    }
}
