//! What is kept of one of a developer's users, wherever it is, and how it is taken out.
//!
//! A user is a `clientReferenceId` of one organisation and environment. Nothing but connections is found by that along an
//! index, so these questions read whole tables, page by page. They are asked by operators, now and then.

use super::{
    Corrupt, DeliveryListed, Made, Operation, ReadError, Store, Unchained, Value, WriteError,
    event_lists, ledger::Fact, row::Row, sessions,
};
use crate::domain::{
    environment::Environment,
    event::{Event, EventId, Told},
    id::{ConnectionId, SessionId},
    link_session::LinkSession,
    public_id::{EndpointId, OrganisationId},
    time::Timestamp,
};

const SESSIONS: &str = "SELECT secret_hash, id, request, state, version, created_at, expires_at FROM link_session \
    WHERE organisation_id = $1 AND environment = $2 AND id > $3 \
    AND (client_reference_id = $4 OR client_reference_id IS NULL) ORDER BY id LIMIT $5";

const STEPS: &str = "SELECT version, at, event, from_stage, to_stage FROM link_session_history \
    WHERE session_id = $1 ORDER BY version";

const CHANGES: &str = "SELECT connection_id, version, at, event, COALESCE(session_id, 0), detail \
    FROM connection_history WHERE connection_id = $1 ORDER BY version";

const CHANGES_NAMING: &str = "SELECT h.connection_id, h.version, h.at, h.event, COALESCE(h.session_id, 0), h.detail \
    FROM connection_history h JOIN connection c ON c.id = h.connection_id \
    WHERE c.organisation_id = $1 AND c.environment = $2 AND h.detail LIKE $3 ESCAPE '!' \
    ORDER BY h.connection_id, h.version";

const EVENTS: &str = "SELECT id, type, COALESCE(connection_id, ''), COALESCE(sequence, 0), at, told, \
    COALESCE(position, 0) FROM event \
    WHERE organisation_id = $1 AND environment = $2 AND id > $3 ORDER BY id LIMIT $4";

const ENDPOINTS: &str = "SELECT endpoint_id FROM delivery WHERE event_id = $1 ORDER BY endpoint_id";

const AUDIT: &str = "SELECT id, entry, code FROM audit \
    WHERE organisation_id = $1 AND environment = $2 AND entry LIKE $3 ESCAPE '!' ORDER BY id";

const FORGET_SESSION: &str = "DELETE FROM link_session WHERE id = $1 AND version = $2";

const FORGET_STEPS: &str = "DELETE FROM link_session_history WHERE session_id = $1";

const ERASE_EVENT: &str = "UPDATE event SET told = $1 WHERE id = $2";

const FORGET_ATTEMPTS: &str = "DELETE FROM delivery_attempt WHERE event_id = $1 AND endpoint_id IN \
    (SELECT endpoint_id FROM delivery WHERE event_id = $1)";

/// An attempt that is under way is settled only where the count is still the one that it began with. So what its receiver
/// answers to the words of before is not written down, and it is made again.
const BREAK_OFF: &str = "UPDATE delivery SET attempts = attempts + 1, schedule_from = schedule_from + 1 \
    WHERE event_id = $1 AND state = 'pending'";

const ERASE_CHANGE: &str =
    "UPDATE connection_history SET detail = $1 WHERE connection_id = $2 AND version = $3";

/// Rows that are read at once.
const PAGE: i64 = 500;

/// One step of a link session, as its history tells it.
#[derive(Debug, Clone)]
pub struct SessionStep {
    /// The session's version from then on.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: String,
    /// The stage before it.
    pub from: String,
    /// The stage after it.
    pub to: String,
}

/// One change of a connection, as its history tells it.
#[derive(Debug, Clone)]
pub struct ConnectionChange {
    /// The connection.
    pub connection: ConnectionId,
    /// The connection's version from then on.
    pub version: i64,
    /// When.
    pub at: Timestamp,
    /// What it is called.
    pub event: String,
    /// The link session that made it.
    pub session: Option<SessionId>,
    /// Permissions and references from then on.
    pub detail: serde_json::Map<String, serde_json::Value>,
}

impl Operation {
    /// Removes a session with its history. Refused with `Overtaken` where it has changed since it was read.
    pub fn remove_session(&mut self, session: &LinkSession) {
        self.belongs_to(&session.request.organisation);
        let id = session.id.number();
        self.facts.push(Fact::SessionDeleted { session: id });
        self.one_row(FORGET_SESSION, vec![id.into(), session.version.into()]);
        self.any_rows(FORGET_STEPS, vec![id.into()]);
    }

    /// Puts another text in the place of what an event told, and lets go of what its receivers answered or are about to.
    pub fn erase_event(&mut self, event: EventId, left: &Told) -> Result<(), WriteError> {
        let values = vec![sessions::json(left)?, event.number().into()];
        self.any_rows(ERASE_EVENT, values);
        self.any_rows(BREAK_OFF, vec![event.number().into()]);
        self.any_rows(FORGET_ATTEMPTS, vec![event.number().into()]);
        Ok(())
    }

    /// Puts another text in the place of what the history says of a change.
    pub fn erase_change(&mut self, change: &ConnectionChange) -> Result<(), WriteError> {
        let values = vec![
            sessions::json(&change.detail)?,
            change.connection.as_str().to_owned().into(),
            change.version.into(),
        ];
        self.any_rows(ERASE_CHANGE, values);
        Ok(())
    }
}

