//! Events as they are listed: in the order of positions, which they are given after their commit.

use super::{Lease, Operation, ReadError, Store, Value, row::Row};
use crate::domain::{
    environment::Environment,
    event::{Event, EventId, EventKind},
    id::ConnectionId,
    public_id::OrganisationId,
    time::Timestamp,
};

/// One text a way to look, so that each goes along an index of its own.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT id, type, COALESCE(connection_id, ''), COALESCE(sequence, 0), at, told, position FROM event \
             WHERE organisation_id = $1 AND environment = $2 AND position > $3 AND ",
            $condition,
            " AND (CAST($5 AS TEXT) IS NULL OR type = $5) ORDER BY position LIMIT $6"
        )
    };
}

const ALL: &str = page!("(CAST($4 AS TEXT) IS NULL)");
const OF_CONNECTION: &str = page!("connection_id = $4");

const POSITION: &str = "SELECT COALESCE(position, 0) FROM event \
    WHERE id = $1 AND organisation_id = $2 AND environment = $3";

const LAST: &str = "SELECT number FROM store_fact WHERE name = 'event_position'";

const UNPLACED: &str = "SELECT id FROM event WHERE position IS NULL ORDER BY id LIMIT $1";

const PLACE: &str = "UPDATE event SET position = $1 WHERE id = $2 AND position IS NULL";

const KEEP_LAST: &str = "INSERT INTO store_fact (name, number) VALUES ('event_position', $1) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number = $2";

/// Which events are listed.
#[derive(Debug, Clone, Default)]
pub struct EventListing {
    /// Those behind this position.
    pub after: i64,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Of this connection.
    pub connection: Option<ConnectionId>,
    /// How many at most.
    pub limit: i64,
}

impl Operation {
    /// Gives events the positions behind `last`. Refused with `Overtaken` where somebody else has since.
    pub fn place_events(&mut self, last: i64, events: &[EventId], lease: &Lease) {
        let mut position = last;
        for event in events {
            position += 1;
            self.any_rows(PLACE, vec![position.into(), event.number().into()]);
        }
        self.one_row(KEEP_LAST, vec![position.into(), last.into()]);
        self.fenced_by(lease);
    }
}

impl Store {
    /// Events of an organisation in the order of their positions, each with its own.
    pub async fn events(
        &self,
        organisation: &OrganisationId,
        environment: Environment,
        listing: &EventListing,
    ) -> Result<Vec<(Event, i64)>, ReadError> {
        let (sql, connection): (_, Value) = match &listing.connection {
            Some(connection) => (OF_CONNECTION, connection.as_str().to_owned().into()),
            None => (ALL, Value::Null),
        };
        let values = vec![
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
            listing.after.into(),
            connection,
            listing.kind.map(EventKind::name).into(),
            listing.limit.into(),
        ];
        let rows = self.read("event", sql, values).await?;
        rows.into_iter()
            .map(|mut row| event(organisation, environment, &mut row))
            .collect()
    }

    /// The position of an organisation's event: 0 where it has none yet, `None` where there is no such event.
    pub async fn event_position(
        &self,
        organisation: &OrganisationId,
        environment: Environment,
        event: EventId,
    ) -> Result<Option<i64>, ReadError> {
        let values = vec![
            event.number().into(),
            organisation.as_str().to_owned().into(),
            environment.as_str().into(),
        ];
        let rows = self.read("event", POSITION, values).await?;
        let position = rows.into_iter().next().map(|mut row| row.int());
        Ok(position.transpose()?)
    }

    /// The last position that was given; 0 where none was.
    pub async fn last_position(&self) -> Result<i64, ReadError> {
        let rows = self.read("store_fact", LAST, vec![]).await?;
        let last = rows.into_iter().next().map(|mut row| row.int());
        Ok(last.transpose()?.unwrap_or(0))
    }

    /// Events without a position, in the order of their ids.
    pub async fn unplaced_events(&self, limit: i64) -> Result<Vec<EventId>, ReadError> {
        let rows = self.read("event", UNPLACED, vec![limit.into()]).await?;
        rows.into_iter()
            .map(|mut row| Ok(EventId::from_number(row.int()?)))
            .collect()
    }
}

pub(super) fn event(
    organisation: &OrganisationId,
    environment: Environment,
    row: &mut Row,
) -> Result<(Event, i64), ReadError> {
    let id = EventId::from_number(row.int()?);
    let kind = EventKind::parse(&row.text()?).ok_or_else(|| row.corrupt("a kind of event"))?;
    let connection = row.text()?;
    let sequence = row.int()?;
    let event = Event {
        id,
        organisation: organisation.clone(),
        environment,
        kind,
        connection: (!connection.is_empty()).then(|| ConnectionId::from_text(&connection)),
        sequence: (sequence > 0).then_some(sequence),
        at: Timestamp(row.int()?),
        told: row.json()?,
    };
    Ok((event, row.int()?))
}
