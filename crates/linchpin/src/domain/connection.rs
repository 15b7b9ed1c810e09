//! A connection: the lasting tie between a client app's user and an account at a provider.

use std::collections::BTreeMap;

use linchpin_provider::Account;
use serde::{Deserialize, Serialize};

use super::{
    environment::Environment,
    id::ConnectionId,
    link_session::{Consent, SessionRequest},
    public_id::{AppId, OrganisationId},
    time::Timestamp,
};

/// A connection as the store keeps it. What of it clients see is the API's to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Its identifier.
    pub id: ConnectionId,
    /// The organisation that it belongs to.
    pub organisation: OrganisationId,
    /// The environment that it lives in.
    pub environment: Environment,
    /// The client app that made or last renewed it.
    pub app: AppId,
    /// The provider's id.
    pub provider: String,
    /// The account, as the provider told it last.
    pub account: Account,
    /// Whether it can be used.
    pub status: ConnectionStatus,
    /// What the user was asked for when it was made or last renewed.
    pub asked: Vec<String>,
    /// What the user granted then.
    pub permissions: Vec<String>,
    /// The developer's own id of the user; the newest one given wins.
    pub client_reference_id: Option<String>,
    /// Pairs of the developer's.
    pub metadata: BTreeMap<String, String>,
    /// Raised by one with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last renewed.
    pub updated_at: Timestamp,
}

/// Whether a connection can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// It can.
    Active,
}

impl Connection {
    /// A new connection for an account that was signed in to.
    pub fn new(
        id: ConnectionId,
        request: &SessionRequest,
        consent: &Consent,
        account: Account,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            organisation: request.organisation.clone(),
            environment: request.environment,
            app: request.app.clone(),
            provider: consent.provider.clone(),
            account,
            status: ConnectionStatus::Active,
            asked: request.asked().cloned().collect(),
            permissions: consent.granted.clone(),
            client_reference_id: request.client_reference_id.clone(),
            metadata: request.metadata.clone(),
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same connection after its account was signed in to again.
    ///
    /// A session without a reference leaves the old one, and one without metadata the old metadata.
    #[must_use]
    pub fn renewed(
        &self,
        request: &SessionRequest,
        consent: &Consent,
        account: Account,
        now: Timestamp,
    ) -> Self {
        let mut renewed = Self::new(self.id.clone(), request, consent, account, now);
        renewed.version = self.version + 1;
        renewed.created_at = self.created_at;
        if renewed.client_reference_id.is_none() {
            renewed
                .client_reference_id
                .clone_from(&self.client_reference_id);
        }
        if renewed.metadata.is_empty() {
            renewed.metadata.clone_from(&self.metadata);
        }
        renewed
    }

    /// Whether a session asks for another connection to be signed in again than this one.
    pub fn is_not_what(&self, request: &SessionRequest) -> bool {
        let asked = request.reconnect.as_ref();
        asked.is_some_and(|reconnect| reconnect.connection != self.id)
    }

    /// Whether it belongs to another of the developer's users than the session's. Where either names none, it may be
    /// the same.
    pub fn belongs_to_another(&self, request: &SessionRequest) -> bool {
        match (&self.client_reference_id, &request.client_reference_id) {
            (Some(linked), Some(asking)) => linked != asking,
            _ => false,
        }
    }
}
