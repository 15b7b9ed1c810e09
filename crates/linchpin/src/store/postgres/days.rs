//! One partition a day: sessions and their history leave a day at a time, without a row being touched.
//!
//! A session's id begins with the time that it was made at, so a range of ids is a day.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_postgres::Client;

use super::{together::Fault, value::Trouble};
use crate::domain::{
    id::SessionId,
    time::{HOUR, Timestamp},
};

/// Milliseconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// The tables that are kept by day.
pub const TABLES: [&str; 2] = ["link_session", "link_session_history"];

/// Guards the making and dropping of partitions among all nodes; any number that nothing else here uses.
const LOCK: i64 = 0x6c69_6e63_6864_6179;

/// The days that are known to have their partitions.
#[derive(Clone, Default)]
pub struct Days(Arc<Mutex<HashSet<i64>>>);

impl Days {
    /// Makes partitions for the day of `at` and the one before, where they are missing. A session may be made in
    /// the last moment of one day and written in the first of the next.
    pub async fn make(&self, client: &Client, at: Timestamp) -> Result<(), Fault> {
        for day in [at.0.div_euclid(DAY) - 1, at.0.div_euclid(DAY)] {
            if self.known().contains(&day) {
                continue;
            }
            make_day(client, day)
                .await
                .map_err(|error| Fault::from(Trouble::from(&error)))?;
            self.known().insert(day);
        }
        Ok(())
    }

    /// Forgets a day that was dropped.
    pub fn forget(&self, day: i64) {
        self.known().remove(&day);
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the partitions of a day where they are missing.
///
/// A table is made beside and attached, since `CREATE TABLE … PARTITION OF` would lock everybody out.
pub async fn make_day(client: &Client, day: i64) -> Result<(), tokio_postgres::Error> {
    let (from, to) = bounds(day);
    let mut sql = format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK});");
    for table in TABLES {
        let name = partition(table, day);
        sql.push_str(&format!(
            "DO $make$ BEGIN IF to_regclass('{name}') IS NULL THEN \
             CREATE TABLE {name} (LIKE {table} INCLUDING ALL); \
             ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to}); \
             END IF; END $make$;"
        ));
    }
    sql.push_str("COMMIT;");
    let made = client.batch_execute(&sql).await;
    if made.is_err() {
        client.batch_execute("ROLLBACK").await.unwrap_or_default();
    }
    made
}

/// The first id of a day, and the first of the next. Everything before 2024 belongs to the day on which ids begin.
pub fn bounds(day: i64) -> (i64, i64) {
    let first = |day: i64| SessionId::first_at(Timestamp(day.saturating_mul(DAY))).number();
    (first(day), first(day + 1))
}

/// The partition of a table for a day.
pub fn partition(table: &str, day: i64) -> String {
    format!("{table}_d{day}")
}
