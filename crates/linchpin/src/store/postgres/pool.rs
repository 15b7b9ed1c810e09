//! Questions: a pool of connections, each answering one at a time.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{
    Manager, ManagerConfig, Object, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::{Config, types::ToSql};

use super::{database::Database, dial::reason, timeline::Newest};
use crate::store::{
    operation::Value,
    row::{ReadError, Row},
};

/// How long a question waits for a connection, for a new one to come about, and for its answer.
const WAIT: Duration = Duration::from_secs(2);
const CREATE: Duration = Duration::from_secs(4);
const ANSWER: Duration = Duration::from_secs(5);
/// Questions that may wait or run at once; one more is answered busy.
const QUESTIONS_MAX: usize = 2_048;

/// The connections that answer questions.
pub struct Pool {
    connections: deadpool_postgres::Pool,
    newest: Arc<Newest>,
    room: tokio::sync::Semaphore,
}

impl Pool {
    /// A pool of this many connections, made when they are first needed.
    pub fn new(database: &Database, size: usize) -> Result<Self, String> {
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        // What is connected to, the database knows better than one configuration could say.
        let making = Manager::from_connect(Config::new(), database.clone(), recycling);
        let connections = deadpool_postgres::Pool::builder(making)
            .max_size(size.max(1))
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts {
                wait: Some(WAIT),
                create: Some(CREATE),
                recycle: Some(WAIT),
            })
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self {
            connections,
            newest: Arc::clone(&database.newest),
            room: tokio::sync::Semaphore::new(QUESTIONS_MAX),
        })
    }

    /// Asks; once more where the connection turns out to be gone, since a question changes nothing.
    pub async fn read(
        &self,
        table: &'static str,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, ReadError> {
        let _room = self.room.try_acquire().map_err(|_| ReadError::Busy)?;
        match self.ask(table, sql, values).await {
            Err(Unanswered::Lost(_)) => self.ask(table, sql, values).await,
            other => other,
        }
        .map_err(|unanswered| match unanswered {
            Unanswered::Lost(why) | Unanswered::Refused(why) => ReadError::Failed(why),
            Unanswered::Late => ReadError::Busy,
        })
    }

    async fn ask(
        &self,
        table: &'static str,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, Unanswered> {
        let client = self.connection().await?;
        let asked = async {
            let statement = client.prepare_cached(sql).await?;
            let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
            client.query(&statement, &values).await
        };
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(rows)) => rows.iter().map(|row| read(table, row)).collect(),
            Ok(Err(error)) if error.as_db_error().is_none() || error.is_closed() => {
                drop(Object::take(client));
                Err(Unanswered::Lost(reason(&error)))
            }
            Ok(Err(error)) => Err(match error.code().map(|code| code.code().to_owned()) {
                Some(code) if code.starts_with("57P") => Unanswered::Lost(reason(&error)),
                Some(code) if code == "57014" => Unanswered::Late,
                _ => Unanswered::Refused(reason(&error)),
            }),
            Err(_) => {
                // It may answer later, to somebody else: such a connection is not used again.
                drop(Object::take(client));
                Err(Unanswered::Late)
            }
        }
    }

    /// A connection to the server that writes now.
    async fn connection(&self) -> Result<Object, Unanswered> {
        loop {
            let client = self.connections.get().await.map_err(|error| match error {
                PoolError::Timeout(_) => Unanswered::Late,
                PoolError::Backend(error) => Unanswered::Refused(reason(&error)),
                other => Unanswered::Refused(other.to_string()),
            })?;
            if !self.newest.overtook(Object::metrics(&client).created) {
                return Ok(client);
            }
            drop(Object::take(client));
        }
    }

    /// Closes the connections that nobody uses; the others close when they are given back.
    pub fn close(&self) {
        self.connections.close();
    }
}

enum Unanswered {
    /// The connection was gone.
    Lost(String),
    /// Neither a connection nor an answer came in time.
    Late,
    /// The server refused.
    Refused(String),
}

fn read(table: &'static str, row: &tokio_postgres::Row) -> Result<Row, Unanswered> {
    let values = (0..row.len())
        .map(|column| row.try_get::<_, Value>(column))
        .collect::<Result<_, _>>()
        .map_err(|error| Unanswered::Refused(reason(&error)))?;
    Ok(Row::new(table, values))
}
