//! What is kept of a sign-in: its tokens, and the account that they are of.

use linchpin_provider::{Account, Session};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Milliseconds before its end from which on a token counts as run out.
const SOON: i64 = 30_000;

/// The tokens of one sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    pub(super) access: Zeroizing<String>,
    /// What new ones are got with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh: Option<Zeroizing<String>>,
    /// When the access token ends, in milliseconds since 1970; `None` where the provider does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
    /// The account as it was last told; `None` for tokens that nobody has asked the provider about yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<Account>,
}

impl Tokens {
    /// The tokens of a session of ours.
    pub(super) fn of(session: &Session) -> Option<Self> {
        serde_json::from_str(session.reveal()).ok()
    }

    /// The session to be kept; `None` where it is longer than one may be.
    pub(super) fn session(&self) -> Option<Session> {
        let text = Zeroizing::new(serde_json::to_string(self).ok()?);
        (text.len() <= Session::LENGTH_MAX).then(|| Session::new(text))
    }

    /// Whether the access token has run out or is about to.
    pub(super) fn has_run_out(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|end| end <= now + SOON)
    }
}
