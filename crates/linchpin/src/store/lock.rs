//! One process a data directory.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{Read as _, Seek as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use super::OpenError;

/// The lock on a data directory, held while the store is open.
///
/// The kernel's lock is what keeps a second process out; it goes with the process, however that ends. What the file
/// says (the process id, or nothing) tells the next start whether the store was closed in order.
pub struct DirectoryLock {
    file: File,
    left_open: bool,
}

impl DirectoryLock {
    /// Makes the directory where it is missing (0700) and takes the lock.
    pub fn take(directory: &Path) -> Result<Self, OpenError> {
        let failed = |detail: std::io::Error| OpenError::Failed {
            directory: directory.to_owned(),
            detail: detail.to_string(),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(failed)?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        let path = directory.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
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
        file.read_to_string(&mut holder).map_err(failed)?;
        let lock = Self {
            file,
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

    fn write(&self, text: &str) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(text.as_bytes())
    }
}
