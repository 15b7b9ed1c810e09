//! The one writer: whatever queued while the last flush ran is the next commit.
//!
//! One refused operation does not fail its neighbours; a failed commit fails all that it held. A failed flush ends
//! writing for good: what the disk holds then is known only after the log has been read again at the next start.

use std::{sync::Arc, thread, time::Duration};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::{damage::Damage, file, remembered::Remembered, traces};
use crate::{
    domain::time::Timestamp,
    store::{
        Cleared, Options,
        lanes::Share,
        operation::{Operation, Refusal, WriteError},
    },
};

/// Pages of the log (4 KiB each) from which it is moved into the database between two batches: 16 MiB.
const LOG_PAGES_MAX: i64 = 4_096;
/// Commits after which the length of the log is looked at.
const COMMITS_BETWEEN_LOOKS: u32 = 64;
/// How long the queue must be empty before the log is moved while nobody waits.
const IDLE: Duration = Duration::from_millis(500);

type Answer = oneshot::Sender<Result<(), WriteError>>;

enum Order {
    Write(Operation, Answer),
    /// Clear what deleted rows leave in the files.
    Clear(oneshot::Sender<Cleared>),
    Close(oneshot::Sender<()>),
}

/// What the writer starts with, and whom it tells.
pub struct Beginning {
    /// The latest time that was written.
    pub latest: Timestamp,
    /// Whether damage was found.
    pub damage: Damage,
    /// Told of each commit that changes connections.
    pub remembered: Arc<Remembered>,
}

/// The way to the writer's thread.
pub struct Writer {
    orders: mpsc::Sender<Order>,
}

impl Writer {
    /// Starts the thread; the receiver turns true when a flush has failed.
    pub fn start(
        connection: Connection,
        options: &Options,
        beginning: Beginning,
    ) -> (Self, watch::Receiver<bool>) {
        let (orders, queued) = mpsc::channel(options.queue.max(1));
        let (halt, halted) = watch::channel(false);
        let desk = Desk {
            connection,
            halt,
            damage: beginning.damage,
            remembered: beginning.remembered,
            batch_max: options.batch.max(1),
            clock_written: beginning.latest,
            commits: 0,
            held: Vec::new(),
        };
        let started = thread::Builder::new()
            .name("store-write".to_owned())
            .spawn(move || desk.work(queued));
        if let Err(error) = started {
            // Without the thread every write is answered `Halted`, which is the truth.
            tracing::error!(%error, "the store's writer could not be started");
        }
        (Self { orders }, halted)
    }

    /// Hands an operation over and waits for its commit. All organisations have one queue here; a fair share is half of it.
    pub async fn write(&self, share: Share, operation: Operation) -> Result<(), WriteError> {
        if share == Share::Fair && self.orders.capacity() <= self.orders.max_capacity() / 2 {
            return Err(WriteError::Busy);
        }
        let (answer, answered) = oneshot::channel();
        self.orders
            .try_send(Order::Write(operation, answer))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => WriteError::Busy,
                mpsc::error::TrySendError::Closed(_) => WriteError::Halted,
            })?;
        answered.await.unwrap_or(Err(WriteError::Halted))
    }

    /// Has the traces of deleted rows cleared after what is queued.
    pub async fn clear_traces(&self) -> Result<Cleared, WriteError> {
        let (answer, answered) = oneshot::channel();
        let asked = self.orders.send(Order::Clear(answer)).await;
        asked.map_err(|_| WriteError::Halted)?;
        answered.await.map_err(|_| WriteError::Halted)
    }

    /// Lets the thread finish what is queued and end.
    pub async fn close(&self) {
        let (done, finished) = oneshot::channel();
        if self.orders.send(Order::Close(done)).await.is_ok() {
            finished.await.unwrap_or_default();
        }
    }
}

