//! What a test knows of the platform behind a provider, and what came of asking.

use std::fmt;

use crate::{Description, Import, Secret};

/// What a test knows of the platform behind a provider.
pub struct Script {
    /// Accounts that are there.
    pub accounts: Vec<Actor>,
    /// Whether a session is dead once it was signed out of. Only a platform that keeps no sessions may leave it alive.
    pub sign_out_ends: bool,
    /// Whether calls that no pattern covers are open, because the provider says so.
    pub rest_is_open: bool,
    /// A path that any signed-in account can read with GET.
    pub path: Option<String>,
}

impl Script {
    /// These accounts, on a platform that ends sessions and refuses what is not covered.
    pub fn new(accounts: Vec<Actor>) -> Self {
        Self {
            accounts,
            sign_out_ends: true,
            rest_is_open: false,
            path: None,
        }
    }

    /// What a description tells by itself: its test accounts, of which any ending but a wrong password is as good as another.
    pub fn of(description: &Description) -> Self {
        let actors = description.test_accounts.iter().map(|account| Actor {
            code: account.code.clone().map(Code::Always),
            ending: Ending::Any,
            ..Actor::new(&account.username, &account.password)
        });
        Self {
            sign_out_ends: false,
            ..Self::new(actors.collect())
        }
    }
}

/// An account that is there.
pub struct Actor {
    /// What is typed.
    pub username: String,
    /// The right password.
    pub password: Secret,
    /// The right code, where the account has a second factor that is a code.
    pub code: Option<Code>,
    /// A session of the account that was made elsewhere, where the provider takes such over.
    pub import: Option<Import>,
    /// How a sign-in ends.
    pub ending: Ending,
}

impl Actor {
    /// An account without a second factor that can be signed in to.
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: Secret::new(password.to_owned()),
            code: None,
            import: None,
            ending: Ending::SignedIn,
        }
    }

    /// The same, with a code that is always right.
    #[must_use]
    pub fn with_code(self, code: &str) -> Self {
        Self {
            code: Some(Code::Always(code.to_owned())),
            ..self
        }
    }
}

/// Where a right code comes from.
pub enum Code {
    /// It is always the same.
    Always(String),
    /// It is another one each time, as an authenticator's is.
    Now(Box<dyn Fn() -> String + Send + Sync>),
}

impl Code {
    pub(super) fn now(&self) -> String {
        match self {
            Self::Always(code) => code.clone(),
            Self::Now(code) => code(),
        }
    }
}

/// How a sign-in with the right password ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Signed in, with a session that lives.
    SignedIn,
    /// Signed in, with a session that is dead by the time somebody looks.
    Fleeting,
    /// The account is locked.
    Locked,
    /// The platform does not answer.
    Unavailable,
    /// In any way but as a wrong password or code.
    Any,
}

/// A rule that every provider keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The description is well-formed.
    Description,
    /// Each call needs a permission that there is, or is refused, which is what happens to calls that nobody has thought of.
    Coverage,
    /// A right password signs in, and what it gives can be kept.
    RightPassword,
    /// A second sign-in finds the same account.
    SameAccount,
    /// A wrong password is told as that.
    WrongPassword,
    /// A username that nobody has is told as a wrong password is.
    UnknownUsername,
    /// A wrong code is told as that, and the next one can be right.
    WrongCode,
    /// What an account has no second factor for is declined.
    NoSuchFactor,
    /// A code can be asked for once more, and other ways cannot.
    Ask,
    /// A session that was just made is alive and of the same account.
    Look,
    /// The profile is whole and of the same account.
    Profile,
    /// A call with the session is answered.
    Call,
    /// A session is dead after it was signed out of.
    SignOut,
    /// What is no session of the platform's is not alive.
    ForeignSession,
    /// A session from elsewhere is taken over as the account's, and rubbish is not.
    Import,
    /// A browser is sent to the provider's own page with the state, or signing in is done here.
    Depart,
    /// Nothing secret is in what can be printed.
    Secrecy,
    /// Each answer comes within the deadline.
    Deadline,
}

impl Rule {
    /// Every rule, in the order in which they are told.
    pub const ALL: [Self; 18] = [
        Self::Description,
        Self::Coverage,
        Self::RightPassword,
        Self::SameAccount,
        Self::WrongPassword,
        Self::UnknownUsername,
        Self::WrongCode,
        Self::NoSuchFactor,
        Self::Ask,
        Self::Look,
        Self::Profile,
        Self::Call,
        Self::SignOut,
        Self::ForeignSession,
        Self::Import,
        Self::Depart,
        Self::Secrecy,
        Self::Deadline,
    ];

    /// Its name, such as `wrong-password`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Description => "description",
            Self::Coverage => "coverage",
            Self::RightPassword => "right-password",
            Self::SameAccount => "same-account",
            Self::WrongPassword => "wrong-password",
            Self::UnknownUsername => "unknown-username",
            Self::WrongCode => "wrong-code",
            Self::NoSuchFactor => "no-such-factor",
            Self::Ask => "ask",
            Self::Look => "look",
            Self::Profile => "profile",
            Self::Call => "call",
            Self::SignOut => "sign-out",
            Self::ForeignSession => "foreign-session",
            Self::Import => "import",
            Self::Depart => "depart",
            Self::Secrecy => "secrecy",
            Self::Deadline => "deadline",
        }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The rule's name.
    pub rule: &'static str,
    /// How often it was looked at; 0 where the script gave no occasion.
    pub looked_at: u32,
    /// Where it was not kept, as sentences.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Of a rule that was not looked at yet.
    pub fn new(rule: &'static str) -> Self {
        Self {
            rule,
            looked_at: 0,
            faults: Vec::new(),
        }
    }
}

impl fmt::Display for Verdict {
    /// One line: `ok`, `not looked at` or `FAILED`, the rule, and what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule;
        match (self.looked_at, self.faults.as_slice()) {
            (_, [_, ..]) => write!(f, "FAILED  {rule}: {}", self.faults.join("; ")),
            (0, []) => write!(f, "-       {rule}: no occasion to look"),
            (_, []) => write!(f, "ok      {rule}"),
        }
    }
}
