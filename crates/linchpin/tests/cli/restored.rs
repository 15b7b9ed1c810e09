//! What the tests of backups on both engines share: a world before a backup, and what became of it.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Answer, admin, http, init, run};

/// What stood in a store when its backup was taken, and changed afterwards.
pub struct Before {
    pub kept_key: String,
    pub lost_key: String,
    lost_key_id: String,
    deleted_app: String,
    narrowed_app: String,
    deleted_session: String,
    open_session: String,
    kept_connection: String,
    ended_connection: String,
    removed_connection: String,
    deleted_endpoint: String,
}

/// What an app is narrowed to, and what it loses.
const KEPT_URL: &str = "https://shop.example.com/kept";
const LOST_URL: &str = "https://shop.example.com/lost";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The secret of a session that init made.
pub fn secret(answer: &Answer) -> String {
    let url = text(&answer.json()["url"]);
    url.rsplit('/').next().unwrap().to_owned()
}

fn app(data: &Path, name: &str) -> String {
    let flags = ["app", "create", "--type", "redirect", "--name", name];
    let urls = ["--redirect-uri", KEPT_URL, "--redirect-uri", LOST_URL];
    text(&admin(data, &[&flags[..], &urls].concat())["id"])
}

fn key(data: &Path) -> Value {
    let flags = [
        "key",
        "create",
        "--name",
        "backend",
        "--scope",
        "LINK,ACCOUNT,ACCESS",
    ];
    admin(data, &[&flags[..], &["--environment", "sandbox"]].concat())
}

fn status(ready: &Value, key: &str, session: &str) -> Value {
    let url = format!("{}/v2/link/{session}", ready["apiUrl"].as_str().unwrap());
    http("GET", &url, &[("apikey", key)], "").json()["status"].clone()
}

/// A connection of the sandbox.
fn connection(ready: &Value, person: &str) -> String {
    let api = ready["apiUrl"].as_str().unwrap();
    let headers = [
        ("apikey", ready["apiKey"].as_str().unwrap()),
        ("content-type", "application/json"),
    ];
    let body =
        json!({ "cookie": format!("sandbox={person}@fan.sandbox.com"), "userAgent": "Test/1" });
    let url = format!("{api}/v2/account/connections/import");
    text(&http("POST", &url, &headers, &body.to_string()).json()["id"])
}

fn endpoint(data: &Path) -> String {
    let url = "https://example.com/hooks";
    text(&admin(data, &["webhook", "create", "--url", url])["id"])
}

impl Before {
    pub fn the_backup(ready: &Value, data: &Path) -> Self {
        let (kept_key, lost_key) = (key(data), key(data));
        let session = |_| secret(&init(ready, None, &json!({})));
        Self {
            kept_key: text(&kept_key["key"]),
            lost_key: text(&lost_key["key"]),
            lost_key_id: text(&lost_key["id"]),
            deleted_app: app(data, "Deleted later"),
            narrowed_app: app(data, "Narrowed later"),
            deleted_session: session(1),
            open_session: session(2),
            kept_connection: connection(ready, "kept"),
            ended_connection: connection(ready, "ended"),
            removed_connection: connection(ready, "removed"),
            deleted_endpoint: endpoint(data),
        }
    }

    /// Revokes and deletes; answers a key that the backup does not know.
    pub fn changes(&self, ready: &Value, data: &Path) -> String {
        admin(data, &["key", "revoke", &self.lost_key_id]);
        admin(data, &["app", "delete", &self.deleted_app]);
        let flags = ["app", "update", &self.narrowed_app];
        admin(data, &[&flags[..], &["--redirect-uri", KEPT_URL]].concat());
        let api = ready["apiUrl"].as_str().unwrap();
        let url = format!("{api}/v2/link/{}", self.deleted_session);
        let deleted = http("DELETE", &url, &[("apikey", &self.kept_key)], "");
        assert!(matches!(deleted.status, 200 | 204), "{deleted:?}");
        let of = |id: &str| format!("{api}/v2/account/connections/{id}");
        let key_of = [("apikey", self.kept_key.as_str())];
        let end = format!("{}/invalidate", of(&self.ended_connection));
        assert_eq!(http("POST", &end, &key_of, "").status, 200);
        let removed = http("DELETE", &of(&self.removed_connection), &key_of, "");
        assert_eq!(removed.status, 200);
        admin(data, &["webhook", "delete", &self.deleted_endpoint]);
        text(&key(data)["key"])
    }

    /// That a restored server brings nothing back.
    pub fn stays_as_it_was_changed(&self, ready: &Value, unknown_key: &str) {
        let key = Some(self.kept_key.as_str());
        let with = |app: &str, url: &str| {
            init(ready, key, &json!({"clientAppId": app, "redirectUrl": url})).status
        };
        assert_eq!(with(&self.narrowed_app, KEPT_URL), 200);
        assert_eq!(with(&self.narrowed_app, LOST_URL), 400);
        assert_eq!(with(&self.deleted_app, KEPT_URL), 404);
        for key in [&self.lost_key, unknown_key] {
            assert_eq!(init(ready, Some(key), &json!({})).status, 401);
        }
        for session in [&self.deleted_session, &self.open_session] {
            assert_eq!(status(ready, &self.kept_key, session), "not_found");
        }
        let api = ready["apiUrl"].as_str().unwrap();
        let of = |id: &str| {
            let url = format!("{api}/v2/account/connections/{id}");
            http("GET", &url, &[("apikey", self.kept_key.as_str())], "")
        };
        assert_eq!(of(&self.kept_connection).json()["status"], "active");
        assert_eq!(of(&self.ended_connection).json()["status"], "expired");
        assert_eq!(of(&self.removed_connection).status, 404);
        let data = Path::new(ready["dataDir"].as_str().unwrap());
        assert_eq!(admin(data, &["webhook", "list"]), json!([]));
    }
}

/// Runs a command that must succeed and reads the JSON that it prints.
pub fn done(arguments: &[&str]) -> Value {
    let output = run(arguments);
    let complaint = crate::support::complaint(&output);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a command that must be refused, and answers why.
pub fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments:?} was carried out");
    crate::support::complaint(&output)
}
