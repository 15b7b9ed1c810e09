//! Numbers about the store, for those who help somebody else with theirs: counts, sizes, and names of closed lists.

use super::{Corrupt, Engine, ReadError, Store, row::Row};
use crate::domain::time::Timestamp;

macro_rules! counted {
    ($($table:literal),* $(,)?) => {
        /// Every table, with the question how many rows it has.
        const TABLES: &[(&str, &str)] = &[$(($table, concat!("SELECT COUNT(*) FROM ", $table))),*];
    };
}

counted!(
    "organisation",
    "client_app",
    "app_logo",
    "api_key",
    "link_session",
    "link_session_history",
    "connection",
    "connection_history",
    "kept_answer",
    "account_settings",
    "sealed",
    "event",
    "webhook_endpoint",
    "delivery",
    "delivery_attempt",
    "audit",
    "lease",
);

const CONNECTIONS: &str = "SELECT status, provider, COUNT(*) FROM connection \
    GROUP BY status, provider ORDER BY status, provider";

const SESSIONS: &str =
    "SELECT stage, stage, COUNT(*) FROM link_session GROUP BY stage ORDER BY stage";

const DELIVERIES: &str =
    "SELECT state, state, COUNT(*) FROM delivery GROUP BY state ORDER BY state";

const LEASES: &str = "SELECT name, holder, until FROM lease ORDER BY name";

const DATABASE_SIZE: &str = "SELECT pg_database_size(current_database())";

const FILE_SIZE: &str =
    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

/// A count of rows by two of their columns.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The first column.
    pub name: String,
    /// The second one.
    pub second: String,
    /// Rows.
    pub count: i64,
}

/// Who holds which lease, and until when.
#[derive(Debug, Clone)]
pub struct Held {
    /// What the lease is called.
    pub name: String,
    /// The node.
    pub holder: String,
    /// When it ends.
    pub until: Timestamp,
}

impl Store {
    /// `sqlite` or `postgresql`.
    pub fn engine_name(&self) -> &'static str {
        match &self.inner.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgresql",
        }
    }

    /// What version the engine says that it is.
    pub async fn engine_version(&self) -> Result<String, ReadError> {
        let sql = match &self.inner.engine {
            Engine::Sqlite(_) => "SELECT sqlite_version()",
            Engine::Postgres(_) => "SELECT version()",
        };
        let rows = self.read("store_fact", sql, vec![]).await?;
        let text = rows.into_iter().next().map(|mut row| row.text());
        Ok(text.transpose()?.unwrap_or_default().into_owned())
    }

    /// Bytes of the database: of the file without its log, or as the PostgreSQL server tells.
    pub async fn size(&self) -> Result<i64, ReadError> {
        let sql = match &self.inner.engine {
            Engine::Sqlite(_) => FILE_SIZE,
            Engine::Postgres(_) => DATABASE_SIZE,
        };
        self.one_number(sql).await
    }

    /// How many rows each table has; `None` where that could not be counted in time.
    pub async fn table_rows(&self) -> Vec<(&'static str, Option<i64>)> {
        let mut counts = Vec::with_capacity(TABLES.len());
        for (table, sql) in TABLES {
            counts.push((*table, self.one_number(sql).await.ok()));
        }
        counts
    }

    /// Connections by status and provider.
    pub async fn connection_figures(&self) -> Result<Vec<Figure>, ReadError> {
        self.figures("connection", CONNECTIONS).await
    }

    /// Link sessions by stage.
    pub async fn session_figures(&self) -> Result<Vec<Figure>, ReadError> {
        self.figures("link_session", SESSIONS).await
    }

    /// Deliveries by state.
    pub async fn delivery_figures(&self) -> Result<Vec<Figure>, ReadError> {
        self.figures("delivery", DELIVERIES).await
    }

    /// Every lease that was claimed. None where one process holds them all.
    pub async fn leases(&self) -> Result<Vec<Held>, ReadError> {
        let rows = self.read("lease", LEASES, vec![]).await?;
        let held = rows.into_iter().map(|mut row| -> Result<_, Corrupt> {
            Ok(Held {
                name: row.text()?.into_owned(),
                holder: row.text()?.into_owned(),
                until: Timestamp(row.int()?),
            })
        });
        held.map(|held| held.map_err(ReadError::from)).collect()
    }

    async fn one_number(&self, sql: &'static str) -> Result<i64, ReadError> {
        let rows = self.read("store_fact", sql, vec![]).await?;
        let number = rows.into_iter().next().map(|mut row| row.int());
        Ok(number.transpose()?.unwrap_or(0))
    }

    async fn figures(
        &self,
        table: &'static str,
        sql: &'static str,
    ) -> Result<Vec<Figure>, ReadError> {
        let rows = self.read(table, sql, vec![]).await?;
        let figures = rows.into_iter().map(|mut row: Row| -> Result<_, Corrupt> {
            Ok(Figure {
                name: row.text()?.into_owned(),
                second: row.text()?.into_owned(),
                count: row.int()?,
            })
        });
        figures.map(|row| row.map_err(ReadError::from)).collect()
    }
}
