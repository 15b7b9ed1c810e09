//! Which engine the stores of a run are on: SQLite, or PostgreSQL where `LINCHPIN_TEST_DATABASE` names a cluster.

use std::{path::Path, sync::Arc};

use linchpin::store;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Names the maintenance database of a cluster, such as `postgres://linchpin@127.0.0.1:5432/postgres`.
const CLUSTER: &str = "LINCHPIN_TEST_DATABASE";

/// A store of one test's own, or of several servers of one test.
#[derive(Clone)]
pub enum Engine {
    Sqlite,
    Postgres(Arc<Made>),
}

/// A database that was made for a test, and goes with it.
pub struct Made {
    cluster: String,
    name: String,
}

impl Engine {
    /// A new one.
    pub fn fresh() -> Self {
        let Ok(cluster) = std::env::var(CLUSTER) else {
            return Self::Sqlite;
        };
        let random = getrandom::u64().expect("random bytes");
        let name = format!("test_{random:016x}");
        Session::open(&cluster).run(&format!("CREATE DATABASE {name}"));
        Self::Postgres(Arc::new(Made { cluster, name }))
    }

    /// Changes the store that a server has left.
    pub fn execute(&self, directory: &Path, sql: &str) {
        match self {
            Self::Postgres(made) => Session::open(&made.url()).run(sql),
            Self::Sqlite => {
                let path = directory.join("linchpin.db");
                let connection = rusqlite::Connection::open(path).expect("the database opens");
                connection.execute_batch(sql).expect("the statements run");
            }
        }
    }

    /// How the server opens it.
    pub fn options(&self, directory: &Path) -> store::Options {
        match self {
            Self::Sqlite => store::Options::at(directory),
            Self::Postgres(made) => {
                let database = store::Database::parse(&made.url(), None).expect("a URL");
                store::Options {
                    writers: 2,
                    readers: 2,
                    ..store::Options::on(database)
                }
            }
        }
    }
}

impl Made {
    /// The URL of the database.
    pub fn url(&self) -> String {
        let (base, _) = self
            .cluster
            .rsplit_once('/')
            .expect("a URL with a database");
        format!("{base}/{}", self.name)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        Session::open(&self.cluster).run(&drop);
    }
}

/// A connection that is asked in plain SQL.
pub struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    pub fn open(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let (client, connection) = runtime
            .block_on(tokio_postgres::connect(url, NoTls))
            .expect("the cluster lets us in");
        runtime.spawn(connection);
        Self { runtime, client }
    }

    /// Runs statements that answer nothing.
    pub fn run(&self, sql: &str) {
        self.runtime
            .block_on(self.client.batch_execute(sql))
            .expect("the statement runs");
    }

    /// Every row of a question, its columns as text; bytes as hexadecimal digits.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let answer = self
            .runtime
            .block_on(self.client.simple_query(sql))
            .expect("an answer");
        let rows = answer.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        rows.map(|row| (0..row.len()).map(|at| text(row.get(at))).collect())
            .collect()
    }
}

fn text(value: Option<&str>) -> String {
    match value {
        None => "NULL".to_owned(),
        Some(value) => value.strip_prefix("\\x").unwrap_or(value).to_owned(),
    }
}
