//! Calls that wait for a change. That they answer because of it is shown by what was seen before.

use std::{
    thread::JoinHandle,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{Session, usual_app};
use crate::support::{Answer, CODE, PASSWORD, World};

/// Asks at a node and goes on once its call waits.
fn waits(session: &Session<'_>, at: &World, query: &str) -> JoinHandle<Answer> {
    let before = at.engine().0.waiting_calls();
    let (request, to) = (
        session.request("GET", &format!("status{query}")),
        at.address(),
    );
    let call = std::thread::spawn(move || request.send(to));
    let begun = Instant::now();
    while at.engine().0.waiting_calls() == before {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not wait"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    call
}

#[test]
fn a_waiting_call_is_answered_by_the_change_that_it_waits_for() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@creator-otp.sandbox.com");
    // Several wait for one session, one for another that does not change.
    let calls: Vec<_> = (0..3)
        .map(|_| waits(&session, &world, "?wait=55&after=awaiting_2fa"))
        .collect();
    let other = Session::start(&world);
    let waiting = waits(&other, &world, "?wait=55&after=initialized");
    session.code(CODE).expect(200);
    for call in calls {
        // With the provider, or past that.
        let told = call.join().unwrap().expect(200).json();
        let moved = told["status"] == "pending" || told["status"] == "completed";
        assert!(moved, "{told}");
    }
    assert!(!waiting.is_finished());
    // A deletion is a change, too.
    world.delete_with(&other.key, &other.link).expect(200);
    assert_eq!(
        waiting.join().unwrap().expect(200).json(),
        json!({ "status": "not_found" })
    );
    assert_eq!(world.engine().0.waiting_calls(), 0);
}

#[test]
fn a_call_waits_at_one_node_for_what_another_node_changes() {
    let world = World::start();
    let Some(other) = world.another_node() else {
        return;
    };
    let session = Session::logged_in_as(&world, "ada@creator-face.sandbox.com");
    let call = waits(&session, &other, "?wait=55&after=awaiting_2fa");
    // Nothing but what is heard wakes it: it would wait longer than a request of the tests does.
    world.delete_with(&session.key, &session.link).expect(200);
    let told = call.join().unwrap().expect(200).json();
    assert_eq!(told, json!({ "status": "not_found" }));
}

#[test]
fn a_status_that_is_another_already_is_told_at_once_and_one_that_stays_when_the_time_is_up() {
    let world = World::start();
    let session = Session::start(&world);
    // Without `after`, what is waited for is the end of a check.
    assert_eq!(
        session.status_with("?wait=55").expect(200).json()["status"],
        "initialized"
    );
    let told = session
        .status_with("?wait=1&after=initialized")
        .expect(200)
        .json();
    assert_eq!(told, json!({ "status": "initialized" }));
    let slow = json!({ "username": "ada@slow.sandbox.com", "password": PASSWORD, "wait": 1 });
    let pending = json!({ "success": true, "data": { "status": "pending" } });
    assert_eq!(session.login_with(&slow).expect(202).json(), pending);
    let told = session.status_with("?wait=20").expect(200).json();
    assert_eq!(told["status"], "completed");
}

#[test]
fn beyond_the_places_a_call_is_told_so_and_nothing_was_submitted() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@creator-otp.sandbox.com");
    let fresh = Session::of(&world, &usual_app(&world, "sandbox"));
    let engine = world.engine().0;
    let mut places = Vec::new();
    while let Some(place) = engine.place_to_wait() {
        places.push(place);
    }
    assert_eq!(places.len(), 2_048);
    let before = session.stored();
    for answer in [
        session.status_with("?wait=5&after=awaiting_2fa"),
        session.code(CODE),
        fresh.log_in("ada@fan.sandbox.com", PASSWORD),
    ] {
        assert_eq!(answer.header("retry-after"), Some("5"));
        answer.error(503, "UNKNOWN_ERROR");
    }
    assert_eq!(session.stored(), before);
    // What does not wait goes on.
    assert_eq!(session.status(), "awaiting_2fa");
    drop(places);
    session.code(CODE).expect(200);
}

#[test]
fn at_a_shutdown_waiting_calls_are_answered() {
    let mut world = World::start();
    let session = Session::start(&world);
    let call = waits(&session, &world, "?wait=55&after=initialized");
    world.stop();
    let told = call.join().unwrap().expect(200).json();
    assert_eq!(told, json!({ "status": "initialized" }));
}

#[test]
fn a_revoked_key_is_told_nothing_for_having_waited() {
    let world = World::start();
    let developer = usual_app(&world, "sandbox");
    let (id, key) = world.key_with_id(&developer.org, "LINK", "sandbox", None);
    let mut session = Session::of(&world, &developer);
    let owner = session.clone();
    session.key = key;
    let call = waits(&session, &world, "?wait=55&after=initialized");
    world.command(linchpin::flow::admin::Command::KeyRevoke { id });
    world.delete_with(&owner.key, &owner.link).expect(200);
    call.join().unwrap().error(401, "UNAUTHORIZED");
}
