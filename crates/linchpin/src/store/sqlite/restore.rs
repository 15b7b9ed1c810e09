//! A backup on its way back: opened beside the place where it will stand, and put there when it is ready.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufRead, BufReader, BufWriter, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{backup::private, file, lock::DirectoryLock, make_private, migrate};
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
/// What a database of SQLite begins with.
const PLAIN: &[u8] = b"SQLite format 3\0";

/// A store that was read from a backup and does not stand in its place yet. Dropped before that, it is removed.
pub struct Restoring {
    directory: PathBuf,
    draft: PathBuf,
    lock: DirectoryLock,
    /// Whether the directory was made for it.
    is_new: bool,
    is_in_place: bool,
}

impl Restoring {
    /// Opens a backup, or a copy that was put aside before a migration, for a data directory that holds no store.
    ///
    /// # Errors
    ///
    /// When there is a store, when a process works in the directory, and when the backup is not whole, was made
    /// with another master key, or is damaged. Nothing stands in the directory then that was not there before.
    pub fn open(from: &Path, directory: &Path, keyring: &Keyring) -> Result<Self, BackupError> {
        let failed = |error: io::Error| {
            BackupError::Store(OpenError::Failed {
                directory: directory.to_owned(),
                detail: error.to_string(),
            })
        };
        let backup = File::open(from).map_err(|error| unreadable(from, &error.into()))?;
        let is_new = !directory.exists();
        make_private(directory)?;
        check_empty(directory)?;
        let restoring = Self {
            directory: directory.to_owned(),
            draft: directory.join(DRAFT),
            lock: DirectoryLock::take(directory)?,
            is_new,
            is_in_place: false,
        };
        let draft = &restoring.draft;
        match fs::remove_dir_all(draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        DirBuilder::new()
            .mode(0o700)
            .create(draft)
            .map_err(failed)?;
        let plain = private(&file::file(draft)).map_err(failed)?;
        read_into(plain, &mut BufReader::new(backup), from, keyring)?;
        let reader = file::open_reader(draft)?;
        file::check_for_damage(&reader, draft)?;
        migrate::ran(&reader).map_err(|error| file::open_failed(draft, &error))?;
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
    ///
    /// # Errors
    ///
    /// When the file system refuses, and when the last changes are in the store's log still: they would be left behind.
    pub fn put_in_place(mut self) -> Result<(), BackupError> {
        let refused = |detail: String| OpenError::Failed {
            directory: self.directory.clone(),
            detail,
        };
        let moved = move_log(&self.draft).map_err(|error| refused(error.to_string()))?;
        if !moved {
            return Err(refused(
                "what was revoked since the backup could not be moved from the log into the restored database. Nothing was restored; repeat the command".to_owned(),
            ).into());
        }
        let place = || -> io::Result<()> {
            let database = file::file(&self.draft);
            File::open(&database)?.sync_all()?;
            fs::rename(self.draft.join(LEDGER), self.directory.join(LEDGER))?;
            // A link, unlike a rename, never replaces a store.
            fs::hard_link(&database, file::file(&self.directory))?;
            fs::remove_dir_all(&self.draft)?;
            File::open(&self.directory)?.sync_all()
        };
        place().map_err(|error| refused(error.to_string()))?;
        self.is_in_place = true;
        self.lock.closed_in_order();
        Ok(())
    }
}

/// Moves the whole log of a closed store into its database; answers whether it could. Closing the store may have left it.
fn move_log(draft: &Path) -> rusqlite::Result<bool> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(file::file(draft), flags)?;
    database.busy_timeout(Duration::ZERO)?;
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: i64 = database.query_row(checkpoint, [], |row| row.get(0))?;
    database.close().map_err(|(_, error)| error)?;
    Ok(busy == 0)
}

impl Drop for Restoring {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, path = %self.draft.display(), "remove this directory: it holds an opened backup");
            }
            _ => {}
        }
        if self.is_in_place {
            return;
        }
        self.lock.undo();
        if self.is_new {
            fs::remove_dir(&self.directory).unwrap_or_default();
        }
    }
}

