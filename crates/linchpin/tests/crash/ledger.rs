//! Load, and a book of what was promised under it.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::Value;

use crate::{
    client::{Answer, Client, NoAnswer},
    process::Linchpin,
    run::Dice,
};

/// Of this many requests one has an `Idempotency-Key`.
const KEYED: u64 = 3;

/// A session that was promised.
#[derive(Debug, Clone)]
pub struct Promise {
    pub secret: String,
    pub expires_at: String,
    /// The key that the request was repeatable by.
    pub repeat_key: Option<String>,
    /// The whole body of the answer.
    pub body: Vec<u8>,
}

/// What the clients of one run have seen.
#[derive(Debug, Default)]
pub struct Ledger {
    pub promises: Vec<Promise>,
    /// Keys of requests that got no answer: what they did is not known, but it was done once or not at all.
    pub unanswered: Vec<String>,
    /// Answers other than 200.
    pub refusals: Vec<Answer>,
    /// How requests ended that got no answer.
    pub ends: Vec<NoAnswer>,
}

/// Clients that start sessions as fast as they are answered.
pub struct Load {
    stopping: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Ledger>>,
}

/// What a client does when its connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AfterEnd {
    /// Goes home.
    Stop,
    /// Connects again.
    GoOn,
}

impl Load {
    /// Starts this many keep-alive clients.
    pub fn on(server: &Linchpin, clients: usize, dice: &mut Dice, after: AfterEnd) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let clients = (0..clients).map(|_| {
            let (address, key) = (server.address, server.key.clone());
            let (stopping, dice) = (Arc::clone(&stopping), dice.fork());
            thread::spawn(move || run(address, &key, dice, &stopping, after))
        });
        Self {
            clients: clients.collect(),
            stopping,
        }
    }

    /// Lets every client finish its request, and puts their books together.
    pub fn stop(self) -> Ledger {
        self.stopping.store(true, Ordering::Relaxed);
        self.until_it_ends()
    }

    /// Waits until every client has lost its connection.
    pub fn until_it_ends(self) -> Ledger {
        let mut whole = Ledger::default();
        for client in self.clients {
            whole.take(client.join().unwrap());
        }
        whole
    }
}

fn run(
    address: SocketAddr,
    key: &str,
    mut dice: Dice,
    stopping: &AtomicBool,
    after: AfterEnd,
) -> Ledger {
    let mut client = Client::new(address);
    let mut ledger = Ledger::default();
    while !stopping.load(Ordering::Relaxed) {
        let repeat_key = (dice.below(KEYED) == 0).then(|| format!("key-{}", dice.below(u64::MAX)));
        match init(&mut client, key, repeat_key.as_deref()) {
            Ok(answer) if answer.status == 200 => {
                ledger.promises.push(Promise::of(&answer, repeat_key));
            }
            Ok(answer) => {
                ledger.refusals.push(answer);
                if after == AfterEnd::Stop {
                    thread::sleep(Duration::from_millis(2));
                }
            }
            Err(no_answer) => {
                ledger.unanswered.extend(repeat_key);
                ledger.ends.push(no_answer);
                if after == AfterEnd::Stop || no_answer == NoAnswer::Refused {
                    break;
                }
            }
        }
    }
    ledger
}

/// Starts a session that returns to the developer's own page. Every request is for another visit, and a repeated one
/// for the same: of a visit with two sessions one was made without being asked for.
pub fn init(client: &mut Client, key: &str, repeat_key: Option<&str>) -> Result<Answer, NoAnswer> {
    static VISITS: AtomicU64 = AtomicU64::new(0);
    let visit = match repeat_key {
        // Of the key itself nothing may be stored.
        Some(repeat_key) => {
            let mut hasher = DefaultHasher::new();
            repeat_key.hash(&mut hasher);
            format!("keyed-{:x}", hasher.finish())
        }
        None => VISITS.fetch_add(1, Ordering::Relaxed).to_string(),
    };
    let mut headers = vec![("apikey", key), ("Content-Type", "application/json")];
    headers.extend(repeat_key.map(|repeat_key| ("Idempotency-Key", repeat_key)));
    let body = format!(
        r#"{{"redirectUrl":"http://localhost:3000/callback","clientReferenceId":"visit-{visit}"}}"#
    );
    client.request("POST", "/v2/link/init", &headers, body.as_bytes())
}

/// Where a session stands, as the API tells it.
pub fn status(client: &mut Client, key: &str, secret: &str) -> Result<Answer, NoAnswer> {
    client.get(&format!("/v2/link/{secret}"), &[("apikey", key)])
}

/// The status of a session on a server that must answer.
pub fn status_on(server: &Linchpin, secret: &str) -> String {
    let answer = status(&mut server.client(), &server.key, secret).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["status"].as_str().unwrap().to_owned()
}

impl Promise {
    pub fn of(answer: &Answer, repeat_key: Option<String>) -> Self {
        let json = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let url = text(&json["url"]);
        Self {
            secret: url.rsplit('/').next().unwrap().to_owned(),
            expires_at: text(&json["expiresAt"]),
            repeat_key,
            body: answer.body.clone(),
        }
    }

    /// Path of the link.
    pub fn path(&self) -> String {
        format!("/{}", self.secret)
    }
}

impl Ledger {
    pub fn take(&mut self, other: Self) {
        self.promises.extend(other.promises);
        self.unanswered.extend(other.unanswered);
        self.refusals.extend(other.refusals);
        self.ends.extend(other.ends);
    }

    /// Asks the server for everything that was promised: every session is there, and a repeated request gets the
    /// bytes that the first one got.
    pub fn is_kept_by(&self, server: &Linchpin) {
        let mut client = server.client();
        for promise in &self.promises {
            let found = status(&mut client, &server.key, &promise.secret).unwrap();
            assert_eq!(found.status, 200, "{}", found.text());
            assert_eq!(
                found.json()["status"],
                "initialized",
                "lost: a session that was promised until {}",
                promise.expires_at
            );
            if let Some(repeat_key) = &promise.repeat_key {
                let again = init(&mut client, &server.key, Some(repeat_key)).unwrap();
                assert_eq!(
                    (again.status, &again.body),
                    (200, &promise.body),
                    "{repeat_key}"
                );
            }
        }
        for repeat_key in &self.unanswered {
            let first = init(&mut client, &server.key, Some(repeat_key)).unwrap();
            let second = init(&mut client, &server.key, Some(repeat_key)).unwrap();
            assert_eq!(
                (first.status, second.status),
                (200, 200),
                "{}",
                first.text()
            );
            assert_eq!(first.body, second.body, "{repeat_key}");
        }
    }
}
