//! Clients that take their time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::harness::{Client, get_request, start};

const SHORT: Duration = Duration::from_millis(150);

/// Sends one byte after the other until the server has had enough.
async fn drip(client: &mut Client, bytes: &str, pause: Duration) -> Duration {
    let began = Instant::now();
    for byte in bytes.as_bytes() {
        if !client.try_send([*byte]).await || !client.is_open().await {
            break;
        }
        sleep(pause).await;
    }
    began.elapsed()
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_though_bytes_keep_coming() {
    let server = start(|limits| limits.header_timeout = SHORT).await;
    let mut client = server.connect().await;
    sleep(SHORT * 2).await;
    assert!(
        client.is_open().await,
        "the time runs from the first byte, not from the connection"
    );
    let took = drip(&mut client, &get_request("/healthz"), Duration::ZERO).await;
    assert!(took >= SHORT / 2 && took < SHORT * 4, "{took:?}");
    let answer = client.answer().await;
    answer.assert_error(408, "BAD_REQUEST");
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_half_sent_second_head_is_cut_off_too() {
    let server = start(|limits| limits.header_timeout = SHORT).await;
    let mut client = server.connect().await;
    client.send(get_request("/healthz") + "GET / HT").await;
    assert_eq!(client.answer().await.status, 200);
    client.answer().await.assert_error(408, "BAD_REQUEST");
}

#[tokio::test]
async fn a_body_below_the_lowest_rate_is_cut_off() {
    let server = start(|limits| {
        limits.body_grace = SHORT;
        limits.body_rate = 1000;
    })
    .await;
    let head = "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n";
    let mut client = server.connect().await;
    client.send(head).await;
    drip(&mut client, &"b".repeat(60), Duration::ZERO).await;
    let answer = client.answer().await;
    answer.assert_error(408, "BAD_REQUEST");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(client.is_closed().await);

    let mut steady = server.connect().await;
    steady.send(head).await;
    for _ in 0..3 {
        sleep(SHORT / 5).await;
        steady.send("b".repeat(20)).await;
    }
    assert_eq!(steady.answer().await.text(), "60");
}

#[tokio::test]
async fn a_body_at_any_rate_has_to_end_some_time() {
    let server = start(|limits| {
        limits.body_timeout = SHORT;
        limits.body_rate = 0;
    })
    .await;
    let mut client = server.connect().await;
    client
        .send("POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    drip(&mut client, &"1\r\nb\r\n".repeat(20), Duration::ZERO).await;
    client.answer().await.assert_error(408, "BAD_REQUEST");
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    let server = start(|limits| limits.idle_timeout = SHORT).await;
    let mut silent = server.connect().await;
    let mut client = server.connect().await;
    client.send(get_request("/slow/300")).await;
    assert_eq!(
        client.answer().await.text(),
        "done",
        "working is not idling"
    );
    let began = Instant::now();
    assert!(client.is_closed().await);
    assert!(
        began.elapsed() >= SHORT / 2,
        "the time runs from the answer"
    );
    assert!(silent.is_closed().await);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_closed() {
    let server = start(|limits| limits.write_timeout = SHORT).await;
    let mut client = server.connect().await;
    client.send(get_request("/big")).await;
    sleep(SHORT * 4).await;
    server.shutdown.trigger();
    let cut = server.served.await.expect("served");
    assert_eq!(
        cut, 0,
        "it was closed for not reading, not cut by the shutdown"
    );
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_503_and_the_connection_lives() {
    let server = start(|limits| limits.request_timeout = SHORT).await;
    let mut client = server.connect().await;
    client.send(get_request("/slow/60000")).await;
    let answer = client.answer().await;
    answer.assert_error(503, "UNKNOWN_ERROR");
    assert_eq!(answer.header("retry-after"), Some("1"));
    client.send(get_request("/healthz")).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn two_hundred_slow_clients_do_not_keep_a_normal_one_waiting() {
    let server = start(|_| {}).await;
    let mut slow = Vec::new();
    for n in 0..200 {
        let mut client = server.connect().await;
        client
            .send(&get_request("/healthz").as_bytes()[..n % 30])
            .await;
        slow.push(client);
    }
    let began = Instant::now();
    assert_eq!(server.get("/healthz").await.status, 200);
    assert!(began.elapsed() < Duration::from_millis(500));
}
