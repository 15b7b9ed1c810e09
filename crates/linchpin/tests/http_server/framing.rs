//! Messages that two parsers could read differently are refused, and the connection with them.

use crate::harness::{TestServer, get_request, start};

async fn assert_malformed(server: &TestServer, request: &[u8]) {
    let mut client = server.connect().await;
    client.send(request).await;
    // A second request behind the first must never be answered.
    client.try_send(get_request("/healthz")).await;
    let answer = client.try_answer().await;
    let answer = answer.unwrap_or_else(|| panic!("no answer: {}", request.escape_ascii()));
    assert_eq!(answer.status, 400, "{}", request.escape_ascii());
    answer.assert_error(400, "BAD_REQUEST");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(client.is_closed().await, "{}", request.escape_ascii());
}

#[tokio::test]
async fn heads_that_can_be_read_in_two_ways_are_refused() {
    let server = start(|_| {}).await;
    let post = |lines: &str| format!("POST /echo HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: +3\r\n",
        "Content-Length: 0x3\r\n",
        "Content-Length: -1\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "X-Folded: one\r\n two\r\n",
        "X-Folded: one\r\n\ttwo\r\n",
        "Content-Length : 3\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Leading: space\r\n",
        "No colon\r\n",
        ": no name\r\n",
        "X-Bare: return\rContent-Length: 3\r\n",
        "X-Bare: feed\nContent-Length: 3\r\n",
        "X-Nul: a\0b\r\n",
        "Host: other.example\r\n",
        "Host: localhost\r\n",
    ] {
        assert_malformed(&server, post(lines).as_bytes()).await;
    }
}

#[tokio::test]
async fn request_lines_other_than_http_1_are_refused() {
    let server = start(|_| {}).await;
    for request in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"GET / HTTP/1.1\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\n",
        b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: user@localhost\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        b"GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /#fragment HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\n",
    ] {
        assert_malformed(&server, request).await;
    }
}

#[tokio::test]
async fn chunks_that_can_be_read_in_two_ways_are_refused() {
    let server = start(|_| {}).await;
    let head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunks in [
        "3\nabc\r\n0\r\n\r\n",
        "3;a=b\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "x\r\n",
    ] {
        assert_malformed(&server, format!("{head}{chunks}").as_bytes()).await;
    }
}

/// No byte makes the parser behind the gate answer in its own, bare way.
#[tokio::test]
async fn any_byte_in_a_url_is_answered_in_full() {
    let server = start(|_| {}).await;
    for byte in 0..=u8::MAX {
        for (before, after) in [
            ("/", "x"),
            ("/x?q=", "x"),
            ("/%", ""),
            ("http://h", "/"),
            ("", "/"),
        ] {
            let request = [
                b"GET ",
                before.as_bytes(),
                &[byte],
                after.as_bytes(),
                b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            ]
            .concat();
            let answer = server.ask(&request).await;
            answer.assert_complete();
            assert!(
                matches!(answer.status, 400 | 404),
                "{}",
                request.escape_ascii()
            );
        }
    }
}

#[tokio::test]
async fn any_byte_in_a_header_is_answered_in_full() {
    let server = start(|_| {}).await;
    for byte in 0..=u8::MAX {
        for (before, after) in [
            ("X-A", "B: c"),
            ("", "X-A: b"),
            ("X-A: b", "c"),
            ("Host: h", ""),
        ] {
            let host = if before.starts_with("Host") {
                ""
            } else {
                "Host: localhost\r\n"
            };
            let request = [
                format!("GET /healthz HTTP/1.1\r\n{host}{before}").as_bytes(),
                &[byte],
                format!("{after}\r\n\r\n").as_bytes(),
            ]
            .concat();
            let answer = server.ask(&request).await;
            answer.assert_complete();
            assert!(
                matches!(answer.status, 200 | 400),
                "{}",
                request.escape_ascii()
            );
        }
    }
}

#[tokio::test]
async fn the_result_does_not_depend_on_how_the_bytes_arrive() {
    let server = start(|_| {}).await;
    let requests = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello\
         \r\nPOST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n\
         GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for piece in [1, 2, 3, 7, 50, 1000] {
        let mut client = server.connect().await;
        client.stream.set_nodelay(true).expect("nodelay");
        for bytes in requests.as_bytes().chunks(piece) {
            client.send(bytes).await;
            tokio::task::yield_now().await;
        }
        assert_eq!(client.answer().await.text(), "hello", "pieces of {piece}");
        assert_eq!(client.answer().await.text(), "abcd", "pieces of {piece}");
        assert_eq!(client.answer().await.text(), "ok", "pieces of {piece}");
        assert!(client.is_open().await);
    }
}

#[tokio::test]
async fn a_bad_request_behind_a_good_one_does_not_cost_the_good_ones_answer() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    client
        .send(format!("{}GET / HTTP/1.1\n\n", get_request("/slow/100")))
        .await;
    assert_eq!(client.answer().await.text(), "done");
    client.answer().await.assert_error(400, "BAD_REQUEST");
    assert!(client.is_closed().await);

    let mut client = server.connect().await;
    client.send(format!("{}BAD\r\n", get_request("/big"))).await;
    assert_eq!(client.answer().await.body.len(), 32 * 1024 * 1024);
    client.answer().await.assert_error(400, "BAD_REQUEST");
}

#[tokio::test]
async fn trace_and_connect_are_off() {
    let server = start(|_| {}).await;
    for line in [
        "TRACE /echo HTTP/1.1",
        "CONNECT localhost:80 HTTP/1.1",
        "CONNECT / HTTP/1.1",
    ] {
        let answer = server
            .ask(format!(
                "{line}\r\nHost: localhost\r\nX-Canary: canary\r\n\r\n"
            ))
            .await;
        answer.assert_error(405, "METHOD_NOT_ALLOWED");
        assert!(!answer.text().contains("canary"));
    }
    let answer = server
        .ask("OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n")
        .await;
    answer.assert_error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn an_http_1_0_client_is_served_and_closed() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    client.send("GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!(client.answer().await.text(), "ok");
    assert!(client.is_closed().await);
}
