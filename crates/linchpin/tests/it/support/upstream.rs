//! A provider of the live environment that does what the username says, and remembers what it was asked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use linchpin_provider::{
    Access, Account, Answer, Call, CallAnswer, CallLimits, Called, Challenge, Coverage,
    Credentials, Death, Description, Import, Imported, Looked, Method, Permission, PhoneRules,
    Provider, Reply, Session, SignedIn,
};

use super::calls::{self, Received};

/// What the provider was asked, and what it knows.
#[derive(Debug, Clone)]
pub struct Upstream {
    description: Arc<Description>,
    /// Passwords and codes as they arrived, oldest first.
    received: Arc<Mutex<Vec<String>>>,
    /// Sessions that were signed out, oldest first.
    pub signed_out: Arc<Mutex<Vec<String>>>,
    /// How sessions that are looked at are, and how often they were.
    pub health: Arc<Mutex<Health>>,
    /// Whether the answer to a look is never given, though what it does is done.
    pub is_silent: Arc<AtomicBool>,
    /// The ways that codes were of, oldest first.
    pub ways: Arc<Mutex<Vec<Method>>>,
    /// Whether what is asked to be approved elsewhere is.
    pub approves: Arc<AtomicBool>,
    /// Calls that arrived with a session that works, oldest first.
    pub calls: Arc<Mutex<Vec<Received>>>,
}

/// How the sessions of the provider are.
#[derive(Debug, Default)]
pub struct Health {
    /// Whether it does not answer at all.
    pub is_down: bool,
    /// Whether a session is dead.
    pub is_dead: bool,
    /// Whether looking at a session puts another in its place, so that the one before is dead.
    pub renews: bool,
    /// How often it was looked.
    pub looks: usize,
    /// How often a session was renewed.
    pub renewals: usize,
    /// Sessions that were renewed less often than this are not accepted by calls.
    pub accepted: usize,
    /// How often a call was turned away.
    pub turned_away: usize,
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
            signed_out: Arc::default(),
            health: Arc::default(),
            is_silent: Arc::default(),
            approves: Arc::default(),
            ways: Arc::default(),
            calls: Arc::default(),
        }
    }
}

impl Upstream {
    /// Passwords and codes that arrived so far.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    /// A session is `<username> <count of renewals>`; only the latest is alive.
    async fn look_at(&self, session: &Session) -> Looked {
        let looked = self.looked_at(session).await;
        match self.is_silent.load(Ordering::SeqCst) {
            true => std::future::pending().await,
            false => looked,
        }
    }

    async fn looked_at(&self, session: &Session) -> Looked {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Some((username, count)) = session.reveal().split_once(' ') else {
            return Looked::Dead(Death::SignedOut);
        };
        let mut health = self.health.lock().unwrap();
        health.looks += 1;
        if health.is_down {
            return Looked::Unavailable;
        }
        if health.is_dead || count != health.renewals.to_string() {
            return Looked::Dead(Death::Revoked);
        }
        let renewed = health.renews.then(|| {
            health.renewals += 1;
            Session::new(format!("{username} {}", health.renewals))
        });
        Looked::Alive {
            account: account(username),
            renewed,
        }
    }

    /// Whether a call may be made with this session.
    fn accepts(&self, session: &Session) -> bool {
        let count = session.reveal().rsplit(' ').next().unwrap();
        let count: usize = count.parse().unwrap();
        let mut health = self.health.lock().unwrap();
        let accepts = count >= health.accepted;
        health.turned_away += usize::from(!accepts);
        accepts
    }

    fn note(&self, text: &str) {
        self.received.lock().unwrap().push(text.to_owned());
    }
}

/// What may be told of a username: it may have a secret behind a colon.
fn public_part(username: &str) -> &str {
    username.split(':').next().unwrap()
}

/// The account behind a username; a hostile one where the username says so.
fn account(username: &str) -> Account {
    let username = public_part(username);
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

fn signed_in(username: &str) -> SignedIn {
    SignedIn {
        account: account(username),
        session: Session::new(format!("{username} 0")),
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
                Answer::SignedIn(signed_in(username))
            }
            "wrong" => Answer::WrongCredentials {
                unknown_domain: false,
            },
            // Texts can be sent at once; the first way is approved elsewhere.
            "ways" => Answer::SecondFactor(Challenge {
                methods: vec![Method::Face, Method::Phone, Method::App],
                phone: Some(PhoneRules {
                    sends: 3,
                    checks: 3,
                    last_four: "9876".to_owned(),
                    resend_after: 0,
                    code_life: 600,
                }),
            }),
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
            _ => Answer::SignedIn(signed_in(username)),
        }
    }

    async fn second_factor(&self, username: &str, reply: Reply) -> Answer {
        let (method, code) = match reply {
            Reply::Code { method, code } => (method, code),
            Reply::Approval { .. } if self.approves.load(Ordering::SeqCst) => {
                return Answer::SignedIn(signed_in(username));
            }
            Reply::Approval { .. } => return Answer::NotYet,
        };
        self.note(code.reveal());
        self.ways.lock().unwrap().push(method);
        match code.reveal() {
            "123456" => Answer::SignedIn(signed_in(username)),
            _ => Answer::WrongCode,
        }
    }

    async fn send_code(&self, _username: &str) -> bool {
        true
    }

    async fn import(&self, import: Import) -> Imported {
        let Import::Token { access_token, .. } = import else {
            return Imported::NotOffered;
        };
        Imported::Taken(signed_in(access_token.reveal()))
    }

    async fn look(&self, session: &Session) -> Looked {
        self.look_at(session).await
    }

    async fn sign_out(&self, session: &Session) -> bool {
        let is_down = self.health.lock().unwrap().is_down;
        if is_down {
            std::future::pending::<()>().await;
        }
        self.signed_out
            .lock()
            .unwrap()
            .push(session.reveal().to_owned());
        true
    }

    async fn profile(&self, session: &Session) -> Called<serde_json::Value> {
        if !self.accepts(session) {
            return Called::SignedOut;
        }
        let username = public_part(session.reveal().split(' ').next().unwrap());
        Called::Answered {
            answer: serde_json::json!({ "id": username, "name": username, "username": username, "avatar": null }),
            renewed: None,
        }
    }

    fn covers(&self, _method: &http::Method, path: &str) -> Coverage {
        calls::covers(path)
    }

    async fn call(&self, session: &Session, call: Call) -> Called<CallAnswer> {
        if !self.accepts(session) {
            return Called::SignedOut;
        }
        let received = calls::receive(session, call).await;
        self.calls.lock().unwrap().push(received.clone());
        calls::answer(&received).await
    }

    fn call_limits(&self) -> CallLimits {
        CallLimits {
            sent: 1024 * 1024,
            answered: 3 * 1024 * 1024,
            pause: Duration::from_millis(500),
            ..CallLimits::default()
        }
    }

    fn looks_a_minute(&self) -> u32 {
        60
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(2)
    }
}
