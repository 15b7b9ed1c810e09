//! Questions: a few threads, each with a connection that can only read.

use std::{
    path::Path,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::file;
use crate::store::{
    OpenError,
    operation::Value,
    row::{ReadError, Row},
};

/// Questions that may wait for one reader; one more is answered [`ReadError::Busy`].
const QUESTIONS_WAITING_MAX: usize = 2_048;

enum Order {
    Ask(Question),
    Close(oneshot::Sender<()>),
}

struct Question {
    table: &'static str,
    sql: &'static str,
    values: Vec<Value>,
    answer: oneshot::Sender<Result<Vec<Row>, ReadError>>,
}

/// The threads that answer questions.
pub struct Readers {
    threads: Vec<SyncSender<Order>>,
    next: AtomicUsize,
}

impl Readers {
    /// Starts the threads; each opens a connection of its own.
    pub fn start(directory: &Path, count: usize) -> Result<Self, OpenError> {
        let mut threads = Vec::new();
        for number in 0..count.max(1) {
            let connection = file::open_reader(directory)?;
            let (sender, orders) = sync_channel(QUESTIONS_WAITING_MAX);
            thread::Builder::new()
                .name(format!("store-read-{number}"))
                .spawn(move || answer_all(connection, &orders))
                .map_err(|error| OpenError::Failed {
                    directory: directory.to_owned(),
                    detail: error.to_string(),
                })?;
            threads.push(sender);
        }
        Ok(Self {
            threads,
            next: AtomicUsize::new(0),
        })
    }

    /// Has every thread answer what it was asked and close its connection. A database that nobody reads any more
    /// is left in one file: the writer, closing last, empties the log.
    pub async fn close(&self) {
        for thread in &self.threads {
            let (done, closed) = oneshot::channel();
            if thread.try_send(Order::Close(done)).is_ok() {
                closed.await.unwrap_or_default();
            }
        }
    }

    /// Asks a question; `table` names the rows in the error that a broken one gives.
    pub async fn read(
        &self,
        table: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, ReadError> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.threads.len();
        let (answer, answered) = oneshot::channel();
        let reader = self.threads.get(turn).ok_or(ReadError::Busy)?;
        let question = Question {
            table,
            sql,
            values,
            answer,
        };
        reader
            .try_send(Order::Ask(question))
            .map_err(|_| ReadError::Busy)?;
        answered
            .await
            .unwrap_or_else(|_| Err(ReadError::Failed("the reader has stopped".to_owned())))
    }
}

fn answer_all(connection: Connection, orders: &Receiver<Order>) {
    while let Ok(order) = orders.recv() {
        match order {
            Order::Ask(question) => {
                let rows = rows(&connection, &question)
                    .map_err(|error| ReadError::Failed(error.to_string()));
                // Nobody waits any more when the asking request was cut off.
                question.answer.send(rows).unwrap_or_default();
            }
            Order::Close(done) => {
                drop(connection);
                return done.send(()).unwrap_or_default();
            }
        }
    }
}

fn rows(connection: &Connection, question: &Question) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(question.sql)?;
    let columns = statement.column_count();
    let mut found = statement.query(rusqlite::params_from_iter(&question.values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let values = (0..columns)
            .map(|column| file::value(row, column))
            .collect::<Result<_, _>>()?;
        rows.push(Row::new(question.table, values));
    }
    Ok(rows)
}
