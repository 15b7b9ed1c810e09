//! Everything that is due for one endpoint: connections side by side, the events of each in order.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::Notify;

use super::{Unavailable, courier::Post, deliveries::Settled};
use crate::{
    domain::{
        event::EventId, id::ConnectionId, public_id::EndpointId, time::Timestamp,
        webhook_endpoint::WebhookEndpoint, webhook_secret::WebhookSecret,
    },
    store::{Due, Operation},
    webhook::{self, Parcel},
};

/// Deliveries to one endpoint that are under way at the same time.
const AT_ONCE: usize = 64;
/// Deliveries that are read at once.
const PAGE: i64 = 512;
/// For how long what was read may wait: it may have been removed or replayed meanwhile.
const FRESH: Duration = Duration::from_secs(1);
/// Times that it is tried to write down what a delivery came to, and the time between them.
const WRITES_MAX: u32 = 20;
const BETWEEN_WRITES: Duration = Duration::from_millis(250);
/// How long an errand waits for more before it ends.
const LINGER: Duration = Duration::from_secs(2);

/// What has to be delivered in order: the events of one connection, or one event that is no connection's.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Line {
    Connection(ConnectionId),
    Alone(EventId),
}

impl Line {
    fn of(due: &Due) -> Self {
        match &due.event.connection {
            Some(connection) => Self::Connection(connection.clone()),
            None => Self::Alone(due.event.id),
        }
    }
}

pub(super) struct Errand {
    id: EndpointId,
    post: Arc<Post>,
    wake: Arc<Notify>,
}

/// What was read and has not been begun, in the order in which it is due.
struct Ready {
    groups: VecDeque<(Line, Vec<Due>)>,
    read: Instant,
}

/// What the deliveries of one errand share.
struct Receiver {
    endpoint: WebhookEndpoint,
    secrets: Vec<WebhookSecret>,
    failing_since: Arc<Mutex<Option<Timestamp>>>,
}

impl Errand {
    pub fn to(id: EndpointId, post: Arc<Post>, wake: Arc<Notify>) -> Self {
        Self { id, post, wake }
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
        let failing_since = Arc::new(Mutex::new(store.failing_since(&self.id).await?));
        let mut under_way = FuturesUnordered::new();
        let mut lines = HashSet::new();
        let mut ready = Ready {
            groups: VecDeque::new(),
            read: Instant::now(),
        };
        let ended = loop {
            if lines.len() <= AT_ONCE / 2 {
                match self.begin(&failing_since, &mut lines, &mut ready).await {
                    Ok(Some(begun)) => under_way.extend(begun),
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            }
            let idle = under_way.is_empty();
            tokio::select! {
                Some(line) = under_way.next(), if !idle => {
                    lines.remove(&line);
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

    /// Begins what is due of lines that are not under way. `None` where nothing may be sent.
    async fn begin(
        &self,
        failing_since: &Arc<Mutex<Option<Timestamp>>>,
        lines: &mut HashSet<Line>,
        ready: &mut Ready,
    ) -> Result<Option<Vec<BoxFuture<'static, Line>>>, Unavailable> {
        let engine = &self.post.engine;
        let endpoint = engine.endpoint(&self.id);
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.enabled) else {
            return Ok(None);
        };
        if !self.post.may_begin() {
            return Ok(None);
        }
        if ready.groups.is_empty() || ready.read.elapsed() > FRESH {
            ready.read = Instant::now();
            ready.groups = self.next(&endpoint, lines).await?;
        }
        if ready.groups.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let receiver = Arc::new(Receiver {
            secrets: engine.signing_secrets(&endpoint).await?,
            endpoint,
            failing_since: Arc::clone(failing_since),
        });
        let most = AT_ONCE.saturating_sub(lines.len()).min(ready.groups.len());
        let begun = ready.groups.drain(..most).map(|(line, group)| {
            lines.insert(line.clone());
            self.one_after_another(Arc::clone(&receiver), line, group)
        });
        Ok(Some(begun.collect()))
    }

    /// What is due of lines that are not under way, of each as much as may be sent one after another.
    async fn next(
        &self,
        endpoint: &WebhookEndpoint,
        lines: &HashSet<Line>,
    ) -> Result<VecDeque<(Line, Vec<Due>)>, Unavailable> {
        let engine = &self.post.engine;
        let now = engine.clock.now();
        let page = PAGE + i64::try_from(lines.len()).unwrap_or(0);
        let due = engine.store.due_deliveries(endpoint, now, page).await?;
        let mut groups: VecDeque<(Line, Vec<Due>)> = VecDeque::new();
        let mut places: HashMap<Line, usize> = HashMap::new();
        for due in due {
            let line = Line::of(&due);
            if lines.contains(&line) {
                continue;
            }
            let place = *places.entry(line.clone()).or_insert(groups.len());
            match groups.get_mut(place) {
                Some((_, group)) => group.push(due),
                None => groups.push_back((line, vec![due])),
            }
        }
        let mut waiting = Operation::new(now);
        let mut some_wait = false;
        groups.retain_mut(|(_, group)| {
            group.sort_by_key(|due| due.event.sequence);
            let last = in_order(group);
            if let (0, Some(first)) = (last, group.first()) {
                some_wait = true;
                waiting.let_wait(&self.id, first);
            }
            group.truncate(last);
            last > 0
        });
        if some_wait {
            engine.store.write(waiting).await?;
        }
        Ok(groups)
    }

    /// Delivers the events of a line until one does not arrive.
    fn one_after_another(
        &self,
        receiver: Arc<Receiver>,
        line: Line,
        group: Vec<Due>,
    ) -> BoxFuture<'static, Line> {
        let post = Arc::clone(&self.post);
        async move {
            for due in group {
                // The semaphore is never closed.
                let Ok(_room) = post.room.acquire().await else {
                    break;
                };
                if !post.may_begin() || receiver.deliver(&post, &due).await != Settled::Ended {
                    break;
                }
            }
            line
        }
        .boxed()
    }
}

impl Receiver {
    async fn deliver(&self, post: &Post, due: &Due) -> Settled {
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
            let known = &self.failing_since;
            let settled = engine.settle(&self.endpoint, due, &attempt, outcome, known);
            match settled.await {
                Ok(settled) => return settled,
                Err(error) => why = Some(error),
            }
            tokio::time::sleep(BETWEEN_WRITES).await;
        }
        if let Some(error) = why {
            tracing::warn!(endpoint = %self.endpoint.id, event = %due.event.id, %error, "what a delivery came to could not be written; it is attempted again");
        }
        Settled::Moved
    }
}

/// How many of these, sorted by sequence, may be delivered one after another: each is the next of its connection that is
/// pending.
fn in_order(group: &[Due]) -> usize {
    let mut before = None;
    let mut count = 0;
    for due in group {
        if due.behind != before {
            break;
        }
        before = due.event.sequence;
        count += 1;
    }
    count
}
