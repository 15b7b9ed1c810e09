//! A connection: the lasting tie between a client app's user and an account at a provider.

use std::collections::BTreeMap;

use linchpin_provider::Account;
use serde::{Deserialize, Serialize};

use super::{
    connection_settings::ConnectionSettings,
    environment::Environment,
    event::{Event, EventId, EventKind, Told},
    geolocation::Geolocation,
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
    /// The client app that made or last renewed it; `None` for an imported one.
    pub app: Option<AppId>,
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
    /// Whether its session was made elsewhere and taken over.
    #[serde(default)]
    pub imported: bool,
    /// What can be set about it, but for the metadata above.
    #[serde(default)]
    pub settings: ConnectionSettings,
    /// The outbound proxy that its traffic leaves through while that works; `None` where it leaves directly, or through
    /// whichever proxy fits its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<String>,
    /// The app that has named a proxy for it, sealed beside its session: all its traffic leaves through that, whatever its
    /// settings say, and none where the app may not have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_proxy: Option<AppId>,
    /// Since when it cannot be used, and why.
    #[serde(default)]
    pub expired: Option<Expired>,
    /// When it was last looked whether the session is alive, with an answer.
    #[serde(default)]
    pub last_checked_at: Option<Timestamp>,
    /// When it is to be looked again.
    #[serde(default)]
    pub next_check_at: Option<Timestamp>,
    /// Counts the sessions that it has had.
    #[serde(default)]
    pub session_version: i64,
    /// Events that were told of it.
    #[serde(default)]
    pub sequence: i64,
    /// The last of them.
    #[serde(default)]
    pub last_event: Option<EventId>,
    /// Raised by one with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last renewed, expired or set.
    pub updated_at: Timestamp,
}

/// Whether a connection can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionStatus {
    /// It can.
    Active,
    /// It has to be signed in to again.
    Expired,
    /// The provider asks its user for a second factor.
    #[serde(rename = "awaiting_2fa")]
    Awaiting2fa,
}

/// Since when a connection cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: ExpiredReason,
}

/// Why a connection cannot be used any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredReason {
    /// The provider says that the session is over.
    SignedOut,
    /// The user has taken the access away at the provider.
    Revoked,
    /// The provider has locked the account.
    Locked,
    /// The developer ended it.
    Invalidated,
}

/// Where a session of a provider came from.
pub struct Origin<'a> {
    /// The client app that the user went through; `None` for an import.
    pub app: Option<&'a AppId>,
    /// What the user was asked for.
    pub asked: Vec<String>,
    /// What the user granted.
    pub granted: Vec<String>,
    /// The developer's own id of the user.
    pub client_reference_id: Option<&'a str>,
    /// Pairs of the developer's.
    pub metadata: &'a BTreeMap<String, String>,
}

impl<'a> Origin<'a> {
    /// A link session whose user consented so.
    pub fn of(request: &'a SessionRequest, consent: &Consent) -> Self {
        Self {
            app: Some(&request.app),
            asked: request.asked().cloned().collect(),
            granted: consent.granted.clone(),
            client_reference_id: request.client_reference_id.as_deref(),
            metadata: &request.metadata,
        }
    }
}

/// Whose a new connection is, and at which provider.
pub struct Owner<'a> {
    /// The organisation.
    pub organisation: &'a OrganisationId,
    /// The environment.
    pub environment: Environment,
    /// The provider's id.
    pub provider: &'a str,
}

#[cfg(test)]
impl Connection {
    /// A connection for tests.
    pub(crate) fn of_id(id: &str) -> Self {
        let text = serde_json::json!({
            "id": id, "organisation": "org_a", "environment": "live", "app": null, "provider": "north",
            "account": { "id": "a", "username": "a", "name": "A", "avatar": null }, "status": "active",
            "asked": [], "permissions": [], "clientReferenceId": null, "metadata": {}, "version": 1,
            "createdAt": 1, "updatedAt": 1
        });
        serde_json::from_value(text).unwrap()
    }
}

