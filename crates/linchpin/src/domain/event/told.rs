//! What an event says, and how much.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    connection::Connection,
    link_session::{LinkSession, Stage},
};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        connection::{Origin, Owner},
        connection_settings::ConnectionSettings,
        environment::Environment,
        event::EventKind,
        id::ConnectionId,
        public_id::OrganisationId,
        time::Timestamp,
    };

    /// A connection whose every text is as long as it may be.
    fn largest() -> Connection {
        let wide = |count| "\u{1f600}".repeat(count);
        let metadata = BTreeMap::new();
        let organisation = OrganisationId::parse("org_0000000000000000000001").unwrap();
        let reference = wide(255);
        Connection::new(
            ConnectionId::from_text("conn_1"),
            &Owner {
                organisation: &organisation,
                environment: Environment::Live,
                provider: &"p".repeat(64),
            },
            Origin {
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
            ConnectionSettings::default(),
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
