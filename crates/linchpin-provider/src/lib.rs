//! The contract that a provider fulfils.
//!
//! A provider is the platform whose accounts are linked. It says what it is ([`Description`]) and answers
//! questions ([`Provider`]); it knows nothing of sessions, pages or stores. [`conformance`] is for its tests.

mod call;
mod client;
pub mod conformance;
mod description;
mod elsewhere;
mod secret;
mod session;
mod sign_in;

use std::time::Duration;

pub use call::{Body, BodyError, Call, CallAnswer, CallLimits, Called, Coverage, whole};
pub use client::{Client, SendError, Transport};
pub use description::{Access, Description, Entry, Permission, Reach, TestAccount, UsernameKind};
pub use elsewhere::{Arrival, Departed, Departure};
pub use secret::Secret;
pub use session::{Death, Import, Imported, Looked, Session, SignedIn};
pub use sign_in::{
    Account, Answer, Asked, Challenge, CodeRules, Credentials, Method, Pending, Prompt, Reply,
};

/// The questions that the flow asks a provider.
///
/// Every call may take as long as the network does; the caller sets the deadline and drops the call when it is
/// over. No call may keep a password or code after it has answered, and none reaches anything but through the client
/// that it is given.
#[async_trait::async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What the provider is and offers; constant for the life of this value.
    fn describe(&self) -> &Description;

    /// Signs in with what the user typed. Asked of providers whose [`Entry`] is a password.
    async fn sign_in(&self, client: &Client, credentials: Credentials) -> Answer;

    /// Goes on with a second factor that [`Answer::SecondFactor`] asked for; `reply` is what the user did.
    /// [`Answer::Declined`] where the account has no such second factor.
    async fn second_factor(&self, client: &Client, pending: &Pending, reply: Reply) -> Answer;

    /// Has the provider ask for this second factor, where that takes something of it: the user has chosen it in place of
    /// another, or wants its code sent once more.
    async fn ask(&self, client: &Client, pending: &Pending, method: Method) -> Asked;

    /// Where a browser signs in. Asked of providers whose [`Entry`] is [`Entry::Elsewhere`].
    async fn depart(&self, _client: &Client, _departure: Departure) -> Departed {
        Departed::NotOffered
    }

    /// Goes on with a browser that has come back from there.
    async fn arrive(&self, _client: &Client, _arrival: Arrival) -> Answer {
        Answer::Unavailable
    }

    /// Takes over a session that was made elsewhere, and tells whose it is.
    async fn import(&self, client: &Client, import: Import) -> Imported;

    /// Whether a session is known to have run out or to be about to, so that a call with it is not worth making before it
    /// was looked at. `now` is in milliseconds since 1970.
    fn is_stale(&self, _session: &Session, _now: i64) -> bool {
        false
    }

    /// Looks whether a session is alive, and renews it where that is possible and due.
    async fn look(&self, client: &Client, session: &Session) -> Looked;

    /// Ends a session; `false` where that did not work.
    async fn sign_out(&self, client: &Client, session: &Session) -> bool;

    /// The account's profile as the provider gives it: a JSON object with at least `id`, `name`, `username` and
    /// `avatar`.
    async fn profile(&self, client: &Client, session: &Session) -> Called<serde_json::Value>;

    /// What a call of this method and path needs. Called before anything is sent.
    fn covers(&self, method: &http::Method, path: &str) -> Coverage;

    /// Makes a call with the session attached.
    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer>;

    /// What one call may take.
    fn call_limits(&self) -> CallLimits {
        CallLimits::default()
    }

    /// Sessions that may be looked at in a minute, 1 or more.
    fn looks_a_minute(&self) -> u32 {
        60
    }

    /// Questions and calls that may be under way at the same time, over all sessions, 1 or more.
    fn at_once(&self) -> usize {
        256
    }

    /// The longest that one answer may take before the attempt counts as "provider unavailable".
    fn deadline(&self) -> Duration {
        Duration::from_secs(30)
    }
}
