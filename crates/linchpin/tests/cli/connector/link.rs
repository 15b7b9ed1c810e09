//! A link through a connector, from its beginning to its end.

use std::fs;

use serde_json::{Value, json};

use super::{
    Connector,
    proxy::{INSIDE, Proxy},
    python,
};
use crate::support::{Room, Running, complaint, eventually, http, linchpin, run};

/// A server in the live environment whose provider is behind a connector.
struct Live {
    server: Running,
    api: String,
    config: String,
}

impl Live {
    fn start(room: &Room, connector: &Connector) -> Self {
        Self::start_with(room, connector, &connector.platform, "")
    }

    /// The same with calls to another API, and more in the configuration.
    fn start_with(room: &Room, connector: &Connector, api: &str, more: &str) -> Self {
        let providers = room.path().join("providers");
        fs::create_dir(&providers).unwrap();
        fs::copy(&connector.secret, providers.join("notebook.secret")).unwrap();
        let file = format!(
            r#"
kind = "connector"
id = "notebook"
name = "Notebook"

[connector]
url = "{}"
secret_file = "notebook.secret"

[api]
base_url = "{}"
private_networks = ["127.0.0.0/8"]

[[permission]]
name = "notes:read"
text = "Your notes"
access = "read"
calls = ["GET /notes"]

[[permission]]
name = "notes:write"
text = "Write notes in your name"
access = "write"
calls = ["POST /notes"]
"#,
            connector.url, api
        );
        fs::write(providers.join("notebook.toml"), file).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let config = room.path().join("linchpin.toml");
        let text = format!(
            "data = '{}'\n[server]\nlisten = '{address}'\napi_url = 'https://api.example.com'\n[providers]\ndirectory = '{}'\n{more}",
            room.data().display(),
            providers.display()
        );
        fs::write(&config, text).unwrap();
        let config = config.to_str().unwrap().to_owned();
        let server = Running::spawn(room, linchpin(&["serve", "--config", &config]));
        eventually("the server being ready", || {
            server.logged().contains("\"ready\"").then_some(())
        });
        Self {
            server,
            api: format!("http://{address}"),
            config,
        }
    }

