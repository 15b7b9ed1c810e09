//! What goes to a provider and comes back while somebody signs in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Secret, SignedIn};

/// What the user typed to sign in.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// As typed; the provider says what trimming or case mean.
    pub username: String,
    /// As typed, byte for byte.
    pub password: Secret,
}

/// What a provider says to a sign-in attempt or to a second factor.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Signed in.
    SignedIn(SignedIn),
    /// Right so far; a second factor is wanted.
    SecondFactor(Challenge),
    /// Approval on another device has not come yet; ask again in a second.
    NotYet,
    /// Username or password is wrong. `unknown_domain` says that no account of the sandbox can have this name.
    WrongCredentials {
        /// Whether the username cannot belong to any account here.
        unknown_domain: bool,
    },
    /// The code is wrong.
    WrongCode,
    /// The second factor was declined; signing in has to start again.
    Declined,
    /// The provider has locked the account.
    Locked,
    /// The provider cannot answer at the moment.
    Unavailable,
}

/// The account that was signed in to, as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's own id of the account, 1 to 255 printable ASCII characters; never changes.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Username without `@`.
    pub username: String,
    /// Address of a picture.
    pub avatar: Option<String>,
}

/// What a second factor asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The ways the account offers, at least one, the usual one first.
    pub methods: Vec<Method>,
    /// The rules for texted codes; given where [`Method::Phone`] is offered. The first text is on its way.
    pub phone: Option<PhoneRules>,
}

/// One way to prove the second factor. The names are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A code by text message.
    Phone,
    /// A code of an authenticator app.
    App,
    /// Approval elsewhere, with one's face.
    Face,
    /// The same, where the provider insists on it.
    ForceFace,
}

impl Method {
    /// Whether the user types a code, rather than approving elsewhere.
    pub fn takes_code(self) -> bool {
        matches!(self, Self::Phone | Self::App)
    }
}

/// How often codes are sent and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneRules {
    /// Texts in all, the first included.
    pub sends: u8,
    /// Wrong codes that end it.
    pub checks: u8,
    /// Last four digits of the number.
    pub last_four: String,
    /// Seconds between two texts.
    pub resend_after: u32,
    /// Seconds that a code is good for.
    pub code_life: u32,
}

/// What the user did about a second factor.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Typed a code; spaces are removed already.
    Code {
        /// Where the code came from.
        method: Method,
        /// The code.
        code: Secret,
    },
    /// Was asked to approve elsewhere, this long ago.
    Approval {
        /// Time since it was asked for.
        waited: Duration,
    },
}
