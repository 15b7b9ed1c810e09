//! Events: what became of connections and link sessions, as webhooks and `GET /v2/events` tell it.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    connection::Connection,
    environment::Environment,
    id::{ConnectionId, SessionId, next_number},
    link_session::{LinkSession, Stage},
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

/// What an event says beyond what it is found by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Told {
    /// The developer's own id of the user.
    pub client_reference_id: Option<String>,
    /// The one that a changed reference replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_client_reference_id: Option<String>,
    /// Why, as one of a closed list of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<ToldConnection>,
    /// The link session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<ToldLink>,
}

/// What an event says of a connection. Once the connection is removed, only the provider is left of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ToldConnection {
    /// `active`, `expired`, `disconnected`; `None` where it was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The provider's id.
    pub provider: String,
    /// The account's id at the provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_user_id: Option<String>,
    /// What was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
    /// The account's profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<ToldUser>,
}

/// The profile of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToldUser {
    /// The account's id at the provider.
    pub id: String,
    /// The same, since shipped clients read one or the other.
    pub user_id: String,
    /// Display name.
    pub name: String,
    /// Username.
    pub username: String,
    /// Address of a picture; `None` where there is none, and where it is longer than events carry.
    pub avatar: Option<String>,
}

/// What an event says of a link session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToldLink {
    /// `ls_…`: names the session in logs, and is no secret.
    pub id: String,
    /// The connection that it made or renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The pairs that init was given; none where they are longer than events carry.
    pub metadata: BTreeMap<String, String>,
}

/// Characters of a name that events carry; bytes of a picture and of metadata, beyond which they carry none. With them a
/// body stays below the 20,000 bytes that the Standard Webhooks specification asks for.
const NAME_MAX: usize = 200;
const AVATAR_MAX: usize = 6_144;
const METADATA_MAX: usize = 12_000;

fn pairs_len(pairs: &BTreeMap<String, String>) -> usize {
    pairs
        .iter()
        .map(|(name, value)| name.len() + value.len() + 6)
        .sum()
}

impl Told {
    /// What is told of a connection that is there: with its profile, or, where it cannot be used, without.
    pub fn of(connection: &Connection, with_profile: bool) -> Self {
        let account = &connection.account;
        Self {
            client_reference_id: connection.client_reference_id.clone(),
            connection: Some(ToldConnection {
                status: Some(connection.status.name().to_owned()),
                provider: connection.provider.clone(),
                platform_user_id: Some(account.id.clone()),
                permissions: with_profile.then(|| connection.permissions.clone()),
                user_data: with_profile.then(|| ToldUser {
                    id: account.id.clone(),
                    user_id: account.id.clone(),
                    name: account.name.chars().take(NAME_MAX).collect(),
                    username: account.username.chars().take(NAME_MAX).collect(),
                    avatar: account
                        .avatar
                        .clone()
                        .filter(|avatar| avatar.len() <= AVATAR_MAX),
                }),
            }),
            ..Self::default()
        }
    }

    /// What is told of a link session that has ended.
    pub fn of_session(session: &LinkSession) -> Self {
        let request = &session.request;
        let (connection_id, error_code) = match &session.state.stage {
            Stage::Completed { connection, .. } => (Some(connection.as_str().to_owned()), None),
            Stage::Failed { error, .. } => (None, Some(error.name().to_owned())),
            _ => (None, None),
        };
        Self {
            client_reference_id: request.client_reference_id.clone(),
            link: Some(ToldLink {
                id: session.id.to_string(),
                connection_id,
                error_code,
                metadata: match pairs_len(&request.metadata) <= METADATA_MAX {
                    true => request.metadata.clone(),
                    false => BTreeMap::new(),
                },
            }),
            ..Self::default()
        }
    }

    /// What is left of it once the connection is removed.
    pub fn erased(provider: &str) -> Self {
        Self {
            connection: Some(ToldConnection {
                provider: provider.to_owned(),
                ..ToldConnection::default()
            }),
            ..Self::default()
        }
    }
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

    /// A connection whose every text is as long as it may be.
    fn largest() -> Connection {
        let wide = |count| "\u{1f600}".repeat(count);
        let metadata = BTreeMap::new();
        let organisation = OrganisationId::parse("org_0000000000000000000001").unwrap();
        let reference = wide(255);
        Connection::new(
            ConnectionId::from_text("conn_1"),
            &crate::domain::connection::Owner {
                organisation: &organisation,
                environment: Environment::Live,
                provider: &"p".repeat(64),
            },
            crate::domain::connection::Origin {
                app: None,
                asked: Vec::new(),
                granted: vec!["p".repeat(64); 100],
                client_reference_id: Some(&reference),
                metadata: &metadata,
            },
            linchpin_provider::Account {
                id: "1".repeat(255),
                name: wide(10_000),
                username: wide(10_000),
                avatar: Some("a".repeat(AVATAR_MAX)),
            },
            crate::domain::connection_settings::ConnectionSettings::default(),
            Timestamp(1_800_000_000_000),
        )
    }

    #[test]
    fn the_largest_body_is_below_20_000_bytes() {
        let mut connection = largest();
        let mut told = Told::of(&connection, true);
        told.previous_client_reference_id = connection.client_reference_id.clone();
        let kind = EventKind::ConnectionUpdated;
        let event = connection.tell(kind, told, 1, Timestamp(1_800_000_000_000));
        let body = event.body();
        assert!((15_000..20_000).contains(&body.len()), "{}", body.len());
    }

    #[test]
    fn a_picture_that_is_too_long_is_left_out() {
        let mut connection = largest();
        connection.account.avatar = Some("a".repeat(AVATAR_MAX + 1));
        let told = Told::of(&connection, true).connection.unwrap();
        assert_eq!(told.user_data.unwrap().avatar, None);
    }
}