    fn manage(&self, line: &str) -> Value {
        let words: Vec<&str> = line.split(' ').collect();
        let output = run(&[&words, &["--json", "--config", &self.config][..]].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Value {
        let url = format!("{}{path}", self.api);
        let headers = [&[("content-type", "application/json")], headers].concat();
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let answer = http(method, &url, &headers, &body);
        assert!(
            answer.status < 300,
            "{method} {path}: {} {}",
            answer.status,
            answer.body
        );
        serde_json::from_str(&answer.body).unwrap_or_default()
    }
}

/// The developer's calls.
struct Shop<'a> {
    live: &'a Live,
    key: String,
}

impl<'a> Shop<'a> {
    fn open(live: &'a Live) -> Self {
        live.manage("org create --name Shop");
        live.manage(
            "app create --type whitelabel --name Shop --environment live --permission notes:read",
        );
        let key = live.manage("key create --name b --scope LINK,ACCOUNT,ACCESS --environment live");
        Self {
            live,
            key: key["key"].as_str().unwrap().to_owned(),
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.live.ask(method, path, &[("apikey", &self.key)], body)
    }

    /// Begins a session and types a name and passwords; the session, and the status after each.
    fn log_in(&self, username: &str, passwords: &[&str]) -> (String, Vec<Value>) {
        self.log_in_from(&Value::Null, username, passwords)
    }

    /// The same from a place.
    fn log_in_from(
        &self,
        place: &Value,
        username: &str,
        passwords: &[&str],
    ) -> (String, Vec<Value>) {
        let mut init = json!({ "mode": "whitelabel" });
        if !place.is_null() {
            init["geolocation"] = place.clone();
        }
        let link = self.ask("POST", "/v2/link/init", &init);
        let secret = link["clientSecret"].as_str().unwrap();
        let session = format!("/v2/link/{secret}/whitelabel");
        let told = passwords.iter().map(|password| {
            let body = json!({ "username": username, "password": password, "wait": 10 });
            let told = self.ask("POST", &format!("{session}/login"), &body);
            told["data"]["status"].clone()
        });
        let told = told.collect();
        (session, told)
    }

    /// The connection of a session that has ended well.
    fn connection(&self, session: &str) -> String {
        let status = format!("{session}/status?wait=10&after=pending");
        let ended = self.ask("GET", &status, &Value::Null);
        assert_eq!(ended["status"], "completed", "{ended}");
        ended["data"]["id"].as_str().unwrap().to_owned()
    }

    /// What a call with a connection is answered.
    fn call(&self, connection: &str, method: &str, path: &str) -> (u16, Value) {
        let headers = [
            ("apikey", self.key.as_str()),
            ("x-connection-id", connection),
        ];
        let url = format!("{}/v2/access/{path}", self.live.api);
        let answer = http(method, &url, &headers, "");
        (answer.status, answer.json())
    }
}

/// Sessions that are alive at the platform, after it has forgotten some.
fn sessions(connector: &Connector, forget: &Value) -> Value {
    let url = format!("{}/sessions", connector.platform);
    http("POST", &url, &[], &forget.to_string()).json()["sessions"].clone()
}

#[test]
fn an_account_behind_a_connector_is_linked_called_renewed_and_signed_out() {
    let room = Room::new();
    let connector = Connector::start(&room, "python3", &python().join("connector.py"));
    let live = Live::start(&room, &connector);
    let shop = Shop::open(&live);

    let (session, told) = shop.log_in("bob", &["wrong", "battery staple"]);
    assert_eq!(told, ["invalid_credentials", "awaiting_2fa"]);
    let code = |code: &str| {
        let body = json!({ "code": code, "method": "phone" });
        shop.ask("POST", &format!("{session}/2fa/code"), &body)["success"].clone()
    };
    assert_eq!(code("000000"), false);
    assert_eq!(code("246810"), true);
    let bob = shop.connection(&session);
    let (status, profile) = shop.call(&bob, "GET", "self");
    assert_eq!(
        (status, &profile["id"], &profile["username"]),
        (200, &json!("n-2"), &json!("bob"))
    );
    let notes = (200, json!({ "list": [] }));
    assert_eq!(shop.call(&bob, "GET", "proxy/notes"), notes);
    assert_eq!(shop.call(&bob, "POST", "proxy/notes").0, 403);

    // The next call is refused there, the session renewed, and the call repeated.
    assert_eq!(sessions(&connector, &json!({ "forget": "tokens" })), 0);
    assert_eq!(shop.call(&bob, "GET", "proxy/notes"), notes);
    assert_eq!(sessions(&connector, &json!({})), 1);
    shop.ask(
        "DELETE",
        &format!("/v2/account/connections/{bob}"),
        &Value::Null,
    );
    eventually("signing out", || {
        (sessions(&connector, &json!({})) == 0).then_some(())
    });

    let (session, told) = shop.log_in("ada", &["correct horse"]);
    assert_eq!(told, ["completed"]);
    let ada = shop.connection(&session);
    sessions(&connector, &json!({ "forget": "all" }));
    let (status, over) = shop.call(&ada, "GET", "proxy/notes");
    assert_eq!((status, &over["code"]), (401, &json!("SESSION_EXPIRED")));
    assert!(live.server.stop().success());
}

#[test]
fn what_is_linked_from_a_place_leaves_through_its_proxy_and_the_connector_is_asked_directly() {
    let room = Room::new();
    let file = python().join("connector.py");
    let behind = Connector::start(&room, "python3", &file);
    let proxy = Proxy::start(&behind.platform);
    let connector = Connector::start_with(&room, "python3", &file, &[("NOTEBOOK_URL", INSIDE)]);
    let there = format!(
        "[[egress.proxies]]\nname = 'us-1'\nurl = '{}'\ncountry = 'US'\n",
        proxy.url
    );
    let live = Live::start_with(&room, &connector, &behind.platform, &there);
    let shop = Shop::open(&live);
    let (session, told) = shop.log_in_from(&json!({ "country": "US" }), "ada", &["correct horse"]);
    assert_eq!(told, ["completed"]);
    let ada = shop.connection(&session);
    assert_eq!(shop.call(&ada, "GET", "self").0, 200);
    assert_eq!(
        shop.call(&ada, "GET", "proxy/notes"),
        (200, json!({ "list": [] }))
    );
    let origin = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    assert!(proxy.asked(INSIDE) >= 3);
    assert_eq!(proxy.asked(&origin(&behind.platform)), 1);
    assert_eq!(proxy.asked(&origin(&connector.url)), 0);
    // From no place in particular nothing goes through it, and the platform is not found.
    let (_, told) = shop.log_in("ada", &["correct horse"]);
    assert_eq!(told, ["initialized"]);
    assert!(live.server.stop().success());
}