/// Refuses a directory that holds a store, or a part of one.
fn check_empty(directory: &Path) -> Result<(), OpenError> {
    let database = file::file(directory);
    let remains = ["linchpin.db", "linchpin.db-wal", "linchpin.db-journal"];
    if !remains.iter().any(|name| directory.join(name).exists()) {
        return Ok(());
    }
    Err(OpenError::Failed {
        directory: directory.to_owned(),
        detail: format!(
            "there is a store already ({}). Restore into another directory, or move linchpin.db, linchpin.db-wal and linchpin.db-shm away",
            database.display()
        ),
    })
}

/// Reads a backup, sealed or plain, into a new database.
fn read_into(
    database: File,
    backup: &mut impl BufRead,
    from: &Path,
    keyring: &Keyring,
) -> Result<(), BackupError> {
    let failed = |error: sealed::SealedError| unreadable(from, &error);
    let mut database = BufWriter::new(database);
    if backup
        .fill_buf()
        .map_err(|e| failed(e.into()))?
        .starts_with(PLAIN)
    {
        if fs::metadata(log_of(from)).is_ok_and(|log| log.len() > 0) {
            return Err(BackupError::Unreadable {
                path: from.to_owned(),
                detail: "is a database whose log lies beside it, and what is in the log would be lost. Take a backup of that store with `linchpin backup`".to_owned(),
            });
        }
        io::copy(backup, &mut database).map_err(|e| failed(e.into()))?;
    } else {
        sealed::open(keyring, backup, &mut database).map_err(failed)?;
    }
    database.flush().map_err(|e| failed(e.into()))
}

/// The log of a database, where it has one.
fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn unreadable(from: &Path, error: &sealed::SealedError) -> BackupError {
    BackupError::Unreadable {
        path: from.to_owned(),
        detail: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_whose_last_changes_are_in_its_log_is_not_put_in_place() {
        let home = tempfile::tempdir().unwrap();
        let (from, directory) = (home.path().join("copy"), home.path().join("data"));
        let mut copy = Connection::open(&from).unwrap();
        migrate::run(&mut copy, home.path()).unwrap();
        drop(copy);
        let keyring = Keyring::derive([7; 32]);
        let restore = || Restoring::open(&from, &directory, &keyring).unwrap();

        let restoring = restore();
        let (writer, _) = file::open_writer(restoring.draft(), false).unwrap();
        let reader = file::open_reader(restoring.draft()).unwrap();
        let look = "BEGIN; SELECT count(*) FROM store_fact";
        reader.execute_batch(look).unwrap();
        let change = "INSERT INTO store_fact (name, number) VALUES ('clock', 1)";
        writer.execute(change, []).unwrap();
        // As on a full disk: the log cannot be moved, and closing says nothing of it.
        writer.close().unwrap();
        let refused = restoring.put_in_place().unwrap_err();
        assert!(refused.to_string().contains("from the log"), "{refused}");
        assert!(!directory.exists());
        drop(reader);

        let restoring = restore();
        fs::write(restoring.draft().join(LEDGER), "").unwrap();
        restoring.put_in_place().unwrap();
        let left = fs::read_dir(&directory).unwrap();
        let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["linchpin.db", "lock", LEDGER]);
    }

    #[test]
    fn a_database_with_its_log_beside_it_is_no_backup() {
        let home = tempfile::tempdir().unwrap();
        let (from, directory) = (home.path().join("copy"), home.path().join("data"));
        let mut copy = Connection::open(&from).unwrap();
        migrate::run(&mut copy, home.path()).unwrap();
        fs::write(log_of(&from), "a change").unwrap();
        let keyring = Keyring::derive([7; 32]);
        let refused = Restoring::open(&from, &directory, &keyring).err().unwrap();
        assert!(
            refused.to_string().contains("log lies beside it"),
            "{refused}"
        );
        assert!(!directory.exists());
    }
}
