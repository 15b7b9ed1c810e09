//! Deliveries under way: one errand for each endpoint that something is due for, so that none waits for another.
//!
//! Of the nodes that share a store, the one that holds the lease delivers.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinSet,
};

use super::{Engine, Unavailable, errand::Errand};
use crate::{
    domain::{public_id::EndpointId, time::SECOND},
    store::Lease,
};

/// What the lease is called, and for how long it is held.
const LEASE: &str = "webhooks";
const HELD: i64 = 20 * SECOND;
/// The lease is renewed as often as this, and nothing is begun where it has not been for as long as that: what is begun
/// ends before another node can begin.
const RENEW_EVERY: Duration = Duration::from_secs(3);
const SURE_FOR: Duration = Duration::from_secs(8);
/// How often it is looked what is due: for what is attempted again, and for what other nodes have told of.
const LOOK_ALONE: Duration = Duration::from_millis(500);
const LOOK_SHARED: Duration = Duration::from_millis(100);
/// Deliveries that are under way at the same time, to all endpoints.
const AT_ONCE: usize = 1_024;

/// What the errands share.
pub(super) struct Post {
    pub engine: Arc<Engine>,
    pub room: Semaphore,
    /// True where nothing more is to be begun.
    pub stop: watch::Sender<bool>,
    renewed: std::sync::Mutex<Option<Instant>>,
}

impl Post {
    /// Whether this node is sure to be the one that delivers, for as long as an attempt takes.
    pub fn may_begin(&self) -> bool {
        let renewed = self.renewed.lock();
        let renewed = renewed.unwrap_or_else(std::sync::PoisonError::into_inner);
        !*self.stop.borrow() && renewed.is_some_and(|at| at.elapsed() < SURE_FOR)
    }

    fn renewed(&self, at: Option<Instant>) {
        let mut renewed = self
            .renewed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *renewed = at;
    }
}

impl Engine {
    /// Delivers until the shutdown, and ends when what was under way then has ended.
    pub async fn keep_delivering(self: Arc<Self>, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut courier = Courier {
            post: Arc::new(Post {
                engine: Arc::clone(&self),
                room: Semaphore::new(AT_ONCE),
                stop: watch::Sender::new(false),
                renewed: std::sync::Mutex::default(),
            }),
            errands: JoinSet::new(),
            under_way: HashMap::new(),
            held: None,
            claimed: None,
        };
        let every = match self.store.is_shared() {
            true => LOOK_SHARED,
            false => LOOK_ALONE,
        };
        let mut told = self.told.subscribe();
        loop {
            told.mark_unchanged();
            if let Err(error) = courier.look().await {
                tracing::warn!(%error, "what is to be delivered could not be read; the next look follows");
                tokio::time::sleep(LOOK_ALONE).await;
            }
            tokio::select! {
                _ = told.changed() => {}
                () = tokio::time::sleep(every) => {}
                () = &mut shutdown => break,
                Some(ended) = courier.errands.join_next() => courier.ended(ended),
            }
        }
        courier.post.stop.send_replace(true);
        while courier.errands.join_next().await.is_some() {}
        if let Some(lease) = courier.held.take() {
            // Another node goes on at once. Where this fails it does when the lease is over.
            let _ = self.store.release(lease, self.clock.now()).await;
        }
    }
}

struct Courier {
    post: Arc<Post>,
    errands: JoinSet<EndpointId>,
    /// Each wakes its errand.
    under_way: HashMap<EndpointId, Arc<Notify>>,
    held: Option<Lease>,
    claimed: Option<Instant>,
}

impl Courier {
    async fn look(&mut self) -> Result<(), Unavailable> {
        if !self.holds().await? {
            return Ok(());
        }
        let engine = &self.post.engine;
        for id in engine.store.endpoints_with_due(engine.clock.now()).await? {
            if let Some(wake) = self.under_way.get(&id) {
                wake.notify_one();
                continue;
            }
            if !engine
                .endpoint(&id)
                .is_some_and(|endpoint| endpoint.enabled)
            {
                engine.clear_endpoint(&id).await?;
                continue;
            }
            let wake = Arc::new(Notify::new());
            self.under_way.insert(id.clone(), Arc::clone(&wake));
            let errand = Errand::to(id, Arc::clone(&self.post), wake);
            self.errands.spawn(errand.run());
        }
        Ok(())
    }

    async fn holds(&mut self) -> Result<bool, Unavailable> {
        if self.claimed.is_some_and(|at| at.elapsed() < RENEW_EVERY) {
            return Ok(self.held.is_some());
        }
        let begun = Instant::now();
        let engine = &self.post.engine;
        let holds = engine.hold_lease(LEASE, HELD, &mut self.held).await?;
        self.claimed = Some(begun);
        self.post.renewed(holds.then_some(begun));
        Ok(holds)
    }

    fn ended(&mut self, ended: Result<EndpointId, tokio::task::JoinError>) {
        match ended {
            Ok(id) => {
                self.under_way.remove(&id);
            }
            // One that panicked does not say whose it was: the others are woken in vain, and it is begun anew.
            Err(_) => self.under_way.retain(|_, wake| Arc::strong_count(wake) > 1),
        }
    }
}
