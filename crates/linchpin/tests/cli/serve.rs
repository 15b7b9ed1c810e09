//! `linchpin serve` and `linchpin config`.

use std::fs;

use serde_json::Value;

use crate::support::{
    Room, Running, admin, complaint, end_of, eventually, http, linchpin, run, try_http,
};

fn file(room: &Room, text: &str) -> String {
    let path = room.path().join("linchpin.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The public address of a server, as its log tells it.
fn address(server: &Running) -> String {
    eventually("the server being ready", || {
        let log = server.logged();
        let ready = log.lines().find(|line| line.contains("\"ready\""))?;
        let event: Value = serde_json::from_str(ready).ok()?;
        Some(event["api"].as_str()?.to_owned())
    })
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let room = Room::new();
    let config = file(
        &room,
        "[server]\nlistn = '127.0.0.1:1'\nlisten = 'here'\napi_url = 'http://api.example.com'\n[limits]\nbody_byte = 1\n",
    );
    let output = run(&["config", "check", "--config", &config]);
    assert_eq!(output.status.code(), Some(1));
    let text = complaint(&output);
    for wanted in [
        "server.listn: there is no such key; did you mean server.listen?",
        "limits.body_byte: there is no such key; did you mean limits.body_bytes?",
        "server.listen: must be an IP address with a port",
        "server.api_url: must begin with https://",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let serve = run(&["serve", "--config", &config]);
    assert_eq!(serve.status.code(), Some(1));
    assert!(complaint(&serve).contains("server.listn"));
}

#[test]
fn live_mode_refuses_plain_http_and_a_server_without_a_url() {
    let room = Room::new();
    let data = room.data();
    let bare = run(&["serve", "--data", data.to_str().unwrap()]);
    assert_eq!(bare.status.code(), Some(1));
    assert!(complaint(&bare).contains("server.api_url: is required"));
    let mut plain = linchpin(&["serve", "--data", data.to_str().unwrap()]);
    plain.env("LINCHPIN_SERVER_API_URL", "http://api.example.com");
    let output = end_of(&mut plain);
    assert_eq!(output.status.code(), Some(1));
    let text = complaint(&output);
    assert!(
        text.contains("LINCHPIN_SERVER_API_URL") && text.contains("https://"),
        "{text}"
    );
    assert!(!data.exists());
}

#[test]
fn a_good_configuration_is_shown_as_it_is_in_force() {
    let room = Room::new();
    let text = "[server]\napi_url = 'https://api.example.com'\n[limits]\nbody_bytes = '32 KiB'\n";
    let config = file(&room, text);
    assert_eq!(
        run(&["config", "check", "--config", &config]).status.code(),
        Some(0)
    );
    let mut show = linchpin(&["config", "show", "--config", &config]);
    show.env("LINCHPIN_LIMITS_CONNECTIONS", "99");
    let shown = String::from_utf8(end_of(&mut show).stdout).unwrap();
    for line in [
        "body_bytes = 32768",
        "connections = 99",
        "api_url = \"https://api.example.com\"",
        "level = \"info\"",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
}

#[test]
fn a_key_file_that_others_can_read_is_a_problem_of_the_configuration() {
    let room = Room::new();
    let key = room.path().join("key");
    fs::write(&key, "ab".repeat(32)).unwrap();
    let text = format!(
        "master_key_file = '{}'\n[server]\nsandbox_only = true\n",
        key.display()
    );
    let output = run(&["config", "check", "--config", &file(&room, &text)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        complaint(&output).contains("chmod 600"),
        "{}",
        complaint(&output)
    );
}

#[test]
fn a_server_runs_from_its_file_is_managed_by_it_and_ends_in_order() {
    let room = Room::new();
    let text = format!(
        "data = '{}'\n[server]\nlisten = '127.0.0.1:0'\nmetrics = '127.0.0.1:0'\nsandbox_only = true\n",
        room.data().display()
    );
    let config = file(&room, &text);
    let server = Running::spawn(&room, linchpin(&["serve", "--config", &config]));
    let api = address(&server);
    assert_eq!(http("GET", &format!("{api}/healthz"), &[], "").status, 200);
    assert_eq!(http("GET", &format!("{api}/readyz"), &[], "").status, 404);

    let manage = |arguments: &[&str]| {
        let output = run(&[arguments, &["--json", "--config", &config]].concat());
        assert!(output.status.success(), "{}", complaint(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    manage(&["org", "create", "--name", "Shop"]);
    manage(&[
        "app",
        "create",
        "--type",
        "redirect",
        "--name",
        "S",
        "--redirect-uri",
        "https://a.example.com/",
    ]);
    let flags = [
        "key",
        "create",
        "--name",
        "b",
        "--scope",
        "LINK",
        "--environment",
        "sandbox",
    ];
    let key = manage(&flags)["key"].as_str().unwrap().to_owned();
    let url = format!("{api}/v2/link/init");
    let started = http(
        "POST",
        &url,
        &[("authorization", &format!("Bearer {key}"))],
        "",
    );
    assert_eq!(started.status, 200, "{started:?}");
    let live = [
        "key",
        "create",
        "--name",
        "l",
        "--scope",
        "LINK",
        "--environment",
        "live",
    ];
    let refused = run(&[&live[..], &["--config", &config]].concat());
    assert!(
        complaint(&refused).starts_with("--environment: "),
        "{}",
        complaint(&refused)
    );

    look_at_metrics(&metrics_url(&server));
    assert_eq!(server.stop().code(), Some(0));
    assert_eq!(admin(&room.data(), &["app", "list"])[0]["name"], "S");
}

fn look_at_metrics(metrics: &str) {
    let ready = http("GET", &format!("{metrics}/readyz"), &[], "");
    assert_eq!((ready.status, ready.body.as_str()), (200, "ready\n"));
    let numbers = http("GET", &format!("{metrics}/metrics"), &[], "").body;
    assert!(numbers.contains("process_start_time_seconds "), "{numbers}");
    let counted =
        "linchpin_http_requests_total{method=\"POST\",route=\"/v2/link/init\",status=\"200\"} 1";
    assert!(numbers.contains(counted), "{numbers}");
    assert!(
        !numbers.contains("cs_") && !numbers.contains("app_"),
        "{numbers}"
    );
}

#[test]
fn an_operator_can_cap_the_open_sessions_of_an_app_and_of_one_of_its_users() {
    let room = Room::new();
    let made = Running::dev(&room, &[]).ready();
    let text = format!(
        "data = '{}'\n[server]\nlisten = '127.0.0.1:0'\nsandbox_only = true\n\
         [limits]\nopen_sessions_per_app = 3\nopen_sessions_per_reference = 2\n",
        room.data().display()
    );
    let config = file(&room, &text);
    let server = Running::spawn(&room, linchpin(&["serve", "--config", &config]));
    let key = made["apiKey"].as_str().unwrap();
    let headers = [("apikey", key), ("content-type", "application/json")];
    let url = format!("{}/v2/link/init", address(&server));
    let start = |reference: &str| {
        let body = format!(r#"{{"clientReferenceId":"{reference}"}}"#);
        http("POST", &url, &headers, &body)
    };
    assert_eq!(start("one").status, 200);
    assert_eq!(start("one").status, 200);
    let third = start("one");
    assert_eq!(third.status, 429, "{third:?}");
    assert_eq!(third.json()["type"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(third.header("retry-after"), Some("60"));
    assert_eq!(start("two").status, 200);
    assert_eq!(start("three").status, 429, "the app has three");
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn while_it_ends_a_server_says_that_it_is_not_ready() {
    let room = Room::new();
    let data = room.data();
    let flags = [
        "--listen",
        "127.0.0.1:0",
        "--metrics",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let mut command = linchpin(&[&["serve"], &flags[..]].concat());
    command.env("LINCHPIN_SERVER_SANDBOX_ONLY", "true");
    let server = Running::spawn(&room, command);
    let api = address(&server);
    let metrics = metrics_url(&server);
    // A request that is still being sent keeps the server from ending at once.
    let host = api.strip_prefix("http://").unwrap();
    let mut slow = std::net::TcpStream::connect(host).unwrap();
    let head = "POST /v2/link/init HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{";
    std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(200));
    server.signal("TERM");
    let answer = eventually("the server being not ready", || {
        let answer = try_http("GET", &format!("{metrics}/readyz"), &[], "").ok()?;
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (503, "shutting down\n")
    );
    // A second signal does not wait for it.
    server.signal("TERM");
    let (_, status) = server.rest_without_signal();
    assert_eq!(status.code(), Some(143));
}

fn metrics_url(server: &Running) -> String {
    let log = server.logged();
    let line = log
        .lines()
        .find(|line| line.contains("metrics and readiness"))
        .unwrap();
    let event: Value = serde_json::from_str(line).unwrap();
    format!("http://{}", event["address"].as_str().unwrap())
}
