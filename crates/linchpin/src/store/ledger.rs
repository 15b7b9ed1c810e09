//! The ledger: what was revoked and deleted, so that a restored backup does not bring it back.
//!
//! A file in the data directory of every node, only ever appended to. Each line is JSON with an authentication code
//! over what it says, and is on the disk before the change that it tells of is committed.

mod book;
mod told;

use std::{io, path::Path, thread};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::sync::{mpsc, oneshot, watch};

pub use told::{LedgerError, OutOfReach, Told};

use self::book::{Book, Order};
use super::{OpenError, WriteError, sqlite};
use crate::domain::{
    client_app::ClientApp,
    hexadecimal,
    id::ConnectionId,
    keyring::{Keyring, Purpose},
    public_id::{AppId, EndpointId, KeyId},
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
    /// The session of a connection was ended by the developer or by the provider.
    ConnectionEnded {
        /// Which.
        connection: ConnectionId,
        /// Whether the connection was removed as well.
        removed: bool,
    },
    /// A webhook endpoint was deleted.
    EndpointDeleted {
        /// Which.
        endpoint: EndpointId,
    },
}

/// A fact and when it came about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// By the clock that the store goes by.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub fact: Fact,
}

/// The way to the thread that writes the ledger of this process.
pub struct Ledger {
    orders: mpsc::Sender<Order>,
    keyring: Box<Keyring>,
    halted: watch::Receiver<bool>,
    is_new: bool,
}

impl Ledger {
    /// Opens the ledger of a data directory, and begins it `now` where there is none.
    pub fn open(directory: &Path, keyring: &Keyring, now: Timestamp) -> Result<Self, OpenError> {
        let failed = |error: io::Error| OpenError::Failed {
            directory: directory.to_owned(),
            detail: format!("{LEDGER}: {error}"),
        };
        sqlite::make_private(directory)?;
        let mut book = Book::open(directory.join(LEDGER), keyring).map_err(failed)?;
        let is_new = book.begin(now).map_err(failed)?;
        let halted = book.halted();
        let (orders, queued) = mpsc::channel(WAITING_MAX);
        thread::Builder::new()
            .name("store-ledger".to_owned())
            .spawn(move || book.work(queued))
            .map_err(failed)?;
        Ok(Self {
            orders,
            keyring: Box::new(keyring.clone()),
            halted,
            is_new,
        })
    }

    /// Whether it was begun when it was opened.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Turns true when a flush failed.
    pub fn halted(&self) -> watch::Receiver<bool> {
        self.halted.clone()
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
        let order = Order { at, lines, answer };
        self.orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => WriteError::Busy,
            mpsc::error::TrySendError::Closed(_) => WriteError::Halted,
        })?;
        answered.await.unwrap_or(Err(WriteError::Halted))
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
    hexadecimal::of(&mac)
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

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    fn keyring() -> Keyring {
        Keyring::derive([7; 32])
    }

    fn revoked(number: u8) -> Fact {
        Fact::KeyRevoked {
            key: KeyId::new([number; 16]),
        }
    }

    fn open(directory: &Path) -> Result<Ledger, OpenError> {
        Ledger::open(directory, &keyring(), Timestamp(0))
    }

    fn told(path: &Path) -> Result<Told, LedgerError> {
        let mut told = Told::default();
        told.read(path, &keyring()).map(|()| told)
    }

    #[tokio::test]
    async fn what_a_crash_left_of_a_line_is_cut_off_before_the_next_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = open(directory.path()).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{{\"mac\":\"00")).unwrap();
        assert!(matches!(told(&path), Err(LedgerError::Cut(_))));
        let again = open(directory.path()).unwrap();
        again.keep(Timestamp(2), &[revoked(2)]).await.unwrap();
        assert_eq!(told(&path).unwrap().entries().len(), 3);
        assert!(fs::read_to_string(&path).unwrap().starts_with(&whole));
    }

    #[tokio::test]
    async fn a_line_of_another_master_key_is_not_believed() {
        let directory = tempfile::tempdir().unwrap();
        let other = Keyring::derive([8; 32]);
        let ledger = Ledger::open(directory.path(), &other, Timestamp(0)).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let refused = told(&directory.path().join(LEDGER));
        assert!(matches!(refused, Err(LedgerError::Forged { line: 1, .. })));
    }

    #[tokio::test]
    async fn a_line_that_stands_in_two_ledgers_counts_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = open(directory.path()).unwrap();
        ledger.keep(Timestamp(1), &[revoked(1)]).await.unwrap();
        let mut told = told(&path).unwrap();
        told.read(&path, &keyring()).unwrap();
        assert_eq!(told.entries().len(), 2);
    }

    #[tokio::test]
    async fn a_ledger_that_was_renamed_or_emptied_is_begun_anew_by_the_next_line() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = open(directory.path()).unwrap();
        let whole = |path: &PathBuf| told(path).unwrap().entries().len();
        let aside = directory.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        ledger.keep(Timestamp(5), &[revoked(1)]).await.unwrap();
        assert_eq!((whole(&aside), whole(&path)), (1, 2));
        fs::write(&path, "").unwrap();
        ledger.keep(Timestamp(9), &[revoked(2)]).await.unwrap();
        assert_eq!(whole(&path), 2);
        let told = told(&path).unwrap();
        assert!(told.check_reach(Timestamp(8)).is_err());
        assert!(told.check_reach(Timestamp(9)).is_ok());
    }

    #[tokio::test]
    async fn a_ledger_without_its_beginning_reaches_nowhere() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(LEDGER);
        let ledger = open(directory.path()).unwrap();
        ledger.keep(Timestamp(5), &[revoked(1)]).await.unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        fs::write(&path, rest).unwrap();
        let refused = told(&path).unwrap().check_reach(Timestamp(9));
        assert!(matches!(refused, Err(OutOfReach::NoBeginning)));
    }
}
