//! Receivers that fail: what is attempted again, what waits, and when it is given up.

use serde_json::{Value, json};

use super::{ask, ask_with, deliveries, until, with_receiver};
use crate::{
    account,
    support::{
        HOUR, MINUTE, Receiver, SECOND, World,
        receiver::{Reply, reply},
    },
};

fn attempts(world: &World, key: &str, endpoint: &Value, count: i64) -> Value {
    until(&format!("{count} attempts are written"), || {
        deliveries(world, key, endpoint)
            .last()
            .is_some_and(|first| first["attemptCount"] == count)
    });
    deliveries(world, key, endpoint).pop().unwrap()
}

#[test]
fn every_kind_of_failure_is_told_and_attempted_again() {
    let receiver = Receiver::with(|_, n| match n {
        0 => reply(500, &[], "out of order"),
        1 => reply(302, &[("location", "/elsewhere")], ""),
        2 => Reply::CutOff,
        3 => Reply::Bytes(b"this is no HTTP\r\n\r\n".to_vec()),
        4 => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort".to_vec()),
        _ => reply(204, &[], ""),
    });
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    for count in 1..=5 {
        attempts(&world, &key, &endpoint, count);
        // Cut off in the middle is tried once more at once on a new connection where the old one was kept.
        world.pass(6 * HOUR);
    }
    until("it is delivered", || {
        deliveries(&world, &key, &endpoint)[0]["status"] == "delivered"
    });
    let told = &deliveries(&world, &key, &endpoint)[0];
    let tried = told["attempts"].as_array().unwrap();
    let first = &tried[tried.len() - 1];
    assert_eq!(
        (&first["statusCode"], &first["response"]),
        (&json!(500), &json!("out of order"))
    );
    assert_eq!(tried[tried.len() - 2]["statusCode"], 302);
    assert!(receiver.hits().iter().all(|hit| hit.path == "/hooks"));
}

#[test]
fn later_events_of_a_connection_wait_for_the_earlier_one_and_others_do_not() {
    let receiver = Receiver::with(|_, n| reply(if n == 0 { 500 } else { 200 }, &[], ""));
    let (world, key, endpoint) = with_receiver(&receiver);
    let id = account::imported(&world, "ada@fan.sandbox.com");
    attempts(&world, &key, &endpoint, 1);
    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&account::ask(&world, "POST", &path)).expect(200);
    account::imported(&world, "bob@fan.sandbox.com");
    // Bob's arrives; Ada's second one waits for her first.
    receiver.wait_for(2);
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    let kinds: Vec<String> = receiver.hits().iter().map(|hit| hit.kind()).collect();
    assert_eq!(kinds, ["connection.created", "connection.created"]);
    world.pass(MINUTE);
    let hits = receiver.wait_for(4);
    assert_eq!(hits[2].id(), hits[0].id());
    assert_eq!(hits[3].kind(), "connection.expired");
}

#[test]
fn who_has_too_much_to_do_is_left_in_peace_for_as_long_as_it_says() {
    let receiver = Receiver::with(|_, n| match n {
        0 => reply(503, &[("retry-after", "600")], ""),
        _ => reply(200, &[], ""),
    });
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    attempts(&world, &key, &endpoint, 1);
    world.pass(9 * MINUTE);
    std::thread::sleep(std::time::Duration::from_millis(1_200));
    assert_eq!(receiver.hits().len(), 1);
    world.pass(2 * MINUTE);
    receiver.wait_for(2);
}

#[test]
fn an_answer_of_410_disables_the_endpoint_and_gives_up_what_waits() {
    let receiver = Receiver::with(|_, _| reply(410, &[], ""));
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    until("it is disabled", || {
        ask(&world, &key, "GET", &endpoint, "").expect(200).json()["enabled"] == false
    });
    let told = ask(&world, &key, "GET", &endpoint, "").json();
    assert_eq!(told["disabledReason"], "gone");
    account::imported(&world, "bob@fan.sandbox.com");
    let all = deliveries(&world, &key, &endpoint);
    assert_eq!((all.len(), &all[0]["status"]), (1, &json!("failed")));
}

