//! A provider of the live environment that does what the username says, and remembers what it was asked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use linchpin_provider::{
    Access, Account, Answer, Asked, Call, CallAnswer, CallLimits, Called, Challenge, Client,
    CodeRules, Coverage, Credentials, Death, Description, Entry, Import, Imported, Looked, Method,
    Pending, Permission, Prompt, Provider, Reach, Reply, Secret, Session, SignedIn, UsernameKind,
    whole,
};

use super::{
    Platform,
    calls::{self, Received},
};

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
    /// Whether it tells beforehand of a session that calls do not accept it.
    pub tells: Arc<AtomicBool>,
    /// The ways that codes were of, oldest first.
    pub ways: Arc<Mutex<Vec<Method>>>,
    /// The ways that it was asked to start or to send a code of, oldest first.
    pub asked: Arc<Mutex<Vec<Method>>>,
    /// Whether what is asked to be approved elsewhere is.
    pub approves: Arc<AtomicBool>,
    /// Questions and calls that may be under way at the same time, and how many were at most.
    pub at_once: Arc<AtomicUsize>,
    pub most_at_once: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    /// Its API on a real socket: what is called below `/wire`.
    pub platform: Arc<Platform>,
    /// Calls that arrived with a session that works, oldest first.
    pub calls: Arc<Mutex<Vec<Received>>>,
    /// Whether it asks its platform over the network first, at [`PLATFORM`].
    pub travels: Arc<AtomicBool>,
}

