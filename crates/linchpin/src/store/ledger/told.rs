//! What ledgers tell, read back with every line checked.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::{Entry, Fact, entry};
use crate::domain::{keyring::Keyring, time::Timestamp};

/// Why a ledger cannot be gone by. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused.
    #[error("the ledger {path} cannot be read: {detail}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What was refused.
        detail: String,
    },
    /// There is not even a first line.
    #[error(
        "the ledger {0} is empty, and even a new one has a line. Give the file as the server left it"
    )]
    Empty(PathBuf),
    /// The last line does not end.
    #[error(
        "the last line of the ledger {0} is cut off. Copy the file again; if the server's own file ends so, a crash cut it: remove that line, nobody was told that it holds"
    )]
    Cut(PathBuf),
    /// A line was not written with this master key, or not by a linchpin of this age.
    #[error(
        "line {line} of the ledger {path} was changed, or written with another master key or by a newer linchpin"
    )]
    Forged {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

/// Why ledgers cannot tell all that was revoked since a backup. Each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OutOfReach {
    /// They began after the backup.
    #[error(
        "the ledgers begin at {since}, after the backup's latest change at {backup}: they cannot tell all that was revoked since then. Give the older ledger too, or use --without-ledger"
    )]
    TooYoung {
        /// The first moment that a ledger tells of.
        since: Timestamp,
        /// The latest change in the backup.
        backup: Timestamp,
    },
    /// None of them says when it began.
    #[error(
        "no line of the ledgers says when they begin, so something was cut off at their beginning. Give the whole ledger, or use --without-ledger"
    )]
    NoBeginning,
}

/// What ledgers tell, every line checked.
#[derive(Debug, Default)]
pub struct Told {
    entries: Vec<Entry>,
    lines: BTreeSet<String>,
}

impl Told {
    /// Reads a ledger into what others tell; a line that stands in several counts once.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] where a single line is not as it was written.
    pub fn read(&mut self, path: &Path, keyring: &Keyring) -> Result<(), LedgerError> {
        let text = std::fs::read_to_string(path).map_err(|error| LedgerError::Unreadable {
            path: path.to_owned(),
            detail: error.to_string(),
        })?;
        if text.is_empty() {
            return Err(LedgerError::Empty(path.to_owned()));
        }
        for (at, line) in text.split_inclusive('\n').enumerate() {
            let Some(line) = line.strip_suffix('\n') else {
                return Err(LedgerError::Cut(path.to_owned()));
            };
            let entry = entry(line, keyring).ok_or_else(|| LedgerError::Forged {
                path: path.to_owned(),
                line: at + 1,
            })?;
            if self.lines.insert(line.to_owned()) {
                self.entries.push(entry);
            }
        }
        Ok(())
    }

    /// What they tell.
    pub(in crate::store) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Looks whether they tell everything since the latest change of a backup; 0 is a backup without any change.
    ///
    /// # Errors
    ///
    /// [`OutOfReach`] where they do not.
    pub fn check_reach(&self, backup: Timestamp) -> Result<(), OutOfReach> {
        let begun = |entry: &&Entry| matches!(entry.fact, Fact::Begun);
        let begun = self.entries.iter().filter(begun);
        match begun.map(|entry| entry.at).min() {
            None => Err(OutOfReach::NoBeginning),
            Some(since) if backup.0 > 0 && since > backup => {
                Err(OutOfReach::TooYoung { since, backup })
            }
            Some(_) => Ok(()),
        }
    }

    /// Writes a ledger that tells the same; none where nothing is told.
    pub(in crate::store) fn write(&self, path: &Path) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    }
}
