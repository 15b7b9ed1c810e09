//! What is on its way to webhook endpoints: what is due, and what became of it.

use super::{Lease, LeaseError, Operation, ReadError, Store, WriteError, row::Row, sessions::json};
use crate::domain::{
    delivery::Attempt,
    event::{Event, EventId, EventKind},
    id::ConnectionId,
    public_id::EndpointId,
    time::Timestamp,
    webhook_endpoint::WebhookEndpoint,
};

/// Rows that one step removes at most.
const STEP: i64 = 500;

/// Endpoints with something due. The recursion goes from one endpoint to the next along the index, however much is
/// pending for each.
const DUE_ENDPOINTS: &str = "WITH RECURSIVE pending (endpoint_id) AS (\
    SELECT (SELECT MIN(endpoint_id) FROM delivery WHERE state = 'pending') \
    UNION ALL SELECT (SELECT MIN(d.endpoint_id) FROM delivery d WHERE d.state = 'pending' AND d.endpoint_id > pending.endpoint_id) \
    FROM pending WHERE pending.endpoint_id IS NOT NULL) \
    SELECT endpoint_id FROM pending WHERE endpoint_id IS NOT NULL AND EXISTS \
    (SELECT 1 FROM delivery d WHERE d.endpoint_id = pending.endpoint_id AND d.state = 'pending' AND d.due_at <= $1)";

/// Of each connection only the earliest one that is pending, be it due or not: what is behind it waits. It is looked up row
/// by row along an index; PostgreSQL would join what could be joined, and compare each with each. The rows first, and only
/// for those the rest.
const DUE: &str = "SELECT d.event_id, COALESCE(d.connection_id, ''), COALESCE(d.sequence, 0), d.attempts, d.schedule_from, \
    e.type, e.at, e.told FROM (SELECT p.event_id, p.connection_id, p.sequence, p.attempts, p.schedule_from, p.due_at \
    FROM delivery p WHERE p.endpoint_id = $1 AND p.state = 'pending' AND p.due_at <= $2 \
    AND (p.connection_id IS NULL OR p.sequence = (SELECT MIN(b.sequence) FROM delivery b \
    WHERE b.endpoint_id = $1 AND b.connection_id = p.connection_id AND b.state = 'pending')) \
    ORDER BY p.due_at, p.event_id LIMIT $3) AS d JOIN event e ON e.id = d.event_id ORDER BY d.due_at, d.event_id";

/// Only as it was read: neither settled, removed nor replayed since.
const DELIVERED: &str = "UPDATE delivery SET state = 'delivered', attempts = $1, due_at = NULL, ended_at = $2 \
    WHERE endpoint_id = $3 AND event_id = $4 AND state = 'pending' AND attempts = $5";

const GIVEN_UP: &str = "UPDATE delivery SET state = 'failed', attempts = $1, due_at = NULL, ended_at = $2 \
    WHERE endpoint_id = $3 AND event_id = $4 AND state = 'pending' AND attempts = $5";

const PUT_OFF: &str = "UPDATE delivery SET attempts = $1, due_at = $2 \
    WHERE endpoint_id = $3 AND event_id = $4 AND state = 'pending' AND attempts = $5";

const ATTEMPT: &str = "INSERT INTO delivery_attempt (endpoint_id, event_id, number, at, attempt) \
    VALUES ($1, $2, $3, $4, $5)";

/// What waits for an earlier event of its connection is due when that is, so that it is not read again and again.
const WAIT_FOR_FIRST: &str = "UPDATE delivery SET due_at = (SELECT h.due_at FROM delivery h \
    WHERE h.endpoint_id = $1 AND h.connection_id = $2 AND h.state = 'pending' ORDER BY h.sequence LIMIT 1) \
    WHERE endpoint_id = $1 AND connection_id = $2 AND state = 'pending' AND due_at < \
    (SELECT h.due_at FROM delivery h \
    WHERE h.endpoint_id = $1 AND h.connection_id = $2 AND h.state = 'pending' ORDER BY h.sequence LIMIT 1)";

const FAILING: &str =
    "UPDATE webhook_endpoint SET failing_since = $1 WHERE id = $2 AND failing_since IS NULL";

const FINE: &str =
    "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL";

const FAILING_SINCE: &str = "SELECT COALESCE(failing_since, 0) FROM webhook_endpoint WHERE id = $1";

