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

/// A sign-in that waits for its second factor.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The username that was signed in with.
    pub username: String,
    /// What the provider gave with [`Answer::SecondFactor`] or, later, with [`Answer::WrongCode`] or [`Asked::Done`];
    /// empty where it gave nothing.
    pub progress: Secret,
}

impl Pending {
    /// Bytes of the progress at most.
    pub const PROGRESS_MAX: usize = 32 * 1024;
}

/// What a provider says to a sign-in attempt or to a second factor.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Signed in.
    SignedIn(SignedIn),
    /// Right so far; a second factor is wanted.
    SecondFactor {
        /// Which.
        challenge: Challenge,
        /// What the provider needs to go on: its cookies, a token of the form. At most [`Pending::PROGRESS_MAX`] bytes,
        /// kept sealed until the sign-in ends; empty where it needs nothing.
        progress: Secret,
    },
    /// Approval on another device has not come yet; ask again in a second.
    NotYet,
    /// Username or password is wrong. `unknown_domain` says that no account of the sandbox can have this name.
    WrongCredentials {
        /// Whether the username cannot belong to any account here.
        unknown_domain: bool,
    },
    /// The code is wrong.
    WrongCode {
        /// What takes the place of the progress before; `None` where that stays.
        progress: Option<Secret>,
    },
    /// The second factor was declined; signing in has to start again.
    Declined,
    /// The user said no on the provider's own page.
    Denied,
    /// The provider has locked the account.
    Locked,
    /// The provider cannot answer at the moment, or wants fewer attempts.
    Unavailable,
}

/// The account that was signed in to, as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's own id of the account, 1 to 255 printable ASCII characters; never changes.
    pub id: String,
    /// Display name, up to 255 characters.
    pub name: String,
    /// Username without `@`, up to 255 characters.
    pub username: String,
    /// Address of a picture, `https://` or `data:image/`, up to 2,048 bytes.
    pub avatar: Option<String>,
}

/// What a second factor asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The ways the account offers, at least one, the usual one first.
    pub methods: Vec<Method>,
    /// The rules for texted codes; given where [`Method::Phone`] is offered.
    pub phone: Option<CodeRules>,
    /// The rules for codes by e-mail; given where [`Method::Email`] is offered.
    pub email: Option<CodeRules>,
    /// What is asked; given where [`Method::Question`] or [`Method::Shown`] is offered.
    pub prompt: Option<Prompt>,
}

/// One way to prove the second factor. The names are those of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A code by text message.
    Phone,
    /// A code by e-mail.
    Email,
    /// A code of an authenticator app.
    App,
    /// Approval elsewhere: a push message, one's face.
    Face,
    /// The same, where the provider insists on it.
    ForceFace,
    /// The answer to a question that the user has chosen, in words.
    Question,
    /// What a challenge that only a person can solve shows, such as the letters of a picture.
    Shown,
}

impl Method {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::Phone,
        Self::Email,
        Self::App,
        Self::Face,
        Self::ForceFace,
        Self::Question,
        Self::Shown,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::App => "app",
            Self::Face => "face",
            Self::ForceFace => "forceFace",
            Self::Question => "question",
            Self::Shown => "shown",
        }
    }

    /// Whether the user types something, rather than approving elsewhere.
    pub fn is_typed(self) -> bool {
        !matches!(self, Self::Face | Self::ForceFace)
    }

    /// Whether a code is sent to the user, which can be done again.
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Phone | Self::Email)
    }

    /// Whether what is typed is a code, in which spaces and dashes do not count, rather than words.
    pub fn is_code(self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::App)
    }
}

/// How often codes are sent and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRules {
    /// Codes sent in all, the first included.
    pub sends: u8,
    /// Wrong codes that end it.
    pub checks: u8,
    /// Where they go, as far as the page may show it: the last four digits of a number, `j…@example.com`.
    #[serde(rename = "last_four")]
    pub hint: String,
    /// Seconds between two of them.
    pub resend_after: u32,
    /// Seconds that a code is good for.
    pub code_life: u32,
}

/// What a question asks, or a challenge shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// In the provider's words, 1 to 500 characters.
    pub text: String,
    /// A picture as a `data:image/png;base64,…` URL (or jpeg, gif, webp) of at most [`Prompt::PICTURE_MAX`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl Prompt {
    /// Bytes of the picture's URL at most.
    pub const PICTURE_MAX: usize = 32 * 1024;
}

/// What became of asking for a second factor.
#[derive(Debug, Clone)]
pub enum Asked {
    /// It was, or nothing needed doing.
    Done {
        /// What takes the place of the progress before; `None` where that stays.
        progress: Option<Secret>,
    },
    /// Not now: no more may be sent, or the provider cannot be reached.
    NotNow,
}

/// What the user did about a second factor.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Typed something. From codes spaces are removed already.
    Code {
        /// What it answers.
        method: Method,
        /// What was typed.
        code: Secret,
    },
    /// Was asked to approve elsewhere, this long ago.
    Approval {
        /// Time since it was asked for.
        waited: Duration,
    },
}
