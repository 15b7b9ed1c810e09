//! Entries of the audit log about uses. Those that come while one commit is under way are written by the next, in one row:
//! what many calls at the same time take then is a commit of few rows, and not one of many.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::Method;
use tokio::sync::oneshot;

use super::{Engine, Unavailable, audit::Deed};
use crate::{
    domain::{
        audit::{Action, Actor, AuditEntry, AuditId, AuditRow},
        connection::Connection,
        environment::Environment,
        public_id::OrganisationId,
        time::Timestamp,
    },
    store::{Operation, WriteError},
};

/// Entries of one row at most.
const ENTRIES_MAX: usize = 128;
/// Times that a row is numbered anew.
const TRIES_MAX: usize = 16;

type Whose = (OrganisationId, Environment);
type Outcome = Result<(), Unavailable>;

/// Entries that wait for the commit under way, by whose they are. Who is in here has a task that writes.
#[derive(Default)]
pub(super) struct Noting(Mutex<HashMap<Whose, Vec<Waiting>>>);

struct Waiting {
    used: Used,
    done: oneshot::Sender<Outcome>,
}

/// A use of a connection.
pub(super) struct Used {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Which one.
    pub connection: Arc<Connection>,
    /// How the provider is called; `None` where it is not.
    pub method: Option<Method>,
    /// What for.
    pub purpose: &'static str,
}

impl Used {
    fn entry(&self, id: AuditId) -> AuditEntry {
        let connection = &self.connection;
        let method = self
            .method
            .as_ref()
            .map(|method| ("method", method.as_str()));
        let detail: Vec<_> = method
            .into_iter()
            .chain([("purpose", self.purpose)])
            .collect();
        let deed = Deed {
            whose: Some((&connection.organisation, connection.environment)),
            action: Action::ConnectionUse,
            object: connection.id.as_str(),
            detail: &detail,
        };
        deed.entry(id, self.at, &self.actor)
    }
}

impl Engine {
    /// Adds an entry about a use to the log; done once it is committed.
    pub(super) async fn note(self: &Arc<Self>, used: Used) -> Outcome {
        let (done, outcome) = oneshot::channel();
        let connection = &used.connection;
        let whose = (connection.organisation.clone(), connection.environment);
        if self.noting.add(&whose, Waiting { used, done }) {
            let engine = Arc::clone(self);
            // Others may come to wait for it, so that it must not end with whoever has begun it.
            self.spawn(async move {
                while let Some(some) = engine.noting.take(&whose) {
                    engine.write_noted(&whose, some).await;
                }
            });
        }
        let outcome = outcome.await;
        outcome.unwrap_or(Err(Unavailable::Write(WriteError::Halted)))
    }

    async fn write_noted(&self, whose: &Whose, some: Vec<Waiting>) {
        let uses = some.into_iter().map(|one| (one.used, one.done));
        let (uses, waiting): (Vec<_>, Vec<_>) = uses.unzip();
        let outcome = self.write_row(whose, &uses).await;
        for done in waiting {
            // Nobody waits any more where a call was cut off.
            let _ = done.send(outcome.clone());
        }
    }

    async fn write_row(&self, whose: &Whose, uses: &[Used]) -> Outcome {
        for _ in 0..TRIES_MAX {
            let mut operation = Operation::new(self.clock.now());
            operation.belongs_to(&whose.0);
            let first = self.next_audit_ids(uses.len())?;
            let numbered = uses.iter().enumerate();
            let mut entries = numbered.map(|(n, used)| used.entry(first.plus(n)));
            let row = match (uses.len(), entries.next()) {
                (1, Some(entry)) => AuditRow::One(entry),
                (_, one) => AuditRow::Several(one.into_iter().chain(entries).collect()),
            };
            operation.record(&row, &self.keyring)?;
            if self.written_without_events(operation).await? {
                return Ok(());
            }
        }
        Err(WriteError::Busy.into())
    }
}

impl Noting {
    /// Adds one that waits; `true` where nobody writes for them yet.
    fn add(&self, whose: &Whose, one: Waiting) -> bool {
        let mut all = self.all();
        if let Some(waiting) = all.get_mut(whose) {
            waiting.push(one);
            return false;
        }
        all.insert(whose.clone(), vec![one]);
        true
    }

    /// Takes those that are to be written next; `None` where there are none, so that whoever comes now needs a new task.
    fn take(&self, whose: &Whose) -> Option<Vec<Waiting>> {
        let mut all = self.all();
        let waiting = all.get_mut(whose)?;
        if waiting.is_empty() {
            all.remove(whose);
            return None;
        }
        let rest = waiting.split_off(waiting.len().min(ENTRIES_MAX));
        Some(std::mem::replace(waiting, rest))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Whose, Vec<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::public_id::KeyId;

    fn waiting() -> Waiting {
        Waiting {
            used: Used {
                at: Timestamp(1),
                actor: Actor::Key(KeyId::parse("key_00000000000000000000000000").unwrap()),
                connection: Arc::new(Connection::of_id("conn_a")),
                method: Some(Method::GET),
                purpose: "proxy",
            },
            done: oneshot::channel().0,
        }
    }

    #[test]
    fn those_that_come_while_others_are_written_are_taken_together() {
        let noting = Noting::default();
        let whose = {
            let connection = waiting().used.connection;
            (connection.organisation.clone(), connection.environment)
        };
        let taken = || noting.take(&whose).map(|some| some.len());
        assert!(noting.add(&whose, waiting()), "somebody has to write it");
        assert_eq!(taken(), Some(1));
        for _ in 0..ENTRIES_MAX + 3 {
            assert!(!noting.add(&whose, waiting()), "somebody writes already");
        }
        assert_eq!(
            (taken(), taken(), taken()),
            (Some(ENTRIES_MAX), Some(3), None)
        );
        assert!(noting.add(&whose, waiting()), "nobody writes any more");
    }
}
