//! Many calls at the same time: no answer goes to the wrong caller, and nothing is kept of those who went away.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use super::Tie;
use crate::support::World;

/// Calls of each of 100 connections; 1,000 in the long version.
fn calls_each() -> usize {
    match std::env::var("LINCHPIN_CHECK").as_deref() {
        Ok("long") => 1_000,
        _ => 10,
    }
}

#[test]
fn no_answer_goes_to_the_wrong_caller() {
    let world = World::without_limit();
    let ties = Tie::many(&world, 100);
    std::thread::scope(|scope| {
        for (n, tie) in ties.iter().enumerate() {
            let world = &world;
            scope.spawn(move || {
                let mut stream = TcpStream::connect(world.address()).unwrap();
                for call in 0..calls_each() {
                    let body = format!("{n} {call}");
                    let head = format!(
                        "POST /v2/access/proxy/wire/open/echo HTTP/1.1\r\nhost: a\r\napikey: {}\r\nx-connection-id: {}\r\ncontent-length: {}\r\n\r\n{body}",
                        tie.key, tie.id, body.len()
                    );
                    stream.write_all(head.as_bytes()).unwrap();
                    let answer = answer(&mut stream);
                    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                    let told = format!("\r\n\r\nBearer user{n} 0\n{body}");
                    assert!(answer.ends_with(&told), "{told}: {answer}");
                }
            });
        }
    });
    assert_eq!(
        world.upstream().platform.requests().len(),
        100 * calls_each()
    );
}

/// One answer of a connection that goes on.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "cut off");
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return text;
            }
        }
    }
}

#[test]
fn a_thousand_callers_who_go_away_leave_nothing_under_way() {
    let world = World::without_limit();
    let ties = Tie::many(&world, 2);
    let platform = &world.upstream().platform;
    let (engine, _) = world.engine();
    for _ in 0..10 {
        let hanging: Vec<_> = (0..100)
            .map(|n| {
                let tie = &ties[n % 2];
                let mut stream = TcpStream::connect(world.address()).unwrap();
                let head = format!(
                    "GET /v2/access/proxy/wire/open/hang HTTP/1.1\r\nhost: a\r\napikey: {}\r\nx-connection-id: {}\r\n\r\n",
                    tie.key, tie.id
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream
            })
            .collect();
        platform.wait_until_hanging(100);
        assert_eq!(engine.turns_taken("north"), 100);
        drop(hanging);
        // The platform sees them go.
        platform.wait_until_hanging(0);
    }
    let began = Instant::now();
    while engine.turns_taken("north") > 0 {
        assert!(began.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(platform.requests().len(), 1_000);
    world
        .send(&ties[0].call("GET", "/wire/open/echo"))
        .expect(200);
}
