//! The ledger's file, as it is written.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use tokio::sync::{mpsc, oneshot, watch};

use super::{Entry, Fact, LEDGER, line};
use crate::{
    domain::{keyring::Keyring, time::Timestamp},
    store::WriteError,
};

/// Lines that are to be written, and who waits for them.
pub struct Order {
    /// When they came about.
    pub at: Timestamp,
    /// Whole lines.
    pub lines: String,
    /// Told when they are on the disk.
    pub answer: oneshot::Sender<Result<(), WriteError>>,
}

/// The open file.
pub struct Book {
    path: PathBuf,
    file: File,
    keyring: Box<Keyring>,
    /// Set when a flush failed: what the disk holds is not known until a restart has read it.
    halt: watch::Sender<bool>,
}

impl Book {
    /// Opens it, and makes it where there is none; it is empty then.
    pub fn open(path: PathBuf, keyring: &Keyring) -> io::Result<Self> {
        Ok(Self {
            file: open(&path)?,
            path,
            keyring: Box::new(keyring.clone()),
            halt: watch::Sender::new(false),
        })
    }

    /// Turns true when a flush failed.
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.halt.subscribe()
    }

    /// Whatever waits is written together and flushed once.
    pub fn work(mut self, mut queued: mpsc::Receiver<Order>) {
        while let Some(first) = queued.blocking_recv() {
            let (at, mut lines) = (first.at, first.lines);
            let mut answers = vec![first.answer];
            while let Ok(more) = queued.try_recv() {
                lines.push_str(&more.lines);
                answers.push(more.answer);
            }
            let outcome = self.keep(at, &lines);
            for answer in answers {
                answer.send(outcome.clone()).unwrap_or_default();
            }
        }
    }

    fn keep(&mut self, at: Timestamp, lines: &str) -> Result<(), WriteError> {
        if *self.halt.borrow() {
            return Err(WriteError::Halted);
        }
        self.append(at, lines).map_err(|error| {
            tracing::error!(%error, "the ledger of what was revoked cannot be written");
            match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => WriteError::Full,
                _ if *self.halt.borrow() => WriteError::Halted,
                _ => WriteError::Failed(format!("{LEDGER}: {error}")),
            }
        })
    }

    /// Writes the first line where there is none; answers whether it did.
    pub fn begin(&mut self, at: Timestamp) -> io::Result<bool> {
        self.lock()?;
        let begun = match self.end_of_lines() {
            Ok(0) => self.append_locked(at, "").map(|()| true),
            other => other.map(|_| false),
        };
        self.file.unlock()?;
        begun
    }

    /// Appends whole lines. Several processes may share the file, so it is locked meanwhile.
    fn append(&mut self, at: Timestamp, lines: &str) -> io::Result<()> {
        self.lock()?;
        let written = self.append_locked(at, lines);
        self.file.unlock()?;
        written
    }

    /// Locks the file that has the ledger's name. What is written into one that was removed or renamed meanwhile would
    /// be lost; a new one says from when on it tells everything, and a restore goes by that.
    fn lock(&mut self) -> io::Result<()> {
        loop {
            self.file.lock()?;
            if self.is_in_place()? {
                return Ok(());
            }
            tracing::error!(
                path = %self.path.display(),
                "the ledger was removed, renamed or replaced while it was in use, and another one is begun. Keep the old one: a backup from before this moment is restored with both"
            );
            self.file = open(&self.path)?;
        }
    }

    fn is_in_place(&self) -> io::Result<bool> {
        let held = self.file.metadata()?;
        match self.path.metadata() {
            Ok(found) => Ok((found.dev(), found.ino()) == (held.dev(), held.ino())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn append_locked(&mut self, at: Timestamp, lines: &str) -> io::Result<()> {
        let end = self.end_of_lines()?;
        let mut text = String::new();
        if end == 0 {
            let fact = Fact::Begun;
            text = line(&Entry { at, fact }, &self.keyring).map_err(io::Error::other)?;
        }
        text.push_str(lines);
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            self.file.set_len(end)?;
            return Err(error);
        }
        let flushed = self.file.sync_all();
        let named = match (end, self.path.parent()) {
            (0, Some(directory)) => File::open(directory).and_then(|it| it.sync_all()),
            _ => Ok(()),
        };
        flushed.and(named).inspect_err(|error| {
            tracing::error!(%error, "a flush of the ledger failed, so what the disk holds is not known until a restart");
            self.halt.send_replace(true);
        })
    }

    /// Cuts off what a crash left of a line, which nobody was told of, and answers where the next one begins.
    fn end_of_lines(&mut self) -> io::Result<u64> {
        let length = self.file.metadata()?.len();
        let mut last = [0_u8; 1];
        if length > 0 {
            self.file.read_exact_at(&mut last, length - 1)?;
        }
        if length == 0 || last == *b"\n" {
            return Ok(length);
        }
        let mut text = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n');
        let end = whole.map_or(0, |at| at as u64 + 1);
        self.file.set_len(end)?;
        Ok(end)
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}
