//! The contract that a provider fulfils.
//!
//! A provider is the platform whose accounts are linked. It says what it is ([`Description`]) and answers
//! questions ([`Provider`]); it knows nothing of sessions, pages or stores. [`conformance`] is for its tests.

mod call;
pub mod conformance;
mod description;
mod secret;
mod session;
mod sign_in;

use std::time::Duration;

pub use call::{Body, BodyError, Call, CallAnswer, CallLimits, Called, Coverage, whole};
pub use description::{Access, Description, Permission, TestAccount};
pub use secret::Secret;
pub use session::{Death, Import, Imported, Looked, Session, SignedIn};
pub use sign_in::{Account, Answer, Challenge, Credentials, Method, PhoneRules, Reply};

/// The questions that the flow asks a provider.
///
/// Every call may take as long as the network does; the caller sets the deadline and drops the call when it is
/// over. No call may keep a password or code after it has answered.
#[async_trait::async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What the provider is and offers; constant for the life of the process.
    fn describe(&self) -> &Description;

    /// Signs in with what the user typed.
    async fn sign_in(&self, credentials: Credentials) -> Answer;

    /// Goes on with a second factor that [`Answer::SecondFactor`] asked for.
    ///
    /// `username` is the one that was signed in with; `reply` is what the user did.
    /// [`Answer::Declined`] where the account has no such second factor.
    async fn second_factor(&self, username: &str, reply: Reply) -> Answer;

    /// Has the provider send another code by text. `false` when it cannot at the moment.
    async fn send_code(&self, username: &str) -> bool;

    /// Takes over a session that was made elsewhere, and tells whose it is.
    async fn import(&self, import: Import) -> Imported;

    /// Looks whether a session is alive, and renews it where that is possible and due.
    async fn look(&self, session: &Session) -> Looked;

    /// Ends a session; `false` where that did not work.
    async fn sign_out(&self, session: &Session) -> bool;

    /// The account's profile as the provider gives it: a JSON object with at least `id`, `name`, `username` and
    /// `avatar`.
    async fn profile(&self, session: &Session) -> Called<serde_json::Value>;

    /// What a call of this method and path needs. Called before anything is sent.
    fn covers(&self, method: &http::Method, path: &str) -> Coverage;

    /// Makes a call with the session attached.
    async fn call(&self, session: &Session, call: Call) -> Called<CallAnswer>;

    /// What one call may take.
    fn call_limits(&self) -> CallLimits {
        CallLimits::default()
    }

    /// Sessions that may be looked at in a minute, 1 or more.
    fn looks_a_minute(&self) -> u32 {
        60
    }

    /// The longest that one answer may take before the attempt counts as "provider unavailable".
    fn deadline(&self) -> Duration {
        Duration::from_secs(30)
    }
}
