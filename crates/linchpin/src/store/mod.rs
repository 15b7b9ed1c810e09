//! The store: makes changes durable and answers questions about what is kept.
//!
//! Outside, [`Store`] has one typed method a question or change that the server needs (in `sessions.rs`,
//! `connections.rs` …, next to the SQL of the rows they read). Inside, a change is an [`Operation`]: a list of
//! statements that stand or fall together, handed to the one writer, which commits whatever queued while the last
//! flush ran (`batch.rs`). An answer leaves after the commit that holds its operation.

mod batch;
mod connections;
mod damage;
mod directory;
mod kept_answers;
mod lock;
mod migrate;
mod operation;
mod read;
mod row;
mod sessions;
mod sqlite;

use std::{path::PathBuf, sync::Arc};

use tokio::sync::watch;

pub use directory::{Directory, Organisation};
pub use kept_answers::KeptAnswer;
pub use lock::make_private;
pub use operation::{Operation, Refusal, Value, WriteError};
pub use row::{Corrupt, ReadError};
pub use sessions::Made;

use crate::domain::{keyring::Keyring, time::Timestamp};

/// Where and how a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data directory; made with mode 0700 where it is missing.
    pub directory: PathBuf,
    /// Operations that may wait for the writer; one more is answered [`WriteError::Busy`].
    pub queue: usize,
    /// Operations in one commit at most, 1 or more; more of them make the first wait for the last.
    pub batch: usize,
    /// Threads that answer questions, each with a connection of its own.
    pub readers: usize,
}

impl Options {
    /// The usual numbers for a data directory: 4,096 waiting operations, 512 in one commit, two readers.
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            queue: 4_096,
            batch: 512,
            readers: 2,
        }
    }
}

/// A handle on the store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    writer: batch::Writer,
    readers: read::Readers,
    latest: Timestamp,
    halted: watch::Receiver<bool>,
    damage: damage::Damage,
    /// Held as long as the store is open; the file says whether it was closed in order.
    lock: lock::DirectoryLock,
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
}

impl Store {
    /// Opens the store, makes it where there is none, and checks it before anything is served.
    ///
    /// Checked are: no other process, no damage, the schema, that the engine's settings took, and that the keyring
    /// is the one that the store was made with. A large database is looked through for damage while it is served.
    pub fn open(options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        let lock = lock::DirectoryLock::take(&options.directory)?;
        let (mut connection, unchecked) =
            sqlite::open_writer(&options.directory, lock.was_left_open())?;
        migrate::run(&mut connection, &options.directory)?;
        sqlite::check_key(&connection, keyring, &options.directory)?;
        let latest = sqlite::latest_time(&connection, &options.directory)?;
        let readers = read::Readers::start(&options.directory, options.readers)?;
        let damage = damage::Damage::default();
        if unchecked {
            damage.look_for(options.directory.clone())?;
        }
        let (writer, halted) = batch::Writer::start(connection, options, latest, damage.clone());
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                readers,
                latest,
                halted,
                damage,
                lock,
            }),
        })
    }

    /// The latest time that was written before this start; the clock must not go behind it.
    pub fn latest_time(&self) -> Timestamp {
        self.inner.latest
    }

    /// Turns true when a flush failed: nothing can be promised any more until the process starts again.
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.inner.halted.clone()
    }

    /// Whether damage was found while serving: nothing is written any more until somebody has looked at it.
    pub fn is_damaged(&self) -> bool {
        self.inner.damage.is_found()
    }

    /// Commits an operation together with whatever else is waiting, and answers when it is on the disk.
    ///
    /// Once accepted it is carried out even if the caller goes away.
    pub async fn write(&self, operation: Operation) -> Result<(), WriteError> {
        self.inner.writer.write(operation).await
    }

    /// The same for work that nobody has begun to wait for: refused as busy while half of the queue is taken, so that
    /// what has been started can be finished first.
    pub async fn write_if_quiet(&self, operation: Operation) -> Result<(), WriteError> {
        if self.inner.writer.is_half_full() {
            return Err(WriteError::Busy);
        }
        self.write(operation).await
    }

    /// Finishes what is queued, moves the log into the database and gives the directory free.
    pub async fn close(self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
        if !*self.inner.halted.borrow() && !self.is_damaged() {
            self.inner.lock.closed_in_order();
        }
    }
}
