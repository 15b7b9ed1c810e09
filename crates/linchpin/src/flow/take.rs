//! Events that are applied to a session and made durable.

use super::{Engine, Ticket, Unavailable};
use crate::{
    domain::link_session::{Event, LinkSession, Refused, Transition},
    store::{Lease, Operation, Refusal, WriteError},
};

impl Engine {
    /// Applies an event and makes it durable. `None` where it is refused or somebody else was faster.
    pub(super) async fn take(
        &self,
        session: &LinkSession,
        event: &Event,
    ) -> Result<Option<LinkSession>, Unavailable> {
        self.take_under(None, session, event).await
    }

    /// Applies several events and makes them durable, all or none, with an answer that is kept for repetitions.
    pub(super) async fn take_all(
        &self,
        first: &[Event],
        last: Event,
        session: &LinkSession,
        kept: Option<(&Ticket, &[u8])>,
    ) -> Result<Option<LinkSession>, Unavailable> {
        let now = self.clock.now();
        let mut operation = Operation::new(now);
        if let Some((ticket, answer)) = kept {
            self.keep(&mut operation, ticket, answer, now)?;
        }
        let mut transitions: Vec<Transition> = Vec::with_capacity(first.len() + 1);
        for event in first.iter().chain([&last]) {
            let before = transitions.last().map_or(session, |done| &done.session);
            let Ok(transition) = before.apply(event, now) else {
                return Ok(None);
            };
            operation.save_session(&transition, now)?;
            self.tell_end(&mut operation, &transition)?;
            transitions.push(transition);
        }
        self.commit(operation, transitions).await
    }

    /// The same under a lease; `None` also where another node has claimed it since.
    pub(super) async fn take_under(
        &self,
        lease: Option<&Lease>,
        session: &LinkSession,
        event: &Event,
    ) -> Result<Option<LinkSession>, Unavailable> {
        let now = self.clock.now();
        let transition = match session.apply(event, now) {
            Ok(transition) => transition,
            Err(Refused::WrongStage | Refused::Over | Refused::TooLate | Refused::TooEarly) => {
                return Ok(None);
            }
        };
        let mut operation = Operation::new(now);
        operation.save_session(&transition, now)?;
        self.tell_end(&mut operation, &transition)?;
        if let Some(lease) = lease {
            operation.fenced_by(lease);
        }
        self.commit(operation, vec![transition]).await
    }

    /// Makes transitions that follow one another durable; gives the session after the last. `None` where somebody else was
    /// faster.
    pub(super) async fn commit(
        &self,
        operation: Operation,
        transitions: Vec<Transition>,
    ) -> Result<Option<LinkSession>, Unavailable> {
        match self.store.write(operation).await {
            Ok(()) => {
                for Transition {
                    session,
                    event,
                    from,
                } in &transitions
                {
                    tracing::info!(session = %session.id, event, from, to = session.state.stage.name(), "link session moved");
                    metrics::counter!("linchpin_session_transitions_total", "event" => *event)
                        .increment(1);
                }
                let session = transitions.into_iter().next_back().map(|done| done.session);
                if let Some(session) = &session {
                    self.waiting.wake(session.id);
                    if session.ended_at().is_some() {
                        self.told.send_modify(|count| *count += 1);
                    }
                }
                Ok(session)
            }
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
