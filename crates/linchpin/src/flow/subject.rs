//! One of a developer's users, and everything that is kept of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Engine, Unavailable};
use crate::{
    domain::{
        connection::Connection,
        environment::Environment,
        event::{Event, Told, ToldConnection, ToldLink},
        hexadecimal,
        id::ConnectionId,
        keyring::{Keyring, Purpose},
        link_session::{LinkSession, Stage},
        public_id::OrganisationId,
    },
    store::{ConnectionChange, Listing},
};

/// Connections that are read at once.
const PAGE: i64 = 500;

/// A user of a developer's: a `clientReferenceId` of one organisation and environment.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub organisation: OrganisationId,
    pub environment: Environment,
    pub reference: String,
}

/// Everything that is kept of a user.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub connections: Vec<Connection>,
    pub sessions: Vec<LinkSession>,
    /// Told of them, also where the connection is gone or somebody else's by now.
    pub events: Vec<Event>,
    /// What the histories of their connections say, and what those of others' connections say of them.
    pub changes: Vec<ConnectionChange>,
    /// Connections that are or were theirs.
    pub ids: BTreeSet<String>,
}

impl Kept {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        let none = self.connections.is_empty() && self.sessions.is_empty();
        none && self.events.is_empty() && self.changes.is_empty()
    }
}

impl Subject {
    /// What the user is called where the reference itself must not stand. Who has the master key and the reference can
    /// compute it, and nobody can go back from it.
    pub fn alias(&self, keyring: &Keyring) -> String {
        let parts: [&[u8]; 4] = [
            b"subject",
            self.organisation.as_str().as_bytes(),
            self.environment.as_str().as_bytes(),
            self.reference.as_bytes(),
        ];
        let mac = keyring.mac(Purpose::Audit, &parts);
        format!("ref_{}", hexadecimal::of(&mac))
    }

    pub fn whose(&self) -> (&OrganisationId, Environment) {
        (&self.organisation, self.environment)
    }

    fn is_named(&self, reference: Option<&str>) -> bool {
        reference == Some(&self.reference)
    }

    /// What an event says of this user and of nobody else.
    pub fn seen_of(&self, event: &Event) -> Event {
        let mut seen = event.clone();
        let told = &mut seen.told;
        if !self.is_told(told) {
            // It tells of somebody else, who took the connection over.
            *told = Told {
                previous_client_reference_id: Some(self.reference.clone()),
                connection: told.connection.as_ref().map(bare),
                ..Told::default()
            };
        } else if !self.is_named(told.previous_client_reference_id.as_deref()) {
            told.previous_client_reference_id = None;
        }
        seen
    }

    /// What is left of what an event told, without this user.
    pub fn left_of(&self, told: &Told) -> Told {
        if !self.is_told(told) {
            return Told {
                previous_client_reference_id: None,
                ..told.clone()
            };
        }
        Told {
            reason: told.reason.clone(),
            connection: told.connection.as_ref().map(bare),
            link: told.link.as_ref().map(|link| ToldLink {
                metadata: std::collections::BTreeMap::new(),
                ..link.clone()
            }),
            ..Told::default()
        }
    }

    /// Whether an event tells of this user, rather than of somebody who came after them.
    fn is_told(&self, told: &Told) -> bool {
        let reference = told.client_reference_id.as_deref();
        reference.is_none() || self.is_named(reference)
    }

    /// A change of a history with the references of everybody else taken out.
    pub fn seen_in(&self, change: &ConnectionChange) -> ConnectionChange {
        without(change, |reference| reference != self.reference)
    }

    /// The same with the reference of this user taken out.
    pub fn left_in(&self, change: &ConnectionChange) -> ConnectionChange {
        without(change, |reference| reference == self.reference)
    }

    /// Whether a history names this user in a change.
    fn is_in(&self, change: &ConnectionChange) -> bool {
        REFERENCES.iter().any(|name| {
            let value = change.detail.get(*name);
            self.is_named(value.and_then(Value::as_str))
        })
    }

    /// Whether a change of one of their connections was made while it was somebody else's.
    fn is_of_another(&self, change: &ConnectionChange) -> bool {
        let reference = change.detail.get("clientReferenceId");
        let reference = reference.and_then(Value::as_str);
        reference.is_some() && !self.is_in(change)
    }
}

