//! The embedded engine: one SQLite file in a data directory, one writer, a few readers.

mod backup;
mod batch;
mod copy;
mod damage;
mod file;
mod lock;
mod migrate;
mod read;
mod remembered;
mod restore;
mod traces;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::watch;

pub use backup::{BackedUp, BackupError, BackupTarget, back_up};
pub use copy::Source;
pub use lock::make_private;
pub use restore::Restoring;

use super::{
    Cleared, OpenError, Options,
    lanes::Share,
    migration::{Migration, Ran},
    operation::{Operation, Value, WriteError},
    row::{ReadError, Row},
};
use crate::domain::{keyring::Keyring, time::Timestamp};

/// The migrations of a directory's database, be it served or not; none where there is no database.
pub fn ran(directory: &Path) -> Result<Vec<Ran>, OpenError> {
    if !file::file(directory).exists() {
        return Ok(Vec::new());
    }
    let connection = file::open_onlooker(directory)?;
    migrate::ran(&connection).map_err(|error| file::open_failed(directory, &error))
}

/// Brings the schema of a directory's database up to date and gives the directory free again.
pub fn migrate(directory: &Path) -> Result<Vec<&'static Migration>, OpenError> {
    let lock = lock::DirectoryLock::take(directory)?;
    let (mut connection, unchecked) = file::open_writer(directory, lock.was_left_open())?;
    let done = migrate::run(&mut connection, directory)?;
    if connection.close().is_ok() && !unchecked {
        lock.closed_in_order();
    }
    Ok(done)
}

/// An open data directory.
pub struct Sqlite {
    directory: PathBuf,
    writer: batch::Writer,
    readers: read::Readers,
    latest: Timestamp,
    halted: watch::Receiver<bool>,
    damage: damage::Damage,
    remembered: Arc<remembered::Remembered>,
    /// Held as long as the store is open; the file says whether it was closed in order.
    lock: lock::DirectoryLock,
}

impl Sqlite {
    /// Opens the directory's database, makes it where there is none, and checks it before anything is served.
    ///
    /// Checked are: no other process, no damage, the schema, that the engine's settings took, and that the keyring
    /// is the one that the store was made with. A large database is looked through by [`Self::look_for_damage`] instead.
    pub fn open(directory: &Path, options: &Options, keyring: &Keyring) -> Result<Self, OpenError> {
        let lock = lock::DirectoryLock::take(directory)?;
        let (mut connection, unchecked) = file::open_writer(directory, lock.was_left_open())?;
        migrate::run(&mut connection, directory)?;
        file::check_key(&connection, keyring, directory)?;
        let latest = file::latest_time(&connection, directory)?;
        let readers = read::Readers::start(directory, options.readers)?;
        let damage = damage::Damage::of(unchecked);
        let remembered = Arc::default();
        let beginning = batch::Beginning {
            latest,
            damage: damage.clone(),
            remembered: Arc::clone(&remembered),
        };
        let (writer, halted) = batch::Writer::start(connection, options, beginning);
        Ok(Self {
            directory: directory.to_owned(),
            writer,
            readers,
            latest,
            halted,
            damage,
            remembered,
            lock,
        })
    }

    /// The latest time that was written before this start.
    pub fn latest_time(&self) -> Timestamp {
        self.latest
    }

    /// Turns true when a flush failed.
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.halted.clone()
    }

    /// The connections that were used of late.
    pub fn remembered(&self) -> &remembered::Remembered {
        &self.remembered
    }

    /// Looks through a database that was too large for that when it was opened, in the background.
    pub fn look_for_damage(&self) {
        self.damage.look_for(self.directory.clone());
    }

    /// Whether damage was found while serving.
    pub fn is_damaged(&self) -> bool {
        self.damage.is_found()
    }

    /// Commits an operation together with whatever else is waiting.
    pub async fn write(&self, share: Share, operation: Operation) -> Result<(), WriteError> {
        self.writer.write(share, operation).await
    }

    /// Empties the log, and writes a small database anew.
    pub async fn clear_traces(&self) -> Result<Cleared, WriteError> {
        self.writer.clear_traces().await
    }

    /// Asks a question; `table` names the rows in the error that a broken one gives.
    pub async fn read(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, ReadError> {
        self.readers.read(table, sql, values).await
    }

    /// Finishes what is queued, moves the log into the database and gives the directory free.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        if !*self.halted.borrow() && self.damage.is_excluded() {
            self.lock.closed_in_order();
        }
    }
}
