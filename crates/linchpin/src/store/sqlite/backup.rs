//! A backup: a snapshot taken beside a running server, sealed into one file.
//!
//! The snapshot is what one read transaction sees, so it holds whole commits and every one that was acknowledged
//! before it began. No lock is taken that the server would wait for.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, BufWriter},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::file;
use crate::{
    domain::{keyring::Keyring, time::Timestamp},
    store::{OpenError, sealed},
};

/// What drafts of a backup begin and end with.
const DRAFT: &str = ".linchpin-backup-";
const PLAIN: &str = ".plain";
const SEALED: &str = ".sealed";
/// What SQLite adds to the name of the plain one, for a file of its own.
const JOURNAL: &str = "-journal";

/// Why there is no backup. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of this name.
    #[error("{0} exists, and a backup never replaces a file. Choose another name")]
    Exists(PathBuf),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The file cannot be opened.
    #[error("the backup {path} {detail}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// The file cannot be written.
    #[error("the backup {path} cannot be written: {detail}")]
    Failed {
        /// The file that was wanted.
        path: PathBuf,
        /// What was refused.
        detail: String,
    },
}

/// A backup that was taken.
#[derive(Debug)]
pub struct BackedUp {
    /// When it began: everything that was acknowledged before is in it.
    pub taken_at: Timestamp,
    /// Time of the latest change in it; `None` where nothing was ever changed.
    pub latest_change: Option<Timestamp>,
    /// Rows of a kind, such as sessions.
    pub counts: Vec<(&'static str, i64)>,
}

impl BackedUp {
    /// What `--json` prints.
    pub fn shown(&self, to: &Path) -> Value {
        let mut shown = json!({
            "file": to.display().to_string(),
            "takenAt": self.taken_at.to_string(),
            "latestChangeAt": self.latest_change.map(|at| at.to_string()),
        });
        if let Some(fields) = shown.as_object_mut() {
            let counts = self.counts.iter();
            fields.extend(counts.map(|(name, count)| ((*name).to_owned(), (*count).into())));
        }
        shown
    }
}

/// Where a backup is written, with its drafts, which are gone when this is dropped.
#[derive(Debug)]
pub struct BackupTarget {
    to: PathBuf,
    directory: PathBuf,
    plain: PathBuf,
    sealed: PathBuf,
}

impl BackupTarget {
    /// Chooses names for the drafts, and removes those that a killed backup left in the directory.
    pub fn new(to: &Path) -> Result<Self, BackupError> {
        let failed = |error: io::Error| BackupError::Failed {
            path: to.to_owned(),
            detail: error.to_string(),
        };
        let to = std::path::absolute(to).map_err(failed)?;
        if to.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(to));
        }
        let directory = match to.parent() {
            Some(directory) => directory.to_owned(),
            None => return Err(BackupError::Exists(to)),
        };
        remove_abandoned(&directory).map_err(failed)?;
        let mut name = [0_u8; 8];
        getrandom::fill(&mut name).map_err(|error| failed(io::Error::other(error)))?;
        let stem = format!("{DRAFT}{:016x}", u64::from_le_bytes(name));
        Ok(Self {
            plain: directory.join(format!("{stem}{PLAIN}")),
            sealed: directory.join(format!("{stem}{SEALED}")),
            directory,
            to,
        })
    }

    /// Removes the drafts.
    pub fn clear(&self) {
        for path in [&self.plain, &journal(&self.plain), &self.sealed] {
            if let Err(error) = remove(path) {
                tracing::error!(%error, path = %path.display(), "remove this file: it is a draft of a backup");
            }
        }
    }

    fn failed(&self, error: &impl fmt::Display) -> BackupError {
        BackupError::Failed {
            path: self.to.clone(),
            detail: error.to_string(),
        }
    }

    /// Gives the finished file its name, never that of another file.
    fn publish(&self) -> Result<(), BackupError> {
        match fs::hard_link(&self.sealed, &self.to) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(self.to.clone()))
            }
            other => other.map_err(|error| self.failed(&error)),
        }?;
        self.clear();
        File::open(&self.directory)
            .and_then(|directory| directory.sync_all())
            .map_err(|error| self.failed(&error))
    }
}

