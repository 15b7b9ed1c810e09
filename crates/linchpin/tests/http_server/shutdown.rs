//! Going away without losing an answer.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::harness::{get_request, start};

#[tokio::test]
async fn requests_in_hand_are_answered_and_everyone_else_is_closed_at_once() {
    let server = start(|_| {}).await;
    let mut fresh = server.connect().await;
    let mut idle = server.connect().await;
    idle.send(get_request("/healthz")).await;
    assert_eq!(idle.answer().await.header("connection"), None);
    let mut working = server.connect().await;
    working.send(get_request("/slow/300")).await;
    sleep(Duration::from_millis(50)).await;

    let began = Instant::now();
    server.shutdown.trigger();
    assert!(idle.is_closed().await);
    assert!(fresh.is_closed().await);
    assert!(began.elapsed() < Duration::from_millis(150));
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "nobody listens any more"
    );

    let answer = working.answer().await;
    assert_eq!((answer.status, answer.text()), (200, "done"));
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(working.is_closed().await);
    assert_eq!(server.served.await.expect("served"), 0);
}

#[tokio::test]
async fn a_request_that_has_begun_to_arrive_is_still_answered() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    client.send("GET /heal").await;
    sleep(Duration::from_millis(50)).await;
    server.shutdown.trigger();
    sleep(Duration::from_millis(50)).await;
    client.send("thz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(client.answer().await.text(), "ok");
    assert_eq!(server.served.await.expect("served"), 0);
}

#[tokio::test]
async fn a_long_answer_that_began_before_arrives_whole() {
    let server = start(|_| {}).await;
    let mut client = server.connect().await;
    client.send(get_request("/big")).await;
    sleep(Duration::from_millis(100)).await;
    server.shutdown.trigger();
    sleep(Duration::from_millis(100)).await;
    assert_eq!(client.answer().await.body.len(), 32 * 1024 * 1024);
    drop(client);
    assert_eq!(server.served.await.expect("served"), 0);
}

#[tokio::test]
async fn what_takes_too_long_is_cut() {
    let server = start(|limits| limits.drain_timeout = Duration::from_millis(100)).await;
    let mut client = server.connect().await;
    client.send(get_request("/slow/60000")).await;
    sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    server.shutdown.trigger();
    assert_eq!(server.served.await.expect("served"), 1);
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn no_answer_is_lost_when_the_server_goes_away_under_load() {
    let server = start(|_| {}).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = server.connect().await;
        clients.push(tokio::spawn(async move {
            let mut answered = 0;
            while client.try_send(get_request("/slow/1")).await {
                // An idle connection may be closed as a request crosses; a cut answer may not be.
                let Some(answer) = client.try_answer().await else {
                    break;
                };
                assert_eq!(answer.text(), "done");
                answered += 1;
            }
            answered
        }));
    }
    sleep(Duration::from_millis(100)).await;
    server.shutdown.trigger();
    assert_eq!(server.served.await.expect("served"), 0);
    for client in clients {
        assert!(client.await.expect("no answer was cut") > 0);
    }
}
