//! The store: makes changes durable and answers questions about what is kept.
//!
//! Outside, [`Store`] has one typed method a question or change that the server needs (in `sessions.rs`,
//! `connections.rs` …, next to the SQL of the rows they read). Inside, a change is an [`Operation`]: a list of
//! statements that stand or fall together, handed to a writer, which commits whatever queued while its last flush ran
//! (`sqlite/batch.rs`, `postgres/batch.rs`). An answer leaves after the commit that holds its operation.
//!
//! One SQL text serves both engines; what differs is how it is carried out, and lives in a folder each.

mod account_settings;
mod audit;
mod connection_lists;
mod connections;
mod copy;
mod deliveries;
mod delivery_lists;
mod directory;
mod event_lists;
mod events;
mod figures;
mod halted;
mod kept_answers;
mod keys;
mod known_keys;
mod lanes;
mod leases;
mod ledger;
mod migration;
mod operation;
mod postgres;
mod resealing;
mod restored;
mod retention;
mod row;
mod schema;
mod sealed;
mod sealed_values;
mod sessions;
mod sqlite;
mod subjects;
mod usable;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::{broadcast, watch};

pub use audit::{AuditHead, Chained, Unchained};
pub use connection_lists::{Listing, Unended};
pub use copy::{CopyError, Progress, copy};
pub use deliveries::Due;
pub use delivery_lists::DeliveryListed;
pub use directory::{Directory, Organisation};
pub use event_lists::EventListing;
pub use figures::{Figure, Held};
pub use halted::Halted;
pub use kept_answers::KeptAnswer;
pub use known_keys::{OlderKey, OlderRow};
pub use leases::{Lease, LeaseError};
pub use ledger::{LEDGER, LedgerError, OutOfReach, Told};
pub use migration::{Listed, Migration, Standing};
pub use operation::{Operation, Refusal, Value, WriteError};
pub use postgres::{Database, Measured, MovedSession, check_restored};
pub use resealing::{Passed, Reseal, SealedRow};
pub use restored::{SettleError, Settled};
pub use row::{Corrupt, ReadError};
pub use sealed_values::SealedOf;
pub use sessions::Made;
pub use sqlite::{BackedUp, BackupError, BackupTarget, Restoring, back_up, make_private};
pub use subjects::{ConnectionChange, SessionStep};
pub use usable::Usable;

use lanes::Share;
use row::Row;

use crate::domain::{keyring::Keyring, time::Timestamp};

/// What holds what is kept.
#[derive(Debug, Clone)]
pub enum Location {
    /// A SQLite file in a data directory, which is made with mode 0700 where it is missing. One process at a time.
    Directory(PathBuf),
    /// A database of a PostgreSQL server. Any number of processes.
    Postgres(Database),
}

/// Where and how a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// What holds it.
    pub location: Location,
    /// Operations that may wait for a writer; one more is answered [`WriteError::Busy`].
    pub queue: usize,
    /// Operations in one commit at most, 1 or more; more of them make the first wait for the last.
    pub batch: usize,
    /// Connections that write, each with a batch of its own under way. SQLite has one writer whatever stands here.
    pub writers: usize,
    /// Connections that answer questions.
    pub readers: usize,
    /// The directory of the ledger of what was revoked and deleted, which a restored backup must not bring back.
    /// `None` keeps none.
    pub ledger: Option<PathBuf>,
}

impl Options {
    /// The usual numbers for a data directory: 4,096 waiting operations, 512 in one commit, two readers.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        Self {
            ledger: Some(directory.clone()),
            location: Location::Directory(directory),
            queue: 4_096,
            batch: 512,
            writers: 1,
            readers: 2,
        }
    }

    /// The usual numbers for a PostgreSQL database: 4,096 waiting operations, 512 in one commit, three writers,
    /// four readers, no ledger. A node has one more connection, to listen.
    pub fn on(database: Database) -> Self {
        Self {
            location: Location::Postgres(database),
            queue: 4_096,
            batch: 512,
            writers: 3,
            readers: 4,
            ledger: None,
        }
    }
}

/// A handle on the store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    ledger: Option<ledger::Ledger>,
}

