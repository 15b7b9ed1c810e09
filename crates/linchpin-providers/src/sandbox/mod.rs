//! The sandbox: accounts whose behaviour is written in their e-mail address, for development and tests.
//!
//! It keeps nothing and reaches nothing. What an address answers follows from the address alone, so every
//! installation and every run answers alike.

mod address;
mod api;
mod description;
mod profile;
mod session;
#[cfg(test)]
mod tests;

use std::time::Duration;

use linchpin_provider::{
    Answer, Call, CallAnswer, Called, Challenge, Coverage, Credentials, Description, Import,
    Imported, Looked, Method, PhoneRules, Provider, Reply, Secret, Session,
};

use address::{Address, Scenario};

/// The password of every account here. It is published, so comparing it needs no constant time.
const PASSWORD: &str = "good-password";

/// The code of every account that asks for one, texted or not.
const CODE: &str = "123456";

/// How long a `slow` account is checked.
const SLOW: Duration = Duration::from_secs(5);

/// How long after it was asked for an approval elsewhere is granted.
const APPROVAL: Duration = Duration::from_secs(3);

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
    async fn sign_in(&self, credentials: Credentials) -> Answer {
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
        match address.second_factor() {
            Some(method) => Answer::SecondFactor(challenge(method)),
            None => Answer::SignedIn(session::signed_in(&address)),
        }
    }

    /// [`Answer::Declined`] where the account has no second factor, or another one than the reply speaks of: no
    /// code could ever be right there, so asking for a better one would lead nowhere.
    async fn second_factor(&self, username: &str, reply: Reply) -> Answer {
        let Some((address, offered)) = factor_of(username) else {
            return Answer::Declined;
        };
        match reply {
            Reply::Code { method, code } if method == offered && method.takes_code() => {
                if is_right(&code) {
                    Answer::SignedIn(session::signed_in(&address))
                } else {
                    Answer::WrongCode
                }
            }
            Reply::Approval { waited } if !offered.takes_code() => {
                if waited >= APPROVAL {
                    Answer::SignedIn(session::signed_in(&address))
                } else {
                    Answer::NotYet
                }
            }
            Reply::Code { .. } | Reply::Approval { .. } => Answer::Declined,
        }
    }

    /// `true` for accounts whose code is texted, and for no other. Counting the texts is the caller's part.
    async fn send_code(&self, username: &str) -> bool {
        factor_of(username).is_some_and(|(_, method)| method == Method::Phone)
    }

    /// Takes over any cookie of the form `sandbox=<e-mail>`, and no tokens.
    async fn import(&self, import: Import) -> Imported {
        session::import(&import)
    }

    /// Dead for `short-lived` accounts, whose sessions can be used until somebody looks.
    async fn look(&self, session: &Session) -> Looked {
        session::look(session)
    }

    /// Always works: there is nothing to end.
    async fn sign_out(&self, _session: &Session) -> bool {
        true
    }

    async fn profile(&self, session: &Session) -> Called<serde_json::Value> {
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

    async fn call(&self, session: &Session, call: Call) -> Called<CallAnswer> {
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

/// The account that `username` names, with its second factor; `None` where there is no account or no factor.
fn factor_of(username: &str) -> Option<(Address, Method)> {
    let address = Address::parse(username)?;
    let method = address.second_factor()?;
    Some((address, method))
}

fn is_right(code: &Secret) -> bool {
    code.reveal() == CODE
}

fn challenge(method: Method) -> Challenge {
    let phone = (method == Method::Phone).then(|| PhoneRules {
        sends: 3,
        checks: 3,
        last_four: "1234".to_owned(),
        resend_after: 0,
        code_life: 600,
    });
    Challenge {
        methods: vec![method],
        phone,
    }
}
