//! The sandbox: accounts whose behaviour is written in their e-mail address, for development and tests.
//!
//! It keeps nothing and reaches nothing. What an address answers follows from the address alone, so every
//! installation and every run answers alike.

mod address;
mod api;
#[cfg(test)]
mod broken;
mod description;
mod factor;
mod profile;
mod session;
#[cfg(test)]
mod tests;

use std::time::Duration;

use linchpin_provider::{
    Answer, Asked, Call, CallAnswer, Called, Client, Coverage, Credentials, Description, Import,
    Imported, Looked, Method, Pending, Provider, Reply, Secret, Session,
};

use address::{Address, Scenario};
use factor::Judged;

/// The password of every account here. It is published, so comparing it needs no constant time.
const PASSWORD: &str = "good-password";

/// How long a `slow` account is checked.
const SLOW: Duration = Duration::from_secs(5);

/// The provider behind keys that begin `sk_sandbox_`.
///
/// An account is `{any}@{scenario}.sandbox.com`, `{any}` being anything but nothing; the scenarios are those that
/// [`Description::test_accounts`] names, and `fan`, `fan-otp` and `fan-sms`. Addresses are trimmed and lower-cased
/// first. The account that is signed in to is the same for the same address, always and everywhere.
#[derive(Debug)]
pub struct Sandbox {
    description: Description,
}

impl Sandbox {
    /// A sandbox; all of them are alike.
    pub fn new() -> Self {
        Self {
            description: description::description(),
        }
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait::async_trait]
impl Provider for Sandbox {
    fn describe(&self) -> &Description {
        &self.description
    }

    /// `locked` and `unavailable` answer the same to any password, and a wrong one is refused at once, also by
    /// `slow`: only a right password is worth waiting for.
    async fn sign_in(&self, _client: &Client, credentials: Credentials) -> Answer {
        let Some(address) = Address::parse(&credentials.username) else {
            return Answer::WrongCredentials {
                unknown_domain: true,
            };
        };
        match address.scenario() {
            Scenario::Locked => return Answer::Locked,
            Scenario::Unavailable => return Answer::Unavailable,
            Scenario::Plain | Scenario::Slow | Scenario::Factor(_) => {}
        }
        if credentials.password.reveal() != PASSWORD {
            return Answer::WrongCredentials {
                unknown_domain: false,
            };
        }
        if address.scenario() == Scenario::Slow {
            tokio::time::sleep(SLOW).await;
        }
        match address.ways() {
            [] => Answer::SignedIn(session::signed_in(&address)),
            ways => Answer::SecondFactor {
                challenge: factor::challenge(ways),
                progress: Secret::new(String::new()),
            },
        }
    }

    /// [`Answer::Declined`] where the account has no second factor, or another one than the reply speaks of: no
    /// code could ever be right there, so asking for a better one would lead nowhere.
    async fn second_factor(&self, _client: &Client, pending: &Pending, reply: Reply) -> Answer {
        let Some(address) = Address::parse(&pending.username) else {
            return Answer::Declined;
        };
        match factor::judged(address.ways(), &reply) {
            Judged::Right => Answer::SignedIn(session::signed_in(&address)),
            Judged::Wrong => Answer::WrongCode { progress: None },
            Judged::NotYet => Answer::NotYet,
            Judged::NotOffered => Answer::Declined,
        }
    }

    /// Done for the ways that the account has, and for no other. Counting the codes is the caller's part.
    async fn ask(&self, _client: &Client, pending: &Pending, method: Method) -> Asked {
        match Address::parse(&pending.username) {
            Some(address) if address.ways().contains(&method) => Asked::Done { progress: None },
            _ => Asked::NotNow,
        }
    }

    /// Takes over any cookie of the form `sandbox=<e-mail>`, and no tokens.
    async fn import(&self, _client: &Client, import: Import) -> Imported {
        session::import(&import)
    }

    /// Dead for `short-lived` accounts, whose sessions can be used until somebody looks.
    async fn look(&self, _client: &Client, session: &Session) -> Looked {
        session::look(session)
    }

    /// Always works: there is nothing to end.
    async fn sign_out(&self, _client: &Client, _session: &Session) -> bool {
        true
    }

    async fn profile(&self, _client: &Client, session: &Session) -> Called<serde_json::Value> {
        match session::owner(session) {
            Some(address) => Called::Answered {
                answer: api::profile(&address),
                renewed: None,
            },
            None => Called::SignedOut,
        }
    }

    fn covers(&self, method: &http::Method, path: &str) -> Coverage {
        api::covers(method, path)
    }

    async fn call(&self, _client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        match session::owner(session) {
            Some(address) => Called::Answered {
                answer: api::answer(&address, call).await,
                renewed: None,
            },
            None => Called::SignedOut,
        }
    }

    /// Looking costs nothing here.
    fn looks_a_minute(&self) -> u32 {
        60_000
    }
}
