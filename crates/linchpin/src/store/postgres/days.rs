//! One partition a day: sessions and their history leave a day at a time, without a row being touched.
//!
//! A session's id begins with the time that it was made at, so a range of ids is a day.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use tokio_postgres::{Client, Error};

use super::{together::Fault, value::Trouble};
use crate::{
    domain::{
        id::SessionId,
        time::{HOUR, Timestamp},
    },
    store::leases::{IS_LATEST, Lease},
};

/// Milliseconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// The tables that are kept by day. A day's sessions go first: without one, nobody writes history.
pub const TABLES: [&str; 2] = [SESSIONS, "link_session_history"];
const SESSIONS: &str = "link_session";

/// Guards the making and dropping of partitions among all nodes; any number that nothing else here uses.
const LOCK: i64 = 0x6c69_6e63_6864_6179;

/// The days that are known to have their partitions.
#[derive(Clone, Default)]
pub struct Days(Arc<Mutex<HashSet<i64>>>);

impl Days {
    /// Makes partitions for the day of `at` and the one before, where they are missing, and in its last hour for the
    /// next: a session may be made in the last moment of one day and written in the first of the next, and an
    /// operation be begun before its session's id is drawn.
    pub async fn make(&self, client: &Client, at: Timestamp) -> Result<(), Fault> {
        for at in [at.plus(-DAY), at, at.plus(HOUR)] {
            let day = at.0.div_euclid(DAY);
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

    /// Forgets everything, where the server may be another one.
    pub fn forget_all(&self) {
        self.known().clear();
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the partitions of a day where they are missing.
///
/// A table is made beside and attached, since `CREATE TABLE … PARTITION OF` would lock everybody out.
pub async fn make_day(client: &Client, day: i64) -> Result<(), Error> {
    let (from, to) = bounds(day);
    let mut steps = vec![format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})")];
    for table in TABLES {
        let name = partition(table, day);
        // By this a day of any size is asked at once whether something of it is to be kept.
        let index = match table == SESSIONS {
            true => format!("CREATE INDEX ON {name} (ended_at) WHERE ended_at IS NOT NULL; "),
            false => String::new(),
        };
        steps.push(format!(
            "DO $make$ BEGIN IF to_regclass('{name}') IS NULL THEN \
             CREATE TABLE {name} (LIKE {table} INCLUDING ALL); {index}\
             ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to}); \
             END IF; END $make$"
        ));
    }
    steps.push("COMMIT".to_owned());
    let made = client.batch_execute(&steps.join("; ")).await;
    if made.is_err() {
        client.batch_execute("ROLLBACK").await.unwrap_or_default();
    }
    made
}

/// A day's table as it stands in the database.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Attached,
    /// Cut off in the middle of being detached.
    Detaching,
    /// Cut off between being detached and being dropped.
    Detached,
}

/// Makes the days around `now` ready, and drops every day whose sessions all ended before `ended_before`, as long as
/// the lease is the latest. Answers how many days were dropped.
///
/// Detaching waits for everybody who is at the table but keeps nobody out; one that was cut off is finished the next
/// time, before all others, since a table has one at a time. A day that cannot be dropped now holds up no other.
pub async fn keep(
    client: &Client,
    days: &Days,
    ended_before: Timestamp,
    now: Timestamp,
    lease: &Lease,
) -> Result<u64, Error> {
    for ahead in [1, 2] {
        // What fails here is made when it is needed.
        drop(days.make(client, now.plus(ahead * DAY)).await);
    }
    for table in TABLES {
        for (day, state) in there(client, table).await? {
            if state != State::Attached
                && let Err(error) = drop_table(client, table, day, state).await
            {
                tell(table, day, &error);
            }
        }
    }
    let mut dropped = 0;
    for day in days_there(client).await? {
        let over = day.saturating_add(1).saturating_mul(DAY) <= ended_before.0;
        if !over || !is_latest(client, lease).await? {
            continue;
        }
        match drop_day(client, day, ended_before).await {
            Ok(true) => {
                days.forget(day);
                dropped += 1;
            }
            Ok(false) => {}
            Err(error) => tell(SESSIONS, day, &error),
        }
    }
    Ok(dropped)
}

fn tell(table: &str, day: i64, error: &Error) {
    let (table, why) = (partition(table, day), super::dial::reason(error));
    tracing::warn!(table, why, "a day could not be dropped; it is tried again");
}

/// Drops a day of which nothing is left to keep; `false` where something is.
async fn drop_day(client: &Client, day: i64, ended_before: Timestamp) -> Result<bool, Error> {
    if !nothing_left(client, day, ended_before).await? {
        return Ok(false);
    }
    for table in TABLES {
        let found = there(client, table).await?;
        if let Some((_, state)) = found.into_iter().find(|(found, _)| *found == day) {
            drop_table(client, table, day, state).await?;
        }
    }
    Ok(true)
}

async fn is_latest(client: &Client, lease: &Lease) -> Result<bool, Error> {
    let Some([name, holder, token]) = lease.values() else {
        return Ok(true);
    };
    let found = client
        .query_one(IS_LATEST, &[&name, &holder, &token])
        .await?;
    Ok(found.get::<_, i64>(0) == 1)
}

/// The days of which any table is there, oldest first.
async fn days_there(client: &Client) -> Result<BTreeSet<i64>, Error> {
    let mut days = BTreeSet::new();
    for table in TABLES {
        days.extend(there(client, table).await?.into_iter().map(|(day, _)| day));
    }
    Ok(days)
}

/// The days that a table has, oldest first. One that is being made by another node is not seen before it is attached.
async fn there(client: &Client, table: &str) -> Result<Vec<(i64, State)>, Error> {
    let sql = "SELECT substring(c.relname FROM '_d([0-9]+)$')::bigint AS day, i.inhdetachpending \
        FROM pg_class AS parent JOIN pg_class AS c ON c.relnamespace = parent.relnamespace \
        LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid \
        WHERE parent.oid = to_regclass($1) AND c.relkind = 'r' AND c.relname ~ ('^' || $1 || '_d[0-9]+$') ORDER BY 1";
    let rows = client.query(sql, &[&table]).await?;
    let state = |detaching: Option<bool>| match detaching {
        Some(false) => State::Attached,
        Some(true) => State::Detaching,
        None => State::Detached,
    };
    Ok(rows
        .iter()
        .map(|row| (row.get(0), state(row.get(1))))
        .collect())
}

async fn nothing_left(client: &Client, day: i64, ended_before: Timestamp) -> Result<bool, Error> {
    let name = partition(SESSIONS, day);
    let gone = "SELECT to_regclass($1) IS NULL";
    if client.query_one(gone, &[&name]).await?.get(0) {
        return Ok(true);
    }
    // Two questions, each with an index of its own: the day may hold hundreds of millions.
    let open = format!("SELECT EXISTS (SELECT 1 FROM {name} WHERE ended_at IS NULL)");
    if client.query_one(&open, &[]).await?.get(0) {
        return Ok(false);
    }
    let kept = format!("SELECT NOT EXISTS (SELECT 1 FROM {name} WHERE ended_at > $1)");
    Ok(client.query_one(&kept, &[&ended_before.0]).await?.get(0))
}

async fn drop_table(client: &Client, table: &str, day: i64, state: State) -> Result<(), Error> {
    let name = partition(table, day);
    let how = match state {
        State::Attached => Some("CONCURRENTLY"),
        State::Detaching => Some("FINALIZE"),
        State::Detached => None,
    };
    if let Some(how) = how {
        let detach = format!("ALTER TABLE {table} DETACH PARTITION {name} {how}");
        client.batch_execute(&detach).await?;
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
