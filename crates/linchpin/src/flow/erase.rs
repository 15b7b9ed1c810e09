//! Erasing one of a developer's users: what is live goes, and what has to stay says nothing of them any more.
//!
//! Answers that are kept for repeated requests stay: each is a link, sealed, and nothing of its user.

use serde::Serialize;

use super::{
    Engine, Unavailable,
    audit::Deed,
    connections::Removal,
    subject::{Kept, Subject},
};
use crate::{
    domain::audit::{Action, Actor},
    store::{Cleared, Operation, WriteError},
};

/// Rounds after which somebody must be making sessions for the user all the time.
const ROUNDS: usize = 8;
/// Events that are erased in one commit.
const STEP: usize = 200;

/// What was erased.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Erased {
    /// Connections that were removed.
    pub connections: usize,
    /// Link sessions that were removed.
    pub link_sessions: usize,
    /// Events that say nothing of the user any more.
    pub events: usize,
}

impl Engine {
    /// Erases a user, and writes that into the audit log under their alias. Can be repeated.
    ///
    /// # Errors
    ///
    /// [`WriteError::Busy`] where something new of the user came about all the time.
    pub(super) async fn erase(
        &self,
        actor: &Actor,
        subject: &Subject,
    ) -> Result<(Erased, Cleared), Unavailable> {
        let mut erased = Erased::default();
        for _ in 0..ROUNDS {
            let kept = self.kept_of(subject).await?;
            if kept.is_empty() {
                self.prove(actor, subject, &erased).await?;
                return Ok((erased, self.store.clear_traces().await?));
            }
            self.erase_kept(actor, subject, kept, &mut erased).await?;
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    async fn erase_kept(
        &self,
        actor: &Actor,
        subject: &Subject,
        kept: Kept,
        erased: &mut Erased,
    ) -> Result<(), Unavailable> {
        // Sessions first: one that is being checked must not make a connection afterwards.
        for session in &kept.sessions {
            let mut operation = Operation::new(self.clock.now());
            operation.remove_session(session);
            erased.link_sessions += usize::from(self.written(operation).await?);
        }
        for connection in &kept.connections {
            let sign_out = self.sign_out_of(connection).await;
            if self.remove(connection, actor, Removal::Erased).await? {
                self.sign_out(sign_out);
                erased.connections += 1;
            }
        }
        for events in kept.events.chunks(STEP) {
            let mut operation = Operation::new(self.clock.now());
            for event in events {
                operation.erase_event(event.id, &subject.left_of(&event.told))?;
            }
            if self.written(operation).await? {
                erased.events += events.len();
            }
        }
        for changes in kept.changes.chunks(STEP) {
            let mut operation = Operation::new(self.clock.now());
            for change in changes {
                operation.erase_change(&subject.left_in(change))?;
            }
            self.written(operation).await?;
        }
        Ok(())
    }

    /// Writes down that a user was erased, in words that do not say who.
    async fn prove(
        &self,
        actor: &Actor,
        subject: &Subject,
        erased: &Erased,
    ) -> Result<(), Unavailable> {
        let connections = erased.connections.to_string();
        let sessions = erased.link_sessions.to_string();
        let mut operation = Operation::new(self.clock.now());
        let deed = Deed {
            whose: Some(subject.whose()),
            action: Action::UserErase,
            object: &subject.alias(&self.keyring),
            detail: &[("connections", &connections), ("linkSessions", &sessions)],
        };
        self.record(&mut operation, actor, &deed)?;
        self.written(operation).await.map(drop)
    }
}
