//! Staying up to date with what other nodes have changed: keys and apps within a second, and the time.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use super::{Engine, Unavailable};
use crate::store::{ReadError, Store};

/// How old what is known may be when a key is looked up. A revoked key is refused everywhere after a second at most.
const FRESH: Duration = Duration::from_millis(900);
/// How long a look waits for the one before it.
const TURN: Duration = Duration::from_secs(2);
/// Time between two looks where nothing is heard; each also measures the database's clock.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// What is known of the directory's version, and since when.
pub struct Watch {
    /// Held while the directory is read: what was read first must not be put in force last.
    version: tokio::sync::Mutex<i64>,
    /// A moment at which the directory in force was the one of the store.
    as_of: Mutex<Moment>,
}

/// A moment by both clocks: the monotonic one stands still while a machine sleeps, the other one can be set back.
#[derive(Clone, Copy)]
struct Moment {
    monotonic: Instant,
    machine: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            machine: SystemTime::now(),
        }
    }

    /// How long ago it was, by the clock that says more.
    fn elapsed(self) -> Duration {
        let by_machine = self.machine.elapsed().unwrap_or_default();
        self.monotonic.elapsed().max(by_machine)
    }
}

impl Watch {
    /// Before the directory is read for the first time.
    pub async fn begun(store: &Store) -> Result<Self, Unavailable> {
        let as_of = Moment::now();
        let version = store.directory_version().await?;
        Ok(Self {
            version: tokio::sync::Mutex::new(version),
            as_of: Mutex::new(as_of),
        })
    }

    fn age(&self) -> Duration {
        self.as_of
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }

    fn was_right_at(&self, moment: Moment) {
        let mut as_of = self.as_of.lock().unwrap_or_else(PoisonError::into_inner);
        if moment.monotonic > as_of.monotonic {
            *as_of = moment;
        }
    }
}

impl Engine {
    /// Reads organisations, apps and keys anew; after this returns, every request goes by them.
    pub async fn reload(&self) -> Result<(), Unavailable> {
        let mut version = self.watch.version.lock().await;
        let begun = Moment::now();
        // The version first: a change in between is found by the next look.
        let found = self.store.directory_version().await?;
        self.go_by(self.store.directory().await?);
        self.follow_keys().await?;
        *version = found;
        self.watch.was_right_at(begun);
        Ok(())
    }

    /// Makes sure that a change of another node that is older than a second is known here.
    pub(super) async fn stay_fresh(&self) -> Result<(), Unavailable> {
        match self.store.is_shared() && self.watch.age() > FRESH {
            true => self.look_for_changes(FRESH).await,
            false => Ok(()),
        }
    }

    /// Asks for the version, and reads the directory where it is another. Does nothing where somebody else did so
    /// less than `recent` ago.
    async fn look_for_changes(&self, recent: Duration) -> Result<(), Unavailable> {
        // While the database is silent, nobody is to wait for all who asked before.
        let turn = tokio::time::timeout(TURN, self.watch.version.lock()).await;
        let mut version = turn.map_err(|_| Unavailable::Read(ReadError::Busy))?;
        if self.watch.age() < recent {
            return Ok(());
        }
        let begun = Moment::now();
        let found = self.store.directory_version().await?;
        if found != *version {
            self.go_by(self.store.directory().await?);
            self.follow_keys().await?;
            *version = found;
        }
        self.watch.was_right_at(begun);
        Ok(())
    }

    /// Goes on for ever: looks for changes whenever some are heard of and now and then, and measures the time.
    pub async fn keep_watch(self: Arc<Self>) {
        let Some(mut heard) = self.store.changes() else {
            return;
        };
        loop {
            let waited = tokio::time::timeout(LOOK_EVERY, heard.changed()).await;
            if matches!(waited, Ok(Err(_))) {
                return;
            }
            if let Err(error) = self.look_for_changes(Duration::ZERO).await {
                tracing::warn!(%error, "it could not be asked whether keys or apps have changed");
            }
            self.measure_time().await;
        }
    }

    async fn measure_time(&self) {
        match self.store.measure_time().await {
            Ok(Some(measured)) => self.clock.follow(measured),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the database's clock could not be read"),
        }
    }
}