/// What has become of the traces that deleted rows leave in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// There are none.
    Wholly,
    /// The log is empty. The database is too large to be written anew while others wait, so an old copy of a row may be
    /// left in the free space of a page.
    LogOnly,
    /// Somebody read for too long, or there was no room: the log may still have earlier pages in it.
    NotYet,
    /// PostgreSQL does it when it vacuums and recycles its log.
    ByTheServer,
}

enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Engine {
    async fn open(options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        Ok(match &options.location {
            Location::Directory(directory) => {
                Self::Sqlite(sqlite::Sqlite::open(directory, options, keyring)?)
            }
            Location::Postgres(database) => {
                Self::Postgres(postgres::Postgres::open(database, options, keyring).await?)
            }
        })
    }

    /// How late it is: by the clock that all nodes go by, and not before what was written.
    async fn time(&self) -> Result<Timestamp, ReadError> {
        Ok(match self {
            Self::Sqlite(sqlite) => {
                let now = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
                Timestamp(now).max(sqlite.latest_time())
            }
            Self::Postgres(postgres) => {
                let now = postgres.measure_time().await?.now();
                Timestamp(now).max(postgres.latest_time())
            }
        })
    }
}

/// Why a store cannot be opened. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "{directory} is in use by another linchpin process{holder}. Stop that one first, or choose another directory with --data"
    )]
    InUse {
        /// The data directory.
        directory: PathBuf,
        /// ` (pid 123)` where it is known.
        holder: String,
    },
    /// The database is damaged.
    #[error(
        "{path} is damaged: {detail}\n\
         Nothing was changed. Copy the whole directory aside, then restore the latest backup into an empty directory; \
         without a backup, `sqlite3 {path} .recover` saves what can still be read. See docs/operations/damage.md"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the check found.
        detail: String,
    },
    /// A newer linchpin has written it.
    #[error(
        "the store has schema {found}, but this linchpin knows only up to {known}. Start the newer linchpin again, or restore a backup from before the upgrade"
    )]
    Newer {
        /// The schema found.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// A migration that ran is not the one that this binary holds.
    #[error(
        "migration {0} of the store is not the one that this linchpin was built with; use the binary that the store was made with, or a release of it"
    )]
    OtherMigration(i64),
    /// The master key is not the one that the store was made with.
    #[error(
        "the master key does not belong to this store. Give the key file that the store was first started with; without it no session, key or connection of this store can be used"
    )]
    OtherKey,
    /// The file system or the database engine refused.
    #[error("cannot open the store in {directory}: {detail}")]
    Failed {
        /// The data directory.
        directory: PathBuf,
        /// What was refused.
        detail: String,
    },
    /// The PostgreSQL server cannot be reached, or refused.
    #[error(
        "cannot open the store in PostgreSQL at {database}: {detail}. Look at `database` in the configuration, and whether the server runs and lets this user in"
    )]
    Database {
        /// Host, port and name of the database, without any password.
        database: String,
        /// What was refused.
        detail: String,
    },
}

impl Store {
    /// Opens the store, makes it where there is none, and checks it before anything is served.
    pub async fn open(options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        let engine = Engine::open(options, keyring).await?;
        if let Engine::Postgres(postgres) = &engine {
            postgres.check_not_restoring().await?;
        }
        Self::with(engine, options, keyring).await
    }

    /// The same for a store that was put back from a backup and is not fit to be served yet.
    pub async fn open_restored(options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        let engine = Engine::open(options, keyring).await?;
        Self::with(engine, options, keyring).await
    }

    async fn with(engine: Engine, options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        let ledger = match &options.ledger {
            Some(directory) => {
                let now = engine.time().await.map_err(|error| OpenError::Failed {
                    directory: directory.clone(),
                    detail: error.to_string(),
                })?;
                Some(ledger::Ledger::open(directory, keyring, now)?)
            }
            None => None,
        };
        Ok(Self {
            inner: Arc::new(Inner { engine, ledger }),
        })
    }

    /// Writes how late it is where the ledger has just begun. Otherwise a backup could look older than its ledger for
    /// no other reason than that nothing was changed in the meantime.
    pub async fn date_new_ledger(&self, now: Timestamp) -> Result<(), WriteError> {
        match &self.inner.ledger {
            Some(ledger) if ledger.is_new() => {
                let mut operation = Operation::new(now);
                operation.remember_time();
                self.write(operation).await
            }
            _ => Ok(()),
        }
    }

