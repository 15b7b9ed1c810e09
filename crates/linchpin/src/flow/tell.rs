//! Telling of a change: the event goes into the operation that makes it.

use super::{Engine, Unavailable, random_number};
use crate::{
    domain::{
        connection::Connection,
        event::{Event, EventId, EventKind, Told},
        link_session::{Stage, Transition},
        time::Timestamp,
    },
    store::Operation,
};

impl Engine {
    /// Adds to an operation what is told of a connection's change. `before` is the connection that was changed.
    ///
    /// To be called before the connection itself is added to the operation, since it counts its events.
    pub(super) fn tell(
        &self,
        operation: &mut Operation,
        connection: &mut Connection,
        kind: EventKind,
        before: Option<&Connection>,
    ) -> Result<(), Unavailable> {
        let with_profile = matches!(
            kind,
            EventKind::ConnectionCreated | EventKind::ConnectionUpdated
        );
        let mut told = Told::of(connection, with_profile);
        told.reason = connection
            .expired
            .filter(|_| kind == EventKind::ConnectionExpired)
            .map(|expired| expired.reason.name().to_owned());
        told.previous_client_reference_id = before
            .filter(|before| before.client_reference_id != connection.client_reference_id)
            .and_then(|before| before.client_reference_id.clone());
        self.tell_of(operation, connection, kind, told, connection.updated_at)
    }

    /// The same with what is told given.
    pub(super) fn tell_of(
        &self,
        operation: &mut Operation,
        connection: &mut Connection,
        kind: EventKind,
        told: Told,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let event = connection.tell(kind, told, random_number()?, now);
        let directory = self.directory();
        let takers = directory.takers(&event.organisation, event.environment, kind);
        operation.tell(&event, takers)?;
        Ok(())
    }
    /// Adds to an operation what is told of a link session that ends with this transition, where somebody has asked for
    /// that; nobody is told of the others.
    pub(super) fn tell_end(
        &self,
        operation: &mut Operation,
        transition: &Transition,
    ) -> Result<(), Unavailable> {
        let session = &transition.session;
        let stage = &session.state.stage;
        let Some(kind) = end_of(stage).filter(|_| transition.from != stage.name()) else {
            return Ok(());
        };
        let request = &session.request;
        let (organisation, environment) = (&request.organisation, request.environment);
        let directory = self.directory();
        let mut takers = directory.takers(organisation, environment, kind).peekable();
        if takers.peek().is_none() {
            return Ok(());
        }
        let event = Event {
            id: EventId::next(None, operation.at(), random_number()?),
            organisation: organisation.clone(),
            environment,
            kind,
            connection: None,
            sequence: None,
            at: operation.at(),
            told: Told::of_session(session),
        };
        operation.tell(&event, takers)?;
        Ok(())
    }
}

fn end_of(stage: &Stage) -> Option<EventKind> {
    Some(match stage {
        Stage::Completed { .. } => EventKind::LinkCompleted,
        Stage::Cancelled { .. } => EventKind::LinkCancelled,
        Stage::Failed { .. } => EventKind::LinkFailed,
        Stage::Expired { .. } => EventKind::LinkExpired,
        _ => return None,
    })
}