impl Store {
    /// The sessions of a user, and of those that name no user the ones that `belongs` picks, oldest first.
    ///
    /// # Errors
    ///
    /// Also where a single row cannot be read: nobody could say then whether it is one of them.
    pub async fn sessions_of(
        &self,
        whose: (&OrganisationId, Environment),
        reference: &str,
        belongs: impl Fn(&LinkSession) -> bool,
    ) -> Result<Vec<LinkSession>, ReadError> {
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let mut values = owned(whose);
            values.extend([after.into(), reference.to_owned().into(), PAGE.into()]);
            let rows = self.read("link_session", SESSIONS, values).await?;
            let page: Vec<Made> = rows
                .into_iter()
                .map(sessions::made)
                .collect::<Result<_, _>>()?;
            let Some(last) = page.last() else {
                return Ok(found);
            };
            after = last.session.id.number();
            let sessions = page.into_iter().map(|made| made.session);
            found.extend(sessions.filter(|session| {
                let named = session.request.client_reference_id.as_deref();
                named.map_or_else(|| belongs(session), |named| named == reference)
            }));
        }
    }

    /// The history of a session, oldest first.
    pub async fn session_steps(&self, session: SessionId) -> Result<Vec<SessionStep>, ReadError> {
        let values = vec![session.number().into()];
        let rows = self.read("link_session_history", STEPS, values).await?;
        let steps = rows.into_iter().map(|mut row| -> Result<_, Corrupt> {
            Ok(SessionStep {
                version: row.int()?,
                at: Timestamp(row.int()?),
                event: row.text()?.into_owned(),
                from: row.text()?.into_owned(),
                to: row.text()?.into_owned(),
            })
        });
        steps.map(|step| step.map_err(ReadError::from)).collect()
    }

    /// The history of a connection, oldest first.
    pub async fn connection_changes(
        &self,
        connection: &ConnectionId,
    ) -> Result<Vec<ConnectionChange>, ReadError> {
        let values = vec![connection.as_str().to_owned().into()];
        let rows = self.read("connection_history", CHANGES, values).await?;
        rows.into_iter().map(change).collect()
    }

    /// Changes of an organisation's connections whose detail has this text in it, as JSON writes it.
    pub async fn changes_naming(
        &self,
        whose: (&OrganisationId, Environment),
        text: &str,
    ) -> Result<Vec<ConnectionChange>, ReadError> {
        let mut values = owned(whose);
        values.push(holding(text));
        let rows = self
            .read("connection_history", CHANGES_NAMING, values)
            .await?;
        rows.into_iter().map(change).collect()
    }

    /// The events of an organisation that `belongs` picks, oldest first.
    pub async fn events_that(
        &self,
        whose: (&OrganisationId, Environment),
        belongs: impl Fn(&Event) -> bool,
    ) -> Result<Vec<Event>, ReadError> {
        let mut found = Vec::new();
        let mut after = 0;
        loop {
            let mut values = owned(whose);
            values.extend([after.into(), PAGE.into()]);
            let rows = self.read("event", EVENTS, values).await?;
            let mut last = None;
            for mut row in rows {
                let (event, _) = event_lists::event(whose.0, whose.1, &mut row)?;
                last = Some(event.id.number());
                if belongs(&event) {
                    found.push(event);
                }
            }
            match last {
                Some(last) => after = last,
                None => return Ok(found),
            }
        }
    }

    /// The deliveries of an event, each with its attempts.
    pub async fn deliveries_of(&self, event: EventId) -> Result<Vec<DeliveryListed>, ReadError> {
        let rows = self.read("delivery", ENDPOINTS, vec![event.number().into()]);
        let mut found = Vec::new();
        for mut row in rows.await? {
            let endpoint = EndpointId::parse(&row.text()?);
            let endpoint = endpoint.ok_or_else(|| row.corrupt("the id of an endpoint"))?;
            found.extend(self.delivery(&endpoint, event).await?);
        }
        Ok(found)
    }

    /// Entries of the audit log about an organisation's object, oldest first.
    pub async fn audit_about(
        &self,
        whose: (&OrganisationId, Environment),
        object: &str,
    ) -> Result<Vec<Unchained>, ReadError> {
        let mut values = owned(whose);
        values.push(holding(object));
        let rows = self.read("audit", AUDIT, values).await?;
        let entries = rows.into_iter().map(|mut row| Unchained::of(&mut row));
        entries.map(|row| row.map_err(ReadError::from)).collect()
    }
}

fn owned((organisation, environment): (&OrganisationId, Environment)) -> Vec<Value> {
    vec![
        organisation.as_str().to_owned().into(),
        environment.as_str().into(),
    ]
}

/// The pattern of everything with this text, as a JSON string, in it.
fn holding(text: &str) -> Value {
    let mut pattern = String::from("%");
    for letter in serde_json::Value::from(text).to_string().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern.into()
}

fn change(mut row: Row) -> Result<ConnectionChange, ReadError> {
    let connection = ConnectionId::from_text(&row.text()?);
    let (version, at) = (row.int()?, Timestamp(row.int()?));
    let event = row.text()?.into_owned();
    let session = row.int()?;
    Ok(ConnectionChange {
        connection,
        version,
        at,
        event,
        session: (session > 0).then(|| SessionId::from_number(session)),
        detail: row.json()?,
    })
}