/// A change with references taken out.
fn without(change: &ConnectionChange, goes: impl Fn(&str) -> bool) -> ConnectionChange {
    let mut left = change.clone();
    for name in REFERENCES {
        if let Some(value) = left.detail.get_mut(name)
            && value.as_str().is_some_and(&goes)
        {
            *value = Value::Null;
        }
    }
    left
}

/// The fields of a change that name users.
const REFERENCES: [&str; 2] = ["clientReferenceId", "previousClientReferenceId"];

/// What an event may go on to say of a connection whose user is not to be told of.
fn bare(told: &ToldConnection) -> ToldConnection {
    ToldConnection {
        status: told.status.clone(),
        provider: told.provider.clone(),
        ..ToldConnection::default()
    }
}

impl Engine {
    /// Finds everything that is kept of a user.
    pub(super) async fn kept_of(&self, subject: &Subject) -> Result<Kept, Unavailable> {
        let connections = self.connections_of(subject).await?;
        let mut ids: BTreeSet<String> = connections.iter().map(|found| id_of(&found.id)).collect();
        let made = |session: &LinkSession| {
            let asked = session.request.reconnect.as_ref();
            let asked = asked.map(|reconnect| &reconnect.connection);
            let linked = match &session.state.stage {
                Stage::Completed { connection, .. } => Some(connection),
                _ => None,
            };
            [asked, linked]
                .into_iter()
                .flatten()
                .any(|id| ids.contains(id.as_str()))
        };
        let whose = subject.whose();
        let sessions = self.store.sessions_of(whose, &subject.reference, made);
        let sessions = sessions.await?;
        let events = self.events_of(subject, &ids, &sessions).await?;
        let named = events
            .iter()
            .filter(|event| subject.is_named(event.told.client_reference_id.as_deref()));
        ids.extend(named.filter_map(|event| event.connection.as_ref().map(id_of)));
        let mut changes = Vec::new();
        for connection in &connections {
            let all = self.store.connection_changes(&connection.id).await?;
            changes.extend(all.into_iter().filter(|one| !subject.is_of_another(one)));
        }
        let elsewhere = self.store.changes_naming(whose, &subject.reference);
        changes.extend(elsewhere.await?.into_iter().filter(|change| {
            let theirs = connections
                .iter()
                .any(|known| known.id == change.connection);
            !theirs && subject.is_in(change)
        }));
        Ok(Kept {
            connections,
            sessions,
            events,
            changes,
            ids,
        })
    }

    async fn events_of(
        &self,
        subject: &Subject,
        ids: &BTreeSet<String>,
        sessions: &[LinkSession],
    ) -> Result<Vec<Event>, Unavailable> {
        let sessions: BTreeSet<String> =
            sessions.iter().map(|found| found.id.to_string()).collect();
        let belongs = |event: &Event| {
            let told = &event.told;
            let reference = told.client_reference_id.as_deref();
            if reference.is_some() {
                let previous = told.previous_client_reference_id.as_deref();
                return subject.is_named(reference) || subject.is_named(previous);
            }
            let link = told.link.as_ref();
            let connection = event.connection.as_ref().map(ConnectionId::as_str);
            let connection =
                connection.or_else(|| link.and_then(|link| link.connection_id.as_deref()));
            connection.is_some_and(|id| ids.contains(id))
                || link.is_some_and(|link| sessions.contains(&link.id))
        };
        Ok(self.store.events_that(subject.whose(), belongs).await?)
    }

    async fn connections_of(&self, subject: &Subject) -> Result<Vec<Connection>, Unavailable> {
        let mut found = Vec::new();
        let mut listing = Listing {
            client_reference_id: Some(subject.reference.clone()),
            limit: PAGE,
            ..Listing::default()
        };
        loop {
            let page = self
                .store
                .connections(&subject.organisation, subject.environment, &listing)
                .await?;
            let last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            found.extend(page);
            if last {
                return Ok(found);
            }
            listing.offset += PAGE;
        }
    }
}

fn id_of(id: &ConnectionId) -> String {
    id.as_str().to_owned()
}
