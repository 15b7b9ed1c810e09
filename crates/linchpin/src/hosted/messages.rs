//! What the page tells the page that embeds it, as existing embed libraries understand it.
//!
//! The server writes the messages into the page; its script sends each to the embedding page's exact origin, which must
//! be one of the app's Allowed Origins. No secret and no session id is in any of them.

use linchpin_provider::Account;
use serde::Serialize;

use crate::{
    domain::link_session::{ErrorCode, LinkSession, Stage, Step},
    flow::Engine,
};

/// One message: its `event` and `metadata`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", content = "metadata", rename_all = "snake_case")]
pub enum Message {
    /// A connection was made or renewed.
    Success(Success),
    /// The user closed it, or it ended in an error.
    Exit(Exit),
    /// Expired, deleted, used or finished: the embedding app should fetch a new URL.
    InvalidSession,
    /// Sandbox only: what can be tried, and where the page stands.
    SandboxInfo(SandboxInfo),
}

/// A connection was made.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Success {
    #[serde(rename = "successUrl")]
    url: String,
    redirect: bool,
    connection: Connected,
    /// The same account once more, for old readers.
    user: UserFacts,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Connected {
    id: String,
    user_data: UserFacts,
}

#[derive(Debug, Clone, Serialize)]
struct UserFacts {
    id: String,
    name: String,
    username: String,
    avatar: Option<String>,
}

/// It came to an end without a connection.
#[derive(Debug, Clone, Serialize)]
pub struct Exit {
    #[serde(rename = "type")]
    why: &'static str,
    step: &'static str,
    error: Option<ExitError>,
}

#[derive(Debug, Clone, Serialize)]
struct ExitError {
    error_type: &'static str,
    error_message: &'static str,
}

/// What can be tried in the sandbox.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxInfo {
    scenarios: [Scenario; 4],
    active_scenario_id: String,
    current_screen: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scenario {
    id: &'static str,
    account_type: &'static str,
    login_type: &'static str,
    password: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    otp_code: Option<&'static str>,
}

impl Message {
    /// That a connection was made, with where the embedding page is to go where the app wants it.
    pub fn success(engine: &Engine, session: &LinkSession, id: &str, account: &Account) -> Self {
        let url = engine.way_back(session).unwrap_or_default();
        let directory = engine.directory();
        let app = directory.app(&session.request.app);
        let user = UserFacts {
            id: account.id.clone(),
            name: account.name.clone(),
            username: account.username.clone(),
            avatar: account.avatar.clone(),
        };
        Self::Success(Success {
            redirect: app.is_some_and(|app| app.redirect_on_success) && !url.is_empty(),
            url,
            connection: Connected {
                id: id.to_owned(),
                user_data: user.clone(),
            },
            user,
        })
    }

    /// How a session ended without a connection, to whoever drove it.
    pub fn end(session: &LinkSession) -> Self {
        match &session.state.stage {
            Stage::Cancelled { step, .. } => Self::Exit(Exit {
                why: "user_exit",
                step: step.name(),
                error: None,
            }),
            Stage::Failed { error, .. } if *error != ErrorCode::SessionExpired => {
                Self::Exit(Exit {
                    why: "error",
                    step: "error",
                    error: Some(ExitError {
                        error_type: error.name(),
                        error_message: explained(*error),
                    }),
                })
            }
            _ => Self::InvalidSession,
        }
    }

    /// The sandbox's scenarios and the screen that is shown; `ended` is the screen of an end, `success` or `error`.
    pub fn sandbox_info(session: &LinkSession, ended: Option<&'static str>) -> Self {
        let screen = match session.step() {
            _ if ended.is_some() => ended.unwrap_or_default(),
            Some(Step::TwoFactor) => "otp",
            Some(step) => step.name(),
            None => "error",
        };
        let typed = typed(session).and_then(scenario_of);
        Self::SandboxInfo(SandboxInfo {
            scenarios: scenarios(),
            active_scenario_id: typed.unwrap_or("creator").to_owned(),
            current_screen: screen,
        })
    }
}

/// What an error means, for the developer's log.
fn explained(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::SessionExpired => "The session's time was over.",
        ErrorCode::InvalidCredentials => "The user has no more attempts to sign in.",
        ErrorCode::AccountLocked => "The provider has locked the account.",
        ErrorCode::TwoFactorFailed => "The user has no more attempts at the second factor.",
        ErrorCode::ProviderUnavailable => "The provider could not be reached several times.",
        ErrorCode::InternalError => "Something went wrong that trying again will not mend.",
    }
}

fn typed(session: &LinkSession) -> Option<&str> {
    use crate::domain::link_session::Attempt;
    match &session.state.stage {
        Stage::Login(login) => login.username.as_deref(),
        Stage::Verifying { attempt, .. } => match attempt {
            Attempt::Password(login) | Attempt::Elsewhere(login) => login.username.as_deref(),
            Attempt::Code(two_factor) => Some(&two_factor.username),
        },
        Stage::TwoFactor(two_factor) => Some(&two_factor.username),
        _ => None,
    }
}

/// The label before `.sandbox.com`.
fn scenario_of(email: &str) -> Option<&str> {
    let (_, domain) = email.trim().rsplit_once('@')?;
    domain.strip_suffix(".sandbox.com")
}

fn scenarios() -> [Scenario; 4] {
    let scenario = |id, account_type, otp_code: Option<&'static str>| Scenario {
        id,
        account_type,
        login_type: if otp_code.is_some() {
            "app_otp"
        } else {
            "password"
        },
        password: super::render::SANDBOX_PASSWORD,
        otp_code,
    };
    let code = Some(super::render::SANDBOX_CODE);
    [
        scenario("creator", "creator", None),
        scenario("fan", "fan", None),
        scenario("creator-otp", "creator", code),
        scenario("fan-otp", "fan", code),
    ]
}
