//! A rate limit by client address.

use std::time::{Duration, Instant};

use super::client_address::{AddressBucket, ClientAddress};
use super::token_buckets::{RetryAfter, TokenBuckets};

/// At most so many calls in a span of time from one client address, evenly refilled. Loopback is
/// exempt. The state is this process's alone and starts empty.
#[derive(Debug)]
pub struct RateLimit(TokenBuckets<AddressBucket>);

impl RateLimit {
    /// `calls` in any `span`; all of them may come at once. Zero calls count as one.
    pub fn new(calls: u32, span: Duration) -> Self {
        Self(TokenBuckets::new(calls, calls, span))
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
        self.0.take(&client.bucket(), now).1
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
}
