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
    let mut steps = vec![format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})")];
    for table in TABLES {
        let name = partition(table, day);
        let make = format!(
            "DO $make$ BEGIN IF to_regclass('{name}') IS NULL THEN \
             CREATE TABLE {name} (LIKE {table} INCLUDING ALL); \
             ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to}); \
             END IF; END $make$"
        );
        steps.push(make);
    }
    steps.push("COMMIT".to_owned());
    let made = client.batch_execute(&steps.join("; ")).await;
    if made.is_err() {
        client.batch_execute("ROLLBACK").await.unwrap_or_default();
    }
    made
}

/// Makes the days around `now` ready, and drops every day whose sessions all ended before `ended_before`. Answers how
/// many days were dropped.
///
/// Detaching waits for everybody who is at the table but keeps nobody out; one that was cut off is finished the next
/// time.
pub async fn keep(
    client: &Client,
    days: &Days,
    ended_before: Timestamp,
    now: Timestamp,
) -> Result<u64, tokio_postgres::Error> {
    for ahead in [1, 2] {
        // What fails here is made when it is needed.
        drop(days.make(client, now.plus(ahead * DAY)).await);
    }
    let mut dropped = 0;
    for (day, detaching) in attached(client, TABLES[0]).await? {
        let over = day.saturating_add(1).saturating_mul(DAY) <= ended_before.0;
        if detaching || (over && nothing_left(client, day, ended_before).await?) {
            for table in TABLES.into_iter().rev() {
                drop_partition(client, table, day).await?;
            }
            days.forget(day);
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// The days that a table has partitions for, oldest first, and whether one was left in the middle of being detached.
async fn attached(client: &Client, table: &str) -> Result<Vec<(i64, bool)>, tokio_postgres::Error> {
    let sql = "SELECT substring(c.relname FROM '_d([0-9]+)$')::bigint AS day, i.inhdetachpending \
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1) ORDER BY 1";
    let rows = client.query(sql, &[&table]).await?;
    let days = rows
        .iter()
        .filter_map(|row| Some((row.get::<_, Option<i64>>(0)?, row.get(1))));
    Ok(days.collect())
}

async fn nothing_left(
    client: &Client,
    day: i64,
    ended_before: Timestamp,
) -> Result<bool, tokio_postgres::Error> {
    let name = partition(TABLES[0], day);
    let sql =
        format!("SELECT NOT EXISTS (SELECT 1 FROM {name} WHERE ended_at IS NULL OR ended_at > $1)");
    Ok(client.query_one(&sql, &[&ended_before.0]).await?.get(0))
}

async fn drop_partition(
    client: &Client,
    table: &str,
    day: i64,
) -> Result<(), tokio_postgres::Error> {
    let name = partition(table, day);
    let state = attached(client, table).await?;
    if let Some((_, detaching)) = state.into_iter().find(|(found, _)| *found == day) {
        let how = if detaching {
            "FINALIZE"
        } else {
            "CONCURRENTLY"
        };
        client
            .batch_execute(&format!(
                "ALTER TABLE {table} DETACH PARTITION {name} {how}"
            ))
            .await?;
    }
    client
        .batch_execute(&format!("DROP TABLE IF EXISTS {name}"))
        .await
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
