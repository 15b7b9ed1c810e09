//! Who stays and who goes when there is no room.

use std::time::Duration;

use tokio::time::sleep;

use crate::harness::{Client, TestServer, get_request, start};

async fn idle_clients<const N: usize>(server: &TestServer) -> [Client; N] {
    let mut clients = Vec::new();
    for _ in 0..N {
        let mut client = server.connect().await;
        client.send(get_request("/healthz")).await;
        assert_eq!(client.answer().await.status, 200);
        clients.push(client);
        sleep(Duration::from_millis(5)).await;
    }
    clients.try_into().ok().expect("as many as asked for")
}

#[tokio::test]
async fn the_connection_that_was_idle_longest_makes_room_for_a_new_one() {
    let server = start(|limits| limits.connections = 3).await;
    let [mut first, mut second, mut third] = idle_clients(&server).await;
    assert_eq!(server.get("/healthz").await.status, 200);
    assert!(first.is_closed().await);
    assert!(second.is_open().await);
    assert!(third.is_open().await);
}

#[tokio::test]
async fn a_half_sent_request_makes_room_and_a_working_one_does_not() {
    let server = start(|limits| limits.connections = 2).await;
    let mut working = server.connect().await;
    working.send(get_request("/slow/300")).await;
    sleep(Duration::from_millis(50)).await;
    let mut half = server.connect().await;
    half.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
        .await;
    sleep(Duration::from_millis(50)).await;
    assert_eq!(server.get("/healthz").await.status, 200);
    assert!(half.is_closed().await);
    assert_eq!(working.answer().await.text(), "done");
}

#[tokio::test]
async fn with_only_working_connections_a_new_one_is_refused_at_once() {
    let server = start(|limits| limits.connections = 2).await;
    let mut working = [server.connect().await, server.connect().await];
    for client in &mut working {
        client.send(get_request("/slow/300")).await;
    }
    sleep(Duration::from_millis(50)).await;
    let answer = server.connect().await.answer().await;
    answer.assert_error(503, "UNKNOWN_ERROR");
    assert_eq!(answer.header("retry-after"), Some("1"));
    for client in &mut working {
        assert_eq!(client.answer().await.text(), "done");
    }
    assert_eq!(
        server.get("/healthz").await.status,
        200,
        "there is room again"
    );
}

#[tokio::test]
async fn loopback_has_no_limit_by_address() {
    let server = start(|limits| limits.connections_per_address = 1).await;
    let _clients: [Client; 5] = idle_clients(&server).await;
}

#[tokio::test]
async fn too_many_requests_at_once_are_shed_but_health_is_answered() {
    let server = start(|limits| limits.requests_in_flight = 1).await;
    let mut working = server.connect().await;
    working.send(get_request("/slow/300")).await;
    sleep(Duration::from_millis(50)).await;
    let shed = server.get("/id").await;
    shed.assert_error(503, "UNKNOWN_ERROR");
    assert_eq!(shed.header("retry-after"), Some("1"));
    assert_eq!(server.get("/healthz").await.status, 200);
    assert_eq!(working.answer().await.text(), "done");
    assert_eq!(server.get("/id").await.status, 200);
}
