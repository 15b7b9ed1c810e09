//! A backup on its way back: opened beside the place where it will stand, and put there when it is ready.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufReader, BufWriter, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use super::{backup::private, file, lock::DirectoryLock, make_private};
use crate::{
    domain::keyring::Keyring,
    store::{
        BackupError, OpenError,
        ledger::{LEDGER, Told},
        sealed,
    },
};

/// Where a backup is opened, inside the data directory.
const DRAFT: &str = "restoring";

/// A store that was read from a backup and does not stand in its place yet. Dropped before that, it is removed.
pub struct Restoring {
    directory: PathBuf,
    draft: PathBuf,
    lock: DirectoryLock,
}

impl Restoring {
    /// Opens a backup for a data directory that holds no store.
    ///
    /// # Errors
    ///
    /// When there is a store, when a process works in the directory, and when the backup is not whole, was made
    /// with another master key, or is damaged. Nothing stands in the directory then that was not there before.
    pub fn open(from: &Path, directory: &Path, keyring: &Keyring) -> Result<Self, BackupError> {
        make_private(directory)?;
        let database = file::file(directory);
        let remains = ["linchpin.db", "linchpin.db-wal", "linchpin.db-journal"];
        if remains.iter().any(|name| directory.join(name).exists()) {
            return Err(OpenError::Failed {
                directory: directory.to_owned(),
                detail: format!(
                    "there is a store already ({}). Restore into another directory, or move linchpin.db and the files that begin with its name away",
                    database.display()
                ),
            }
            .into());
        }
        let failed = |error: io::Error| {
            BackupError::Store(OpenError::Failed {
                directory: directory.to_owned(),
                detail: error.to_string(),
            })
        };
        let sealed = File::open(from).map_err(|error| unreadable(from, &error.into()))?;
        let lock = DirectoryLock::take(directory)?;
        let draft = directory.join(DRAFT);
        match fs::remove_dir_all(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&draft)
            .map_err(failed)?;
        let restoring = Self {
            directory: directory.to_owned(),
            draft,
            lock,
        };
        let plain = private(&file::file(&restoring.draft)).map_err(failed)?;
        let mut plain = BufWriter::new(plain);
        sealed::open(keyring, &mut BufReader::new(sealed), &mut plain)
            .map_err(|error| unreadable(from, &error))?;
        plain.flush().map_err(failed)?;
        let reader = file::open_reader(&restoring.draft)?;
        file::check_for_damage(&reader, &restoring.draft)?;
        Ok(restoring)
    }

    /// Where it can be opened as a store meanwhile.
    pub fn draft(&self) -> &Path {
        &self.draft
    }

    /// Reads what the directory itself still has of a ledger, and begins that of the restored store with all of it.
    pub fn keep_ledger(&self, told: &mut Told, keyring: &Keyring) -> Result<(), BackupError> {
        let failed = |detail: String| OpenError::Failed {
            directory: self.directory.clone(),
            detail,
        };
        let left = self.directory.join(LEDGER);
        if left.exists() {
            told.read(&left, keyring)
                .map_err(|error| failed(error.to_string()))?;
        }
        told.write(&self.draft.join(LEDGER))
            .map_err(|error| failed(error.to_string()).into())
    }

    /// Puts the store in its place, once it was closed in order. Its ledger goes first: without it the store would
    /// not know what it must not bring back the next time.
    pub fn put_in_place(self) -> Result<(), BackupError> {
        let place = || -> io::Result<()> {
            let database = file::file(&self.draft);
            File::open(&database)?.sync_all()?;
            fs::rename(self.draft.join(LEDGER), self.directory.join(LEDGER))?;
            // A link, unlike a rename, never replaces a store.
            fs::hard_link(&database, file::file(&self.directory))?;
            fs::remove_dir_all(&self.draft)?;
            File::open(&self.directory)?.sync_all()
        };
        place().map_err(|error| OpenError::Failed {
            directory: self.directory.clone(),
            detail: error.to_string(),
        })?;
        self.lock.closed_in_order();
        Ok(())
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, path = %self.draft.display(), "remove this directory: it holds an opened backup");
            }
            _ => {}
        }
    }
}

fn unreadable(from: &Path, error: &sealed::SealedError) -> BackupError {
    BackupError::Unreadable {
        path: from.to_owned(),
        detail: error.to_string(),
    }
}
