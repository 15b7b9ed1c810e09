//! Events: what became of connections and link sessions, as webhooks and `GET /v2/events` tell it.

mod told;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::told::{Told, ToldConnection, ToldLink, ToldUser};
use super::{
    environment::Environment,
    id::{ConnectionId, SessionId, next_number},
    public_id::OrganisationId,
    time::Timestamp,
};

/// Identifier of an event: `evt_` and 16 hexadecimal digits of a number that grows with time.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(i64);

impl EventId {
    /// What every event's identifier begins with.
    pub const PREFIX: &'static str = "evt_";

    /// The next identifier after `last`, for an event at `now`; `random` chooses the start within a millisecond.
    pub fn next(last: Option<Self>, now: Timestamp, random: u32) -> Self {
        Self(next_number(last.map(|last| last.0), now, random))
    }

    /// The lowest identifier of an event at `at` or later.
    pub fn first_at(at: Timestamp) -> Self {
        Self(SessionId::first_at(at).number())
    }

    /// The number that the store keeps.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Takes a number from the store.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// Reads `evt_` and 16 lower-case hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        let right = digits.len() == 16
            && digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        right
            .then(|| i64::from_str_radix(digits, 16).ok())?
            .map(Self)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:016x}", Self::PREFIX, self.0)
    }
}

/// What an event tells of.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// A new connection.
    #[serde(rename = "connection.created")]
    ConnectionCreated,
    /// A connection was signed in to again, or its permissions, profile or reference changed.
    #[serde(rename = "connection.updated")]
    ConnectionUpdated,
    /// A connection cannot be used any more until it is signed in to again.
    #[serde(rename = "connection.expired")]
    ConnectionExpired,
    /// A connection was removed for good.
    #[serde(rename = "connection.disconnected")]
    ConnectionDisconnected,
    /// A link session ended with a connection.
    #[serde(rename = "link.completed")]
    LinkCompleted,
    /// A link session was left by its user.
    #[serde(rename = "link.cancelled")]
    LinkCancelled,
    /// A link session ended without a connection.
    #[serde(rename = "link.failed")]
    LinkFailed,
    /// The time of a link session was over.
    #[serde(rename = "link.expired")]
    LinkExpired,
}

impl EventKind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::ConnectionCreated,
        Self::ConnectionUpdated,
        Self::ConnectionExpired,
        Self::ConnectionDisconnected,
        Self::LinkCompleted,
        Self::LinkCancelled,
        Self::LinkFailed,
        Self::LinkExpired,
    ];

    /// What an endpoint is sent that does not say: everything about connections.
    pub const USUAL: [Self; 4] = [
        Self::ConnectionCreated,
        Self::ConnectionUpdated,
        Self::ConnectionExpired,
        Self::ConnectionDisconnected,
    ];

    /// The name on the wire and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConnectionCreated => "connection.created",
            Self::ConnectionUpdated => "connection.updated",
            Self::ConnectionExpired => "connection.expired",
            Self::ConnectionDisconnected => "connection.disconnected",
            Self::LinkCompleted => "link.completed",
            Self::LinkCancelled => "link.cancelled",
            Self::LinkFailed => "link.failed",
            Self::LinkExpired => "link.expired",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its identifier.
    pub id: EventId,
    /// The organisation that it is told to.
    pub organisation: OrganisationId,
    /// The environment.
    pub environment: Environment,
    /// What it tells of.
    pub kind: EventKind,
    /// The connection that it tells of.
    pub connection: Option<ConnectionId>,
    /// The how-manieth event of the connection it is, from 1.
    pub sequence: Option<i64>,
    /// When it came about.
    pub at: Timestamp,
    /// What it says beyond that.
    pub told: Told,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: EventKind,
    event_type: EventKind,
    timestamp: String,
    live: bool,
    data: BodyOfIt<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BodyOfIt<'a> {
    client_reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_client_reference_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<BodyOfConnection<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a ToldLink>,
}

#[derive(Serialize)]
struct BodyOfConnection<'a> {
    id: Option<&'a str>,
    sequence: Option<i64>,
    #[serde(flatten)]
    told: &'a ToldConnection,
}

impl Event {
    /// The body that a webhook carries and that is listed: JSON, the same bytes whenever it is asked for, as long as the
    /// connection is there.
    pub fn body(&self) -> Vec<u8> {
        let told = &self.told;
        let body = Body {
            id: self.id.to_string(),
            kind: self.kind,
            event_type: self.kind,
            timestamp: self.at.to_string(),
            live: self.environment == Environment::Live,
            data: BodyOfIt {
                client_reference_id: told.client_reference_id.as_deref(),
                previous_client_reference_id: told.previous_client_reference_id.as_deref(),
                reason: told.reason.as_deref(),
                connection: told.connection.as_ref().map(|told| BodyOfConnection {
                    id: self.connection.as_ref().map(ConnectionId::as_str),
                    sequence: self.sequence,
                    told,
                }),
                link: told.link.as_ref(),
            },
        };
        // Nothing of ours fails to be written as JSON.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text_and_no_other_spelling_does() {
        let id = EventId::next(None, Timestamp(1_800_000_000_000), 77);
        assert_eq!(EventId::parse(&id.to_string()), Some(id));
        for other in [
            "evt_",
            "evt_1",
            "evt_000000000000000G",
            "evt_000000000000000A",
            "evt_+00000000000000a",
            "ev_0000000000000000",
        ] {
            assert_eq!(EventId::parse(other), None, "{other}");
        }
        assert!(EventId::next(Some(id), Timestamp(0), 0) > id);
    }

    #[test]
    fn a_kind_has_the_same_name_everywhere() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
