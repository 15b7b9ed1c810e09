//! A link session: one person's attempt to connect one account, from init to redirect.
//!
//! [`LinkSession::apply`] is the one place where a session changes. It takes an event and the time and gives the
//! next session, or says why the event is refused; see [`transition`](self::transition).

mod elsewhere;
mod hand_off;
mod leaving;
mod request;
mod told;
mod transition;
mod two_factor;

pub use elsewhere::{Elsewhere, TRIP_LIFE};
pub use hand_off::{HAND_OFF_LIFE, HAND_OFFS_MAX, HandOff, HandOffEvent, HandOffStands, Offer};
use linchpin_provider::{Challenge, Method};
pub use request::{Reconnect, SessionRequest};
use serde::{Deserialize, Serialize};
pub use told::{Outcome, Status};

use super::{
    geolocation::Geolocation,
    id::{ConnectionId, SessionId},
    sealed::Sealed,
    second_factor::SecondFactor,
    time::{MINUTE, Timestamp},
};

/// Wrong passwords that end a session.
pub const WRONG_PASSWORDS_MAX: u8 = 5;
/// Times in a row that a provider may be unavailable before the session ends.
pub const UNAVAILABLE_MAX: u8 = 3;
/// For how long the launch form that won leads to its flow URL again, in milliseconds.
pub const SAME_TOKEN_WINDOW: i64 = MINUTE;

/// One person's attempt to connect one account. It lives minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSession {
    /// Its public identifier.
    pub id: SessionId,
    /// What the developer asked for; never changes.
    pub request: SessionRequest,
    /// Where it stands.
    pub state: State,
    /// Raised by one with every change; a save is refused unless it follows the version that was read.
    pub version: i64,
    /// When init answered.
    pub created_at: Timestamp,
    /// From then on nothing but an attempt already under way can change its outcome.
    pub expires_at: Timestamp,
}

impl LinkSession {
    /// A session as init makes it: nobody has acted yet.
    pub fn new(
        id: SessionId,
        request: SessionRequest,
        created_at: Timestamp,
        expires_at: Timestamp,
    ) -> Self {
        let state = State {
            stage: Stage::Initialized,
            owner: None,
            wrong_passwords: 0,
            wrong_codes: 0,
            unavailable: 0,
            deleted: false,
            hand_off: None,
            place: None,
            proxy: None,
        };
        Self {
            id,
            request,
            state,
            version: 1,
            created_at,
            expires_at,
        }
    }
}

/// The changing part of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The step, with what is true in it.
    pub stage: Stage,
    /// The browser that acted first.
    pub owner: Option<Owner>,
    /// Wrong passwords so far.
    pub wrong_passwords: u8,
    /// Wrong codes and other answers so far, over every second factor that was asked for.
    pub wrong_codes: u8,
    /// Times in a row that the provider was unavailable.
    pub unavailable: u8,
    /// Whether the developer deleted it: it reads as if it had never been.
    pub deleted: bool,
    /// Going on with it on a phone; `None` where that was never begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_off: Option<HandOff>,
    /// Where the app has said at sign-in that traffic to the provider is to leave from, in place of what init said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Geolocation>,
    /// The URL of the proxy that the app has named at sign-in, sealed; gone when the session has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Sealed>,
}

/// The browser that acted first, known by the hash of its flow secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Hash of the flow secret.
    pub flow_hash: [u8; 32],
    /// When it acted.
    pub since: Timestamp,
}

/// Where a session stands, with exactly what is true there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Stage {
    /// Nothing submitted yet; the page shows pre-login.
    Initialized,
    /// The user is asked for the permissions.
    Authorization {
        /// The provider that was chosen.
        provider: String,
    },
    /// The user is asked for username and password, or to go to the provider's own page.
    Login(Login),
    /// The browser is at the provider's own page.
    Elsewhere(Elsewhere),
    /// An attempt is with the provider.
    Verifying {
        /// What is being checked, and where the session goes back to when the check is lost.
        attempt: Attempt,
        /// When the check counts as lost.
        until: Timestamp,
    },
    /// The user is asked for a second factor.
    TwoFactor(TwoFactor),
    /// A connection was made or renewed.
    Completed {
        /// Which.
        connection: ConnectionId,
        /// When.
        at: Timestamp,
    },
    /// The user left or declined.
    Cancelled {
        /// Where.
        step: Step,
        /// When.
        at: Timestamp,
    },
    /// Ended by an error.
    Failed {
        /// Which.
        error: ErrorCode,
        /// When.
        at: Timestamp,
    },
    /// Nobody finished it in time.
    Expired {
        /// When that was written.
        at: Timestamp,
    },
    /// The developer deleted it before it ended.
    Deleted {
        /// When.
        at: Timestamp,
    },
}

