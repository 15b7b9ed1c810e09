//! A platform that a provider file declares, with tokens that last until a test says so, and refresh tokens that are good once.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::json;

use crate::receiver::{Hit, Receiver, Reply, reply};

pub const JSON: (&str, &str) = ("content-type", "application/json");

/// The file of the platform, but for its address. A node that is gone holds a renewal for its deadline and ten seconds.
const FILE: &str = r#"
kind = "http"
id = "rotating"
name = "Rotating"
[api]
base_url = "ADDRESS"
private_networks = ["127.0.0.0/8"]
[limits]
deadline = "5s"
[[permission]]
name = "notes:read"
text = "Read your notes"
access = "read"
calls = ["GET /notes/"]
[[sign_in]]
post = "/token/"
json = { username = "{{username}}", password = "{{password}}" }
take.access = { json = "/access" }
take.refresh = { json = "/refresh" }
[profile]
get = "/me/"
id = { json = "/id" }
name = { json = "/name" }
username = { json = "/name" }
[session]
headers = { Authorization = "Bearer {{access}}" }
[[renew]]
post = "/renew/"
json = { refresh = "{{refresh}}" }
take.access = { json = "/access" }
take.refresh = { json = "/refresh" }
[import]
access_token = "access"
refresh_token = "refresh"
"#;

/// What the platform knows of its only account.
#[derive(Default)]
pub struct Tokens {
    /// Number of the pair of tokens that is good.
    pub newest: usize,
    /// Access tokens up to this number have run out.
    pub over: usize,
    /// Whether the refresh token of before is still taken.
    pub lenient: bool,
    /// Whether what has been renewed is not answered yet.
    pub holds: bool,
    /// Whether renewals fail, with nothing renewed.
    pub fails: bool,
}

/// A platform that takes each refresh token once.
pub struct Platform {
    server: Receiver,
    tokens: Arc<Mutex<Tokens>>,
}

impl Platform {
    pub fn start() -> Self {
        let tokens = Arc::new(Mutex::new(Tokens {
            newest: 1,
            ..Tokens::default()
        }));
        let known = Arc::clone(&tokens);
        let server = Receiver::with(move |hit, _| match hit.path.as_str() {
            "/renew/" => renewed(hit, &known),
            _ => told(hit, &known),
        });
        Self { server, tokens }
    }

    pub fn set(&self, change: impl FnOnce(&mut Tokens)) {
        change(&mut self.tokens.lock().unwrap());
    }

    pub fn newest(&self) -> usize {
        self.tokens.lock().unwrap().newest
    }

    /// The file that declares it.
    pub fn file(&self) -> String {
        let address = self.server.url.trim_end_matches("/hooks");
        FILE.replace("ADDRESS", address)
    }

    /// Paths that were asked for since `from` requests had come.
    pub fn asked_since(&self, from: usize) -> Vec<String> {
        let hits = self.server.hits().split_off(from);
        hits.into_iter().map(|hit| hit.path).collect()
    }

    pub fn asked(&self) -> usize {
        self.server.hits().len()
    }
}

fn told(hit: &Hit, tokens: &Mutex<Tokens>) -> Reply {
    let tokens = tokens.lock().unwrap();
    let good = format!("Bearer access-{}", tokens.newest);
    match tokens.newest > tokens.over && hit.header("authorization") == good {
        true => reply(200, &[JSON], r#"{"id":"1","name":"Jane Roe"}"#),
        false => reply(401, &[JSON], "{}"),
    }
}

fn renewed(hit: &Hit, tokens: &Mutex<Tokens>) -> Reply {
    let pair = {
        let mut tokens = tokens.lock().unwrap();
        if tokens.fails {
            return reply(500, &[], "");
        }
        let given = hit.json()["refresh"].as_str().unwrap().to_owned();
        let newest = tokens.newest;
        let before = tokens.lenient && given == format!("refresh-{}", newest - 1);
        if given != format!("refresh-{newest}") && !before {
            return reply(401, &[JSON], "{}");
        }
        tokens.newest += 1;
        tokens.newest
    };
    while tokens.lock().unwrap().holds {
        thread::sleep(Duration::from_millis(2));
    }
    let (access, refresh) = (format!("access-{pair}"), format!("refresh-{pair}"));
    let pair = json!({ "access": access, "refresh": refresh });
    reply(200, &[JSON], &pair.to_string())
}
