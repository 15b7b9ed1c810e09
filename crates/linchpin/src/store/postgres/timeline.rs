//! Which history of a cluster a server writes. When a standby takes over, it begins a new timeline; the primary of
//! before may come back later, still take writes, and know nothing of what was acknowledged since.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Mutex, PoisonError},
    task::Poll,
    time::Instant,
};

use tokio_postgres::{Client, Error};

use super::dial::Wire;

/// The cluster's identity, and the timeline that the server writes: the first eight digits of its log's file names.
const QUESTION: &str = "SELECT (SELECT system_identifier FROM pg_control_system()), \
    ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint";

/// Where a server stands in the history of its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeline {
    /// Identity of the cluster, which its standbys have as well.
    cluster: i64,
    /// Grows by one or more whenever a standby takes over.
    number: i64,
}

/// The newest timeline that this process has been connected to.
#[derive(Debug, Default)]
pub struct Newest(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    timeline: Option<Timeline>,
    /// When another one was first met than the one of before.
    since: Option<Instant>,
}

impl Newest {
    /// Whether a server is one to speak to: not of a cluster's past. Its timeline is the newest from now on.
    pub fn admits(&self, timeline: Timeline) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match known.timeline {
            Some(newest) if newest == timeline => true,
            Some(newest)
                if newest.cluster == timeline.cluster && newest.number > timeline.number =>
            {
                false
            }
            before => {
                known.timeline = Some(timeline);
                known.since = before.map(|_| Instant::now());
                true
            }
        }
    }

    /// Whether a connection may be one to a cluster's past: it was opened before the newest timeline was met. It may
    /// have been silent since then, and come back to life together with its server.
    pub fn overtook(&self, opened: Instant) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.since.is_some_and(|since| opened < since)
    }
}

/// Asks a server that has just let us in. `None` where it will not say, as some databases do not that speak the
/// protocol only.
///
/// # Errors
///
/// The connection's own.
pub async fn ask(client: &Client, wire: &mut Wire) -> Result<Option<Timeline>, Error> {
    let mut question = pin!(client.query_one(QUESTION, &[]));
    let answer = poll_fn(|context| {
        // Nobody else carries the messages yet. At the connection's end the question fails by itself.
        while let Poll::Ready(Some(Ok(_))) = wire.poll_message(context) {}
        question.as_mut().poll(context)
    });
    match answer.await {
        Ok(row) => Ok(Some(Timeline {
            cluster: row.try_get(0)?,
            number: row.try_get(1)?,
        })),
        Err(error) if error.as_db_error().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(cluster: i64, number: i64) -> Timeline {
        Timeline { cluster, number }
    }

    #[test]
    fn a_cluster_that_was_taken_over_from_is_not_gone_back_to() {
        let newest = Newest::default();
        let opened = Instant::now();
        assert!(newest.admits(timeline(7, 1)));
        assert!(!newest.overtook(opened));
        assert!(newest.admits(timeline(7, 3)));
        assert!(newest.overtook(opened));
        assert!(!newest.overtook(Instant::now()));
        assert!(newest.admits(timeline(7, 3)));
        assert!(!newest.admits(timeline(7, 2)));
        // Another cluster has a count of its own: somebody moved the store there.
        assert!(newest.admits(timeline(8, 1)));
    }
}
