//! What is known of a sign-in or an account between two requests.

use std::collections::{BTreeMap, BTreeSet};

use linchpin_provider::{Account, Method, Pending, Secret, Session, SignedIn};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;
use zeroize::Zeroizing;

use crate::api::Jar;

/// A session is renewed this many milliseconds before it ends.
const BEFORE_THE_END: i64 = 30_000;
/// The name under which the username is kept.
pub(super) const USERNAME: &str = "username";

/// What is known between two requests.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) jar: Jar,
    /// What was taken from answers, by name, and the username.
    pub(super) taken: BTreeMap<String, String>,
    /// The pages that links and forms were taken from, by name: what is relative in a page is so to itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) pages: BTreeMap<String, Url>,
    /// The browser that the session was made with, where it was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) user_agent: Option<String>,
    /// The second factors that the account offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) offered: Vec<Method>,
    /// The one of them that was asked for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Method>,
}

/// What is kept of an account.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) state: State,
    /// The account as it was seen last.
    pub(super) account: Account,
    /// When the session runs out, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ends: Option<i64>,
}

impl State {
    /// What is known before the first request.
    pub(super) fn of(username: &str) -> Self {
        let taken = BTreeMap::from([(USERNAME.to_owned(), username.to_owned())]);
        Self {
            taken,
            ..Self::default()
        }
    }

    /// What a sign-in that waits for its second factor knows; `None` where it is none of ours.
    pub(super) fn read(pending: &Pending) -> Option<Self> {
        serde_json::from_str(pending.progress.reveal()).ok()
    }

    /// For the server to keep; `None` where it is too much.
    pub(super) fn progress(&self) -> Option<Secret> {
        written(self, Pending::PROGRESS_MAX).map(|mut text| Secret::new(std::mem::take(&mut text)))
    }

    /// Forgets what was taken, except for some names.
    pub(super) fn keep(&mut self, names: &BTreeSet<String>) {
        self.taken.retain(|name, _| names.contains(name));
        self.pages.retain(|name, _| names.contains(name));
        self.offered.clear();
        self.asked = None;
    }
}

impl Kept {
    /// What a session knows; `None` where it is none of ours.
    pub(super) fn read(session: &Session) -> Option<Self> {
        serde_json::from_str(session.reveal()).ok()
    }

    /// Whether the session ends within 30 seconds of `now`, in milliseconds since 1970.
    pub(super) fn is_stale(&self, now: i64) -> bool {
        self.ends
            .is_some_and(|ends| ends.saturating_sub(now) < BEFORE_THE_END)
    }

    /// For the server to keep; `None` where it is too much.
    pub(super) fn session(&self) -> Option<Session> {
        written(self, Session::LENGTH_MAX).map(Session::new)
    }

    pub(super) fn signed_in(&self) -> Option<SignedIn> {
        Some(SignedIn {
            account: self.account.clone(),
            session: self.session()?,
            granted: None,
        })
    }
}

fn written<T: Serialize + DeserializeOwned>(what: &T, most: usize) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(serde_json::to_string(what).ok()?);
    (text.len() <= most).then_some(text)
}
