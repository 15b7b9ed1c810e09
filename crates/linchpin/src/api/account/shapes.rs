//! The shapes of the account API.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::told::UserFacts,
    domain::{
        connection::{Connection, ConnectionStatus, ExpiredReason},
        connection_settings::ConnectionSettings,
        geolocation::Geolocation,
        scope::Scope,
    },
    flow::Caller,
};

/// Whose key it is.
#[derive(Serialize, ToSchema)]
pub struct WhoAmI {
    /// The organisation.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// What its apps in the key's environment may ask for.
    pub permissions: Vec<String>,
    /// `sandbox` or `live`.
    pub environment: String,
    /// What the key may be used for.
    #[schema(value_type = Vec<String>)]
    pub scopes: Vec<Scope>,
}

/// A connection.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Connection)]
pub struct ConnectionTold {
    /// Its identifier, `conn_…`.
    id: String,
    /// `active`, `expired` or `awaiting_2fa`.
    #[schema(value_type = String)]
    status: ConnectionStatus,
    /// The provider's id.
    provider: String,
    user_data: UserFacts,
    /// What the user granted.
    permissions: Vec<String>,
    /// Your own id of the user.
    client_reference_id: Option<String>,
    /// Whether its session was made elsewhere and taken over.
    imported: bool,
    /// Pairs of yours.
    metadata: BTreeMap<String, String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last renewed, expired or set.
    #[schema(format = DateTime)]
    updated_at: String,
    /// Since when it cannot be used.
    #[schema(format = DateTime)]
    expired_at: Option<String>,
    /// Why not: `signed_out`, `revoked`, `locked` or `invalidated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    expired_reason: Option<ExpiredReason>,
    /// When it was last looked whether its session is alive.
    #[schema(format = DateTime)]
    last_checked_at: Option<String>,
}

impl From<Connection> for ConnectionTold {
    fn from(connection: Connection) -> Self {
        Self {
            id: connection.id.as_str().to_owned(),
            status: connection.status,
            provider: connection.provider,
            user_data: connection.account.into(),
            permissions: connection.permissions,
            client_reference_id: connection.client_reference_id,
            imported: connection.imported,
            metadata: connection.metadata,
            created_at: connection.created_at.to_string(),
            updated_at: connection.updated_at.to_string(),
            expired_at: connection.expired.map(|expired| expired.at.to_string()),
            expired_reason: connection.expired.map(|expired| expired.reason),
            last_checked_at: connection.last_checked_at.map(|at| at.to_string()),
        }
    }
}

/// Settings of connections.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectionSettings)]
pub struct SettingsTold {
    /// The connection, where they are one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<String>,
    health_check: HealthCheckTold,
    /// Where traffic leaves from; null is from the server itself.
    #[schema(value_type = Option<crate::api::told::GeolocationRequest>)]
    egress: Option<Geolocation>,
    /// Pairs of yours.
    metadata: BTreeMap<String, String>,
}

/// Looking whether a session is alive.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HealthCheck)]
struct HealthCheckTold {
    /// Whether it is looked at all.
    enabled: bool,
    /// Minutes between two looks.
    #[schema(minimum = 5, maximum = 10_080)]
    every_minutes: u32,
}

impl SettingsTold {
    /// Settings of a connection, or, without one, the defaults.
    pub fn of(settings: ConnectionSettings, connection: Option<&str>) -> Self {
        Self {
            connection_id: connection.map(str::to_owned),
            health_check: HealthCheckTold {
                enabled: settings.health_check.enabled,
                every_minutes: settings.health_check.every_minutes,
            },
            egress: settings.egress,
            metadata: settings.metadata,
        }
    }
}

/// Settings after they were changed.
#[derive(Serialize, ToSchema)]
pub struct SettingsAnswer {
    /// The whole of them.
    pub settings: SettingsTold,
}

// Only for the description: requests are read by `settings::wanted` and `import::wanted`, which find every problem.
/// What settings are changed to; every field may be left out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct SettingsRequest {
    /// Looking whether sessions are alive.
    #[schema(nullable)]
    health_check: Option<HealthCheckRequest>,
    /// Where traffic leaves from; null takes it away.
    #[schema(nullable)]
    egress: Option<crate::api::told::GeolocationRequest>,
    /// Up to 20 pairs, which take the place of those before.
    #[schema(nullable)]
    metadata: Option<BTreeMap<String, String>>,
}

/// Looking whether sessions are alive.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct HealthCheckRequest {
    /// Whether it is looked at all.
    #[schema(nullable)]
    enabled: Option<bool>,
    /// Minutes between two looks.
    #[schema(nullable, minimum = 5, maximum = 10_080)]
    every_minutes: Option<u32>,
}

/// A session that was made elsewhere: `cookie` and `userAgent`, or `accessToken`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct ImportRequest {
    /// The `Cookie` header of the browser.
    #[schema(
        nullable,
        min_length = 1,
        max_length = 32_768,
        example = "sandbox=jane@creator.sandbox.com"
    )]
    cookie: Option<String>,
    /// The browser's `User-Agent`; needed with `cookie`.
    #[schema(nullable, min_length = 1, max_length = 512)]
    user_agent: Option<String>,
    /// The access token, for providers that use tokens.
    #[schema(nullable, min_length = 1, max_length = 16_384)]
    access_token: Option<String>,
    /// What a new access token is got with.
    #[schema(nullable, min_length = 1, max_length = 16_384)]
    refresh_token: Option<String>,
    /// When the access token ends.
    #[schema(nullable, format = DateTime)]
    expires_at: Option<String>,
    /// What the session may be used for. Omitted: what your apps may ask for.
    #[schema(nullable, max_items = 100)]
    permissions: Option<Vec<String>>,
    /// Your own id of the user.
    #[schema(nullable, min_length = 1, max_length = 255)]
    client_reference_id: Option<String>,
    /// The provider. Omitted: the only one of the environment.
    #[schema(nullable, min_length = 1, max_length = 64)]
    provider: Option<String>,
}

/// Another session for an imported connection.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct ImportAgainRequest {
    /// The `Cookie` header of the browser.
    #[schema(nullable, min_length = 1, max_length = 32_768)]
    cookie: Option<String>,
    /// The browser's `User-Agent`; needed with `cookie`.
    #[schema(nullable, min_length = 1, max_length = 512)]
    user_agent: Option<String>,
    /// The access token, for providers that use tokens.
    #[schema(nullable, min_length = 1, max_length = 16_384)]
    access_token: Option<String>,
    /// What a new access token is got with.
    #[schema(nullable, min_length = 1, max_length = 16_384)]
    refresh_token: Option<String>,
    /// When the access token ends.
    #[schema(nullable, format = DateTime)]
    expires_at: Option<String>,
}

impl WhoAmI {
    /// What is told to a caller.
    pub fn of(caller: &Caller, name: Option<String>, permissions: Vec<String>) -> Self {
        Self {
            id: caller.organisation.as_str().to_owned(),
            name,
            permissions,
            environment: caller.environment.as_str().to_owned(),
            scopes: Scope::ALL
                .into_iter()
                .filter(|scope| caller.may(*scope))
                .collect(),
        }
    }
}
