//! Events, written with the change that they tell of, and the deliveries that they make.

use super::{Lease, LeaseError, Operation, ReadError, Store, WriteError, sessions::json};
use crate::domain::{
    event::{Event, EventId, Told},
    id::ConnectionId,
    public_id::EndpointId,
    time::Timestamp,
};

const INSERT: &str = "INSERT INTO event (id, organisation_id, environment, type, connection_id, sequence, at, told) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const ERASE: &str = "UPDATE event SET told = $1 WHERE connection_id = $2";

const DELIVER: &str = "INSERT INTO delivery \
    (endpoint_id, event_id, connection_id, sequence, state, due_at, attempts, schedule_from) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Events that one step removes at most.
const STEP: i64 = 500;

const OLD: &str =
    "SELECT COUNT(*) FROM (SELECT id FROM event WHERE id < $1 ORDER BY id LIMIT $2) AS old";

const FORGET: &str =
    "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < $1 ORDER BY id LIMIT $2)";

impl Operation {
    /// Keeps an event, and what is to be delivered of it to each of these endpoints. Refused with `Exists` where
    /// another event has drawn the same id.
    pub fn tell<'a>(
        &mut self,
        event: &Event,
        endpoints: impl IntoIterator<Item = &'a EndpointId>,
    ) -> Result<(), WriteError> {
        let connection = event.connection.as_ref().map(|id| id.as_str().to_owned());
        self.add_row(
            INSERT,
            vec![
                event.id.number().into(),
                event.organisation.as_str().to_owned().into(),
                event.environment.as_str().into(),
                event.kind.name().into(),
                connection.clone().into(),
                event.sequence.into(),
                event.at.into(),
                json(&event.told)?,
            ],
        );
        for endpoint in endpoints {
            self.add_row(
                DELIVER,
                vec![
                    endpoint.as_str().to_owned().into(),
                    event.id.number().into(),
                    connection.clone().into(),
                    event.sequence.into(),
                    "pending".into(),
                    event.at.into(),
                    0.into(),
                    0.into(),
                ],
            );
        }
        Ok(())
    }

    /// Takes everything personal out of the events that were told of a connection so far.
    pub fn erase_events(
        &mut self,
        connection: &ConnectionId,
        provider: &str,
    ) -> Result<(), WriteError> {
        let values = vec![
            json(&Told::erased(provider))?,
            connection.as_str().to_owned().into(),
        ];
        self.any_rows(ERASE, values);
        Ok(())
    }
}

impl Store {
    /// Removes one step of events from before `before`. Answers how many left; 0 is the end.
    pub async fn forget_events(
        &self,
        before: Timestamp,
        now: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        let values = || vec![EventId::first_at(before).number().into(), STEP.into()];
        let counted = self.read("event", OLD, values()).await?;
        let old = counted.into_iter().next().map(|mut row| row.int());
        let old = old.transpose().map_err(ReadError::from)?.unwrap_or(0);
        if old == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET, values());
        operation.fenced_by(lease);
        self.step(operation, old).await
    }
}
