//! The one clock.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use crate::domain::time::Timestamp;

/// Tells the time, and never an earlier one than it told before, nor than the store had written before this start.
///
/// What has expired must stay expired when somebody sets the machine's clock back.
#[derive(Debug)]
pub struct Clock {
    source: Source,
    /// What the time cannot be before at `started`.
    floor: i64,
    started: Instant,
    latest: AtomicI64,
}

#[derive(Debug)]
enum Source {
    System,
    Stepped(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock, not before `floor`.
    pub fn system(floor: Timestamp) -> Self {
        Self::with(Source::System, floor)
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
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        let told = match &self.source {
            Source::System => {
                // The monotonic clock carries the time on while the machine's clock is behind.
                let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
                self.source.read().max(self.floor.saturating_add(passed))
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
        let clock = Clock::system(far);
        assert!(clock.now() >= far);
    }
}
