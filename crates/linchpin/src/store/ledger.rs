//! The ledger: what was revoked and deleted, so that a restored backup does not bring it back.
//!
//! A file in the data directory of every node, only ever appended to. Each line is JSON with an authentication code
//! over what it says, and is on the disk before the change that it tells of is committed.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::sync::{mpsc, oneshot};

use super::{OpenError, WriteError, sqlite};
use crate::domain::{
    client_app::ClientApp,
    keyring::{Keyring, Purpose},
    public_id::{AppId, KeyId},
    time::Timestamp,
};

/// The file's name.
pub const LEDGER: &str = "revoked.ledger";

/// Facts that may wait for the disk; one more is answered [`WriteError::Busy`].
const WAITING_MAX: usize = 4_096;

/// One fact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The ledger begins: the file was made, and knows of nothing before.
    Begun,
    /// A key was revoked.
    KeyRevoked {
        /// Which.
        key: KeyId,
    },
    /// A client app was deleted.
    AppDeleted {
        /// Which.
        app: AppId,
    },
    /// A client app was changed.
    AppSaved {
        /// What it is from then on.
        app: Box<ClientApp>,
        /// Its version from then on.
        version: i64,
    },
    /// A session was deleted.
    SessionDeleted {
        /// The number of its id.
        session: i64,
    },
}

/// A fact and when it came about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// By the clock of the node.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub fact: Fact,
}

type Answer = oneshot::Sender<Result<(), WriteError>>;

/// The way to the thread that writes the ledger of this process.
pub struct Ledger {
    orders: mpsc::Sender<(String, Answer)>,
    keyring: Box<Keyring>,
}

impl Ledger {
    /// Opens the ledger of a data directory, and begins it where there is none.
    pub fn open(directory: &Path, keyring: &Keyring) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::Failed {
            directory: directory.to_owned(),
            detail: format!("{LEDGER}: {error}"),
        };
        sqlite::make_private(directory)?;
        let path = directory.join(LEDGER);
        let mut book = Book::open(&path).map_err(failed)?;
        if book.file.metadata().map_err(failed)?.len() == 0 {
            let now = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let entry = Entry {
                at: Timestamp(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)),
                fact: Fact::Begun,
            };
            let first = line(&entry, keyring).map_err(|error| failed(io::Error::other(error)))?;
            book.append(&first).map_err(failed)?;
            File::open(directory)
                .and_then(|directory| directory.sync_all())
                .map_err(failed)?;
        }
        let (orders, queued) = mpsc::channel(WAITING_MAX);
        thread::Builder::new()
            .name("store-ledger".to_owned())
            .spawn(move || book.work(queued))
            .map_err(failed)?;
        Ok(Self {
            orders,
            keyring: Box::new(keyring.clone()),
        })
    }

    /// Writes facts and answers when they are on the disk.
    pub async fn keep(&self, at: Timestamp, facts: &[Fact]) -> Result<(), WriteError> {
        if facts.is_empty() {
            return Ok(());
        }
        let mut lines = String::new();
        for fact in facts {
            let entry = Entry {
                at,
                fact: fact.clone(),
            };
            let line = line(&entry, &self.keyring)
                .map_err(|error| WriteError::Failed(error.to_string()))?;
            lines.push_str(&line);
        }
        let (answer, answered) = oneshot::channel();
        self.orders
            .try_send((lines, answer))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => WriteError::Busy,
                mpsc::error::TrySendError::Closed(_) => WriteError::Halted,
            })?;
        answered.await.unwrap_or(Err(WriteError::Halted))
    }
}

/// The open file.
struct Book {
    file: File,
    /// Set when a flush failed: what the disk holds is not known until a restart has read it.
    halted: bool,
}

