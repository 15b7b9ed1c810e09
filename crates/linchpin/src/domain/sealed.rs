//! What a sealed secret is: bytes that open only at their place, with the key of their own that is wrapped beside them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{environment::Environment, public_id::OrganisationId};

/// What is sealed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub enum SealedKind {
    /// The session of a provider; its owner is a connection.
    Session,
    /// The secret of a webhook endpoint; its owner is the endpoint.
    WebhookSecret,
    /// What a provider keeps between two steps of a sign-in; its owner is a link session, in whose state it stands.
    Progress,
    /// The URL of the outbound proxy that an app has named; its owner is a link session, in whose state it stands, or a
    /// connection.
    Proxy,
}

impl SealedKind {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::WebhookSecret => "webhook_secret",
            Self::Progress => "progress",
            Self::Proxy => "proxy",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Session,
            Self::WebhookSecret,
            Self::Progress,
            Self::Proxy,
        ];
        all.into_iter().find(|kind| kind.name() == name)
    }
}

/// Where sealed bytes belong. They open nowhere else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// What they are.
    pub kind: SealedKind,
    /// Id of the connection, endpoint or link session.
    pub owner: String,
    /// From 1, for owners that have several.
    pub number: i64,
    /// The owner's organisation.
    pub organisation: OrganisationId,
    /// The owner's environment.
    pub environment: Environment,
}

/// The key of one secret, wrapped.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// Version of the master key that wraps it, from 1.
    pub version: i64,
    /// Its bytes, wrapped.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey(version {})", self.version)
    }
}

/// A sealed secret as the store keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Version of the master key that wraps the secret's own key, from 1.
    pub key_version: i64,
    /// The secret's own key, wrapped.
    #[serde(with = "base64_text")]
    pub wrapped_key: Vec<u8>,
    /// The secret, sealed with its own key.
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(key version {})", self.key_version)
    }
}

/// Bytes as base64 where they stand in JSON.
mod base64_text {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)
    }
}
