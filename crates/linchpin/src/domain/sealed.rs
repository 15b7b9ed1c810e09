//! What a sealed secret is: bytes that open only at their place, with the key of their own that is wrapped beside them.

use std::fmt;

use super::{environment::Environment, public_id::OrganisationId};

/// What is sealed.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub enum SealedKind {
    /// The session of a provider; its owner is a connection.
    Session,
    /// The secret of a webhook endpoint; its owner is the endpoint.
    WebhookSecret,
}

impl SealedKind {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::WebhookSecret => "webhook_secret",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Session, Self::WebhookSecret]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Where sealed bytes belong. They open nowhere else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// What they are.
    pub kind: SealedKind,
    /// Id of the connection or endpoint.
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
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Version of the master key that wraps the secret's own key, from 1.
    pub key_version: i64,
    /// The secret's own key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// The secret, sealed with its own key.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(key version {})", self.key_version)
    }
}
