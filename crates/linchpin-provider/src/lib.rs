//! The contract that a provider fulfils.
//!
//! A provider is the platform whose accounts are linked. It says what it is ([`Description`]) and answers
//! questions ([`Provider`]); it knows nothing of sessions, pages or stores. [`conformance`] is for its tests.

pub mod conformance;
mod description;
mod secret;
mod sign_in;

use std::time::Duration;

pub use description::{Access, Description, Permission, TestAccount};
pub use secret::Secret;
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

    /// The longest that one answer may take before the attempt counts as "provider unavailable".
    fn deadline(&self) -> Duration {
        Duration::from_secs(30)
    }
}
