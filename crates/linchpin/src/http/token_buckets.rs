//! Token buckets, one for each key, bounded in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys remembered at once, about 4 MB of small ones.
const MOST_KEYS: usize = 65_536;
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// A bucket of tokens for each key, all of one size and evenly refilled. The state is this process's
/// alone and starts full.
#[derive(Debug)]
pub struct TokenBuckets<K> {
    /// Time in which one token is earned back.
    interval: Duration,
    /// Tokens of a full bucket, 1 or more.
    size: u32,
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    /// When each bucket will be full.
    full_at: HashMap<K, Instant>,
    swept_at: Option<Instant>,
}

/// How full a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Tokens of a full bucket.
    pub size: u32,
    /// Whole tokens that are left.
    pub left: u32,
    /// Time until it is full.
    pub full_after: Duration,
}

/// How long a refused client has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds for the `Retry-After` header, rounded up, at least 1.
    pub fn seconds(self) -> u64 {
        whole_seconds(self.0).max(1)
    }
}

impl Level {
    /// Whole seconds until the bucket is full, rounded up.
    pub fn seconds_until_full(self) -> u64 {
        whole_seconds(self.full_after)
    }
}

fn whole_seconds(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

impl<K: Eq + Hash + Clone> TokenBuckets<K> {
    /// Buckets of `size` tokens that earn back `tokens` in any `span`. Zero counts as one.
    pub fn new(size: u32, tokens: u32, span: Duration) -> Self {
        Self {
            interval: span / tokens.max(1),
            size: size.max(1),
            state: Mutex::new(State {
                full_at: HashMap::new(),
                swept_at: None,
            }),
        }
    }

    /// Takes one token out of the bucket of `key` at `now`, or refuses it and takes none; says how full the
    /// bucket is then.
    pub fn take(&self, key: &K, now: Instant) -> (Level, Result<(), RetryAfter>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = state.full_at.get(key).map_or(now, |at| (*at).max(now));
        let taken = full_at - now + self.interval;
        let wait = taken.saturating_sub(self.interval * self.size);
        if !wait.is_zero() {
            return (self.level(full_at - now), Err(RetryAfter(wait)));
        }
        if state.has_room_for(key, now) {
            state.full_at.insert(key.clone(), full_at + self.interval);
        }
        (self.level(taken), Ok(()))
    }

    /// Takes tokens that were used elsewhere at `at`, whether or not there are as many: what is missing is earned back
    /// before anything is let through again.
    pub fn charge(&self, key: &K, tokens: u32, at: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = state.full_at.get(key).map_or(at, |full| (*full).max(at));
        if state.has_room_for(key, at) {
            state
                .full_at
                .insert(key.clone(), full_at + self.interval * tokens);
        }
    }

    /// The level of a bucket that will be full after this time.
    fn level(&self, full_after: Duration) -> Level {
        let missing = full_after
            .as_nanos()
            .div_ceil(self.interval.as_nanos().max(1));
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        Level {
            size: self.size,
            left: self.size.saturating_sub(missing),
            full_after,
        }
    }
}

impl<K: Eq + Hash> State<K> {
    /// Memory is bounded: when as many keys as fit are all active, a new one goes uncounted.
    fn has_room_for(&mut self, key: &K, now: Instant) -> bool {
        if self.full_at.len() < MOST_KEYS || self.full_at.contains_key(key) {
            return true;
        }
        let due = self
            .swept_at
            .is_none_or(|at| now.saturating_duration_since(at) >= BETWEEN_SWEEPS);
        if due {
            self.swept_at = Some(now);
            self.full_at.retain(|_, full_at| *full_at > now);
        }
        self.full_at.len() < MOST_KEYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_at_once_and_then_one_a_second() {
        let buckets = TokenBuckets::new(90, 60, Duration::from_mins(1));
        let now = Instant::now();
        for left in (0..90).rev() {
            let (level, taken) = buckets.take(&"a", now);
            taken.expect("within the burst");
            assert_eq!((level.size, level.left), (90, left));
            assert_eq!(level.seconds_until_full(), u64::from(90 - left));
        }
        let (level, refused) = buckets.take(&"a", now);
        assert_eq!((level.left, level.seconds_until_full()), (0, 90));
        assert_eq!(refused, Err(RetryAfter(Duration::from_secs(1))));
        buckets.take(&"b", now).1.expect("another bucket");
        let mut taken = 0;
        for millisecond in 0..60_000 {
            let at = now + Duration::from_millis(millisecond);
            taken += u32::from(buckets.take(&"a", at).1.is_ok());
        }
        assert_eq!(taken, 59);
    }

    #[test]
    fn what_was_used_elsewhere_is_missing_here() {
        let buckets = TokenBuckets::new(3, 60, Duration::from_mins(1));
        let now = Instant::now();
        buckets.charge(&"a", 2, now);
        assert_eq!(buckets.take(&"a", now).0.left, 0);
        // Beyond the size of the bucket, too.
        buckets.charge(&"a", 4, now);
        let (level, refused) = buckets.take(&"a", now);
        assert_eq!((level.left, level.seconds_until_full()), (0, 7));
        assert_eq!(refused, Err(RetryAfter(Duration::from_secs(5))));
        buckets.take(&"a", now + Duration::from_secs(5)).1.unwrap();
    }

    #[test]
    fn a_part_of_a_token_is_none_and_a_part_of_a_second_is_one() {
        let buckets = TokenBuckets::new(2, 60, Duration::from_mins(1));
        let now = Instant::now();
        buckets.take(&1, now).1.expect("the first");
        buckets.take(&1, now).1.expect("the second");
        let (level, refused) = buckets.take(&1, now + Duration::from_millis(300));
        assert_eq!((level.left, level.seconds_until_full()), (0, 2));
        assert_eq!(refused.expect_err("too early").seconds(), 1);
    }

    #[test]
    fn memory_is_bounded_and_full_buckets_make_room() {
        let buckets = TokenBuckets::new(1, 1, Duration::from_mins(1));
        let now = Instant::now();
        for key in 0..70_000 {
            buckets.take(&key, now).1.expect("a first token");
        }
        assert_eq!(buckets.state.lock().unwrap().full_at.len(), MOST_KEYS);
        let later = now + Duration::from_mins(2);
        buckets.take(&99_999, later).1.expect("a first token");
        buckets
            .take(&99_999, later)
            .1
            .expect_err("it is counted again");
        assert_eq!(buckets.state.lock().unwrap().full_at.len(), 1);
    }
}
