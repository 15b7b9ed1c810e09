//! Deliveries as they are listed, and sent again.

use super::{Operation, ReadError, Store, Value, row::Row};
use crate::domain::{
    delivery::{Attempt, Delivery, DeliveryState},
    event::{EventId, EventKind},
    public_id::EndpointId,
    time::Timestamp,
    webhook_endpoint::WebhookEndpoint,
};

const LIST: &str = "SELECT d.event_id, d.state, COALESCE(d.due_at, 0), d.attempts, COALESCE(d.ended_at, 0), \
    COALESCE(e.type, '') FROM delivery d LEFT JOIN event e ON e.id = d.event_id \
    WHERE d.endpoint_id = $1 AND (CAST($2 AS TEXT) IS NULL OR d.state = $2) \
    ORDER BY d.event_id DESC LIMIT $3 OFFSET $4";

const ONE: &str = "SELECT d.event_id, d.state, COALESCE(d.due_at, 0), d.attempts, COALESCE(d.ended_at, 0), \
    COALESCE(e.type, '') FROM delivery d LEFT JOIN event e ON e.id = d.event_id \
    WHERE d.endpoint_id = $1 AND d.event_id = $2";

const ATTEMPTS: &str = "SELECT attempt FROM delivery_attempt WHERE endpoint_id = $1 AND event_id = $2 \
    ORDER BY number DESC LIMIT $3";

const REPLAY: &str = "UPDATE delivery SET state = 'pending', due_at = $1, schedule_from = attempts, ended_at = NULL \
    WHERE endpoint_id = $2 AND event_id = $3";

/// What was given up is attempted again.
const REPLAY_FAILED: &str = "UPDATE delivery SET state = 'pending', due_at = $1, schedule_from = attempts, ended_at = NULL \
    WHERE endpoint_id = $2 AND event_id >= $3 AND state = 'failed'";

/// What was told while nothing was sent to the endpoint is sent as well.
const REPLAY_MISSED: &str = "INSERT INTO delivery \
    (endpoint_id, event_id, connection_id, sequence, state, due_at, attempts, schedule_from) \
    SELECT $1, e.id, e.connection_id, e.sequence, 'pending', $2, 0, 0 FROM event e \
    WHERE e.id >= $3 AND e.organisation_id = $4 AND e.environment = $5 AND e.type = $6 \
    AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.endpoint_id = $1 AND d.event_id = e.id)";

/// Attempts of a delivery that are told, the latest first.
const ATTEMPTS_TOLD: i64 = 50;

/// A delivery as it is listed.
#[derive(Debug, Clone)]
pub struct DeliveryListed {
    /// The delivery.
    pub delivery: Delivery,
    /// What its event tells of; `None` where that has left.
    pub kind: Option<EventKind>,
    /// Its attempts, the latest first, 50 at most.
    pub made: Vec<Attempt>,
}

impl Operation {
    /// Has a delivery made again, from the beginning of its schedule. Refused with `Overtaken` where it is not there.
    pub fn replay(&mut self, endpoint: &EndpointId, event: EventId) {
        let at = self.at;
        let values = vec![
            at.into(),
            endpoint.as_str().to_owned().into(),
            event.number().into(),
        ];
        self.one_row(REPLAY, values);
    }

    /// Has everything of `since` and later sent again that has not arrived, whether it was given up or never sent.
    pub fn replay_since(&mut self, endpoint: &WebhookEndpoint, since: Timestamp) {
        let at = self.at;
        let id = || endpoint.id.as_str().to_owned().into();
        let first: Value = EventId::first_at(since).number().into();
        self.any_rows(REPLAY_FAILED, vec![at.into(), id(), first.clone()]);
        for kind in &endpoint.events {
            let values = vec![
                id(),
                at.into(),
                first.clone(),
                endpoint.organisation.as_str().to_owned().into(),
                endpoint.environment.as_str().into(),
                kind.name().into(),
            ];
            self.any_rows(REPLAY_MISSED, values);
        }
    }
}

impl Store {
    /// A page of an endpoint's deliveries, newest first, each with its attempts.
    pub async fn deliveries(
        &self,
        endpoint: &EndpointId,
        state: Option<DeliveryState>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<DeliveryListed>, ReadError> {
        let values = vec![
            endpoint.as_str().to_owned().into(),
            state.map(DeliveryState::name).into(),
            limit.into(),
            offset.into(),
        ];
        let rows = self.read("delivery", LIST, values).await?;
        self.with_attempts(endpoint, rows).await
    }

    /// The delivery of an event to an endpoint.
    pub async fn delivery(
        &self,
        endpoint: &EndpointId,
        event: EventId,
    ) -> Result<Option<DeliveryListed>, ReadError> {
        let values = vec![endpoint.as_str().to_owned().into(), event.number().into()];
        let rows = self.read("delivery", ONE, values).await?;
        Ok(self.with_attempts(endpoint, rows).await?.pop())
    }

    async fn with_attempts(
        &self,
        endpoint: &EndpointId,
        rows: Vec<Row>,
    ) -> Result<Vec<DeliveryListed>, ReadError> {
        let mut listed = Vec::with_capacity(rows.len());
        for mut row in rows {
            let delivery = delivery(endpoint, &mut row)?;
            let kind = EventKind::parse(&row.text()?);
            let mut made = Vec::new();
            if delivery.attempts > 0 {
                let values = vec![
                    endpoint.as_str().to_owned().into(),
                    delivery.event.number().into(),
                    ATTEMPTS_TOLD.into(),
                ];
                for mut row in self.read("delivery_attempt", ATTEMPTS, values).await? {
                    made.push(row.json()?);
                }
            }
            listed.push(DeliveryListed {
                delivery,
                kind,
                made,
            });
        }
        Ok(listed)
    }
}

fn delivery(endpoint: &EndpointId, row: &mut Row) -> Result<Delivery, ReadError> {
    let event = EventId::from_number(row.int()?);
    let state = DeliveryState::parse(&row.text()?);
    let state = state.ok_or_else(|| row.corrupt("the state of a delivery"))?;
    let due_at = row.int()?;
    let attempts = row.int()?;
    let ended_at = row.int()?;
    Ok(Delivery {
        endpoint: endpoint.clone(),
        event,
        state,
        due_at: (due_at > 0).then_some(Timestamp(due_at)),
        attempts,
        ended_at: (ended_at > 0).then_some(Timestamp(ended_at)),
    })
}
