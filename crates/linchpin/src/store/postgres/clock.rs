//! The clock that all nodes go by: the database's.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The database's clock, read once.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// When the answer was half-way, by this process's monotonic clock.
    pub at: Instant,
    /// What the database's clock said then, in milliseconds since 1970.
    pub database: i64,
    /// How far this machine's clock is ahead of the database's, in milliseconds; negative where it is behind.
    pub ahead: i64,
    /// How long the answer took: by half of it what it says may be off.
    took: Duration,
}

/// What is asked.
pub const QUESTION: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";

impl Measured {
    /// What the database's clock says now, in milliseconds since 1970, as far as this process can tell.
    pub fn now(&self) -> i64 {
        let passed = i64::try_from(self.at.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.database.saturating_add(passed)
    }

    /// How far off it may be, in either direction.
    pub fn uncertain(&self) -> Duration {
        self.took / 2
    }

    /// From the moments before and after the question, and its answer.
    pub fn new(asked: Instant, answered: Instant, database: i64) -> Self {
        let took = answered.saturating_duration_since(asked);
        let at = asked + took / 2;
        let since = i64::try_from(at.elapsed().as_millis()).unwrap_or(i64::MAX);
        let here = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let here = i64::try_from(here.as_millis())
            .unwrap_or(i64::MAX)
            .saturating_sub(since);
        Self {
            at,
            database,
            ahead: here.saturating_sub(database),
            took,
        }
    }
}