/// Where the writer's thread works.
struct Desk {
    connection: Connection,
    halt: watch::Sender<bool>,
    damage: Damage,
    remembered: Arc<Remembered>,
    batch_max: usize,
    clock_written: Timestamp,
    /// Commits since the log was last moved or looked at.
    commits: u32,
    /// Answers of the batch under way, each with what will be said if the commit holds.
    held: Vec<(Answer, Result<(), WriteError>)>,
}

impl Desk {
    fn work(mut self, mut orders: mpsc::Receiver<Order>) {
        let Ok(idle) = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
        else {
            return;
        };
        let mut left = None;
        loop {
            let first = match left.take().map_or_else(|| orders.try_recv(), Ok) {
                Ok(order) => Some(order),
                // Only now that nobody waits does the log's own flush cost nobody anything.
                Err(_) if self.commits > 0 => idle
                    .block_on(async { tokio::time::timeout(IDLE, orders.recv()).await })
                    .unwrap_or_else(|_| {
                        self.move_log();
                        orders.blocking_recv()
                    }),
                Err(_) => orders.blocking_recv(),
            };
            match first {
                Some(Order::Write(operation, answer)) => {
                    left = self.batch(operation, answer, &mut orders);
                }
                Some(Order::Clear(answer)) => answer.send(self.clear()).unwrap_or_default(),
                Some(Order::Close(done)) => return self.end(done),
                None => return self.finish(),
            }
        }
    }

    fn end(self, done: oneshot::Sender<()>) {
        self.finish();
        done.send(()).unwrap_or_default();
    }

    fn finish(mut self) {
        self.move_log();
        if *self.halt.borrow() || self.damage.is_found() {
            // Closing would move the log and remove it; it is all that the next start has to go by.
            return std::mem::forget(self.connection);
        }
        let halt = self.halt.clone();
        if let Err((_, error)) = self.connection.close() {
            tracing::error!(%error, "the store was not closed in order");
            halt.send_replace(true);
        }
    }

    /// Commits one batch. Answers the order that came after it, where that is another than to write.
    fn batch(
        &mut self,
        first: Operation,
        answer: Answer,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Option<Order> {
        let mut left = None;
        let mut next = Some((first, answer));
        let mut latest = self.clock_written;
        let mut changed = Vec::new();
        let mut failed = if *self.halt.borrow() {
            Err(WriteError::Halted)
        } else if self.damage.is_found() {
            Err(WriteError::Damaged)
        } else {
            self.run("BEGIN IMMEDIATE")
        };
        while let Some((operation, answer)) = next.take() {
            latest = latest.max(operation.at);
            changed.extend_from_slice(&operation.connections);
            let outcome = match &failed {
                Ok(()) => self.carry_out(&operation),
                Err(error) => Err(error.clone()),
            };
            if failed.is_ok() {
                failed = self.may_go_on(&outcome);
            }
            self.held.push((answer, outcome));
            if self.held.len() < self.batch_max {
                match orders.try_recv() {
                    Ok(Order::Write(operation, answer)) => next = Some((operation, answer)),
                    Ok(other) => left = Some(other),
                    Err(_) => {}
                }
            }
        }
        self.remembered.before_commit(changed);
        let committed = failed.and_then(|()| self.commit(latest));
        if committed.is_err() && !self.connection.is_autocommit() && self.run("ROLLBACK").is_err() {
            self.halt("the transaction could not be undone");
        }
        self.remembered.after_commit();
        for (answer, outcome) in self.held.drain(..) {
            let told = match (&committed, outcome) {
                (Ok(()), outcome) => outcome,
                (Err(error), _) => Err(error.clone()),
            };
            answer.send(told).unwrap_or_default();
        }
        if self.commits >= COMMITS_BETWEEN_LOOKS && self.log_pages() >= LOG_PAGES_MAX {
            self.move_log();
        }
        left
    }

    /// Whether the batch can still be committed after an operation. Only a refused one is known to have been undone;
    /// and running out of disk or memory can undo the whole transaction under our feet.
    fn may_go_on(&self, outcome: &Result<(), WriteError>) -> Result<(), WriteError> {
        match outcome {
            Err(error) if !matches!(error, WriteError::Refused(_)) => Err(error.clone()),
            _ if self.connection.is_autocommit() => Err(WriteError::Full),
            _ => Ok(()),
        }
    }

    fn commit(&mut self, latest: Timestamp) -> Result<(), WriteError> {
        if latest > self.clock_written {
            self.connection
                .prepare_cached(
                    "INSERT INTO store_fact (name, number) VALUES ('clock', $1) \
                     ON CONFLICT (name) DO UPDATE SET number = excluded.number",
                )
                .and_then(|mut statement| statement.execute([latest.0]))
                .map_err(|error| self.told(&error))?;
        }
        self.run("COMMIT")?;
        self.clock_written = self.clock_written.max(latest);
        self.commits = self.commits.saturating_add(1);
        Ok(())
    }

    fn carry_out(&self, operation: &Operation) -> Result<(), WriteError> {
        // A single statement undoes itself when it fails, and has changed nothing when it changed no row.
        if operation.statements.len() == 1 {
            return self.statements(operation);
        }
        self.run("SAVEPOINT operation")?;
        let outcome = self.statements(operation);
        if outcome.is_err() && !self.connection.is_autocommit() {
            self.run("ROLLBACK TO operation")?;
        }
        if !self.connection.is_autocommit() {
            self.run("RELEASE operation")?;
        }
        outcome
    }

    fn statements(&self, operation: &Operation) -> Result<(), WriteError> {
        for statement in &operation.statements {
            let changed = self
                .connection
                .prepare_cached(statement.sql)
                .and_then(|mut prepared| {
                    prepared.execute(rusqlite::params_from_iter(&statement.values))
                })
                .map_err(|error| self.told(&error))?;
            if statement.rows.is_some_and(|rows| rows != changed) {
                return Err(WriteError::Refused(Refusal::Overtaken));
            }
        }
        Ok(())
    }

    fn run(&self, sql: &str) -> Result<(), WriteError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(|error| self.told(&error))
    }

