//! The test kit notices whatever rule is broken, shown with a sandbox that breaks one at a time.

use std::time::Duration;

use linchpin_provider::{
    Answer, Asked, Call, CallAnswer, Called, Client, Coverage, Credentials, Death, Departed,
    Departure, Description, Import, Imported, Looked, Method, Pending, Permission, Provider, Reply,
    Secret, Session, SignedIn,
    conformance::{self, Actor, Rule, Script},
};

use super::Sandbox;

/// A sandbox that breaks a rule.
struct Broken {
    sandbox: Sandbox,
    description: Description,
    rule: Rule,
}

impl Broken {
    fn new(rule: Rule) -> Self {
        let sandbox = Sandbox::new();
        let mut description = sandbox.describe().clone();
        if rule == Rule::Description {
            let first: Option<Permission> = description.permissions.first().cloned();
            description.permissions.extend(first);
        }
        Self {
            sandbox,
            description,
            rule,
        }
    }

    fn spoil(&self, answer: Answer) -> Answer {
        match (self.rule, answer) {
            (
                Rule::SameAccount,
                Answer::SignedIn(SignedIn {
                    mut account,
                    session,
                    granted,
                }),
            ) => {
                let mut bytes = [0; 4];
                getrandom::fill(&mut bytes).unwrap();
                account.id = u32::from_be_bytes(bytes).to_string();
                Answer::SignedIn(SignedIn {
                    account,
                    session,
                    granted,
                })
            }
            (
                Rule::Secrecy,
                Answer::SignedIn(SignedIn {
                    mut account,
                    session,
                    granted,
                }),
            ) => {
                session.reveal().clone_into(&mut account.name);
                Answer::SignedIn(SignedIn {
                    account,
                    session,
                    granted,
                })
            }
            (
                Rule::WrongPassword | Rule::UnknownUsername,
                Answer::WrongCredentials { unknown_domain },
            ) => match unknown_domain == (self.rule == Rule::UnknownUsername) {
                true => Answer::Unavailable,
                false => Answer::WrongCredentials { unknown_domain },
            },
            (Rule::WrongCode, Answer::WrongCode { .. })
            | (Rule::RightPassword, Answer::SignedIn(_)) => Answer::Locked,
            (Rule::NoSuchFactor, Answer::Declined) => Answer::WrongCode { progress: None },
            (_, answer) => answer,
        }
    }
}

#[async_trait::async_trait]
impl Provider for Broken {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn sign_in(&self, client: &Client, credentials: Credentials) -> Answer {
        if self.rule == Rule::Deadline && credentials.password.reveal().ends_with("-wrong") {
            tokio::time::sleep(Duration::from_secs(31)).await;
        }
        self.spoil(self.sandbox.sign_in(client, credentials).await)
    }

    async fn second_factor(&self, client: &Client, pending: &Pending, reply: Reply) -> Answer {
        self.spoil(self.sandbox.second_factor(client, pending, reply).await)
    }

    async fn ask(&self, client: &Client, pending: &Pending, method: Method) -> Asked {
        match self.rule {
            Rule::Ask => Asked::Done { progress: None },
            _ => self.sandbox.ask(client, pending, method).await,
        }
    }

    async fn depart(&self, client: &Client, departure: Departure) -> Departed {
        match self.rule {
            Rule::Depart => Departed::Unavailable,
            _ => self.sandbox.depart(client, departure).await,
        }
    }

    async fn import(&self, client: &Client, import: Import) -> Imported {
        let import = match self.rule {
            Rule::Import => Import::Cookie {
                cookie: Secret::new("sandbox=jane@creator.sandbox.com".to_owned()),
                user_agent: "Test/1".to_owned(),
            },
            _ => import,
        };
        self.sandbox.import(client, import).await
    }

    async fn look(&self, client: &Client, session: &Session) -> Looked {
        let own = session.reveal().contains("sandbox.com");
        match self.rule {
            Rule::Look if own => Looked::Dead(Death::Revoked),
            Rule::ForeignSession if !own => {
                let jane = Session::new("sandbox=jane@creator.sandbox.com".to_owned());
                self.sandbox.look(client, &jane).await
            }
            _ => self.sandbox.look(client, session).await,
        }
    }

    async fn sign_out(&self, _client: &Client, _session: &Session) -> bool {
        self.rule != Rule::SignOut
    }

    async fn profile(&self, client: &Client, session: &Session) -> Called<serde_json::Value> {
        match (self.rule, self.sandbox.profile(client, session).await) {
            (
                Rule::Profile,
                Called::Answered {
                    mut answer,
                    renewed,
                },
            ) => {
                answer["id"] = 1.into();
                Called::Answered { answer, renewed }
            }
            (_, called) => called,
        }
    }

    fn covers(&self, method: &http::Method, path: &str) -> Coverage {
        match self.rule {
            Rule::Coverage => Coverage::Open,
            _ => self.sandbox.covers(method, path),
        }
    }

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        match self.rule {
            Rule::Call => Called::Broken,
            _ => self.sandbox.call(client, session, call).await,
        }
    }
}

#[tokio::test]
async fn the_kit_names_the_rule_that_is_broken_and_no_other() {
    tokio::time::pause();
    let script = Script {
        sign_out_ends: false,
        path: Some("/posts".to_owned()),
        ..Script::new(vec![
            Actor::new("jane@creator.sandbox.com", "good-password"),
            Actor::new("jane@creator-otp.sandbox.com", "good-password").with_code("123456"),
        ])
    };
    for rule in Rule::ALL {
        let broken = Broken::new(rule);
        let verdicts = conformance::judge(&broken, &Client::nowhere(), &script).await;
        let failed = verdicts.iter().filter(|verdict| !verdict.faults.is_empty());
        let failed: Vec<&str> = failed.map(|verdict| verdict.rule).collect();
        assert!(failed.contains(&rule.name()), "{}: {failed:?}", rule.name());
        // A late answer is none, and so is a wrong password's; another account is found by the look, too.
        let more = match rule {
            Rule::Deadline => 2,
            Rule::SameAccount => 3,
            _ => 1,
        };
        assert!(failed.len() <= more, "{}: {failed:?}", rule.name());
    }
}
