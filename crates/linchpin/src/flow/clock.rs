//! The one clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use arc_swap::ArcSwapOption;

use crate::{domain::time::Timestamp, store::Measured};

/// Tells the time, and never an earlier one than it told before, nor than the store had written before this start.
///
/// What has expired must stay expired when somebody sets the machine's clock back. Where several nodes share a
/// database, all go by its clock: it is measured now and then, and the monotonic clock carries it on in between, so
/// that whatever is done to this machine's clock changes nothing.
#[derive(Debug)]
pub struct Clock {
    source: Source,
    /// What the time cannot be before at `started`.
    floor: i64,
    started: Instant,
    latest: AtomicI64,
    /// The database's clock, where there is one.
    followed: ArcSwapOption<Measured>,
}

#[derive(Debug)]
enum Source {
    System,
    Stepped(Arc<AtomicI64>),
}

impl Clock {
    /// The database's clock where it was `measured`, otherwise the machine's; not before `floor`.
    pub fn system(floor: Timestamp, measured: Option<Measured>) -> Self {
        match measured {
            None => Self::with(Source::System, floor),
            Some(measured) => Self {
                source: Source::System,
                floor: floor.0,
                started: Instant::now(),
                latest: AtomicI64::new(floor.0),
                followed: ArcSwapOption::from_pointee(measured),
            },
        }
    }

    /// Goes by this measurement of the database's clock from now on.
    pub fn follow(&self, measured: Measured) {
        self.followed.store(Some(Arc::new(measured)));
    }

    /// How far this machine's clock was ahead of the database's when it was last measured, in milliseconds.
    pub fn ahead(&self) -> i64 {
        self.followed
            .load()
            .as_ref()
            .map_or(0, |measured| measured.ahead)
    }

    /// A clock that stands until its milliseconds are changed, not before `floor`; for tests.
    pub fn stepped(milliseconds: Arc<AtomicI64>, floor: Timestamp) -> Self {
        Self::with(Source::Stepped(milliseconds), floor)
    }

    fn with(source: Source, floor: Timestamp) -> Self {
        let floor = source.read().max(floor.0);
        Self {
            source,
            floor,
            started: Instant::now(),
            latest: AtomicI64::new(floor),
            followed: ArcSwapOption::empty(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let told = match &self.source {
            Source::System => {
                // The monotonic clock carries the time on while the machine's clock is behind.
                let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
                let now = match self.followed.load().as_ref() {
                    Some(measured) => measured.now(),
                    None => self.source.read(),
                };
                now.max(self.floor.saturating_add(passed))
            }
            Source::Stepped(_) => self.source.read(),
        };
        Timestamp(self.latest.fetch_max(told, Ordering::Relaxed).max(told))
    }
}

impl Source {
    fn read(&self) -> i64 {
        match self {
            Self::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            Self::Stepped(milliseconds) => milliseconds.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_is_not_believed() {
        let hand = Arc::new(AtomicI64::new(1_000_000));
        let clock = Clock::stepped(Arc::clone(&hand), Timestamp(0));
        hand.store(5_000_000, Ordering::Relaxed);
        assert_eq!(clock.now(), Timestamp(5_000_000));
        hand.store(2_000_000, Ordering::Relaxed);
        assert_eq!(clock.now(), Timestamp(5_000_000));
    }

    #[test]
    fn time_does_not_begin_before_what_the_store_has_written() {
        let far = Timestamp(9_000_000_000_000);
        let clock = Clock::system(far, None);
        assert!(clock.now() >= far);
    }

    #[test]
    fn the_databases_clock_goes_before_the_machines() {
        let day = 86_400_000;
        let here = Clock::system(Timestamp(0), None).now();
        let behind = Measured::new(Instant::now(), Instant::now(), here.0 - day);
        let clock = Clock::system(Timestamp(0), Some(behind));
        assert!(clock.now() < here.plus(-day / 2));
        assert!(clock.ahead() > day / 2);
        clock.follow(Measured::new(Instant::now(), Instant::now(), here.0));
        assert!(clock.now() >= here);
    }
}
