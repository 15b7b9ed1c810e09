//! `linchpin webhook`: endpoints, deliveries, and events on a developer's machine.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use serde_json::{Value, json};

use crate::{
    receiver::{Receiver, reply},
    support::{Room, Running, admin, complaint, eventually, http, linchpin, run_on},
};

fn import(ready: &Value, person: &str) {
    let url = format!(
        "{}/v2/account/connections/import",
        ready["apiUrl"].as_str().unwrap()
    );
    let headers = [
        ("apikey", ready["apiKey"].as_str().unwrap()),
        ("content-type", "application/json"),
    ];
    let body =
        json!({ "cookie": format!("sandbox={person}@fan.sandbox.com"), "userAgent": "Test/1" });
    let answer = http("POST", &url, &headers, &body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.json());
}

#[test]
fn an_endpoint_is_made_looked_at_changed_replayed_to_and_removed() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let (ready, data) = (dev.ready(), room.data());
    let receiver = Receiver::with(|_, n| reply(if n == 0 { 410 } else { 200 }, &[], ""));
    let made = admin(&data, &["webhook", "create", "--url", &receiver.url]);
    let id = made["id"].as_str().unwrap();
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    assert_eq!(admin(&data, &["webhook", "secret", id])["secret"], secret);
    import(&ready, "ada");
    eventually("the endpoint is disabled", || {
        let listed = admin(&data, &["webhook", "list"]);
        (listed[0]["disabledReason"] == "gone").then_some(())
    });
    let failed = admin(&data, &["webhook", "deliveries", id, "--status", "failed"]);
    let delivery = failed[0]["id"].as_str().unwrap();
    let refused = run_on(&data, &["webhook", "replay", id, "--delivery", delivery]);
    assert!(complaint(&refused).contains("disabled"));
    admin(&data, &["webhook", "update", id, "--enabled", "true"]);
    admin(&data, &["webhook", "replay", id, "--delivery", delivery]);
    receiver.wait_for(2);
    admin(&data, &["webhook", "replay", id, "--since", "2020-01-01"]);
    assert_eq!(admin(&data, &["webhook", "test", id])["statusCode"], 200);
    let rotated = admin(&data, &["webhook", "rotate", id]);
    assert_ne!(rotated["secret"], secret);
    admin(&data, &["webhook", "delete", id]);
    assert_eq!(admin(&data, &["webhook", "list"]), json!([]));
}

#[test]
fn what_is_wrong_with_an_endpoint_names_its_flag() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let data = room.data();
    for (words, said) in [
        (
            vec!["--url", "http://example.com/"],
            "--url: must begin with https",
        ),
        (
            vec!["--url", "https://10.0.0.1/"],
            "--url: must not be an address",
        ),
        (
            vec!["--url", "https://example.com/", "--event", "x"],
            "--event: must be one of",
        ),
        (
            vec!["--url", "https://example.com/", "--environment", "moon"],
            "--environment: must be",
        ),
    ] {
        let words = [vec!["webhook", "create"], words].concat();
        let told = complaint(&run_on(&data, &words));
        assert!(told.contains(said), "{told}");
    }
    let told = complaint(&run_on(&data, &["webhook", "delete", "we_1"]));
    assert!(told.contains("no webhook endpoint we_1"), "{told}");
    drop(dev);
}

#[test]
fn events_are_forwarded_to_a_developers_machine_signed_with_a_secret_that_is_printed() {
    let room = Room::new();
    let dev = Running::dev(&room, &[]);
    let ready = dev.ready();
    let receiver = Receiver::start();
    import(&ready, "before");
    let mut listening = linchpin(&["webhook", "listen", "--forward-to", &receiver.url]);
    let server = ready["apiUrl"].as_str().unwrap();
    let mut child = listening
        .args(["--server", server])
        .env("LINCHPIN_API_KEY", ready["apiKey"].as_str().unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    assert!(line().starts_with("Forwarding events"));
    assert!(line().starts_with("whsec_"));
    import(&ready, "ada");
    let hits = receiver.wait_for(1);
    assert_eq!(hits[0].kind(), "connection.created");
    assert!(!hits[0].header("webhook-signature").is_empty());
    let told = line();
    assert!(
        told.contains("connection.created") && told.contains("200"),
        "{told}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(receiver.hits().len(), 1);
}

#[test]
fn whoever_listens_without_a_key_is_told_where_it_belongs() {
    let output = crate::support::run(&["webhook", "listen", "--forward-to", "http://127.0.0.1:1/"]);
    assert!(complaint(&output).contains("LINCHPIN_API_KEY"));
}
