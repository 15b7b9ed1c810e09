//! What must not be found afterwards.

use std::{fs, path::Path};

use serde_json::json;

use crate::support::{Room, Running, admin, http, init};

#[test]
fn no_key_and_no_link_secret_is_in_the_store_or_the_logs() {
    let room = Room::new();
    let dev = Running::dev(&room, &["--log", "trace"]);
    let (ready, data) = (dev.ready(), room.data());
    let flags = ["--scope", "LINK", "--environment", "sandbox"];
    let made = admin(
        &data,
        &[&["key", "create", "--name", "backend"], &flags[..]].concat(),
    );
    let secret = made["key"].as_str().unwrap().to_owned();
    let answer = init(
        &ready,
        Some(&secret),
        &json!({"clientReferenceId": "canary"}),
    )
    .json();
    let url = answer["url"].as_str().unwrap().to_owned();
    assert_eq!(http("GET", &url, &[], "").status, 200);
    let link = url.rsplit('/').next().unwrap().to_owned();
    let status = format!("{}/v2/link/{link}", ready["apiUrl"].as_str().unwrap());
    assert_eq!(http("GET", &status, &[("apikey", &secret)], "").status, 200);
    http(
        "POST",
        &format!("{}/connect", ready["demoUrl"].as_str().unwrap()),
        &[],
        "",
    );
    let dev_key = ready["apiKey"].as_str().unwrap().to_owned();
    let log = dev.log.clone();
    look(&data, &log, &[&secret, &link, &dev_key]);
    dev.stop();
    look(&data, &log, &[&secret, &link, &dev_key]);
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("link session started"), "{text}");
}

/// Searches every file of the data directory but the one that is there to keep the key of `linchpin dev`.
fn look(data: &Path, log: &Path, secrets: &[&str]) {
    let entries = fs::read_dir(data).unwrap().map(|entry| entry.unwrap());
    let kept = entries
        .filter(|entry| entry.file_type().unwrap().is_file() && entry.file_name() != "dev.json")
        .map(|entry| entry.path());
    for path in kept.chain([log.to_owned()]) {
        let bytes = fs::read(&path).unwrap();
        for secret in secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in {}", path.display());
        }
    }
}

#[test]
fn every_line_of_the_log_is_json_whatever_was_sent() {
    let room = Room::new();
    let dev = Running::dev(&room, &["--log", "trace"]);
    let ready = dev.ready();
    let api = ready["apiUrl"].as_str().unwrap();
    http(
        "GET",
        &format!("{api}/%0a%1b[31m{{}}"),
        &[("user-agent", "x\u{202e}y\u{1b}[2J")],
        "",
    );
    let text = dev.logged();
    assert!(!text.contains('\u{1b}'));
    for line in text.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        assert!(event["level"].is_string(), "{line}");
    }
    dev.stop();
}
