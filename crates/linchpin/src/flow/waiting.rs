//! Waiting for a session to change, without a thread and without a connection to the database.
//!
//! Whoever commits a change here wakes those who wait for that session; what other nodes change is heard of on the
//! connection that listens.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, broadcast::error::RecvError, watch},
    time::Instant,
};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        id::SessionId,
        link_session::{LinkSession, Status},
    },
    store::MovedSession,
};

/// Calls that may wait at the same time on one node. Half of the requests that a server takes at once by default.
const PLACES: usize = 2_048;

/// Who waits for which session.
pub struct Waiting {
    places: Arc<Semaphore>,
    sessions: Mutex<HashMap<SessionId, watch::Sender<()>>>,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            sessions: Mutex::default(),
        }
    }
}

/// The right to wait; given back when dropped.
pub struct Place(
    #[expect(dead_code, reason = "held, and given back when dropped")] OwnedSemaphorePermit,
);

/// Hears when one session has changed.
struct Listening {
    waiting: Arc<Waiting>,
    session: SessionId,
    changed: watch::Receiver<()>,
}

impl Waiting {
    fn sessions(&self) -> MutexGuard<'_, HashMap<SessionId, watch::Sender<()>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listen(self: &Arc<Self>, session: SessionId) -> Listening {
        let mut sessions = self.sessions();
        let sender = sessions.entry(session).or_default();
        Listening {
            waiting: Arc::clone(self),
            session,
            changed: sender.subscribe(),
        }
    }

    /// Wakes whoever waits for this session.
    pub(super) fn wake(&self, session: SessionId) {
        if let Some(sender) = self.sessions().get(&session) {
            sender.send_replace(());
        }
    }

    fn wake_all(&self) {
        for sender in self.sessions().values() {
            sender.send_replace(());
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut sessions = self.waiting.sessions();
        // This one still listens while it is dropped.
        let last = |sender: &watch::Sender<()>| sender.receiver_count() <= 1;
        if sessions.get(&self.session).is_some_and(last) {
            sessions.remove(&self.session);
        }
    }
}

impl Engine {
    /// A place to wait in; `None` where there is none.
    pub fn place_to_wait(&self) -> Option<Place> {
        let places = Arc::clone(&self.waiting.places);
        places.try_acquire_owned().ok().map(Place)
    }

    /// How many calls wait.
    pub fn waiting_calls(&self) -> usize {
        PLACES - self.waiting.places.available_permits()
    }

    /// The session once its status is no longer `after`, or as it is when `most` is over or the server ends. `None` where
    /// it is gone.
    pub async fn wait_while(
        &self,
        _place: Place,
        session: SessionId,
        after: Status,
        most: Duration,
    ) -> Result<(Status, Option<LinkSession>), Unavailable> {
        let until = Instant::now() + most;
        let mut listening = self.waiting.listen(session);
        let mut ending = self.ending.subscribe();
        loop {
            listening.changed.mark_unchanged();
            let found = self.store.session(session).await?.map(|made| made.session);
            let status = self.status_of(found.as_ref());
            if status != after || *ending.borrow() || Instant::now() >= until {
                return Ok((status, found));
            }
            let expires = self.expires(found.as_ref());
            let again = expires.map_or(until, |expires| until.min(expires));
            tokio::select! {
                _ = listening.changed.changed() => {}
                _ = ending.wait_for(|ending| *ending) => {}
                () = tokio::time::sleep_until(again) => {}
            }
        }
    }

    /// When the time of an open session is over, which is told before anybody writes it.
    fn expires(&self, session: Option<&LinkSession>) -> Option<Instant> {
        let left = session?.expires_at.since(self.clock.now());
        let left = u64::try_from(left).ok().filter(|left| *left > 0)?;
        Some(Instant::now() + Duration::from_millis(left))
    }

    /// Goes on for ever: wakes those who wait for what another node has changed.
    pub async fn keep_waking(self: Arc<Self>) {
        let Some(mut moved) = self.store.moved_sessions() else {
            return;
        };
        loop {
            match moved.recv().await {
                Ok(MovedSession::This(session)) => self.waiting.wake(session),
                Ok(MovedSession::Any) | Err(RecvError::Lagged(_)) => self.waiting.wake_all(),
                Err(RecvError::Closed) => return,
            }
        }
    }
}