impl Book {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            file,
            halted: false,
        })
    }

    /// Whatever waits is written together and flushed once.
    fn work(mut self, mut queued: mpsc::Receiver<(String, Answer)>) {
        while let Some((mut lines, answer)) = queued.blocking_recv() {
            let mut answers = vec![answer];
            while let Ok((more, answer)) = queued.try_recv() {
                lines.push_str(&more);
                answers.push(answer);
            }
            let outcome = if self.halted {
                Err(WriteError::Halted)
            } else {
                self.append(&lines).map_err(|error| {
                    tracing::error!(%error, "the ledger of what was revoked cannot be written");
                    match error.kind() {
                        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                            WriteError::Full
                        }
                        _ if self.halted => WriteError::Halted,
                        _ => WriteError::Failed(format!("{LEDGER}: {error}")),
                    }
                })
            };
            for answer in answers {
                answer.send(outcome.clone()).unwrap_or_default();
            }
        }
    }

    /// Appends whole lines. Several processes may share the file, so it is locked meanwhile.
    fn append(&mut self, lines: &str) -> io::Result<()> {
        self.file.lock()?;
        let written = self.append_locked(lines);
        self.file.unlock()?;
        written
    }

    fn append_locked(&mut self, lines: &str) -> io::Result<()> {
        let end = self.end_of_lines()?;
        if let Err(error) = self.file.write_all(lines.as_bytes()) {
            self.file.set_len(end)?;
            return Err(error);
        }
        self.file.sync_all().inspect_err(|_| self.halted = true)
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

const BEGINS: &str = "{\"mac\":\"";
const SAYS: &str = "\",\"says\":";

fn line(entry: &Entry, keyring: &Keyring) -> Result<String, serde_json::Error> {
    let says = serde_json::to_string(entry)?;
    let mac = code(keyring, &says);
    Ok(format!("{BEGINS}{mac}{SAYS}{says}}}\n"))
}

fn code(keyring: &Keyring, says: &str) -> String {
    let mac = keyring.mac(Purpose::Ledger, &[says.as_bytes()]);
    let mut text = String::with_capacity(2 * mac.len());
    for byte in mac {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

/// What a line says; `None` where it is not one that the keyring's owner wrote.
fn entry(line: &str, keyring: &Keyring) -> Option<Entry> {
    let (mac, says) = line
        .strip_prefix(BEGINS)?
        .strip_suffix('}')?
        .split_once(SAYS)?;
    let right = code(keyring, says);
    bool::from(mac.as_bytes().ct_eq(right.as_bytes()))
        .then(|| serde_json::from_str(says).ok())
        .flatten()
}

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
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The moment from which on they tell everything.
    pub(super) fn since(&self) -> Option<Timestamp> {
        let begun = |entry: &&Entry| matches!(entry.fact, Fact::Begun);
        self.entries
            .iter()
            .filter(begun)
            .map(|entry| entry.at)
            .min()
    }

    /// Writes a ledger that tells the same.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        let mut book = Book::open(path)?;
        book.append(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        Keyring::derive([7; 32])
    }

    fn revoked(number: u8) -> Fact {
        Fact::KeyRevoked {
            key: KeyId::new([number; 16]),
        }
    }

    fn told(path: &Path) -> Result<Told, LedgerError> {
        let mut told = Told::default();
        told.read(path, &keyring()).map(|()| told)
    }

    #[tokio::test]
    async fn what_a_crash_left_of_a_line_is_cut_off_before_the_next_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = Ledger::open(directory.path(), &keyring()).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"mac\":\"00")).unwrap();
        assert!(matches!(told(&path), Err(LedgerError::Cut(_))));
        let again = Ledger::open(directory.path(), &keyring()).unwrap();
        again.keep(Timestamp(2), &[revoked(2)]).await.unwrap();
        assert_eq!(told(&path).unwrap().entries().len(), 3);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(&whole));
    }

    #[tokio::test]
    async fn a_line_of_another_master_key_is_not_believed() {
        let directory = tempfile::tempdir().unwrap();
        let other = Keyring::derive([8; 32]);
        let ledger = Ledger::open(directory.path(), &other).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let refused = told(&directory.path().join(LEDGER));
        assert!(matches!(refused, Err(LedgerError::Forged { line: 1, .. })));
    }

    #[tokio::test]
    async fn a_line_that_stands_in_two_ledgers_counts_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = Ledger::open(directory.path(), &keyring()).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let mut told = told(&path).unwrap();
        told.read(&path, &keyring()).unwrap();
        assert_eq!(told.entries().len(), 2);
    }
}