impl Connection {
    /// A new connection for an account whose session came from `origin`.
    pub fn new(
        id: ConnectionId,
        owner: &Owner<'_>,
        origin: Origin<'_>,
        account: Account,
        settings: ConnectionSettings,
        now: Timestamp,
    ) -> Self {
        let metadata = match origin.metadata.is_empty() {
            true => settings.metadata.clone(),
            false => origin.metadata.clone(),
        };
        Self {
            id,
            organisation: owner.organisation.clone(),
            environment: owner.environment,
            app: origin.app.cloned(),
            provider: owner.provider.to_owned(),
            account,
            status: ConnectionStatus::Active,
            asked: origin.asked,
            permissions: origin.granted,
            client_reference_id: origin.client_reference_id.map(str::to_owned),
            metadata,
            imported: origin.app.is_none(),
            settings: ConnectionSettings {
                metadata: BTreeMap::new(),
                ..settings
            },
            exit: None,
            own_proxy: None,
            expired: None,
            last_checked_at: None,
            next_check_at: None,
            session_version: 1,
            sequence: 0,
            last_event: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The same connection with a new session of its account.
    ///
    /// Where no reference or no metadata came with it, the old ones stay.
    #[must_use]
    pub fn renewed(&self, origin: Origin<'_>, account: Account, now: Timestamp) -> Self {
        let mut renewed = self.changed(now);
        renewed.account = account;
        renewed.status = ConnectionStatus::Active;
        renewed.expired = None;
        renewed.session_version += 1;
        renewed.asked = origin.asked;
        renewed.permissions = origin.granted;
        if let Some(app) = origin.app {
            renewed.app = Some(app.clone());
            renewed.imported = false;
        }
        if let Some(reference) = origin.client_reference_id {
            renewed.client_reference_id = Some(reference.to_owned());
        }
        if !origin.metadata.is_empty() {
            renewed.metadata.clone_from(origin.metadata);
        }
        renewed
    }

    /// The same connection, which cannot be used any more.
    #[must_use]
    pub fn expired(&self, reason: ExpiredReason, now: Timestamp) -> Self {
        let mut expired = self.changed(now);
        expired.status = ConnectionStatus::Expired;
        expired.expired = Some(Expired { at: now, reason });
        expired.next_check_at = None;
        expired
    }

    /// The same connection after it was seen alive. `account` is what the provider told then.
    #[must_use]
    pub fn seen(&self, account: Account, now: Timestamp) -> Self {
        let updated_at = self.updated_at;
        let mut seen = self.changed(now);
        seen.last_checked_at = Some(now);
        if seen.account == account {
            seen.updated_at = updated_at;
        }
        seen.account = account;
        seen
    }

    /// The same connection after its provider has put another session in the place of the one before.
    #[must_use]
    pub fn rolled_over(&self) -> Self {
        let mut rolled = self.changed(self.updated_at);
        rolled.session_version += 1;
        rolled
    }

    /// The same connection, to be looked at not before `until`.
    #[must_use]
    pub fn put_off(&self, until: Timestamp) -> Self {
        let mut later = self.changed(self.updated_at);
        later.next_check_at = self.next_check_at.map(|_| until);
        later
    }

    /// The same connection with other settings; the metadata among them is the connection's.
    #[must_use]
    pub fn with_settings(&self, settings: ConnectionSettings, now: Timestamp) -> Self {
        let mut changed = self.changed(now);
        changed.metadata.clone_from(&settings.metadata);
        if settings.egress != self.settings.egress {
            changed.exit = None;
        }
        changed.settings = ConnectionSettings {
            metadata: BTreeMap::new(),
            ..settings
        };
        changed
    }

    /// Its settings, with the metadata.
    pub fn all_settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            metadata: self.metadata.clone(),
            ..self.settings.clone()
        }
    }

    /// Says where its traffic leaves from on from now, and through which outbound proxy.
    pub fn leave_from(&mut self, place: Option<&Geolocation>, exit: Option<String>) {
        if let Some(place) = place {
            self.settings.egress = Some(place.clone());
            self.exit = exit;
        }
    }

    /// Says when it is to be looked at next: never where that is switched off or it cannot be used.
    pub fn plan_check(&mut self, random: u32, now: Timestamp) {
        let check = &self.settings.health_check;
        let due = self.status == ConnectionStatus::Active && check.enabled;
        self.next_check_at = due.then(|| now.plus(check.wait(random)));
    }

    /// The next event that tells of it; counts it.
    pub fn tell(&mut self, kind: EventKind, told: Told, random: u32, now: Timestamp) -> Event {
        let id = EventId::next(self.last_event, now, random);
        self.sequence += 1;
        self.last_event = Some(id);
        Event {
            id,
            organisation: self.organisation.clone(),
            environment: self.environment,
            kind,
            connection: Some(self.id.clone()),
            sequence: Some(self.sequence),
            at: now,
            told,
        }
    }

    /// Whether it can be used.
    pub fn is_active(&self) -> bool {
        self.status == ConnectionStatus::Active
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

    fn changed(&self, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        }
    }
}

impl ConnectionStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Awaiting2fa];

    /// The name on the wire and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Awaiting2fa => "awaiting_2fa",
        }
    }

    /// The status of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl ExpiredReason {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::Locked => "locked",
            Self::Invalidated => "invalidated",
        }
    }
}
