//! One process a data directory.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
};

use crate::store::{OpenError, ledger::LEDGER};

/// Files that tell a data directory of ours.
const OURS: [&str; 3] = ["linchpin.db", "master.key", LEDGER];

/// The lock on a data directory, held while the store is open.
///
/// The kernel's lock is what keeps a second process out; it goes with the process, however that ends. What the file
/// says (the process id, or nothing) tells the next start whether the store was closed in order.
pub struct DirectoryLock {
    file: File,
    path: PathBuf,
    is_new: bool,
    left_open: bool,
}

/// Makes a data directory (0700), or closes an existing one to everybody else.
///
/// A directory that holds other things is left alone and refused: `/tmp` is not ours to close.
pub fn make_private(directory: &Path) -> Result<(), OpenError> {
    let failed = |detail: String| OpenError::Failed {
        directory: directory.to_owned(),
        detail,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|error| failed(error.to_string()))?;
    let check = || -> std::io::Result<bool> {
        let open_to_others = fs::metadata(directory)?.permissions().mode() & 0o077 != 0;
        let is_empty = fs::read_dir(directory)?.next().is_none();
        let is_ours = OURS.iter().any(|name| directory.join(name).exists());
        if open_to_others && (is_empty || is_ours) {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
        }
        Ok(!open_to_others || is_empty || is_ours)
    };
    match check() {
        Ok(true) => Ok(()),
        Ok(false) => Err(failed(
            "the directory holds other things and is open to other users; name an empty or a new one".to_owned(),
        )),
        Err(error) => Err(failed(error.to_string())),
    }
}

impl DirectoryLock {
    /// Makes the directory where it is missing (0700) and takes the lock.
    pub fn take(directory: &Path) -> Result<Self, OpenError> {
        let failed = |detail: std::io::Error| OpenError::Failed {
            directory: directory.to_owned(),
            detail: detail.to_string(),
        };
        make_private(directory)?;
        let path = directory.join("lock");
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let mut holder = String::new();
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                file.read_to_string(&mut holder).unwrap_or_default();
                let holder = match holder.trim() {
                    "" => String::new(),
                    pid => format!(" (pid {pid})"),
                };
                return Err(OpenError::InUse {
                    directory: directory.to_owned(),
                    holder,
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if file.metadata().map_err(failed)?.nlink() == 0 {
            // Whoever held it has undone it in between, and a lock without a name keeps nobody out.
            return Self::take(directory);
        }
        file.read_to_string(&mut holder).map_err(failed)?;
        let lock = Self {
            file,
            path,
            is_new,
            left_open: !holder.trim().is_empty(),
        };
        lock.write(&std::process::id().to_string())
            .map_err(failed)?;
        Ok(lock)
    }

    /// Whether the process before did not close the store in order.
    pub fn was_left_open(&self) -> bool {
        self.left_open
    }

    /// Says that the store was closed in order. Should that fail, the next start checks more than it needs to.
    pub fn closed_in_order(&self) {
        self.write("").unwrap_or_default();
    }

    /// Leaves it as it was found, where nothing came of what it was taken for.
    pub fn undo(&self) {
        if self.is_new {
            fs::remove_file(&self.path).unwrap_or_default();
        } else if !self.left_open {
            self.closed_in_order();
        }
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_holds_a_ledger_alone_is_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(LEDGER), "").unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        make_private(directory.path()).unwrap();
        let mode = fs::metadata(directory.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_lock_that_is_undone_leaves_what_was_there() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        DirectoryLock::take(directory.path()).unwrap().undo();
        assert!(!path.exists());
        for before in ["", "123"] {
            fs::write(&path, before).unwrap();
            let lock = DirectoryLock::take(directory.path()).unwrap();
            assert_eq!(lock.was_left_open(), !before.is_empty());
            lock.undo();
            assert_eq!(
                fs::read_to_string(&path).unwrap().is_empty(),
                before.is_empty()
            );
        }
    }
}
