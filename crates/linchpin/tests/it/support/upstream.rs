//! A provider of the live environment that does what the username says, and remembers what it was asked.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use linchpin_provider::{
    Access, Account, Answer, Challenge, Credentials, Description, Method, Permission, PhoneRules,
    Provider, Reply,
};

/// What the provider was asked, and what it knows.
#[derive(Debug, Clone)]
pub struct Upstream {
    description: Arc<Description>,
    /// Passwords and codes as they arrived, oldest first.
    received: Arc<Mutex<Vec<String>>>,
}

impl Default for Upstream {
    fn default() -> Self {
        let permission = |name, access| Permission {
            name,
            sentence: "Something <b>of</b> yours",
            access,
            risky: false,
        };
        Self {
            description: Arc::new(Description {
                id: "north",
                name: "North",
                permissions: vec![
                    permission("profile:read", Access::Read),
                    permission("posts:read", Access::Read),
                    permission("messages:write", Access::Write),
                ],
                test_accounts: Vec::new(),
            }),
            received: Arc::default(),
        }
    }
}

impl Upstream {
    /// Passwords and codes that arrived so far.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    fn note(&self, text: &str) {
        self.received.lock().unwrap().push(text.to_owned());
    }
}

/// The account behind a username; a hostile one where the username says so.
fn account(username: &str) -> Account {
    let hostile = username.starts_with("hostile");
    let name = if hostile {
        "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>".repeat(1_000)
    } else {
        format!("Name of {username}")
    };
    Account {
        id: username.to_owned(),
        avatar: hostile.then(|| "javascript:alert(3)".to_owned()),
        username: name.clone(),
        name,
    }
}

#[async_trait::async_trait]
impl Provider for Upstream {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn sign_in(&self, credentials: Credentials) -> Answer {
        self.note(credentials.password.reveal());
        let username = credentials.username.trim();
        match username.split('@').next().unwrap_or_default() {
            "panic" => panic!("the provider breaks"),
            "hang" => std::future::pending().await,
            "pause" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Answer::SignedIn(account(username))
            }
            "wrong" => Answer::WrongCredentials {
                unknown_domain: false,
            },
            "code" => Answer::SecondFactor(Challenge {
                methods: vec![Method::App, Method::Phone],
                phone: Some(PhoneRules {
                    sends: 3,
                    checks: 3,
                    last_four: "9876".to_owned(),
                    resend_after: 30,
                    code_life: 600,
                }),
            }),
            _ => Answer::SignedIn(account(username)),
        }
    }

    async fn second_factor(&self, username: &str, reply: Reply) -> Answer {
        let Reply::Code { code, .. } = reply else {
            return Answer::Declined;
        };
        self.note(code.reveal());
        match code.reveal() {
            "123456" => Answer::SignedIn(account(username)),
            _ => Answer::WrongCode,
        }
    }

    async fn send_code(&self, _username: &str) -> bool {
        true
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(2)
    }
}