    /// What the caller is told of an error. A failed flush halts, wherever it shows.
    fn told(&self, error: &rusqlite::Error) -> WriteError {
        if file::is_failed_flush(error) {
            self.halt(&error.to_string());
            return WriteError::Halted;
        }
        file::write_error(error)
    }

    /// Moves the log into the database, so that the next commit writes at the log's start again: a log that is
    /// reused costs half of what a growing one does.
    fn move_log(&mut self) {
        self.commits = 0;
        if *self.halt.borrow() || self.damage.is_found() {
            return;
        }
        match self
            .connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        {
            Ok(()) => {}
            Err(error) if file::is_failed_flush(&error) => self.halt(&error.to_string()),
            // A full disk, for one: the log stays, nothing is lost, and the next idle moment tries again.
            Err(error) => tracing::warn!(%error, "the log could not be moved into the database"),
        }
    }

    fn clear(&mut self) -> Cleared {
        if *self.halt.borrow() || self.damage.is_found() {
            return Cleared::NotYet;
        }
        match traces::clear(&self.connection) {
            Ok(cleared) => cleared,
            Err(error) => {
                if file::is_failed_flush(&error) {
                    self.halt(&error.to_string());
                }
                tracing::warn!(%error, "traces of what was deleted could not be cleared from the files");
                Cleared::NotYet
            }
        }
    }

    /// Pages in the log, whether moved or not; 0 where it cannot be told, which waits for the next idle moment.
    fn log_pages(&mut self) -> i64 {
        self.commits = 1;
        let pages = self
            .connection
            .query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1));
        pages.map_err(|error| self.told(&error)).unwrap_or(0)
    }

    fn halt(&self, detail: &str) {
        tracing::error!(
            detail,
            "the store has halted: a flush failed, so what the disk holds is not known until a restart"
        );
        self.halt.send_replace(true);
    }
}
