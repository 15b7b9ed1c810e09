//! Everything that is due for one endpoint: connections side by side, the events of each in order.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::{Notify, Semaphore};

use super::{Unavailable, courier::Post, deliveries::Standing};
use crate::{
    domain::{
        event::EventId, public_id::EndpointId, webhook_endpoint::WebhookEndpoint,
        webhook_secret::WebhookSecret,
    },
    store::Due,
    webhook::{self, Parcel},
};

/// Deliveries to one endpoint that are under way at the same time.
const AT_ONCE: usize = 64;
/// Of these, the ones that need no place of those that all endpoints share: however many other endpoints hang, so many go on.
const OWN: usize = 4;
/// Deliveries that are read at once.
const PAGE: i64 = 512;
/// For how long what was read may wait: it may have been removed or replayed meanwhile.
const FRESH: Duration = Duration::from_secs(1);
/// Times that it is tried to write down what a delivery came to, and the time between them.
const WRITES_MAX: u32 = 20;
const BETWEEN_WRITES: Duration = Duration::from_millis(250);
/// What has ended makes room for more once half of the places are free, or after this time.
const REFILL: Duration = Duration::from_millis(100);
/// How long an errand waits for more before it ends.
const LINGER: Duration = Duration::from_secs(2);

pub(super) struct Errand {
    id: EndpointId,
    post: Arc<Post>,
    wake: Arc<Notify>,
    own: Arc<Semaphore>,
}

/// What was read and has not been begun, in the order in which it is due.
struct Ready {
    deliveries: VecDeque<Due>,
    read: Instant,
}

/// What the deliveries of one errand share.
struct Receiver {
    own: Arc<Semaphore>,
    endpoint: WebhookEndpoint,
    secrets: Vec<WebhookSecret>,
    standing: Arc<Mutex<Standing>>,
}

impl Errand {
    pub fn to(id: EndpointId, post: Arc<Post>, wake: Arc<Notify>) -> Self {
        let own = Arc::new(Semaphore::new(OWN));
        Self {
            id,
            post,
            wake,
            own,
        }
    }

    /// Delivers until nothing is due for a while.
    pub async fn run(self) -> EndpointId {
        if let Err(error) = self.deliver().await {
            tracing::warn!(endpoint = %self.id, %error, "deliveries stopped for a moment");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        self.id
    }

    async fn deliver(&self) -> Result<(), Unavailable> {
        let store = &self.post.engine.store;
        let mut stop = self.post.stop.subscribe();
        let standing = Arc::new(Mutex::new(Standing {
            failing_since: store.failing_since(&self.id).await?,
            fine_at: None,
        }));
        let mut under_way = FuturesUnordered::new();
        // One of each connection: the next one is not read before this one is settled.
        let mut events = HashSet::new();
        let mut ready = Ready {
            deliveries: VecDeque::new(),
            read: Instant::now(),
        };
        let mut filled = Instant::now();
        let ended = loop {
            let free = AT_ONCE.saturating_sub(events.len());
            if free >= AT_ONCE / 2 || (free > 0 && filled.elapsed() > REFILL) {
                filled = Instant::now();
                match self.begin(&standing, &mut events, &mut ready).await {
                    Ok(Some(begun)) => under_way.extend(begun),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
            let idle = under_way.is_empty();
            tokio::select! {
                Some(event) = under_way.next(), if !idle => {
                    events.remove(&event);
                }
                () = self.wake.notified() => {}
                () = tokio::time::sleep(LINGER), if idle => break Ok(()),
                _ = stop.wait_for(|stop| *stop) => break Ok(()),
            }
        };
        // What was sent is written down, whatever else has failed.
        while under_way.next().await.is_some() {}
        ended
    }

    /// Begins what is due and not under way. `None` where nothing may be sent.
    async fn begin(
        &self,
        standing: &Arc<Mutex<Standing>>,
        events: &mut HashSet<EventId>,
        ready: &mut Ready,
    ) -> Result<Option<Vec<BoxFuture<'static, EventId>>>, Unavailable> {
        let engine = &self.post.engine;
        let endpoint = engine.endpoint(&self.id);
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.enabled) else {
            return Ok(None);
        };
        if !self.post.may_begin() {
            return Ok(None);
        }
        if ready.deliveries.is_empty() || ready.read.elapsed() > FRESH {
            ready.read = Instant::now();
            let page = PAGE + i64::try_from(events.len()).unwrap_or(0);
            let now = engine.clock.now();
            let due = engine.store.due_deliveries(&endpoint, now, page).await?;
            let due = due.into_iter();
            ready.deliveries = due.filter(|due| !events.contains(&due.event.id)).collect();
        }
        if ready.deliveries.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let receiver = Arc::new(Receiver {
            secrets: engine.signing_secrets(&endpoint).await?,
            endpoint,
            own: Arc::clone(&self.own),
            standing: Arc::clone(standing),
        });
        let room = AT_ONCE.saturating_sub(events.len());
        let most = room.min(ready.deliveries.len());
        let begun = ready.deliveries.drain(..most).map(|due| {
            events.insert(due.event.id);
            let (post, receiver) = (Arc::clone(&self.post), Arc::clone(&receiver));
            async move {
                receiver.deliver_in_turn(&post, &due).await;
                due.event.id
            }
            .boxed()
        });
        Ok(Some(begun.collect()))
    }
}

impl Receiver {
    async fn deliver_in_turn(&self, post: &Post, due: &Due) {
        let place = tokio::select! {
            biased;
            own = self.own.acquire() => own,
            shared = post.room.acquire() => shared,
        };
        // Neither is ever closed.
        if place.is_ok() && post.may_begin() {
            self.deliver(post, due).await;
        }
    }

    async fn deliver(&self, post: &Post, due: &Due) {
        let engine = &post.engine;
        let parcel = Parcel {
            url: &self.endpoint.url,
            secrets: &self.secrets,
            id: &due.event.id.to_string(),
            body: Bytes::from(due.event.body()),
        };
        let total = engine.settings.webhooks.timeout;
        let now = engine.clock.now();
        let (mut attempt, outcome) = webhook::send(&engine.egress, parcel, total, now).await;
        attempt.manual = due.replayed && due.tries == 0;
        let mut why = None;
        // What is not written down is sent again.
        for _ in 0..WRITES_MAX {
            let known = &self.standing;
            let settled = engine.settle(&self.endpoint, due, &attempt, outcome, known);
            match settled.await {
                Ok(()) => return,
                Err(error) => why = Some(error),
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
        if let Some(error) = why {
            tracing::warn!(endpoint = %self.endpoint.id, event = %due.event.id, %error, "what a delivery came to could not be written; it is attempted again");
        }
    }
}
