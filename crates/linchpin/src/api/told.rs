//! The shapes that the API takes and answers with.

use std::{collections::BTreeMap, sync::Arc};

use linchpin_provider::Account;
use serde::Serialize;
use utoipa::ToSchema;

use super::told_factor::TwoFactorState;
use crate::{
    domain::{
        link_session::{LinkSession, Stage, Status},
        time::Timestamp,
    },
    flow::{Caller, Engine, Unavailable},
};

// Only for the description: requests are read by `init::wanted`, which finds every problem at once.
/// What init takes; every field may be left out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct InitRequest {
    /// The client app. Omitted: the oldest enabled one of the key's environment that matches.
    #[schema(nullable, pattern = "^app_[a-zA-Z0-9]+$", example = "app_4f2k9d0c7q")]
    client_app_id: Option<String>,
    /// Where the user is sent back to; exactly one of the app's Allowed Redirect URIs. Omitted: the first of them.
    #[schema(nullable, example = "https://shop.example.com/callback")]
    redirect_url: Option<String>,
    /// Your own id of the user; comes back in the redirect, in webhooks and in listings. No control characters.
    #[schema(nullable, min_length = 1, max_length = 255, example = "user_123")]
    client_reference_id: Option<String>,
    /// A connection to sign in again; its id stays. An unknown one makes a new connection.
    #[schema(nullable, pattern = "^conn_", max_length = 255)]
    connection_id: Option<String>,
    /// Where traffic to the provider is to leave from.
    #[schema(nullable)]
    geolocation: Option<GeolocationRequest>,
    /// Chooses among the apps when `clientAppId` is omitted.
    #[schema(nullable)]
    #[deprecated]
    mode: Option<ModeRequest>,
    /// The embedding page's origin, one of the app's Allowed Origins.
    #[schema(nullable)]
    #[deprecated]
    origin: Option<String>,
    /// Further wishes.
    #[schema(nullable)]
    #[deprecated]
    options: Option<OptionsRequest>,
    /// One of the app's providers. Omitted: the only one, or the user chooses.
    #[schema(nullable, min_length = 1, max_length = 64, example = "sandbox")]
    provider: Option<String>,
    /// Language of the page, BCP 47.
    #[schema(nullable, max_length = 35, example = "en")]
    locale: Option<String>,
    /// What the page's fields hold at first.
    #[schema(nullable)]
    prefill: Option<PrefillRequest>,
    /// Up to 20 pairs; names of 1 to 64, values of up to 512 characters.
    #[schema(nullable)]
    metadata: Option<BTreeMap<String, String>>,
}

/// A place.
#[derive(ToSchema)]
#[schema(as = Geolocation)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct GeolocationRequest {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "US", min_length = 2, max_length = 2)]
    country: String,
    /// Region part of ISO 3166-2: `CA` of `US-CA`.
    #[schema(nullable, example = "CA", min_length = 1, max_length = 3)]
    state: Option<String>,
    /// Free text.
    #[schema(nullable, min_length = 1, max_length = 100)]
    city: Option<String>,
}

/// A type of app, or `hosted` for redirect and embed.
#[derive(ToSchema)]
#[schema(as = Mode, rename_all = "lowercase")]
pub enum ModeRequest {
    /// Redirect apps.
    Redirect,
    /// Embed apps.
    Embed,
    /// Either of them.
    Hosted,
    /// Whitelabel apps.
    Whitelabel,
}

/// What the page's fields hold at first.
#[derive(ToSchema)]
#[schema(as = Prefill)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct PrefillRequest {
    /// The username.
    #[schema(nullable, min_length = 1, max_length = 255)]
    username: Option<String>,
}

/// Further wishes.
#[derive(ToSchema)]
#[schema(as = Options, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct OptionsRequest {
    /// Honoured only where the app has that capability switched on.
    #[schema(nullable)]
    return_raw_session: Option<bool>,
}

/// The answer to init, discriminated by `mode`.
#[derive(Serialize, ToSchema)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum InitAnswer {
    /// For apps of type `redirect` and `embed`.
    #[serde(rename_all = "camelCase")]
    Hosted {
        /// Where to send the user: redirect to it, or open it in a popup or frame.
        url: String,
        /// When the session expires.
        #[schema(format = DateTime)]
        expires_at: String,
    },
    /// For apps of type `whitelabel`.
    #[serde(rename_all = "camelCase")]
    Whitelabel {
        /// The session's secret, for the whitelabel calls.
        #[schema(pattern = "^cs_[A-Za-z0-9_-]{54}$")]
        client_secret: String,
        /// When the session expires.
        #[schema(format = DateTime)]
        expires_at: String,
    },
}

