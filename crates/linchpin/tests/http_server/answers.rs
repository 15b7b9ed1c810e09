//! What every answer carries, and what none does.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::harness::{get_request, start, start_with};

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

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The runtime of a test has one thread, so that the log of this thread is the server's.
#[tokio::test]
async fn the_log_has_one_line_a_request_with_the_template_and_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = start(|_| {}).await;
    let answer = server
        .ask("GET /l/canary-path?q=canary-query HTTP/1.1\r\nHost: a\r\nX-A: canary-header\r\n\r\n")
        .await;
    server.get("/canary-unmatched").await;
    server.get("/panic").await;
    server.ask("canary-junk\x1b[31m\n").await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).expect("text");
    assert!(!log.contains("canary"), "{log}");
    assert!(!log.contains('\x1b'));
    let lines: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|line: &serde_json::Value| line["fields"]["message"] == "request")
        .collect();
    let field = |at: usize, name: &str| lines[at]["fields"][name].clone();
    assert_eq!(lines.len(), 4, "{log}");
    assert_eq!(field(0, "path"), "/l/{secret}");
    assert_eq!(field(0, "method"), "GET");
    assert_eq!(field(0, "status"), 200);
    assert_eq!(field(0, "client"), "127.0.0.1");
    assert_eq!(
        field(0, "requestId"),
        answer.header("x-request-id").expect("an id")
    );
    assert_eq!(field(1, "path"), "-");
    assert_eq!(field(2, "status"), 500);
    assert_eq!(field(3, "status"), 400);
}