const GIVE_UP_ALL: &str = "UPDATE delivery SET state = 'failed', due_at = NULL, ended_at = $1 \
    WHERE endpoint_id = $2 AND state = 'pending'";

/// Deliveries of an endpoint that another node has removed while this one told of a change.
const DROP_ORPHANS: &str = "DELETE FROM delivery WHERE endpoint_id = $1 \
    AND NOT EXISTS (SELECT 1 FROM webhook_endpoint w WHERE w.id = $1)";

const OLD: &str = "SELECT (SELECT COUNT(*) FROM (SELECT event_id FROM delivery WHERE event_id < $1 \
    AND (state <> 'pending' OR event_id < $2) ORDER BY event_id LIMIT $3) AS o) \
    + (SELECT COUNT(*) FROM (SELECT at FROM delivery_attempt WHERE at < $4 ORDER BY at LIMIT $3) AS o)";

const FORGET: &str = "DELETE FROM delivery WHERE (endpoint_id, event_id) IN \
    (SELECT endpoint_id, event_id FROM delivery WHERE event_id < $1 \
    AND (state <> 'pending' OR event_id < $2) ORDER BY event_id LIMIT $3)";

const FORGET_ATTEMPTS: &str = "DELETE FROM delivery_attempt WHERE (endpoint_id, event_id, number) IN \
    (SELECT endpoint_id, event_id, number FROM delivery_attempt WHERE at < $1 ORDER BY at LIMIT $2)";

/// A delivery that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// What is sent.
    pub event: Event,
    /// Attempts that were made so far.
    pub attempts: i64,
    /// Of these, the ones of the schedule that it is on now.
    pub tries: i64,
    /// Whether somebody has asked for it again.
    pub replayed: bool,
}

impl Operation {
    /// Writes that a delivery has arrived. Refused with `Overtaken` where it has been settled, removed or replayed since
    /// it was read; so are the others.
    pub fn delivered(
        &mut self,
        endpoint: &EndpointId,
        due: &Due,
        attempt: &Attempt,
    ) -> Result<(), WriteError> {
        self.settle(DELIVERED, self.at, endpoint, due, attempt)
    }

    /// Writes that a delivery is given up.
    pub fn give_up(
        &mut self,
        endpoint: &EndpointId,
        due: &Due,
        attempt: &Attempt,
    ) -> Result<(), WriteError> {
        self.settle(GIVEN_UP, self.at, endpoint, due, attempt)
    }

    /// Writes that a delivery is attempted again at `next`.
    pub fn put_off(
        &mut self,
        endpoint: &EndpointId,
        due: &Due,
        attempt: &Attempt,
        next: Timestamp,
    ) -> Result<(), WriteError> {
        self.settle(PUT_OFF, next, endpoint, due, attempt)?;
        self.let_wait(endpoint, due);
        Ok(())
    }

    fn settle(
        &mut self,
        sql: &'static str,
        at: Timestamp,
        endpoint: &EndpointId,
        due: &Due,
        attempt: &Attempt,
    ) -> Result<(), WriteError> {
        let number = due.attempts + 1;
        let event = due.event.id.number();
        let endpoint = || endpoint.as_str().to_owned().into();
        let values = vec![
            number.into(),
            at.into(),
            endpoint(),
            event.into(),
            due.attempts.into(),
        ];
        self.one_row(sql, values);
        let values = vec![
            endpoint(),
            event.into(),
            number.into(),
            attempt.at.into(),
            json(attempt)?,
        ];
        self.add_row(ATTEMPT, values);
        Ok(())
    }

    /// Has everything of the delivery's connection wait for it.
    fn let_wait(&mut self, endpoint: &EndpointId, due: &Due) {
        if let Some(connection) = &due.event.connection {
            let values = vec![
                endpoint.as_str().to_owned().into(),
                connection.as_str().to_owned().into(),
            ];
            self.any_rows(WAIT_FOR_FIRST, values);
        }
    }

    /// Writes since when an endpoint has done nothing but fail, where that is not written yet.
    pub fn endpoint_fails(&mut self, endpoint: &EndpointId) {
        let at = self.at;
        self.any_rows(
            FAILING,
            vec![at.into(), endpoint.as_str().to_owned().into()],
        );
    }

