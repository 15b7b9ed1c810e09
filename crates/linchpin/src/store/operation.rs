//! What the writer is asked to do: statements as data.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{lanes::NOBODY, ledger::Fact};
use crate::domain::{
    id::{ConnectionId, SessionId},
    public_id::OrganisationId,
    sealed::SealedKind,
    time::Timestamp,
};

/// A value that is bound to a statement or read from a row. The same four kinds on every engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// `BIGINT`, `INTEGER`.
    Int(i64),
    /// `TEXT`.
    Text(Cow<'static, str>),
    /// `BYTEA`, `BLOB`.
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.0)
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One statement: SQL with `$1`, `$2` … in the order of their first appearance, the values, and how many rows it
/// must change for the operation to stand. That number is how "only if still in this state" is said.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(super) sql: &'static str,
    pub(super) values: Vec<Value>,
    pub(super) rows: Option<usize>,
    /// Whether it does nothing but add a row, so that it can be carried out together with others of the same text.
    pub(super) adds: bool,
}

/// Statements that stand or fall together.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(super) at: Timestamp,
    /// Whose it is, as a number; [`NOBODY`] for what is nobody's.
    pub(super) lane: u64,
    pub(super) statements: Vec<Statement>,
    /// The connections that it changes, or the sessions of.
    pub(super) connections: Vec<ConnectionId>,
    /// What a restored backup must not bring back; on the disk before the statements are carried out.
    pub(super) facts: Vec<Fact>,
    /// What other nodes hear of with the commit, where there are any.
    pub(super) announced: Vec<Statement>,
}

/// Tells every node that listens, once the transaction stands. The channel is one of [`super::postgres`].
const ANNOUNCE_SESSION: &str = "SELECT pg_notify('linchpin_session', $1)";

impl Operation {
    /// An empty operation, made at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            lane: NOBODY,
            statements: Vec::with_capacity(2),
            connections: Vec::new(),
            facts: Vec::new(),
            announced: Vec::new(),
        }
    }

    /// When it was made.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Says whose operation it is. Where many wait, everybody has their turn.
    pub fn belongs_to(&mut self, organisation: &OrganisationId) {
        let mut hasher = DefaultHasher::new();
        organisation.hash(&mut hasher);
        self.lane = hasher.finish();
    }

    /// Adds an `INSERT INTO … (…) VALUES ($1, …)` and nothing behind it. Where many operations add rows of the same
    /// text they may be added by one statement. A row of the same key refuses the operation with `Exists`.
    pub fn add_row(&mut self, sql: &'static str, values: Vec<Value>) {
        self.push(sql, values, Some(1), true);
    }

    /// Adds a statement that must change exactly one row.
    pub fn one_row(&mut self, sql: &'static str, values: Vec<Value>) {
        self.push(sql, values, Some(1), false);
    }

    /// Adds a statement that may change any number of rows.
    pub fn any_rows(&mut self, sql: &'static str, values: Vec<Value>) {
        self.push(sql, values, None, false);
    }

    /// Names a connection that the operation changes.
    pub(super) fn changes_connection(&mut self, connection: &ConnectionId) {
        self.connections.push(connection.clone());
    }

    /// Names whoever owns a sealed secret that the operation changes.
    pub(super) fn changes_sealed(&mut self, kind: SealedKind, owner: &str) {
        if kind == SealedKind::Session {
            self.changes_connection(&ConnectionId::from_text(owner));
        }
    }

    /// Whether no statement changes connections or their sessions that the operation does not name.
    pub(super) fn names_its_connections(&self) -> bool {
        let session = Value::from(SealedKind::Session.name());
        let changes = |statement: &Statement| {
            let of = |table| {
                ["UPDATE ", "DELETE FROM "]
                    .iter()
                    .any(|verb| statement.sql.starts_with(&format!("{verb}{table} ")))
            };
            of("connection")
                || ((of("sealed") || statement.sql.starts_with("INSERT INTO sealed "))
                    && statement.values.contains(&session))
        };
        !self.connections.is_empty() || !self.statements.iter().any(changes)
    }

    /// Has the other nodes hear that a session has changed.
    pub(super) fn announce_session(&mut self, session: SessionId) {
        self.announced.push(Statement {
            sql: ANNOUNCE_SESSION,
            values: vec![session.number().to_string().into()],
            rows: None,
            adds: false,
        });
    }

    fn push(&mut self, sql: &'static str, values: Vec<Value>, rows: Option<usize>, adds: bool) {
        self.statements.push(Statement {
            sql,
            values,
            rows,
            adds,
        });
    }
}

/// Why an operation did not stand, though the store works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A statement did not change the rows that it had to: someone else was faster, or there is no such row.
    Overtaken,
    /// A row of this key exists already.
    Exists,
}

/// Why a change is not durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It did not stand; nothing was changed.
    #[error("the change was refused: {0:?}")]
    Refused(Refusal),
    /// Too many operations are waiting; nothing was changed.
    #[error("the store is busy")]
    Busy,
    /// The disk is full; nothing was changed.
    #[error("the disk is full")]
    Full,
    /// The engine failed; nothing was changed that will be told of.
    #[error("the store failed: {0}")]
    Failed(String),
    /// Damage was found in the database; it is only read until somebody has looked at it.
    #[error("the store is damaged and is only read")]
    Damaged,
    /// The database cannot be reached, or ended the connection before anything was kept; nothing was changed.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The connection was lost while the commit was under way, and nobody could be asked in time what became of it.
    #[error("whether the change was kept is not known")]
    Unknown,
    /// A flush failed before; nothing is written until the process starts again.
    #[error("the store has halted after a failed flush")]
    Halted,
}
