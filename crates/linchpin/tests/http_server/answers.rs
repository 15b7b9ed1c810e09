//! What every answer carries, and what none does.

use crate::harness::{get_request, log_so_far, start, start_with};

#[tokio::test]
async fn every_answer_has_its_own_request_id_and_the_security_headers() {
    let server = start(|_| {}).await;
    let mut ids = Vec::new();
    for path in [
        "/healthz",
        "/id",
        "/nowhere",
        "/echo",
        "/panic",
        "/l/secret",
        "/own",
    ] {
        let answer = server.get(path).await;
        answer.assert_complete();
        assert_eq!(answer.header("strict-transport-security"), None);
        ids.push(answer.header("x-request-id").expect("an id").to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 7);
}

#[tokio::test]
async fn the_handler_sees_the_same_id_and_a_clients_own_is_ignored() {
    let server = start(|_| {}).await;
    let answer = server
        .ask("GET /id HTTP/1.1\r\nHost: a\r\nX-Request-Id: req_forged\r\n\r\n")
        .await;
    assert_eq!(answer.header("x-request-id"), Some(answer.text()));
    assert_ne!(answer.text(), "req_forged");
}

#[tokio::test]
async fn what_a_handler_sets_wins() {
    let server = start(|_| {}).await;
    let answer = server.get("/own").await;
    assert_eq!(answer.header("cache-control"), Some("max-age=60"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'self'; frame-ancestors https://shop.example")
    );
    assert_eq!(answer.header("x-frame-options"), None);
    let plain = server.get("/healthz").await;
    assert_eq!(plain.header("cache-control"), Some("no-store"));
    assert_eq!(plain.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        plain.header("content-security-policy"),
        Some("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
    );
}

#[tokio::test]
async fn behind_https_browsers_are_told_to_stay_there_for_a_year() {
    let server = start_with(|options| options.strict_transport = true).await;
    for answer in [server.get("/healthz").await, server.ask("junk\n").await] {
        let value = answer
            .header("strict-transport-security")
            .expect("the header");
        assert!(value.starts_with("max-age=31536000"), "{value}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_have_the_error_shape() {
    let server = start(|_| {}).await;
    server
        .get("/nowhere")
        .await
        .assert_error(404, "ROUTE_NOT_FOUND");
    let answer = server.get("/echo").await;
    answer.assert_error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_panic_is_one_500_and_nothing_else() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        client.send(get_request("/panic")).await;
        let answer = client.answer().await;
        answer.assert_error(500, "UNKNOWN_ERROR");
        assert!(!answer.text().contains("canary"));
    }
    client.send(get_request("/healthz")).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn a_forged_forwarded_header_changes_nothing() {
    let server = start(|_| {}).await;
    for header in [
        "X-Forwarded-For: 203.0.113.9",
        "X-Real-IP: 203.0.113.9",
        "Forwarded: for=203.0.113.9",
    ] {
        let answer = server
            .ask(format!("GET /who HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n"))
            .await;
        assert_eq!(answer.text(), "127.0.0.1");
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_the_client() {
    let server = start_with(|options| {
        options.trusted_proxies = ["127.0.0.0/8", "10.0.0.0/8"]
            .map(|prefix| prefix.parse().expect("a prefix"))
            .into_iter()
            .collect();
    })
    .await;
    let forwarded = "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\nX-Forwarded-For: 10.1.1.1\r\n";
    let answer = server
        .ask(format!("GET /who HTTP/1.1\r\nHost: a\r\n{forwarded}\r\n"))
        .await;
    assert_eq!(answer.text(), "203.0.113.9");
    assert_eq!(server.get("/who").await.text(), "127.0.0.1");
}

#[tokio::test]
async fn the_log_has_one_line_a_request_with_the_template_and_no_secret() {
    let server = start(|_| {}).await;
    let secret =
        "GET /l/canary-path?q=canary-query HTTP/1.1\r\nHost: a\r\nX-A: canary-header\r\n\r\n";
    for (answer, method, path, status) in [
        (server.ask(secret).await, "GET", "/l/{secret}", 200),
        (server.get("/canary-unmatched").await, "GET", "-", 404),
        (server.get("/panic").await, "GET", "/panic", 500),
        (server.ask("canary-junk\x1b[31m\n").await, "-", "-", 400),
    ] {
        let id = answer.header("x-request-id").expect("an id");
        let log = log_so_far();
        let mut lines = log
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
            .map(|line| line["fields"].clone())
            .filter(|fields| fields["message"] == "request" && fields["requestId"] == id);
        let line = lines.next().expect("a line");
        assert_eq!(lines.next(), None, "a second line");
        assert_eq!(line["method"], method);
        assert_eq!(line["path"], path);
        assert_eq!(line["status"], status);
        assert_eq!(line["client"], "127.0.0.1");
    }
    // The log of all tests of this file so far: no canary of any of them may be in it.
    let log = log_so_far();
    assert!(!log.contains("canary"), "{log}");
    assert!(!log.contains('\x1b'));
}
