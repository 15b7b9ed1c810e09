//! Each size limit at its last allowed value and one beyond it.

use crate::harness::{TestServer, start};

async fn url_of(server: &TestServer, bytes: usize) -> u16 {
    let target = format!("/healthz?{}", "q".repeat(bytes - "/healthz?".len()));
    let answer = server
        .ask(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .await;
    answer.assert_complete();
    if answer.status == 414 {
        answer.assert_error(414, "PAYLOAD_TOO_LARGE");
    }
    answer.status
}

#[tokio::test]
async fn a_url_may_have_8_kib() {
    let server = start(|_| {}).await;
    assert_eq!(url_of(&server, 8191).await, 200);
    assert_eq!(url_of(&server, 8192).await, 200);
    assert_eq!(url_of(&server, 8193).await, 414);
    assert_eq!(url_of(&server, 20_000).await, 414);
    let endless = server.ask(vec![b'A'; 10_000]).await;
    endless.assert_error(414, "PAYLOAD_TOO_LARGE");
}

async fn headers_of(server: &TestServer, bytes: usize) -> u16 {
    let rest = "Host: localhost\r\nX-Long: \r\n".len();
    let long = "h".repeat(bytes - rest);
    let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: {long}\r\n\r\n");
    let answer = server.ask(head).await;
    answer.assert_complete();
    answer.status
}

#[tokio::test]
async fn headers_may_have_16_kib_together() {
    let server = start(|_| {}).await;
    assert_eq!(headers_of(&server, 16_383).await, 200);
    assert_eq!(headers_of(&server, 16_384).await, 200);
    assert_eq!(headers_of(&server, 16_385).await, 431);
    let mut client = server.connect().await;
    let endless = format!("GET / HTTP/1.1\r\nX-Endless: {}", "x".repeat(100_000));
    client.try_send(endless).await;
    client.answer().await.assert_error(431, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn there_may_be_100_headers() {
    let server = start(|_| {}).await;
    for (count, status) in [(99, 200), (100, 200), (101, 431), (500, 431)] {
        let lines = "X-A: b\r\n".repeat(count - 1);
        let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
        let answer = server.ask(head).await;
        answer.assert_complete();
        assert_eq!(answer.status, status, "{count} headers");
    }
}

#[tokio::test]
async fn more_headers_can_be_allowed() {
    let server = start(|limits| limits.header_count = 200).await;
    for (count, status) in [(200, 200), (201, 431)] {
        let lines = "X-A: b\r\n".repeat(count - 1);
        let head = format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
        assert_eq!(server.ask(head).await.status, status, "{count} headers");
    }
}

fn with_length(bytes: usize) -> String {
    let body = "b".repeat(bytes);
    format!("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: {bytes}\r\n\r\n{body}")
}

fn in_chunks(bytes: usize) -> String {
    let mut request =
        "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    let mut left = bytes;
    while left > 0 {
        let size = left.min(1000);
        request.extend([format!("{size:x}\r\n"), "b".repeat(size), "\r\n".to_owned()]);
        left -= size;
    }
    request + "0\r\n\r\n"
}

#[tokio::test]
async fn a_body_may_have_64_kib_with_or_without_a_length() {
    let server = start(|_| {}).await;
    for body in [with_length, in_chunks] {
        for bytes in [65_535, 65_536] {
            let answer = server.ask(body(bytes)).await;
            assert_eq!(
                (answer.status, answer.text()),
                (200, bytes.to_string().as_str())
            );
        }
        for bytes in [65_537, 1_000_000] {
            let mut client = server.connect().await;
            client.try_send(body(bytes)).await;
            let answer = client.answer().await;
            answer.assert_error(413, "PAYLOAD_TOO_LARGE");
            assert_eq!(answer.header("connection"), Some("close"));
            assert!(client.is_closed().await);
        }
    }
}

#[tokio::test]
async fn a_body_that_announces_too_much_is_refused_before_it_is_sent() {
    let server = start(|_| {}).await;
    let answer = server
        .ask("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n")
        .await;
    answer.assert_error(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.status, 100);
    client.send("hi").await;
    assert_eq!(client.answer().await.text(), "hi");
}