/// The host of the platform.
pub const PLATFORM: &str = "platform.example.com";

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
        let permission = |name: &str, access| Permission {
            name: name.to_owned(),
            sentence: "Something <b>of</b> yours".to_owned(),
            access,
            risky: false,
        };
        let platform = Platform::new();
        Self {
            description: Arc::new(Description {
                id: "north".to_owned(),
                name: "North".to_owned(),
                entry: Entry::Password(UsernameKind::Text),
                reach: Reach {
                    hosts: vec![PLATFORM.to_owned(), platform.address().to_string()],
                    private_networks: vec!["127.0.0.0/8".to_owned()],
                    direct: Vec::new(),
                },
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
            tells: Arc::default(),
            approves: Arc::default(),
            ways: Arc::default(),
            asked: Arc::default(),
            calls: Arc::default(),
            at_once: Arc::new(AtomicUsize::new(256)),
            most_at_once: Arc::default(),
            under_way: Arc::default(),
            platform: Arc::new(platform),
            travels: Arc::default(),
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

    /// Calls its API on the socket.
    async fn wire(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        let mut url = url::Url::parse(&self.platform.url()).unwrap();
        url.set_path(&call.path);
        url.set_query(call.query.as_deref());
        let mut request = http::Request::new(call.body);
        *request.method_mut() = call.method;
        *request.uri_mut() = url.as_str().parse().unwrap();
        *request.headers_mut() = call.headers;
        let bearer = format!("Bearer {}", session.reveal());
        let headers = request.headers_mut();
        headers.insert("authorization", bearer.parse().unwrap());
        match client.send(request).await {
            Ok(answer) => Called::Answered {
                answer,
                renewed: None,
            },
            Err(error) => error.into(),
        }
    }

    /// Whether a call may be made with this session.
    fn accepts(&self, session: &Session) -> bool {
        let mut health = self.health.lock().unwrap();
        let accepts = renewals_of(session) >= health.accepted;
        health.turned_away += usize::from(!accepts);
        accepts
    }

    /// Whether the platform was reached, where it is asked at all.
    async fn arrives(&self, client: &Client, what: &str) -> bool {
        if !self.travels.load(Ordering::SeqCst) {
            return true;
        }
        let request = http::Request::get(format!("https://{PLATFORM}/{what}"));
        let answered = client.send(request.body(whole("")).unwrap()).await;
        answered.is_ok()
    }

    fn note(&self, text: &str) {
        self.received.lock().unwrap().push(text.to_owned());
    }
}

/// How often a session was renewed.
fn renewals_of(session: &Session) -> usize {
    let count = session.reveal().rsplit(' ').next().unwrap();
    count.parse().unwrap()
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
        granted: None,
    }
}

/// What the provider keeps after so many steps of a sign-in.
fn progress(username: &str, steps: usize) -> Secret {
    Secret::new(format!("canary-progress {username} {steps}"))
}

/// The steps that what it kept speaks of.
fn steps(pending: &Pending) -> usize {
    let kept = pending.progress.reveal();
    let known = format!("canary-progress {} ", pending.username);
    let steps = kept.strip_prefix(&known).expect("what was kept comes back");
    steps.parse().unwrap()
}

/// What the accounts of a name before the `@` are asked for; `None` where the password is enough.
fn challenge(kind: &str) -> Option<Challenge> {
    use Method::{App, Email, Face, Phone, Question};
    let (methods, resend_after) = match kind {
        // Texts can be sent at once; the first way is approved elsewhere.
        "ways" => (vec![Face, Phone, App], 0),
        "code" => (vec![App, Phone], 30),
        "mail" => (vec![Email], 30),
        "many" => (vec![App, Phone, Email, Face, Question], 30),
        "stuck" => (vec![App, Face, Email], 30),
        "shown" => return Some(shown("data:image/png;base64,AAAA")),
        _ => return None,
    };
    let rules = |way, hint: &str| {
        methods.contains(&way).then(|| CodeRules {
            sends: 3,
            checks: 3,
            hint: hint.to_owned(),
            resend_after,
            code_life: 600,
        })
    };
    Some(Challenge {
        phone: rules(Phone, "9876"),
        email: rules(Email, "a…@<b>example.com"),
        prompt: methods.contains(&Question).then(|| Prompt {
            text: "Which <b>pet</b> was your first?".to_owned(),
            picture: None,
        }),
        methods,
    })
}

fn shown(picture: &str) -> Challenge {
    Challenge {
        methods: vec![Method::Shown],
        prompt: Some(Prompt {
            text: "Which \"letters\" are these?".to_owned(),
            picture: Some(picture.to_owned()),
        }),
        ..Challenge::default()
    }
}

fn second_factor(username: &str, challenge: Challenge) -> Answer {
    Answer::SecondFactor {
        challenge,
        progress: progress(username, 0),
    }
}

#[async_trait::async_trait]
impl Provider for Upstream {
    fn describe(&self) -> &Description {
        &self.description
    }

    async fn sign_in(&self, client: &Client, credentials: Credentials) -> Answer {
        if !self.arrives(client, "sign-in").await {
            return Answer::Unavailable;
        }
        self.note(credentials.password.reveal());
        let username = credentials.username.trim();
        match username.split('@').next().unwrap_or_default() {
            "panic" => panic!("the provider breaks"),
            "hang" => std::future::pending().await,
            "pause" => {
                let before = self.under_way.fetch_add(1, Ordering::SeqCst);
                self.most_at_once.fetch_max(before + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.under_way.fetch_sub(1, Ordering::SeqCst);
                Answer::SignedIn(signed_in(username))
            }
            "wrong" => Answer::WrongCredentials {
                unknown_domain: false,
            },
            kind => match challenge(kind) {
                Some(challenge) => second_factor(username, challenge),
                None => Answer::SignedIn(signed_in(username)),
            },
        }
    }

    async fn second_factor(&self, client: &Client, pending: &Pending, reply: Reply) -> Answer {
        if !self.arrives(client, "second-factor").await {
            return Answer::Unavailable;
        }
        let username = pending.username.as_str();
        let steps = steps(pending);
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
            "123456" | "A blue-green whale" => Answer::SignedIn(signed_in(username)),
            // Another picture each time.
            _ if method == Method::Shown => {
                let progress = progress(username, steps + 1);
                let challenge = shown(&format!("data:image/png;base64,AAA{steps}"));
                Answer::SecondFactor {
                    challenge,
                    progress,
                }
            }
            _ => Answer::WrongCode {
                progress: Some(progress(username, steps + 1)),
            },
        }
    }

    async fn ask(&self, _client: &Client, pending: &Pending, method: Method) -> Asked {
        self.asked.lock().unwrap().push(method);
        if pending.username.starts_with("stuck") {
            return Asked::NotNow;
        }
        Asked::Done {
            progress: Some(progress(&pending.username, steps(pending) + 1)),
        }
    }

    async fn import(&self, client: &Client, import: Import) -> Imported {
        if !self.arrives(client, "import").await {
            return Imported::Unavailable;
        }
        let Import::Token { access_token, .. } = import else {
            return Imported::NotOffered;
        };
        Imported::Taken(signed_in(access_token.reveal()))
    }

    fn is_stale(&self, session: &Session, _now: i64) -> bool {
        let accepted = self.health.lock().unwrap().accepted;
        self.tells.load(Ordering::SeqCst) && renewals_of(session) < accepted
    }

    async fn look(&self, client: &Client, session: &Session) -> Looked {
        if !self.arrives(client, "look").await {
            return Looked::Unavailable;
        }
        self.look_at(session).await
    }

    async fn sign_out(&self, client: &Client, session: &Session) -> bool {
        if !self.arrives(client, "sign-out").await {
            return false;
        }
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

    async fn profile(&self, _client: &Client, session: &Session) -> Called<serde_json::Value> {
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

    async fn call(&self, client: &Client, session: &Session, call: Call) -> Called<CallAnswer> {
        if !self.arrives(client, "call").await {
            return Called::Unreachable;
        }
        if !self.accepts(session) {
            return Called::SignedOut;
        }
        if call.path.starts_with("/wire/") {
            return self.wire(client, session, call).await;
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
            whole: Duration::from_secs(6),
        }
    }

    fn looks_a_minute(&self) -> u32 {
        60
    }

    fn at_once(&self) -> usize {
        self.at_once.load(Ordering::SeqCst)
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(2)
    }
}
