//! Events as a list that a receiver can catch up with.
//!
//! What commits first is not always what has the lower id. So each event is given its position after its commit, and the
//! list goes by that: whoever has read up to a position has missed nothing before it.

use std::{sync::Arc, time::Duration};

use super::{Caller, Engine, Unavailable};
use crate::{
    domain::{
        event::{Event, EventId, EventKind},
        id::ConnectionId,
        time::SECOND,
    },
    store::{EventListing, Lease, Operation, Refusal, WriteError},
};

/// Events that are placed in one commit.
const STEP: i64 = 500;
/// Time between two looks where nobody wakes us.
const EVERY: Duration = Duration::from_millis(250);
/// What the lease is called, and for how long it is held.
const LEASE: &str = "events";
const HELD: i64 = 15 * SECOND;
/// Looks for the position of an event that was just told, and the time between them.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Which events somebody asks for.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Those after this one; from the beginning where it is `None`.
    pub after: Option<EventId>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Of this connection.
    pub connection: Option<ConnectionId>,
    /// How many at most.
    pub limit: i64,
}

/// A page of events.
#[derive(Debug)]
pub struct HistoryPage {
    /// The events, oldest first.
    pub list: Vec<Event>,
    /// Whether there are more.
    pub has_more: bool,
    /// The position up to which has been read.
    pub position: i64,
}

impl Engine {
    /// A page of the caller's events. `None` where there is no event `after`.
    pub async fn history(
        &self,
        caller: &Caller,
        wanted: &History,
    ) -> Result<Option<HistoryPage>, Unavailable> {
        let Some(after) = self.position_of(caller, wanted.after).await? else {
            return Ok(None);
        };
        self.history_behind(caller, wanted, after).await.map(Some)
    }

    /// The same behind a position.
    pub async fn history_behind(
        &self,
        caller: &Caller,
        wanted: &History,
        after: i64,
    ) -> Result<HistoryPage, Unavailable> {
        let listing = EventListing {
            after,
            kind: wanted.kind,
            connection: wanted.connection.clone(),
            limit: wanted.limit + 1,
        };
        let (organisation, environment) = (&caller.organisation, caller.environment);
        let found = self.store.events(organisation, environment, &listing);
        let mut found = found.await?;
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let position = found.last().map_or(after, |(_, position)| *position);
        Ok(HistoryPage {
            list: found.into_iter().map(|(event, _)| event).collect(),
            has_more,
            position,
        })
    }

    /// The position of one of the caller's events; 0 for none. `None` where there is no such event.
    pub async fn position_of(
        &self,
        caller: &Caller,
        event: Option<EventId>,
    ) -> Result<Option<i64>, Unavailable> {
        let Some(event) = event else {
            return Ok(Some(0));
        };
        for _ in 0..LOOKS {
            let (organisation, environment) = (&caller.organisation, caller.environment);
            let found = self.store.event_position(organisation, environment, event);
            match found.await? {
                // A webhook may have told of it before it got its position.
                Some(0) => tokio::time::sleep(BETWEEN_LOOKS).await,
                found => return Ok(found),
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// Places events for ever. Of the nodes that share a store, the one that holds the lease does it.
    pub async fn keep_placing(self: Arc<Self>) {
        let mut held = None;
        let mut told = self.told.subscribe();
        loop {
            told.mark_unchanged();
            match self.place_on(&mut held).await {
                // Nodes that do not place look for what the one that does has placed.
                Ok(()) => self.placed.send_modify(|count| *count += 1),
                Err(error) => {
                    tracing::warn!(%error, "events could not be placed; the next look follows");
                }
            }
            let _ = tokio::time::timeout(EVERY, told.changed()).await;
        }
    }

    async fn place_on(&self, held: &mut Option<Lease>) -> Result<(), Unavailable> {
        if !self.hold_lease(LEASE, HELD, held).await? {
            return Ok(());
        }
        let Some(lease) = held.as_ref() else {
            return Ok(());
        };
        loop {
            let events = self.store.unplaced_events(STEP).await?;
            if events.is_empty() {
                return Ok(());
            }
            let last = self.store.last_position().await?;
            let mut operation = Operation::new(self.clock.now());
            operation.place_events(last, &events, lease);
            match self.store.write(operation).await {
                Ok(()) => {}
                // Another node goes on.
                Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }
}
