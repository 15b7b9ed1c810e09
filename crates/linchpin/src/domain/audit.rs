//! The audit log's words: who did what to which object. Ids only; no names, addresses or secrets.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    environment::Environment,
    id::{ConnectionId, SessionId, next_number},
    public_id::{KeyId, OrganisationId},
    time::Timestamp,
};

/// Number of an audit entry; grows with time.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuditId(pub i64);

impl AuditId {
    /// The next number after `last`, for an entry at `now`; `random` chooses the start within a millisecond.
    pub fn next(last: Option<Self>, now: Timestamp, random: u32) -> Self {
        Self(next_number(last.map(|last| last.0), now, random))
    }

    /// The number so many behind it.
    #[must_use]
    pub fn plus(self, count: usize) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(count).unwrap_or(i64::MAX)),
        )
    }
}

/// Who did it. Written as `key:key_…`, `user:ls_…`, `user:conn_…`, `operator` or `system`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// An API key.
    Key(KeyId),
    /// Whoever may use the command line.
    Operator,
    /// The person at the page of a link session.
    User(SessionId),
    /// Whoever has the end user's own link to a connection.
    Holder(ConnectionId),
    /// The server by itself.
    System,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "key:{key}"),
            Self::Operator => f.write_str("operator"),
            Self::User(session) => write!(f, "user:{session}"),
            Self::Holder(connection) => write!(f, "user:{connection}"),
            Self::System => f.write_str("system"),
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $wire:literal),* $(,)?) => {
        /// What was done.
        #[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
        pub enum Action {
            $($(#[$doc])* $name),*
        }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the log.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $wire),*
                }
            }
        }
    };
}

actions! {
    /// An organisation was made.
    OrganisationCreate = "organisation.create",
    /// A client app was made.
    AppCreate = "app.create",
    /// A client app was changed.
    AppUpdate = "app.update",
    /// A client app was deleted.
    AppDelete = "app.delete",
    /// A key was made.
    KeyCreate = "key.create",
    /// A key was given another name.
    KeyUpdate = "key.update",
    /// A key was revoked.
    KeyRevoke = "key.revoke",
    /// Keys that open nothing were presented.
    KeyRefused = "key.refused",
    /// A webhook endpoint was registered.
    EndpointCreate = "endpoint.create",
    /// A webhook endpoint was changed.
    EndpointUpdate = "endpoint.update",
    /// A webhook endpoint was disabled by the server.
    EndpointDisable = "endpoint.disable",
    /// A webhook endpoint was deleted.
    EndpointDelete = "endpoint.delete",
    /// A webhook endpoint got a new secret.
    EndpointRotate = "endpoint.rotate",
    /// The secret of a webhook endpoint was shown.
    EndpointReveal = "endpoint.reveal",
    /// A test event was sent.
    EndpointTest = "endpoint.test",
    /// Deliveries were sent again.
    EndpointReplay = "endpoint.replay",
    /// A connection was made.
    ConnectionCreate = "connection.create",
    /// A session was taken over from elsewhere.
    ConnectionImport = "connection.import",
    /// A connection was signed in to again.
    ConnectionRenew = "connection.renew",
    /// The session of a connection was opened to call its provider.
    ConnectionUse = "connection.use",
    /// The provider has put another session in the place of the one before.
    ConnectionRefresh = "connection.refresh",
    /// A connection cannot be used any more.
    ConnectionExpire = "connection.expire",
    /// All connections of an app or of a provider are to be ended.
    ConnectionExpireAll = "connection.expire_all",
    /// A connection was removed.
    ConnectionDelete = "connection.delete",
    /// The settings of a connection were changed.
    ConnectionSet = "connection.set",
    /// The defaults for new connections were changed.
    SettingsUpdate = "settings.update",
    /// Everything that is kept of one of a developer's users was told.
    UserExport = "user.export",
    /// One of a developer's users was erased.
    UserErase = "user.erase",
    /// The vault got a new master key.
    VaultRotate = "vault.rotate",
    /// A master key was taken out.
    VaultRetire = "vault.retire",
    /// Everything in the vault is to be sealed anew.
    VaultReseal = "vault.reseal",
}

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Whose object it was; `None` for what belongs to the installation.
    pub organisation: Option<OrganisationId>,
    /// In which environment.
    pub environment: Option<Environment>,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// Id of the object.
    pub object: String,
    /// What else there is to say, ids and names of closed lists only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub detail: BTreeMap<String, String>,
}

/// What a row of the log holds: one entry, or several about uses that were committed together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AuditRow {
    /// One.
    One(AuditEntry),
    /// Several, of one organisation and environment, in the order of their numbers.
    Several(Vec<AuditEntry>),
}

impl AuditRow {
    /// The entries in their order.
    pub fn entries(&self) -> &[AuditEntry] {
        match self {
            Self::One(entry) => std::slice::from_ref(entry),
            Self::Several(entries) => entries,
        }
    }

    /// The same, taken out.
    pub fn into_entries(self) -> Vec<AuditEntry> {
        match self {
            Self::One(entry) => vec![entry],
            Self::Several(entries) => entries,
        }
    }
}
