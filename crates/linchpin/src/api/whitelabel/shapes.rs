//! The shapes that the calls of a whitelabel session take and answer with.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        ApiError,
        account::shapes::ConnectionTold,
        told::{GeolocationRequest, LinkStatus, StatusFacts, StatusName},
    },
    domain::link_session::{CodeProblem, LinkSession, LoginProblem, Stage, Status},
    flow::{Caller, Engine, NotTaken, Unavailable},
};

// Only for the description: requests are read by `wanted`.
/// Username and password.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct LoginRequest {
    /// The username, where the provider takes an e-mail address.
    #[schema(
        nullable,
        min_length = 1,
        max_length = 1024,
        example = "jane@creator.sandbox.com"
    )]
    email: Option<String>,
    /// The username; either this or `email`.
    #[schema(nullable, min_length = 1, max_length = 1024)]
    username: Option<String>,
    /// The password.
    #[schema(min_length = 1)]
    password: String,
    /// `base64` where the password is written so.
    #[schema(nullable, pattern = "^base64$")]
    password_encoding: Option<String>,
    /// One of the session's providers. Omitted: its only one.
    #[schema(nullable, min_length = 1, max_length = 64)]
    provider: Option<String>,
    /// How traffic to the provider is to leave.
    #[schema(nullable)]
    proxy: Option<ProxyRequest>,
    /// Seconds to wait for the outcome at most.
    #[schema(nullable, minimum = 1, maximum = 55)]
    wait: Option<i64>,
}

/// How traffic to the provider is to leave.
#[derive(ToSchema)]
#[schema(as = Proxy)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct ProxyRequest {
    /// From where; left out with `url`, and where the connection that is signed in to again has a proxy of its own.
    #[schema(nullable)]
    geo: Option<GeolocationRequest>,
    /// Through which HTTP or SOCKS5 proxy, with user name and password where it wants them; only for apps that an operator has
    /// allowed that, and never at a private address. All traffic of the connection leaves through it from then on.
    #[schema(nullable, max_length = 2048)]
    url: Option<String>,
}

/// A code, or another answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct CodeRequest {
    /// A code of 4 to 12 letters or digits, in which spaces and dashes do not count. For `question` and `shown` up to 256
    /// characters.
    #[schema(example = "123456")]
    code: String,
    /// `app`, `phone`, `email`, `question` or `shown`. Omitted: the way in use.
    #[schema(nullable, pattern = "^(app|phone|email|question|shown)$")]
    method: Option<String>,
}

/// Another code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct ResendRequest {
    /// `phone` or `email`, which is then the way in use. Omitted: the way in use.
    #[schema(nullable, pattern = "^(phone|email)$")]
    method: Option<String>,
}

/// A way of the second factor.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct MethodRequest {
    /// One of those that `twoFactorState.options` names.
    #[schema(pattern = "^(phone|email|app|face|forceFace|question|shown)$")]
    method: String,
}

/// What a login came to.
#[derive(Serialize, ToSchema)]
pub struct LoginAnswer {
    /// Whether it is under way or led on.
    success: bool,
    /// What stood in its way, for a developer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// Where the session stands.
    data: LinkStatus,
}

impl LoginAnswer {
    /// It is with the provider.
    pub fn pending() -> Self {
        Self {
            success: true,
            error: None,
            data: LinkStatus::pending(),
        }
    }

    /// What it came to.
    pub async fn of(
        engine: &Arc<Engine>,
        caller: &Caller,
        status: Status,
        session: Option<&LinkSession>,
    ) -> Result<Self, Unavailable> {
        let error = session.map_or(Some(GONE), |session| problem(status, session));
        Ok(Self {
            success: error.is_none(),
            error,
            data: match session {
                Some(session) => LinkStatus::of(engine, caller, status, session).await?,
                None => LinkStatus::not_found(),
            },
        })
    }
}

/// What a code came to.
#[derive(Serialize, ToSchema)]
pub struct CodeAnswer {
    /// Whether it was right, or is still with the provider.
    success: bool,
    status: StatusName,
    /// The connection that was made or renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionTold>,
    /// What was wrong, for a developer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// How the second factor stands, or why the session failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<StatusFacts>,
}

impl CodeAnswer {
    /// What it came to.
    pub async fn of(
        engine: &Engine,
        status: Status,
        session: Option<&LinkSession>,
    ) -> Result<Self, Unavailable> {
        let error = session.map_or(Some(GONE), |session| problem(status, session));
        let connection = match session {
            Some(session) => engine.connection_made(session).await?,
            None => None,
        };
        Ok(Self {
            success: error.is_none(),
            status: status.into(),
            connection: connection.map(ConnectionTold::from),
            error,
            data: session.and_then(|session| StatusFacts::of(session, engine.clock.now())),
        })
    }
}

/// How the second factor stands after a change of it.
#[derive(Serialize, ToSchema)]
pub struct FactorAnswer {
    /// Always true.
    success: bool,
    data: StatusFacts,
}

impl FactorAnswer {
    /// How it stands.
    pub fn of(engine: &Engine, session: &LinkSession) -> Result<Self, ApiError> {
        let facts = StatusFacts::of(session, engine.clock.now());
        let data = facts.ok_or(NotTaken::Unknown)?;
        Ok(Self {
            success: true,
            data,
        })
    }
}

const GONE: &str = "The session is gone";

/// What stands in the way of a session that does not go on by itself.
fn problem(status: Status, session: &LinkSession) -> Option<&'static str> {
    match status {
        Status::NotFound => return Some(GONE),
        Status::Denied => return Some("The session was left"),
        Status::Failed => return Some("The session has failed; data.errorCode says why"),
        _ => {}
    }
    match &session.state.stage {
        Stage::Login(login) => login.problem.map(of_login),
        Stage::TwoFactor(two_factor) => two_factor.problem.map(of_code),
        _ => None,
    }
}

fn of_login(problem: LoginProblem) -> &'static str {
    match problem {
        LoginProblem::Wrong => "Invalid credentials",
        LoginProblem::UnknownDomain => {
            "Invalid credentials: no test account of the sandbox has such an address"
        }
        LoginProblem::Unavailable => "The provider does not answer; try again",
        LoginProblem::DifferentAccount => "Another account than the one to be reconnected",
        LoginProblem::LinkedToAnotherUser => "The account is linked to another user of the app",
        LoginProblem::Interrupted => "The check was interrupted and does not count; try again",
        LoginProblem::Declined => "The second factor was declined; log in again",
        LoginProblem::Denied => "The user said no at the provider; log in again",
    }
}

fn of_code(problem: CodeProblem) -> &'static str {
    match problem {
        CodeProblem::Wrong => "Invalid code",
        CodeProblem::Unavailable => "The provider does not answer; try again",
        CodeProblem::Expired => "The code has expired; have another one sent",
        CodeProblem::CannotResend => {
            "No other code could be sent, or this way could not be started"
        }
        CodeProblem::Interrupted => "The check was interrupted and does not count; try again",
    }
}