    /// Writes that an endpoint has taken something.
    pub fn endpoint_is_fine(&mut self, endpoint: &EndpointId) {
        self.any_rows(FINE, vec![endpoint.as_str().to_owned().into()]);
    }

    /// Gives up everything that is on its way to an endpoint.
    pub fn give_up_all(&mut self, endpoint: &EndpointId) {
        let at = self.at;
        let values = vec![at.into(), endpoint.as_str().to_owned().into()];
        self.any_rows(GIVE_UP_ALL, values);
    }

    /// Removes what is on its way to an endpoint that is not there.
    pub fn drop_orphans(&mut self, endpoint: &EndpointId) {
        self.any_rows(DROP_ORPHANS, vec![endpoint.as_str().to_owned().into()]);
    }
}

impl Store {
    /// Endpoints for which something is due at `now`.
    pub async fn endpoints_with_due(&self, now: Timestamp) -> Result<Vec<EndpointId>, ReadError> {
        let rows = self
            .read("delivery", DUE_ENDPOINTS, vec![now.into()])
            .await?;
        rows.into_iter()
            .map(|mut row| {
                let text = row.text()?;
                EndpointId::parse(&text)
                    .ok_or_else(|| row.corrupt("an endpoint's id"))
                    .map_err(ReadError::from)
            })
            .collect()
    }

    /// What is to be delivered to an endpoint at `now`, longest overdue first, `limit` at most: of each connection one.
    pub async fn due_deliveries(
        &self,
        endpoint: &WebhookEndpoint,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<Due>, ReadError> {
        let id = endpoint.id.as_str().to_owned();
        let values = vec![id.into(), now.into(), limit.into()];
        let rows = self.read("delivery", DUE, values).await?;
        rows.into_iter()
            .map(|mut row| due(endpoint, &mut row))
            .collect()
    }

    /// Since when an endpoint has done nothing but fail; `None` where it has not, or is not there.
    pub async fn failing_since(
        &self,
        endpoint: &EndpointId,
    ) -> Result<Option<Timestamp>, ReadError> {
        let values = vec![endpoint.as_str().to_owned().into()];
        let rows = self.read("webhook_endpoint", FAILING_SINCE, values).await?;
        let since = rows.into_iter().next().map(|mut row| row.int());
        Ok(since.transpose()?.filter(|at| *at > 0).map(Timestamp))
    }

    /// Removes one step of deliveries that ended and whose event is from before `before`, of any whose event is about to
    /// leave (`events_before`), and of attempts from before `before`. Answers how many left; 0 is the end.
    pub async fn forget_deliveries(
        &self,
        before: Timestamp,
        events_before: Timestamp,
        now: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let (event, last) = (
            EventId::first_at(before).number(),
            EventId::first_at(events_before).number(),
        );
        let values = vec![event.into(), last.into(), STEP.into(), before.into()];
        let counted = self.read("delivery", OLD, values).await?;
        let old = counted.into_iter().next().map(|mut row| row.int());
        let old = old.transpose().map_err(ReadError::from)?.unwrap_or(0);
        if old == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET, vec![event.into(), last.into(), STEP.into()]);
        operation.any_rows(FORGET_ATTEMPTS, vec![before.into(), STEP.into()]);
        operation.fenced_by(lease);
        self.step(operation, old).await
    }
}

fn due(endpoint: &WebhookEndpoint, row: &mut Row) -> Result<Due, ReadError> {
    let id = EventId::from_number(row.int()?);
    let connection = row.text()?;
    let sequence = row.int()?;
    let attempts = row.int()?;
    // A node of the release before writes a time here, which counts as none.
    let before = Some(row.int()?).filter(|before| (1..=attempts).contains(before));
    let kind = EventKind::parse(&row.text()?).ok_or_else(|| row.corrupt("a kind of event"))?;
    let at = Timestamp(row.int()?);
    let event = Event {
        id,
        organisation: endpoint.organisation.clone(),
        environment: endpoint.environment,
        kind,
        connection: (!connection.is_empty()).then(|| ConnectionId::from_text(&connection)),
        sequence: (sequence > 0).then_some(sequence),
        at,
        told: row.json()?,
    };
    Ok(Due {
        event,
        attempts,
        tries: attempts - before.unwrap_or(0),
        replayed: before.is_some(),
    })
}
