//! A rate limit by client address.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::client_address::{AddressBucket, ClientAddress};

/// Addresses remembered at once, about 4 MB.
const MOST_ADDRESSES: usize = 65_536;
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// At most so many calls in a span of time from one client address, evenly refilled. Loopback is
/// exempt. The state is this process's alone and starts empty.
#[derive(Debug)]
pub struct RateLimit {
    /// Time in which one call is earned back.
    interval: Duration,
    /// How far ahead of the clock an address may be: the burst.
    tolerance: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When each address will have earned back all its calls.
    even_at: HashMap<AddressBucket, Instant>,
    swept_at: Option<Instant>,
}

/// How long a refused client has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds for the `Retry-After` header, rounded up, at least 1.
    pub fn seconds(self) -> u64 {
        let whole = self.0.as_secs();
        let rounded = if self.0.subsec_nanos() > 0 {
            whole + 1
        } else {
            whole
        };
        rounded.max(1)
    }
}

impl RateLimit {
    /// `calls` in any `span`; all of them may come at once. Zero calls count as one.
    pub fn new(calls: u32, span: Duration) -> Self {
        let calls = calls.max(1);
        let interval = span / calls;
        Self {
            interval,
            tolerance: interval * (calls - 1),
            state: Mutex::new(State {
                even_at: HashMap::new(),
                swept_at: None,
            }),
        }
    }

    /// The limit of posts to hosted pages: 120 a minute.
    pub fn hosted_posts() -> Self {
        Self::new(120, Duration::from_mins(1))
    }

    /// Counts one call at `now`, or refuses it without counting.
    pub fn check(&self, client: ClientAddress, now: Instant) -> Result<(), RetryAfter> {
        if client.is_loopback() {
            return Ok(());
        }
        let bucket = client.bucket();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let even_at = state.even_at.get(&bucket).map_or(now, |at| (*at).max(now));
        let ahead = even_at - now;
        if let Some(wait) = ahead.checked_sub(self.tolerance)
            && !wait.is_zero()
        {
            return Err(RetryAfter(wait));
        }
        if state.has_room_for(bucket, now) {
            state.even_at.insert(bucket, even_at + self.interval);
        }
        Ok(())
    }
}

impl State {
    /// Memory is bounded: when as many addresses as fit are all active, a new one goes uncounted.
    fn has_room_for(&mut self, bucket: AddressBucket, now: Instant) -> bool {
        if self.even_at.len() < MOST_ADDRESSES || self.even_at.contains_key(&bucket) {
            return true;
        }
        let due = self
            .swept_at
            .is_none_or(|at| now.saturating_duration_since(at) >= BETWEEN_SWEEPS);
        if due {
            self.swept_at = Some(now);
            self.even_at.retain(|_, even_at| *even_at > now);
        }
        self.even_at.len() < MOST_ADDRESSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> ClientAddress {
        ClientAddress(text.parse().expect("an address"))
    }

    #[test]
    fn the_121st_post_of_a_minute_is_refused_and_told_when_to_return() {
        let limit = RateLimit::hosted_posts();
        let now = Instant::now();
        for _ in 0..120 {
            limit
                .check(client("192.0.2.1"), now)
                .expect("within the limit");
        }
        let refused = limit
            .check(client("192.0.2.1"), now)
            .expect_err("over the limit");
        assert_eq!(refused.0, Duration::from_millis(500));
        assert_eq!(refused.seconds(), 1);
        limit
            .check(client("192.0.2.2"), now)
            .expect("another address");
        let later = now + Duration::from_millis(500);
        limit
            .check(client("192.0.2.1"), later)
            .expect("one call is earned back");
        limit
            .check(client("192.0.2.1"), later)
            .expect_err("and only one");
    }

    #[test]
    fn loopback_is_exempt_and_a_network_of_ipv6_is_one_client() {
        let limit = RateLimit::new(1, Duration::from_mins(1));
        let now = Instant::now();
        for _ in 0..10 {
            limit.check(client("127.0.0.1"), now).expect("loopback");
            limit.check(client("::1"), now).expect("loopback");
        }
        limit.check(client("2001:db8::1"), now).expect("the first");
        limit
            .check(client("2001:db8::2"), now)
            .expect_err("the same network");
    }

    #[test]
    fn memory_is_bounded_and_old_addresses_make_room() {
        let limit = RateLimit::new(1, Duration::from_mins(1));
        let now = Instant::now();
        let address = |n: u32| ClientAddress(std::net::IpAddr::V4((0x0b00_0000 + n).into()));
        for n in 0..70_000 {
            limit.check(address(n), now).expect("a first call");
        }
        assert_eq!(limit.state.lock().unwrap().even_at.len(), MOST_ADDRESSES);
        let later = now + Duration::from_mins(2);
        limit.check(address(99_999), later).expect("a first call");
        limit
            .check(address(99_999), later)
            .expect_err("it is counted again");
        assert_eq!(limit.state.lock().unwrap().even_at.len(), 1);
    }
}
