//! What a hosted page shows: plain values, already decided, in the order the eye meets them.
//!
//! A view knows nothing of sessions, stores or requests; [`super::render`] turns it into HTML.

mod elsewhere;
mod hand_off;

pub use elsewhere::ElsewhereView;
pub use hand_off::{HandOffView, Phrase, Screen, WhyOver};

/// What stands around every step: who asks, of whom, and how the page is to look.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The app that asks for the connection; `None` where no session is known.
    pub app: Option<AppFace>,
    /// The provider's display name; `None` before one is chosen or where no session is known.
    pub provider: Option<String>,
    /// The language of the page.
    pub locale: super::texts::Locale,
    /// Light, dark, or as the device says.
    pub theme: Theme,
    /// Whether the session belongs to the sandbox environment: shows the banner with the test accounts.
    pub sandbox: bool,
    /// Seconds until the session expires, given only when under five minutes are left.
    pub seconds_left: Option<u32>,
    /// Whether the step may go on on a phone: its form has a button `action=phone`.
    pub hand_off: bool,
    /// Path of this page without query, where the language and theme GET forms lead.
    pub here: String,
    /// Path and query that the step's form posts to.
    pub post_to: String,
    /// What the page around this one is told; `None` where the app embeds no pages.
    pub embedding: Option<Embedding>,
}

/// How the page talks to the one that embeds it.
#[derive(Debug, Clone, Default)]
pub struct Embedding {
    /// The app's Allowed Origins, separated by spaces: messages go to one of them or nowhere.
    pub origins: String,
    /// The messages that belong to this page, a JSON array of `{"event", "metadata"}`.
    pub told: String,
    /// Whether an embed library opened the page, which then leads nowhere by itself.
    pub embedded: bool,
    /// Parameters of the query that the forms for language and theme carry on.
    pub kept: Vec<(&'static str, String)>,
}

/// How the page looks to the person who asked for it.
#[derive(Debug, Clone)]
pub struct AppFace {
    /// The app's name, 1 to 80 characters, as the developer wrote it.
    pub name: String,
    /// Path of the logo on our own origin; `None` shows initials.
    pub logo: Option<String>,
    /// Accent colour as `#rrggbb`; `None` is the neutral one.
    pub accent: Option<String>,
    /// The app's website, `https://…`.
    pub website: Option<String>,
    /// The app's privacy policy, `https://…`.
    pub privacy: Option<String>,
    /// The app's terms, `https://…`.
    pub terms: Option<String>,
    /// Where the app helps its users: `https://…` or `mailto:…`.
    pub support: Option<String>,
}

/// The theme that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order in which the pages offer them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The name, as in the `theme` parameter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a name; `None` for any other name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// One page.
#[derive(Debug, Clone)]
pub enum View {
    /// Step 1: who asks, which provider, what happens next.
    PreLogin {
        /// Form token.
        token: String,
        /// The providers to choose from; one entry shows no picker. `(id, display name)`.
        providers: Vec<(String, String)>,
        /// Whether an existing connection is signed in again.
        reconnect: bool,
        /// Whether one signs in on the provider's own page, whichever is chosen.
        elsewhere: bool,
    },
    /// Step 2: what the app may see and change.
    Authorization {
        /// Form token.
        token: String,
        /// Every permission that the app asks for, in the order to show them.
        permissions: Vec<AskedPermission>,
    },
    /// Step 3: username and password.
    Login {
        /// Form token.
        token: String,
        /// What the username field holds.
        username: String,
        /// Whether it takes e-mail addresses only.
        by_email: bool,
        /// What was wrong with the last attempt.
        problem: Option<LoginProblem>,
    },
    /// Step 4 with a code to type.
    Code {
        /// Form token.
        token: String,
        /// Where the code comes from.
        method: CodeMethod,
        /// Whether the account offers another way.
        another_way: bool,
        /// What was wrong with the last code.
        problem: Option<CodeProblem>,
    },
    /// Step 4 with an answer in words: to a question, or to what is shown.
    Answer {
        /// Form token.
        token: String,
        /// What is asked.
        asked: AskedAnswer,
        /// Whether the account offers another way.
        another_way: bool,
        /// What was wrong with the last answer.
        problem: Option<CodeProblem>,
    },
    /// Step 4 with an approval on another device; the page goes on by itself.
    Approval {
        /// Form token.
        token: String,
        /// Path and query that tells where the flow stands, to be asked every second or two.
        wait: String,
        /// Whether the account offers another way.
        another_way: bool,
        /// Whether the provider could not ask for it.
        not_asked: bool,
    },
    /// Step 4, which way to use: its form has a button `action=way-NAME` for each.
    Ways {
        /// Form token.
        token: String,
        /// The ways that may be chosen, two at least.
        ways: Vec<Way>,
        /// Path and query of the page to go back to.
        back: String,
    },
    /// An attempt is being checked.
    Checking {
        /// Form token.
        token: String,
        /// Path and query that tells where the flow stands, to be asked every second or two.
        wait: String,
    },
    /// "Stop connecting?"; its form carries `confirm=yes`, its only button is `action=cancel`.
    Leave {
        /// Form token.
        token: String,
        /// Path and query of the page to go back to.
        back: String,
    },
    /// Step 5: connected.
    Done {
        /// The account that is connected.
        account: AccountFace,
        /// Path and query that leads back to the app (`{flow}/return`).
        back: String,
        /// Address of the user's own page of the connection, absolute.
        own: String,
    },
    /// The user's own page of a connection.
    Connection {
        /// The account that is connected.
        account: AccountFace,
        /// The day since when, `2026-01-31`.
        since: String,
        /// Whether it can be used.
        standing: Standing,
        /// Every permission that was granted, in the order to show them.
        permissions: Vec<AskedPermission>,
        /// Path and query of the page that asks whether to disconnect.
        end: String,
    },
    /// "Disconnect?"; its form carries `confirm=yes`, its only button is `action=disconnect`.
    Disconnect {
        /// Form token.
        token: String,
        /// Path and query of the page to go back to.
        back: String,
    },
    /// The user has ended the connection.
    Disconnected,
    /// The user's own link leads to no connection: forged, cut off, or of one that is gone, all in the same words.
    NoConnection,
    /// A page of signing in on the provider's own page.
    Elsewhere(ElsewhereView),
    /// A page of a hand-off to a phone.
    HandOff(HandOffView),
    /// The session has ended: expired, finished, cancelled or failed, all in the same words.
    Ended {
        /// Link back to the app, absolute or on our origin; `None` shows none.
        back: Option<String>,
    },
    /// Another browser owns the session.
    InUse,
    /// No such session, or deleted.
    Unknown,
    /// The form was not one of ours, or came from another site.
    Forbidden,
    /// We are overloaded or the store cannot be written; nothing was lost.
    Unavailable,
}

/// Whether a connection can be used, as its user is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can.
    Active,
    /// Its user has to sign in again first.
    SignInAgain,
    /// The app has ended it.
    EndedByApp,
}

