//! How much of anything one client may take.

use std::time::Duration;

/// Descriptors that the connections leave to the database, the logs and the listeners.
const RESERVED_FILES: usize = 256;
const MOST_CONNECTIONS: usize = 16_384;

/// The limits of one server. `Limits::default()` is what the documentation promises.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest time from the first byte of a request head to its last; more bytes do not extend it.
    pub header_timeout: Duration,
    /// Longest time a connection may wait for its next request.
    pub idle_timeout: Duration,
    /// Longest time from the end of a head to the end of its body, whatever the rate.
    pub body_timeout: Duration,
    /// Time a body may take to get going before `body_rate` counts.
    pub body_grace: Duration,
    /// Lowest average rate of a body after the grace time, in bytes a second; 0 switches it off.
    pub body_rate: u64,
    /// Longest time in which a client may take nothing of an answer that is ready for it.
    pub write_timeout: Duration,
    /// Longest time the router may take for an answer; then it is 503.
    pub request_timeout: Duration,
    /// The same for requests that are passed on to somebody else, whose own deadlines are within it.
    pub passed_on_timeout: Duration,
    /// How much longer it may take where the caller asks to wait for something, up to 55 seconds.
    pub waiting_timeout: Duration,
    /// Longest time that answers may take after a shutdown began; then they are cut.
    pub drain_timeout: Duration,
    /// Most bytes in all header lines of a request together, line ends included; more is 431.
    pub header_bytes: usize,
    /// Most header lines of a request; more is 431.
    pub header_count: usize,
    /// Most bytes in a request target; more is 414.
    pub url_bytes: usize,
    /// Most bytes in a request body, chunked or not; more is 413. It holds for every route
    /// that does not pass the body on.
    pub body_bytes: usize,
    /// Most connections of this server at once.
    pub connections: usize,
    /// Most connections at once from one client address (IPv6 by /64); loopback and trusted
    /// proxies are exempt.
    pub connections_per_address: usize,
    /// Most requests in the router at once; more are answered 503, except `/healthz`.
    pub requests_in_flight: usize,
}

impl Limits {
    /// For a listener that few use, beside the public one: 64 connections, so that it takes no descriptors from that.
    pub fn of_a_side_door() -> Self {
        Self {
            connections: 64,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            body_timeout: Duration::from_secs(30),
            body_grace: Duration::from_secs(5),
            body_rate: 1024,
            write_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            passed_on_timeout: Duration::from_secs(150),
            waiting_timeout: Duration::from_mins(1),
            drain_timeout: Duration::from_secs(25),
            header_bytes: 16 * 1024,
            header_count: 100,
            url_bytes: 8 * 1024,
            body_bytes: 64 * 1024,
            connections: connections_for(open_file_limit()),
            connections_per_address: 256,
            requests_in_flight: 4096,
        }
    }
}

fn connections_for(open_files: Option<usize>) -> usize {
    open_files.map_or(MOST_CONNECTIONS, |files| {
        // Where there are few to begin with, half of them are left.
        let reserved = RESERVED_FILES.min(files / 2);
        files.saturating_sub(reserved).clamp(1, MOST_CONNECTIONS)
    })
}

/// The soft limit of open files, where the system tells it (`None` also when there is no limit).
fn open_file_limit() -> Option<usize> {
    soft_limit_in(&std::fs::read_to_string("/proc/self/limits").ok()?)
}

fn soft_limit_in(table: &str) -> Option<usize> {
    table
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_256_files_to_everything_else() {
        assert_eq!(connections_for(Some(1024)), 768);
        assert_eq!(connections_for(Some(1_000_000)), 16_384);
        assert_eq!(connections_for(Some(256)), 128);
        assert_eq!(connections_for(Some(1)), 1);
        assert_eq!(connections_for(None), 16_384);
    }

    #[test]
    fn the_soft_limit_is_read_from_the_table_of_the_kernel() {
        let table = "Limit  Soft Limit  Hard Limit  Units\n\
                     Max open files            20000                30000                files\n";
        assert_eq!(soft_limit_in(table), Some(20_000));
        assert_eq!(
            soft_limit_in("Max open files  unlimited  unlimited  files"),
            None
        );
    }
}