    /// The latest time that was written before this start; the clock must not go behind it.
    pub fn latest_time(&self) -> Timestamp {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.latest_time(),
            Engine::Postgres(postgres) => postgres.latest_time(),
        }
    }

    /// Turns true when a flush of the store or of its ledger failed: nothing can be promised any more until the process
    /// starts again.
    pub fn halted(&self) -> Halted {
        let engine = match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.halted(),
            Engine::Postgres(postgres) => postgres.halted(),
        };
        let ledger = self.inner.ledger.as_ref().map(ledger::Ledger::halted);
        Halted { engine, ledger }
    }

    /// Looks for damage in the background, where that would have kept the start waiting too long.
    pub fn look_for_damage(&self) {
        if let Engine::Sqlite(sqlite) = &self.inner.engine {
            sqlite.look_for_damage();
        }
    }

    /// Whether damage was found while serving: nothing is written any more until somebody has looked at it.
    pub fn is_damaged(&self) -> bool {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.is_damaged(),
            Engine::Postgres(_) => false,
        }
    }

    /// Whether other processes may work with the same store at the same time.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.engine, Engine::Postgres(_))
    }

    /// Counts up whenever another process may have changed organisations, apps or keys. `None` where no other can.
    pub fn changes(&self) -> Option<watch::Receiver<u64>> {
        match &self.inner.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.changes()),
        }
    }

    /// Hears which whitelabel sessions may have changed, here or elsewhere. `None` where nobody else can change any.
    pub fn moved_sessions(&self) -> Option<broadcast::Receiver<MovedSession>> {
        match &self.inner.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.moved_sessions()),
        }
    }

    /// Hears what this node and others tell of uses. `None` where nobody else can use anything.
    pub fn told_uses(&self) -> Option<broadcast::Receiver<Arc<str>>> {
        match &self.inner.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(postgres) => Some(postgres.told_uses()),
        }
    }

    /// Tells all nodes of uses, in fewer than 8,000 bytes. Nothing is written.
    pub async fn tell_uses(&self, text: String) -> Result<(), ReadError> {
        match &self.inner.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => postgres.tell_uses(text).await,
        }
    }

    /// Reads the clock that all nodes go by. `None` where the store has none of its own.
    pub async fn measure_time(&self) -> Result<Option<Measured>, ReadError> {
        match &self.inner.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => postgres.measure_time().await.map(Some),
        }
    }

    /// Commits an operation together with whatever else is waiting, and answers when it is on the disk.
    ///
    /// Once accepted it is carried out even if the caller goes away. What it revokes or deletes stands in the ledger
    /// before it is accepted: a fact there whose commit never came only makes a restored backup hold less.
    pub async fn write(&self, operation: Operation) -> Result<(), WriteError> {
        self.write_as(Share::Whole, operation).await
    }

    /// The same for work that nobody has begun to wait for: refused as busy while half of the queue is taken, so that
    /// what has been started can be finished first. Where organisations have lanes of their own, one with less than
    /// its share of that half is let in all the same.
    pub async fn write_if_quiet(&self, operation: Operation) -> Result<(), WriteError> {
        self.write_as(Share::Fair, operation).await
    }

    async fn write_as(&self, share: Share, operation: Operation) -> Result<(), WriteError> {
        if let Some(ledger) = &self.inner.ledger {
            ledger.keep(operation.at, &operation.facts).await?;
        }
        debug_assert!(
            operation.names_its_connections(),
            "a statement changes a connection that its operation does not name"
        );
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.write(share, operation).await,
            Engine::Postgres(postgres) => postgres.write(share, operation).await,
        }
    }

    /// Finishes what is queued and closes: on SQLite the log is moved into the database and the directory given free.
    pub async fn close(self) {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }

    /// Has what was deleted leave the files as well: the log is moved into the database and emptied, and a small database
    /// is written anew, without the copies that stay where rows were moved. To be called after what was deleted.
    pub async fn clear_traces(&self) -> Result<Cleared, WriteError> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.clear_traces().await,
            Engine::Postgres(_) => Ok(Cleared::ByTheServer),
        }
    }

    /// Asks a question; `table` names the rows in the error that a broken one gives.
    async fn read(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, ReadError> {
        match &self.inner.engine {
            Engine::Sqlite(sqlite) => sqlite.read(table, sql, values).await,
            Engine::Postgres(postgres) => postgres.read(table, sql, values).await,
        }
    }
}