/// Where a session stands.
#[derive(Serialize, ToSchema)]
pub struct LinkStatus {
    status: StatusName,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<StatusFacts>,
    /// The pairs that init was given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
}

/// The status of a session.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Status)]
pub enum StatusName {
    /// Nothing submitted yet.
    Initialized,
    /// Credentials or a code are being checked.
    Pending,
    /// A second factor is wanted.
    #[serde(rename = "awaiting_2fa")]
    Awaiting2fa,
    /// The user cancelled or declined.
    Denied,
    /// A connection was made or renewed.
    Completed,
    /// The last attempt was wrong; another may be made.
    InvalidCredentials,
    /// Ended by an error.
    Failed,
    /// Unknown, expired or deleted.
    NotFound,
}

/// What there is to say about a status.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum StatusFacts {
    /// Of `completed`.
    #[serde(rename_all = "camelCase")]
    Completed {
        /// The connection.
        id: String,
        /// The account.
        user_data: UserFacts,
        /// The provider's session; only for apps that an operator has switched that on for.
        #[serde(skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// Of `awaiting_2fa`.
    #[serde(rename_all = "camelCase")]
    Awaiting {
        /// How it stands.
        two_factor_state: TwoFactorState,
    },
    /// Of `failed`.
    #[serde(rename_all = "camelCase")]
    Failed {
        /// `invalid_credentials`, `account_locked`, `2fa_failed`, `provider_unavailable` or `internal_error`.
        error_code: String,
    },
}

/// The account that is connected.
#[derive(Serialize, ToSchema)]
#[schema(as = UserData)]
pub struct UserFacts {
    /// The provider's id of the account.
    id: String,
    /// Display name.
    name: String,
    /// Username without `@`.
    username: String,
    /// Address of a picture.
    avatar: Option<String>,
}

/// Something is gone.
#[derive(Serialize, ToSchema)]
pub struct Deleted {
    /// Always true.
    pub success: bool,
}

impl LinkStatus {
    /// Unknown, expired or deleted.
    pub fn not_found() -> Self {
        Self {
            status: StatusName::NotFound,
            data: None,
            metadata: BTreeMap::new(),
        }
    }

    /// A check is under way, and nothing else is to be said.
    pub fn pending() -> Self {
        Self {
            status: StatusName::Pending,
            ..Self::not_found()
        }
    }

    /// The status of a session at this moment.
    pub async fn of(
        engine: &Arc<Engine>,
        caller: &Caller,
        status: Status,
        session: &LinkSession,
    ) -> Result<Self, Unavailable> {
        let data = match status {
            Status::Awaiting2fa | Status::Failed => StatusFacts::of(session, engine.clock.now()),
            Status::Completed => completed(engine, caller, session).await?,
            Status::Initialized
            | Status::Pending
            | Status::Denied
            | Status::InvalidCredentials
            | Status::NotFound => None,
        };
        let metadata = match status {
            Status::NotFound => BTreeMap::new(),
            _ => session.request.metadata.clone(),
        };
        Ok(Self {
            status: status.into(),
            data,
            metadata,
        })
    }
}

impl StatusFacts {
    /// Of a session that waits for a second factor or has failed; `None` for any other.
    pub fn of(session: &LinkSession, now: Timestamp) -> Option<Self> {
        match &session.state.stage {
            Stage::TwoFactor(two_factor) => Some(Self::Awaiting {
                two_factor_state: TwoFactorState::of(&two_factor.factor, now),
            }),
            Stage::Failed { error, .. } => Some(Self::Failed {
                error_code: error.name().to_owned(),
            }),
            _ => None,
        }
    }
}

impl From<Status> for StatusName {
    fn from(status: Status) -> Self {
        match status {
            Status::Initialized => Self::Initialized,
            Status::Pending => Self::Pending,
            Status::Awaiting2fa => Self::Awaiting2fa,
            Status::Denied => Self::Denied,
            Status::Completed => Self::Completed,
            Status::InvalidCredentials => Self::InvalidCredentials,
            Status::Failed => Self::Failed,
            Status::NotFound => Self::NotFound,
        }
    }
}

async fn completed(
    engine: &Arc<Engine>,
    caller: &Caller,
    session: &LinkSession,
) -> Result<Option<StatusFacts>, Unavailable> {
    let Some(found) = engine.connection_made(session).await? else {
        return Ok(None);
    };
    let raw = engine.raw_session(caller, &session.request, &found).await?;
    Ok(Some(StatusFacts::Completed {
        id: found.id.as_str().to_owned(),
        user_data: found.account.into(),
        session: raw.map(|session| session.reveal().to_owned()),
    }))
}

impl From<Account> for UserFacts {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            name: account.name,
            username: account.username,
            avatar: account.avatar,
        }
    }
}
