//! The PostgreSQL engine: a few connections that write in batches, a pool that reads, one that listens.

mod batch;
mod bulk;
mod clock;
mod copy;
mod database;
mod days;
mod dial;
mod listen;
mod mark;
mod migrate;
mod pool;
mod restored;
mod settle;
mod timeline;
mod together;
mod value;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::TryFutureExt as _;
use tokio::sync::{broadcast, watch};

pub use clock::Measured;
pub use copy::Target;
pub use database::Database;
pub use listen::MovedSession;
pub use restored::check_restored;

use super::{
    Lease, OpenError, Options,
    lanes::Share,
    migration::{Migration, Ran},
    operation::{Operation, Value, WriteError},
    row::{ReadError, Row},
};
use crate::domain::{keyring::Keyring, time::Timestamp};

/// The migrations of a database; none where it has no schema yet.
pub async fn ran(database: &Database) -> Result<Vec<Ran>, OpenError> {
    let refused = |detail: String| OpenError::Database {
        database: database.to_string(),
        detail,
    };
    let line = database.connect().await.map_err(refused)?;
    let ran = migrate::ran(&line.client).await;
    ran.map_err(|error| refused(dial::reason(&error)))
}

/// Brings the schema of a database up to date.
pub async fn migrate(database: &Database) -> Result<Vec<&'static Migration>, OpenError> {
    let refused = |detail: String| OpenError::Database {
        database: database.to_string(),
        detail,
    };
    let line = database.connect().await.map_err(refused)?;
    settle::check_server(&line.client).await.map_err(refused)?;
    migrate::run(&line.client, database).await
}

/// How long the days may take; it goes on with what is left a round later.
const DAYS: Duration = Duration::from_mins(1);

/// From this uncertainty on the clock is read once more, and how often at most.
const GOOD_SAMPLE: Duration = Duration::from_millis(100);
const SAMPLES_MAX: usize = 3;

/// An open database.
pub struct Postgres {
    writers: batch::Writers,
    pool: pool::Pool,
    listener: listen::Listener,
    latest: Timestamp,
    days: days::Days,
    database: Database,
    /// Never told: a server that loses its disk ends our connections, and no node has to end with it.
    halt: watch::Sender<bool>,
}

impl Postgres {
    /// Connects, brings the schema up to date, and checks version, settings and master key.
    pub async fn open(
        database: &Database,
        options: &Options,
        keyring: &Keyring,
    ) -> Result<Self, OpenError> {
        let refused = |detail: String| OpenError::Database {
            database: database.to_string(),
            detail,
        };
        let line = database.connect().await.map_err(refused)?;
        let server = dial::within(dial::ANSWER, settle::check_server(&line.client));
        server.await.map_err(refused)?;
        // As long as it takes; the server's own limits and the network's are in force.
        migrate::run(&line.client, database).await?;
        let checked = async {
            settle::check_whole(&line.client).await.map_err(refused)?;
            settle::check_key(&line.client, keyring, database).await?;
            settle::latest_time(&line.client).await.map_err(refused)
        };
        let latest = tokio::time::timeout(2 * dial::ANSWER, checked)
            .await
            .unwrap_or_else(|_| Err(refused("it does not answer".to_owned())))?;
        let days = days::Days::default();
        let writers = batch::Writers::start(database, options, days.clone())
            .map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            writers,
            pool: pool::Pool::new(database, options.readers).map_err(refused)?,
            listener: listen::Listener::start(database.clone()),
            latest,
            days,
            database: database.clone(),
            halt: watch::Sender::new(false),
        })
    }

    /// The latest time that was written before this start.
    pub fn latest_time(&self) -> Timestamp {
        self.latest
    }

    /// Never turns true.
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.halt.subscribe()
    }

    /// Counts up whenever organisations, apps or keys may have changed.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.listener.heard()
    }

    /// Hears which sessions may have changed.
    pub fn moved_sessions(&self) -> broadcast::Receiver<MovedSession> {
        self.listener.sessions()
    }

    /// Hears what nodes tell of uses.
    pub fn told_uses(&self) -> broadcast::Receiver<Arc<str>> {
        self.listener.uses()
    }

    /// Tells all nodes of uses.
    pub async fn tell_uses(&self, text: String) -> Result<(), ReadError> {
        let values = [Value::Text(text.into())];
        self.pool
            .read("uses", listen::TELL_USES, &values)
            .await
            .map(drop)
    }

    /// Commits an operation together with whatever else is waiting.
    pub async fn write(&self, share: Share, operation: Operation) -> Result<(), WriteError> {
        self.writers.write(share, operation).await
    }

    /// Asks a question; `table` names the rows in the error that a broken one gives.
    pub async fn read(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, ReadError> {
        self.pool.read(table, sql, &values).await
    }

    /// Makes the coming days ready and drops the days of which nothing is left to keep, as long as nobody else has
    /// claimed the lease; lets go of marks that nobody counts up any more. Answers how many days were dropped.
    pub async fn drop_days(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        lease: &Lease,
    ) -> Result<u64, String> {
        let line = self.database.connect().await?;
        let kept = async {
            let dropped = days::keep(&line.client, &self.days, ended_before, now, lease).await?;
            mark::forget(&line.client, now).await?;
            Ok(dropped)
        };
        let kept = kept.map_err(|error: tokio_postgres::Error| dial::reason(&error));
        dial::within(DAYS, kept).await
    }

    /// Reads the database's clock.
    pub async fn measure_time(&self) -> Result<Measured, ReadError> {
        let mut best = self.measure_once().await?;
        // A sample that had to wait for a connection says little.
        for _ in 0..SAMPLES_MAX {
            if best.uncertain() <= GOOD_SAMPLE {
                break;
            }
            let next = self.measure_once().await?;
            if next.uncertain() < best.uncertain() {
                best = next;
            }
        }
        Ok(best)
    }

    async fn measure_once(&self) -> Result<Measured, ReadError> {
        let asked = Instant::now();
        let rows = self.pool.read("the clock", clock::QUESTION, &[]).await?;
        let answered = Instant::now();
        let mut row = rows
            .into_iter()
            .next()
            .ok_or_else(|| ReadError::Failed("the clock did not answer".to_owned()))?;
        Ok(Measured::new(asked, answered, row.int()?))
    }

    /// Finishes what is queued and closes every connection.
    pub async fn close(&self) {
        self.writers.close().await;
        self.pool.close();
    }
}

/// A pause of 50 to 100 % of this length, so that nodes that lost the database together do not come back together.
fn jittered(pause: Duration) -> Duration {
    let share = getrandom::u32().map_or(1.0, |drawn| f64::from(drawn) / f64::from(u32::MAX));
    pause.mul_f64(0.5 + share / 2.0)
}