/// What the user has agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The provider that was chosen.
    pub provider: String,
    /// The permissions that were granted, in the app's order.
    pub granted: Vec<String>,
}

/// The login step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// What the user has agreed to.
    pub consent: Consent,
    /// The username as last typed; `None` before the first attempt.
    pub username: Option<String>,
    /// What was wrong with the last attempt.
    pub problem: Option<LoginProblem>,
}

/// The second-factor step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwoFactor {
    /// What the user has agreed to.
    pub consent: Consent,
    /// The username that was signed in with: all that a second factor remembers.
    pub username: String,
    /// How it stands.
    pub factor: SecondFactor,
    /// What was wrong with the last try.
    pub problem: Option<CodeProblem>,
    /// What the provider keeps until its next step, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Sealed>,
}

/// What is with the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// A username and password.
    Password(Login),
    /// A code.
    Code(TwoFactor),
    /// What the browser has brought back from the provider's own page.
    Elsewhere(Login),
}

impl Attempt {
    /// What the user has agreed to.
    pub fn consent(&self) -> &Consent {
        match self {
            Self::Password(login) | Self::Elsewhere(login) => &login.consent,
            Self::Code(two_factor) => &two_factor.consent,
        }
    }
}

/// What was wrong with the last sign-in attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginProblem {
    /// Username and password do not match.
    Wrong,
    /// No account of the sandbox can have this name.
    UnknownDomain,
    /// The provider could not answer.
    Unavailable,
    /// Another account than the one to be reconnected.
    DifferentAccount,
    /// The account is linked to another user of the app.
    LinkedToAnotherUser,
    /// The check was lost; the attempt does not count.
    Interrupted,
    /// The second factor was declined.
    Declined,
    /// The user said no on the provider's own page.
    Denied,
}

impl LoginProblem {
    /// Whether what was typed was wrong, rather than that something stood in its way.
    pub fn is_wrong(self) -> bool {
        matches!(self, Self::Wrong | Self::UnknownDomain)
    }
}

/// What was wrong with the last second-factor try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeProblem {
    /// Not the right code.
    Wrong,
    /// The provider could not answer.
    Unavailable,
    /// The code is too old.
    Expired,
    /// No more codes may be sent, or not yet; or the provider could not start this way.
    CannotResend,
    /// The check was lost; the attempt does not count.
    Interrupted,
}

/// The steps that a user can leave at; the names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// `pre-login`
    #[serde(rename = "pre-login")]
    PreLogin,
    /// `authorization`
    #[serde(rename = "authorization")]
    Authorization,
    /// `login`
    #[serde(rename = "login")]
    Login,
    /// `2fa`
    #[serde(rename = "2fa")]
    TwoFactor,
}

impl Step {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreLogin => "pre-login",
            Self::Authorization => "authorization",
            Self::Login => "login",
            Self::TwoFactor => "2fa",
        }
    }
}

/// Why a session failed; the names are the wire's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorCode {
    /// `session_expired`
    #[serde(rename = "session_expired")]
    SessionExpired,
    /// `invalid_credentials`: the attempts are used up.
    #[serde(rename = "invalid_credentials")]
    InvalidCredentials,
    /// `account_locked`
    #[serde(rename = "account_locked")]
    AccountLocked,
    /// `2fa_failed`
    #[serde(rename = "2fa_failed")]
    TwoFactorFailed,
    /// `provider_unavailable`
    #[serde(rename = "provider_unavailable")]
    ProviderUnavailable,
    /// `internal_error`
    #[serde(rename = "internal_error")]
    InternalError,
}

impl ErrorCode {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::SessionExpired => "session_expired",
            Self::InvalidCredentials => "invalid_credentials",
            Self::AccountLocked => "account_locked",
            Self::TwoFactorFailed => "2fa_failed",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::InternalError => "internal_error",
        }
    }
}