impl Drop for BackupTarget {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Takes a backup of the store in a data directory, whether a server runs there or not. Blocks for as long as reading
/// and writing the whole database takes.
pub fn back_up(
    directory: &Path,
    keyring: &Keyring,
    target: &BackupTarget,
) -> Result<BackedUp, BackupError> {
    let refused = |error: &rusqlite::Error| target.failed(error);
    let _held = held(&target.plain).map_err(|error| target.failed(&error))?;
    let reader = file::open_reader(directory)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let into = target
        .plain
        .to_str()
        .ok_or_else(|| target.failed(&"its path is not UTF-8"))?;
    // The connection itself can only read; what it writes is another file.
    reader
        .execute_batch("PRAGMA query_only = OFF")
        .and_then(|()| reader.execute("VACUUM INTO ?1", [into]))
        .map_err(|error| refused(&error))?;
    drop(reader);
    let snapshot = Connection::open_with_flags(&target.plain, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| refused(&error))?;
    file::check_for_damage(&snapshot, directory)?;
    file::check_key(&snapshot, keyring, directory)?;
    let latest = file::latest_time(&snapshot, directory)?;
    let counts = counted(&snapshot).map_err(|error| refused(&error))?;
    drop(snapshot);
    // Held until the file has its name: to another backup it would look abandoned.
    let sealed = seal(keyring, target).map_err(|error| target.failed(&error))?;
    target.publish()?;
    drop(sealed);
    Ok(BackedUp {
        taken_at: Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)),
        latest_change: (latest.0 > 0).then_some(latest),
        counts,
    })
}

fn counted(snapshot: &Connection) -> rusqlite::Result<Vec<(&'static str, i64)>> {
    let questions = [
        ("sessions", "SELECT count(*) FROM link_session"),
        ("connections", "SELECT count(*) FROM connection"),
        ("keys", "SELECT count(*) FROM api_key"),
        ("apps", "SELECT count(*) FROM client_app"),
        ("organisations", "SELECT count(*) FROM organisation"),
    ];
    let count = |(name, sql)| Ok((name, snapshot.query_row(sql, [], |row| row.get(0))?));
    questions.into_iter().map(count).collect()
}

fn seal(keyring: &Keyring, target: &BackupTarget) -> io::Result<File> {
    let mut plain = BufReader::new(File::open(&target.plain)?);
    let mut sealed = BufWriter::new(held(&target.sealed)?);
    sealed::seal(keyring, &mut plain, &mut sealed)?;
    let sealed = sealed.into_inner().map_err(|error| error.into_error())?;
    sealed.sync_all()?;
    Ok(sealed)
}

/// Makes a draft. It is locked as long as it is worked on; that is how an abandoned one is known.
fn held(path: &Path) -> io::Result<File> {
    let file = private(path)?;
    file.lock()?;
    if file.metadata()?.nlink() == 0 {
        // Another backup took it for an abandoned one before it was locked.
        return Err(io::Error::other(
            "another backup began in the same directory at this moment; repeat the command",
        ));
    }
    Ok(file)
}

/// Makes a file that only this user can read.
pub(super) fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Removes drafts that nobody works on any more.
fn remove_abandoned(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(DRAFT)) else {
            continue;
        };
        let path = entry.path();
        if let Some(plain) = name.strip_suffix(JOURNAL) {
            if !directory.join(plain).exists() {
                remove(&path)?;
            }
            continue;
        }
        if !name.ends_with(PLAIN) && !name.ends_with(SEALED) {
            continue;
        }
        let Ok(draft) = File::open(&path) else {
            continue;
        };
        match draft.try_lock() {
            Ok(()) => {
                remove(&path)?;
                remove(&journal(&path))?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(())
}

fn journal(plain: &Path) -> PathBuf {
    let mut name = plain.as_os_str().to_owned();
    name.push(JOURNAL);
    PathBuf::from(name)
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_backup_does_not_take_a_sealed_one_for_abandoned() {
        let home = tempfile::tempdir().unwrap();
        let target = BackupTarget::new(&home.path().join("one")).unwrap();
        fs::write(&target.plain, "plain").unwrap();
        let sealed = seal(&Keyring::derive([7; 32]), &target).unwrap();
        BackupTarget::new(&home.path().join("two")).unwrap();
        assert!(target.sealed.exists());
        drop(sealed);
        BackupTarget::new(&home.path().join("two")).unwrap();
        assert!(!target.sealed.exists());
    }
}
