//! `GET /v2/events`: what webhooks carry, for receivers that catch up.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    account::{ask, imported},
    support::{HOUR, Receiver, World},
    webhooks,
};

fn page(world: &World, query: &str) -> Value {
    let request = ask(world, "GET", &format!("/v2/events{query}"));
    world.send(&request).expect(200).json()
}

/// Waits until so many events are listed.
fn listed(world: &World, count: usize) -> Vec<Value> {
    for _ in 0..400 {
        let list = page(world, "?limit=100")["list"]
            .as_array()
            .unwrap()
            .clone();
        if list.len() == count {
            return list;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{count} events are never listed");
}

fn invalidate(world: &World, id: &str) {
    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&ask(world, "POST", &path)).expect(200);
}

#[test]
fn the_list_holds_what_webhooks_carry_byte_for_byte() {
    let receiver = Receiver::start();
    let (world, ..) = webhooks::with_receiver(&receiver);
    let id = imported(&world, "ada@fan.sandbox.com");
    invalidate(&world, &id);
    let hits = receiver.wait_for(2);
    listed(&world, 2);
    let text = world.send(&ask(&world, "GET", "/v2/events")).text();
    for hit in hits {
        assert!(text.contains(std::str::from_utf8(&hit.body).unwrap()));
    }
}

#[test]
fn a_receiver_goes_on_behind_the_last_event_that_it_has() {
    let world = World::start();
    for n in 0..7 {
        imported(&world, &format!("u{n}@fan.sandbox.com"));
    }
    let all = listed(&world, 7);
    let mut read = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = page(&world, &query);
        read.extend(page["list"].as_array().unwrap().clone());
        query = format!("?limit=3&after={}", page["nextAfter"].as_str().unwrap());
        if page["hasMore"] == false {
            break;
        }
    }
    assert_eq!(read, all);
    let nothing = page(&world, &query);
    assert_eq!(nothing["list"], json!([]));
    assert!(query.ends_with(nothing["nextAfter"].as_str().unwrap()));
}

#[test]
fn events_leave_after_thirty_days() {
    let world = World::start();
    imported(&world, "ada@fan.sandbox.com");
    listed(&world, 1);
    world.pass(29 * 24 * HOUR);
    imported(&world, "eve@fan.sandbox.com");
    world.upkeep();
    listed(&world, 2);
    world.pass(2 * 24 * HOUR);
    world.upkeep();
    let left = listed(&world, 1);
    assert_eq!(left[0]["data"]["connection"]["userData"]["name"], "Eve");
}

#[test]
fn the_list_can_be_of_one_type_or_one_connection() {
    let world = World::start();
    let ada = imported(&world, "ada@fan.sandbox.com");
    imported(&world, "bob@fan.sandbox.com");
    invalidate(&world, &ada);
    listed(&world, 3);
    let of_type = page(&world, "?type=connection.expired");
    assert_eq!(of_type["list"].as_array().unwrap().len(), 1);
    let of_ada = page(&world, &format!("?connectionId={ada}"));
    let kinds: Vec<&str> = of_ada["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["connection.created", "connection.expired"]);
}

#[test]
fn nobody_sees_the_events_of_another_tenant() {
    let world = World::start();
    imported(&world, "ada@fan.sandbox.com");
    let event = listed(&world, 1)[0]["id"].as_str().unwrap().to_owned();
    let other = world.developer_named("Other");
    let live = world.key(&world.developer().org, "ACCOUNT", "live", None);
    for key in [&other.key, &live] {
        let get = |path: &str| {
            let request = crate::support::Request::get(path).header("apikey", key);
            world.send(&request)
        };
        assert_eq!(get("/v2/events").expect(200).json()["list"], json!([]));
        let told = get(&format!("/v2/events?after={event}")).field_error("after", "INVALID_VALUE");
        let made_up = get("/v2/events?after=evt_0000000000000001");
        assert_eq!(made_up.field_error("after", "INVALID_VALUE"), told);
    }
}

#[test]
fn a_query_that_cannot_be_satisfied_names_its_parameter() {
    let world = World::start();
    for (query, field, code) in [
        ("after=1", "after", "INVALID_VALUE"),
        ("type=nothing", "type", "INVALID_VALUE"),
        ("limit=0", "limit", "INVALID_VALUE"),
        ("connectionId=", "connectionId", "INVALID_VALUE"),
        ("offset=1", "offset", "UNKNOWN_FIELD"),
    ] {
        let request = ask(&world, "GET", &format!("/v2/events?{query}"));
        world.send(&request).field_error(field, code);
    }
}

/// A stream of events.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(world: &World, headers: &str) -> Self {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let key = &world.developer().key;
        write!(stream, "GET /v2/events HTTP/1.1\r\nhost: link.example.com\r\napikey: {key}\r\naccept: text/event-stream\r\nconnection: close\r\n{headers}\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).unwrap();
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        Self(reader)
    }

    /// The next event: its id, its type, its body. `None` at the end.
    fn next(&mut self) -> Option<(String, String, Value)> {
        let (mut id, mut kind) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", text)) => text.clone_into(&mut id),
                Some(("event", text)) => text.clone_into(&mut kind),
                Some(("data", text)) => {
                    return Some((id, kind, serde_json::from_str(text).unwrap()));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_stream_tells_events_as_they_come_about_and_can_be_resumed() {
    let mut world = World::start();
    imported(&world, "ada@fan.sandbox.com");
    let mut stream = Stream::open(&world, "");
    let (first, kind, body) = stream.next().unwrap();
    assert_eq!(
        (kind.as_str(), &body["id"]),
        ("connection.created", &json!(first))
    );
    imported(&world, "bob@fan.sandbox.com");
    let (second, ..) = stream.next().unwrap();
    let mut resumed = Stream::open(&world, &format!("last-event-id: {first}\r\n"));
    assert_eq!(resumed.next().unwrap().0, second);
    // A server that ends does not wait for streams.
    world.stop();
    assert!(stream.next().is_none());
}

#[test]
fn a_stream_ends_when_its_key_is_revoked() {
    let world = World::start();
    let mut stream = Stream::open(&world, "");
    let keys = world.command(linchpin::flow::admin::Command::KeyList { org: None });
    for key in keys.as_array().unwrap() {
        let id = key["id"].as_str().unwrap().to_owned();
        world.command(linchpin::flow::admin::Command::KeyRevoke { id });
    }
    assert!(stream.next().is_none());
}
