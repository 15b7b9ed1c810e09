//! A webhook endpoint: where events of an organisation are sent.

use serde::{Deserialize, Serialize};

use super::{
    environment::Environment,
    event::EventKind,
    public_id::{EndpointId, OrganisationId},
    time::Timestamp,
};

/// An endpoint as the store keeps it. Its secrets are sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEndpoint {
    /// Its identifier.
    pub id: EndpointId,
    /// The organisation whose events it is sent.
    pub organisation: OrganisationId,
    /// The environment whose events it is sent.
    pub environment: Environment,
    /// Where to, as it was checked when it was registered.
    pub url: String,
    /// What it is sent; at least one.
    pub events: Vec<EventKind>,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Why not.
    pub disabled_reason: Option<DisabledReason>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Why an endpoint is sent nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// The developer switched it off.
    Manual,
    /// It answered 410.
    Gone,
    /// It failed for five days.
    Failing,
}

impl DisabledReason {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl WebhookEndpoint {
    /// Whether it is sent events of this kind.
    pub fn takes(&self, kind: EventKind) -> bool {
        self.enabled && self.events.contains(&kind)
    }
}
