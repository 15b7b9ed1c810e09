//! What goes on without anybody asking: lost checks are put back, overdue sessions end, what is old leaves.
//!
//! Of the nodes that share a store, the one that holds the lease does it; another takes over when it is gone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        id::SessionId,
        link_session::{Event, Stage},
        time::{HOUR, SECOND, Timestamp},
    },
    store::{Lease, LeaseError, Operation, WriteError},
};

/// Time between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// Sessions read at once.
const PAGE: i64 = 200;
/// For how long events are kept, in milliseconds: 30 days.
const EVENTS_KEPT: i64 = 30 * 24 * HOUR;
/// For how long deliveries that ended and their attempts are kept, in milliseconds: 7 days.
const DELIVERIES_KEPT: i64 = 7 * 24 * HOUR;
/// Time between two steps of a removal, in which everybody else gets their turn.
const BETWEEN_STEPS: Duration = Duration::from_millis(20);

/// What the lease is called.
const LEASE: &str = "upkeep";
/// For how long it is held; a node that is gone is replaced after this time at most.
const HELD: i64 = 15 * SECOND;
/// Rounds between two looks for what is old: a minute.
const ROUNDS_BETWEEN_RETENTIONS: u32 = 12;
/// How much of a round what is old may take; what is left then goes in the next one.
const RETENTION: Duration = Duration::from_secs(4);

/// Where the upkeep of a process stands.
#[derive(Default)]
struct Upkeep {
    held: Option<Lease>,
    /// Rounds until what is old is looked for.
    rounds_left: u32,
}

impl Engine {
    /// Puts back what the process before left in the middle. To be called before anything is served.
    ///
    /// Of a shared store nobody knows at the start which checks are lost: another node may be at them. They are put
    /// back when their time is over.
    pub async fn recover(self: &Arc<Self>) -> Result<(), Unavailable> {
        match self.store.is_shared() {
            true => Ok(()),
            false => self.look_at_busy(Timestamp(i64::MAX)).await,
        }
    }

    /// Goes round for ever.
    pub async fn keep_order(self: Arc<Self>) {
        let mut upkeep = Upkeep::default();
        // At once for what ran out while nothing ran: nobody waits for it, since whoever looks sees that it is over.
        loop {
            if let Err(error) = self.round(&mut upkeep).await {
                tracing::warn!(%error, "a round over the open sessions failed; the next one follows");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Goes round once, with everything that is due now and then.
    pub async fn go_round(self: &Arc<Self>) -> Result<(), Unavailable> {
        self.round(&mut Upkeep::default()).await
    }

    async fn round(self: &Arc<Self>, upkeep: &mut Upkeep) -> Result<(), Unavailable> {
        if !self.hold_lease(LEASE, HELD, &mut upkeep.held).await? {
            return Ok(());
        }
        self.look_at_busy(self.clock.now()).await?;
        self.end_overdue().await?;
        upkeep.rounds_left = upkeep.rounds_left.saturating_sub(1);
        if let (0, Some(lease)) = (upkeep.rounds_left, &upkeep.held) {
            self.remember_time(lease).await?;
            if self.let_go_of_what_is_old(lease).await? {
                upkeep.rounds_left = ROUNDS_BETWEEN_RETENTIONS;
            }
        }
        Ok(())
    }

    /// Whether this node holds a lease, after having held on to it or claimed it for `most` milliseconds.
    pub(super) async fn hold_lease(
        &self,
        name: &str,
        most: i64,
        held: &mut Option<Lease>,
    ) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        if let Some(lease) = held.as_ref() {
            if self.store.renew(lease, now, now.plus(most)).await? {
                return Ok(true);
            }
            tracing::warn!(
                name,
                "this node was away for too long; another one goes on with this from here on"
            );
            *held = None;
        }
        *held = self
            .store
            .claim(name, &self.node, now, now.plus(most))
            .await?;
        Ok(held.is_some())
    }

    /// Writes how late it is, so that no later start begins before it. SQLite writes it with every commit.
    async fn remember_time(&self, lease: &Lease) -> Result<(), Unavailable> {
        if !self.store.is_shared() {
            return Ok(());
        }
        let mut operation = Operation::new(self.clock.now());
        operation.remember_time();
        operation.fenced_by(lease);
        match self.store.write(operation).await {
            Ok(()) | Err(WriteError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes in small steps what nobody asks for any more: sessions that ended long ago with their history,
    /// events, answers kept for repeated requests, and leases of nodes that are gone. `false` where some is left for the next
    /// round.
    async fn let_go_of_what_is_old(&self, lease: &Lease) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        let ended_before = now.plus(-self.settings.history);
        // What stands in the way of one must not keep the others in the store.
        let sessions = in_steps(|| self.store.forget_sessions(ended_before, now, lease)).await;
        let events_before = now.plus(-EVENTS_KEPT);
        let events = in_steps(|| self.store.forget_events(events_before, now, lease)).await;
        let deliveries_before = now.plus(-DELIVERIES_KEPT);
        let deliveries = in_steps(|| {
            self.store
                .forget_deliveries(deliveries_before, events_before, now, lease)
        });
        let deliveries = deliveries.await;
        let answers = in_steps(|| self.store.forget_answers(now, lease)).await;
        let leases = in_steps(|| self.store.forget_leases(now, lease)).await;
        Ok(sessions? && events? && deliveries? && answers? && leases?)
    }

    /// Puts back every check that counts as lost at `now`, and watches the approvals that nobody watches.
    async fn look_at_busy(self: &Arc<Self>, now: Timestamp) -> Result<(), Unavailable> {
        let mut after = SessionId::from_number(0);
        loop {
            let page = self.store.busy_sessions(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.session.id;
            let overdue = page
                .iter()
                .filter_map(|made| match &made.session.state.stage {
                    Stage::Verifying { until, .. } if *until <= now => {
                        Some(self.put_back(&made.session))
                    }
                    _ => None,
                });
            futures_util::future::join_all(overdue).await;
            for made in &page {
                self.watch_approval(&made.session);
            }
        }
    }

    /// Writes the end of every session whose time is over.
    pub async fn end_overdue(&self) -> Result<(), Unavailable> {
        loop {
            let overdue = self.store.overdue_sessions(self.clock.now(), PAGE).await?;
            let mut ended = 0;
            let ends = overdue
                .iter()
                .map(|made| self.take(&made.session, &Event::TimePassed));
            for end in futures_util::future::join_all(ends).await {
                ended += usize::from(end?.is_some());
            }
            if overdue.is_empty() || ended == 0 {
                return Ok(());
            }
        }
    }
}

/// Goes on until a step finds nothing more; `false` where the time for it was over before.
async fn in_steps<F>(step: impl Fn() -> F) -> Result<bool, Unavailable>
where
    F: Future<Output = Result<u64, LeaseError>>,
{
    let begun = Instant::now();
    let mut gone = 0;
    loop {
        let step = step().await?;
        gone += step;
        if step == 0 || begun.elapsed() > RETENTION {
            if gone > 0 {
                tracing::info!(gone, "what was old has left the store");
            }
            return Ok(step == 0);
        }
        tokio::time::sleep(BETWEEN_STEPS).await;
    }
}