#[test]
fn what_is_given_up_is_kept_and_can_be_replayed_alone_and_since_a_time() {
    let receiver = Receiver::with(|_, n| reply(if n < 10 { 500 } else { 200 }, &[], ""));
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    // A quarter more than each time of the schedule.
    for (count, pause) in (1..).zip([
        7 * SECOND,
        7 * MINUTE,
        38 * MINUTE,
        150 * MINUTE,
        375 * MINUTE,
        13 * HOUR,
        18 * HOUR,
        25 * HOUR,
        30 * HOUR,
    ]) {
        attempts(&world, &key, &endpoint, count);
        world.pass(pause);
    }
    until("it is given up", || {
        let told = &deliveries(&world, &key, &endpoint)[0];
        told["status"] == "failed" && told["attemptCount"] == 10
    });
    let failed = deliveries(&world, &key, &endpoint).remove(0);
    let path = format!("/deliveries/{}/replay", failed["id"].as_str().unwrap());
    ask(&world, &key, "POST", &endpoint, &path).expect(200);
    until("it is delivered", || {
        deliveries(&world, &key, &endpoint)[0]["status"] == "delivered"
    });
    let told = deliveries(&world, &key, &endpoint).remove(0);
    assert_eq!(told["attempts"][0]["manual"], true);
    assert_eq!(told["attempts"][1]["manual"], false);
    let hits = receiver.hits();
    assert!(hits.iter().all(|hit| hit.id() == hits[0].id()));
}

#[test]
fn an_endpoint_that_only_fails_for_five_days_is_disabled_and_recovers_what_it_missed() {
    let receiver = Receiver::with(|_, n| reply(if n < 2 { 500 } else { 200 }, &[], ""));
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    attempts(&world, &key, &endpoint, 1);
    world.pass(5 * 24 * HOUR + SECOND);
    until("it is disabled", || {
        ask(&world, &key, "GET", &endpoint, "").expect(200).json()["disabledReason"] == "failing"
    });
    account::imported(&world, "bob@fan.sandbox.com");
    let enable = json!({ "enabled": true });
    let told = ask_with(&world, &key, "PATCH", &endpoint, "", &enable)
        .expect(200)
        .json();
    assert_eq!(
        (&told["enabled"], &told["disabledReason"]),
        (&json!(true), &json!(null))
    );
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    ask_with(&world, &key, "POST", &endpoint, "/replay", &since).expect(200);
    let hits = receiver.wait_for(4);
    let people: Vec<_> = hits[2..]
        .iter()
        .map(|hit| hit.json()["data"]["connection"]["id"].clone())
        .collect();
    assert_ne!(people[0], people[1]);
}

#[test]
fn deleting_an_endpoint_or_disabling_it_stops_what_is_on_its_way() {
    for how in ["DELETE", "PATCH"] {
        let receiver = Receiver::with(|_, _| reply(500, &[], ""));
        let (world, key, endpoint) = with_receiver(&receiver);
        account::imported(&world, "ada@fan.sandbox.com");
        attempts(&world, &key, &endpoint, 1);
        let disable = match how {
            "PATCH" => json!({ "enabled": false }),
            _ => Value::Null,
        };
        ask_with(&world, &key, how, &endpoint, "", &disable).expect(200);
        world.pass(HOUR);
        std::thread::sleep(std::time::Duration::from_millis(1_200));
        assert_eq!(receiver.hits().len(), 1, "{how}");
        assert_eq!(
            world
                .database()
                .number("SELECT COUNT(*) FROM delivery WHERE state = 'pending'"),
            0
        );
    }
}

#[test]
fn deliveries_and_attempts_leave_after_seven_days() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    account::imported(&world, "ada@fan.sandbox.com");
    until("it is delivered", || {
        let all = deliveries(&world, &key, &endpoint);
        all.len() == 1 && all[0]["status"] == "delivered"
    });
    let kept = || {
        let of = |table: &str| {
            world
                .database()
                .number(&format!("SELECT COUNT(*) FROM {table}"))
        };
        (of("delivery"), of("delivery_attempt"))
    };
    world.pass(6 * 24 * HOUR);
    world.upkeep();
    assert_eq!(kept(), (1, 1));
    world.pass(2 * 24 * HOUR);
    world.upkeep();
    assert_eq!(kept(), (0, 0));
}