/// What can happen to a session.
#[derive(Debug, Clone)]
pub enum Event {
    /// The first browser acted: it owns the session from now on, and has chosen the provider.
    Begun {
        /// Hash of the browser's flow secret.
        flow_hash: [u8; 32],
        /// The provider.
        provider: String,
    },
    /// The app of a whitelabel session acted first: it shows the permissions itself, so all that it asks for are granted.
    BegunByApp {
        /// The provider.
        provider: String,
    },
    /// The user allowed; `optional` names what was left ticked of the optional permissions.
    Allowed {
        /// Names of optional permissions.
        optional: Vec<String>,
    },
    /// The app of a whitelabel session says where traffic to the provider is to leave from.
    PlaceChosen {
        /// Where.
        place: Geolocation,
    },
    /// The app of a whitelabel session names the proxy that traffic to the provider is to leave through.
    ProxyChosen {
        /// Its URL.
        proxy: Sealed,
    },
    /// Username and password were submitted and go to the provider now.
    PasswordSubmitted {
        /// As typed.
        username: String,
        /// When the check counts as lost.
        until: Timestamp,
    },
    /// A code was submitted and goes to the provider now.
    CodeSubmitted {
        /// When the check counts as lost.
        until: Timestamp,
    },
    /// The provider accepted, and a connection was made or renewed in the same operation.
    Linked {
        /// Which.
        connection: ConnectionId,
    },
    /// The provider wants a second factor.
    SecondFactorWanted {
        /// Which.
        challenge: Challenge,
        /// What it keeps until then.
        progress: Option<Sealed>,
    },
    /// Username or password was wrong.
    WrongPassword {
        /// Whether no account here can have this name.
        unknown_domain: bool,
    },
    /// The code was wrong.
    WrongCode {
        /// What takes the place of what the provider kept; `None` where that stays.
        progress: Option<Sealed>,
    },
    /// The code was too old to be tried.
    CodeExpired,
    /// The second factor was declined on the other device.
    Declined,
    /// The provider has locked the account.
    Locked,
    /// The provider could not answer.
    Unavailable,
    /// The account signed in to is not the one to be reconnected.
    DifferentAccount,
    /// The account is linked to another user of the app, which allows one only.
    LinkedToAnotherUser,
    /// The check's outcome will never be known: the process died or the check ran out of time.
    CheckLost,
    /// A code of the way in use was sent.
    CodeSent,
    /// The provider has put something else in the place of what it kept.
    Progressed {
        /// What it keeps now.
        progress: Sealed,
    },
    /// A code could not be sent, or another way not be started.
    CodeNotSent,
    /// The user chose this way.
    MethodChosen {
        /// Which.
        method: Method,
    },
    /// The user left.
    Cancelled,
    /// The session's time is over.
    TimePassed,
    /// The developer deleted it.
    Deleted,
    /// The store was put back to an earlier state: what became of the session after that is not known.
    Restored,
    /// Something went wrong on our side that trying again will not mend.
    Broke,
    /// It goes on on a phone, or may, or does no more.
    HandOff(HandOffEvent),
    /// A browser goes to the provider's own page.
    Departed {
        /// Which trip.
        trip: i64,
        /// Until when it may come back.
        until: Timestamp,
        /// What the provider keeps until then.
        progress: Option<Sealed>,
    },
    /// Nobody can go there at the moment: the provider could not answer.
    NotDeparted,
    /// The browser is back, and what it brought goes to the provider now.
    Arrived {
        /// From which trip.
        trip: i64,
        /// When the check counts as lost.
        until: Timestamp,
    },
    /// The user said no there.
    Denied,
}

/// A change that [`LinkSession::apply`] allowed.
#[derive(Debug, Clone)]
pub struct Transition {
    /// The session after it.
    pub session: LinkSession,
    /// Name of the event, for the history.
    pub event: &'static str,
    /// Name of the stage before it.
    pub from: &'static str,
}

/// Why an event was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The event does not belong to the stage.
    #[error("this step is not due")]
    WrongStage,
    /// The session has ended.
    #[error("the session has ended")]
    Over,
    /// The session's time is over; only its end can be written.
    #[error("the session has expired")]
    TooLate,
    /// The time that the event speaks of has not come.
    #[error("the time has not come")]
    TooEarly,
}