/// The account a connection was made for.
#[derive(Debug, Clone)]
pub struct AccountFace {
    /// Display name.
    pub name: String,
    /// Username without `@`.
    pub username: String,
    /// `data:` or same-origin address of a picture.
    pub avatar: Option<String>,
}

/// One permission on the authorization page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four marks that a permission has or has not, in any combination"
)]
#[derive(Debug, Clone)]
pub struct AskedPermission {
    /// `posts:read`.
    pub name: String,
    /// The provider's own words, a sentence in its own language.
    pub sentence: String,
    /// Whether it can change something, or only see.
    pub changes: bool,
    /// Marked and listed last.
    pub risky: bool,
    /// Required ones have no checkbox; optional ones are `<input type=checkbox name=permission value=NAME>`.
    pub required: bool,
    /// Not granted to this connection before (only on a reconnect).
    pub new: bool,
}

/// What was wrong with a sign-in attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginProblem {
    /// Username and password do not match.
    WrongPassword {
        /// Attempts that remain in this session, 1 to 4.
        tries_left: u8,
        /// Sandbox only: the e-mail's domain is not one of the sandbox's.
        unknown_sandbox_domain: bool,
    },
    /// The provider cannot be reached at the moment; try again.
    ProviderUnavailable,
    /// A field was empty or longer than 1,024 characters.
    Incomplete,
    /// Another account than the one to be reconnected was signed in.
    DifferentAccount,
    /// The account is linked to another user of the app already.
    LinkedToAnotherUser,
    /// The server restarted or gave up in the middle; the attempt was not counted.
    Interrupted,
    /// The second factor was declined on the other device.
    Declined,
    /// The user said no on the provider's own page.
    Denied,
}

/// Where the code of the second factor comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeMethod {
    /// An authenticator app.
    App,
    /// A text message.
    Phone {
        /// The last four digits of the number.
        last_four: String,
        /// Whether and when another may be sent.
        resend: Resend,
    },
    /// An e-mail.
    Email {
        /// The address, as far as it may be shown.
        hint: String,
        /// Whether and when another may be sent.
        resend: Resend,
    },
}

/// Whether and when another code may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resend {
    /// How many more may be sent.
    pub sends_left: u8,
    /// Seconds until the next one may be sent; 0 is now.
    pub resend_in: u32,
}

/// What is asked, to be answered in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAnswer {
    /// Whether the user knows the answer, rather than sees it.
    pub is_question: bool,
    /// In the provider's words; empty where it gave none.
    pub text: String,
    /// `data:` address of a picture.
    pub picture: Option<String>,
}

/// A way of the second factor that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// An authenticator app.
    App,
    /// A text message to a number with these last four digits.
    Phone(String),
    /// An e-mail to an address, as far as it may be shown.
    Email(String),
    /// An approval on another device.
    Face,
    /// The same, where the provider insists on it.
    ForceFace,
    /// A security question.
    Question,
    /// Something to read that the provider shows.
    Shown,
}

/// What was wrong with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeProblem {
    /// Not the right code.
    Wrong {
        /// Tries that remain.
        tries_left: u8,
    },
    /// The code is too old; a new one must be sent.
    Expired,
    /// Nothing was typed, or it cannot be an answer.
    Incomplete,
    /// The provider cannot be reached at the moment; try again.
    ProviderUnavailable,
    /// No more codes may be sent, or not yet; or the provider could not start this way.
    CannotResend,
    /// The server restarted or gave up in the middle; the attempt was not counted.
    Interrupted,
}
