//! Bodies stream both ways, within limits.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use super::Tie;
use crate::support::World;

const MIB: usize = 1024 * 1024;

#[test]
fn a_body_may_be_longer_than_that_of_other_routes() {
    let world = World::start();
    let tie = Tie::live(&world);
    let body = vec![b'y'; MIB];
    let request = tie.call("PUT", "/open").body("text/plain", body.clone());
    let answer = world.send(&request).expect(200);
    assert_eq!(answer.body.len(), MIB);
    let tie = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let request = tie
        .call("POST", "/echo")
        .body("text/plain", vec![b'y'; 10 * MIB]);
    let told = world.send(&request).expect(200).json();
    assert_eq!(told["body"].as_str().unwrap().len(), 10 * MIB);
}

#[test]
fn a_body_beyond_the_providers_limit_is_refused_with_a_length_and_in_chunks() {
    let world = World::start();
    let tie = Tie::live(&world);
    let long = vec![b'y'; MIB + 1];
    let told = world
        .send(&tie.call("PUT", "/open").body("text/plain", long.clone()))
        .error(413, "PAYLOAD_TOO_LARGE");
    assert!(
        told["error"].as_str().unwrap().contains("1048576"),
        "{told}"
    );
    let mut chunked = format!("{:x}\r\n", long.len()).into_bytes();
    chunked.extend_from_slice(&long);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let answer = raw(
        &world,
        &tie,
        "PUT",
        "transfer-encoding: chunked",
        &chunked,
        true,
    );
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    // It was broken off, so that it does not look whole to the provider.
    let calls = world.upstream().calls.lock().unwrap().clone();
    assert!(calls.iter().all(|call| call.body.is_none()), "{calls:?}");
    world.send(&tie.call("GET", "/open")).expect(200);
}

#[test]
fn chunks_arrive_as_one_body() {
    let world = World::start();
    let tie = Tie::live(&world);
    let body = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let answer = raw(
        &world,
        &tie,
        "PUT",
        "transfer-encoding: chunked",
        body,
        true,
    );
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("abcde"), "{answer}");
}

#[test]
fn a_body_that_breaks_off_never_looks_whole() {
    let world = World::start();
    let tie = Tie::live(&world);
    raw(&world, &tie, "POST", "content-length: 10", b"abc", false);
    let answer = raw(
        &world,
        &tie,
        "POST",
        "transfer-encoding: chunked",
        b"3\r\nabcX",
        true,
    );
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let began = Instant::now();
    while world.upstream().calls.lock().unwrap().len() < 2 && began.elapsed().as_secs() < 5 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let calls = world.upstream().calls.lock().unwrap().clone();
    assert!(calls.iter().all(|call| call.body.is_none()), "{calls:?}");
}

#[test]
fn several_calls_go_over_one_connection_of_the_caller() {
    let world = World::start();
    let tie = Tie::live(&world);
    let one = head(&tie, "PUT", "content-length: 3", false) + "abc";
    let last = head(&tie, "PUT", "content-length: 3", true) + "def";
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.write_all((one + &last).as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 2, "{answers}");
    let bodies: Vec<_> = world
        .upstream()
        .calls
        .lock()
        .unwrap()
        .iter()
        .map(|call| call.body.clone().unwrap())
        .collect();
    assert_eq!(bodies, ["abc", "def"]);
}

#[test]
fn a_body_that_nobody_reads_ends_the_connection_and_begins_no_request() {
    let world = World::start();
    let tie = Tie::live(&world);
    let refused = Tie {
        id: "conn_nobody".to_owned(),
        key: tie.key.clone(),
    };
    let smuggled = head(&tie, "PUT", "content-length: 0", true);
    let length = format!("content-length: {}", smuggled.len());
    let request = head(&refused, "PUT", &length, false) + &smuggled;
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    assert!(answers.starts_with("HTTP/1.1 401 "), "{answers}");
    assert!(answers.contains("connection: close"), "{answers}");
    assert!(world.upstream().calls.lock().unwrap().is_empty());
}

#[test]
fn a_long_answer_streams_with_its_own_length() {
    let world = World::start();
    let tie = Tie::live(&world);
    let answer = world.send(&tie.call("GET", "/open/long")).expect(200);
    assert_eq!(answer.body.len(), 2 * MIB);
    let said = answer.header("content-length");
    assert_eq!(said, Some((2 * MIB).to_string().as_str()));
    let head = world.send(&tie.call("HEAD", "/open/long")).expect(200);
    assert_eq!(head.header("content-length"), Some("7"));
}

#[test]
fn an_answer_beyond_its_limits_is_broken_off() {
    let world = World::start();
    let tie = Tie::live(&world);
    for (path, most) in [("/open/endless", 4 * MIB), ("/open/halting", 2048)] {
        let began = Instant::now();
        let answer = raw_of(&world, &tie, path);
        assert!(answer.len() < most, "{path}: {} bytes", answer.len());
        assert!(answer.contains("transfer-encoding: chunked"), "{path}");
        assert!(!answer.ends_with("0\r\n\r\n"), "{path} looks whole");
        assert!(began.elapsed() < Duration::from_secs(10), "{path}");
    }
}

fn head(tie: &Tie, method: &str, line: &str, last: bool) -> String {
    let close = if last { "connection: close\r\n" } else { "" };
    let (key, id) = (&tie.key, &tie.id);
    format!(
        "{method} /v2/access/proxy/open HTTP/1.1\r\nhost: a\r\napikey: {key}\r\nx-connection-id: {id}\r\n{close}{line}\r\n\r\n"
    )
}

/// Sends these bytes; the answer, where it is waited for.
fn raw(world: &World, tie: &Tie, method: &str, line: &str, body: &[u8], waits: bool) -> String {
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream
        .write_all(head(tie, method, line, true).as_bytes())
        .unwrap();
    let _ = stream.write_all(body);
    read(stream, waits)
}

pub fn raw_of(world: &World, tie: &Tie, path: &str) -> String {
    let mut stream = TcpStream::connect(world.address()).unwrap();
    let head = head(tie, "GET", "accept: text/plain", true)
        .replace("/proxy/open", &format!("/proxy{path}"));
    stream.write_all(head.as_bytes()).unwrap();
    read(stream, true)
}

fn read(mut stream: TcpStream, waits: bool) -> String {
    let mut answer = Vec::new();
    if waits {
        let _ = stream.read_to_end(&mut answer);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
