//! Sessions that run out while they are used.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::{Tie, uses};
use crate::support::{Request, World};

/// The provider accepts nothing any more but a session that was renewed.
pub fn runs_out(world: &World, renews: bool) {
    let mut health = world.upstream().health.lock().unwrap();
    health.accepted = 1;
    health.renews = renews;
    health.is_dead = !renews;
}

pub fn seen(world: &World) -> (usize, usize) {
    let health = world.upstream().health.lock().unwrap();
    (health.looks, health.renewals)
}

#[test]
fn a_session_that_has_run_out_is_renewed_once_under_many_calls_at_the_same_time() {
    let world = World::start();
    let tie = Tie::live(&world);
    runs_out(&world, true);
    let address = world.address();
    let calls: Vec<_> = (0..32)
        .map(|n| {
            let request = match n % 2 {
                0 => tie.call("GET", "/posts"),
                _ => tie.profile(),
            };
            std::thread::spawn(move || request.send(address))
        })
        .collect();
    for call in calls {
        call.join().unwrap().expect(200);
    }
    assert_eq!(seen(&world), (1, 1));
    assert_eq!(tie.told(&world)["status"], "active");
    assert_eq!(uses(&world).len(), 32);
    let sessions = world.upstream().calls.lock().unwrap().clone();
    assert!(sessions.iter().all(|call| call.session == "ada 1"));
    // And what follows goes on with it.
    world.send(&tie.call("GET", "/posts")).expect(200);
    assert_eq!(seen(&world), (1, 1));
}

#[test]
fn what_changes_something_is_not_repeated() {
    let world = World::start();
    let tie = Tie::live(&world);
    runs_out(&world, true);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let mut health = world.upstream().health.lock().unwrap();
        health.accepted = health.renewals + 1;
        let before = health.turned_away;
        drop(health);
        let request = tie.call(method, "/open").body("text/plain", "x");
        let told = world.send(&request).error(502, "PROXY_ERROR");
        assert_eq!(told["actionRequired"], "try_again", "{method}");
        let after = world.upstream().health.lock().unwrap().turned_away;
        assert_eq!(after - before, 1, "{method}");
    }
    assert!(world.upstream().calls.lock().unwrap().is_empty());
    // The session was renewed, so that the caller's own repetition is carried out.
    let request = tie.call("POST", "/open").body("text/plain", "x");
    world.send(&request).expect(201);
    assert_eq!(tie.told(&world)["status"], "active");
}

#[test]
fn a_session_that_is_known_to_have_run_out_is_renewed_before_the_call() {
    let world = World::start();
    let tie = Tie::live(&world);
    runs_out(&world, true);
    world.upstream().tells.store(true, Ordering::SeqCst);
    let post = || tie.call("POST", "/open").body("text/plain", "x");
    world.send(&post()).expect(201);
    world.send(&post()).expect(201);
    assert_eq!(seen(&world), (1, 1));
    let calls = world.upstream().calls.lock().unwrap().clone();
    assert!(calls.iter().all(|call| call.session == "ada 1"));
    assert_eq!(world.upstream().health.lock().unwrap().turned_away, 0);
    // While nobody can say, it is used as it is, and turned away where it was known to be.
    {
        let mut health = world.upstream().health.lock().unwrap();
        health.accepted = 2;
        health.is_down = true;
    }
    world.send(&post()).error(502, "PROXY_ERROR");
    assert_eq!(world.upstream().health.lock().unwrap().turned_away, 1);
    assert_eq!(tie.told(&world)["status"], "active");
}

#[test]
fn a_session_that_cannot_be_renewed_makes_the_connection_expired() {
    let world = World::start();
    let tie = Tie::live(&world);
    runs_out(&world, false);
    for _ in 0..3 {
        for request in [tie.call("GET", "/posts"), tie.profile()] {
            let told = world.send(&request).error(401, "SESSION_EXPIRED");
            assert_eq!(told["actionRequired"], "relink_connection");
        }
    }
    // One look, and nobody is asked again.
    assert_eq!(seen(&world).0, 1);
    assert_eq!(uses(&world).len(), 1);
    let told = tie.told(&world);
    assert_eq!(told["status"], "expired");
    let events = world
        .database()
        .rows("SELECT type FROM event WHERE type = 'connection.expired'");
    assert_eq!(events.len(), 1);
}

#[test]
fn a_provider_that_refuses_what_it_calls_alive_is_asked_twice_and_no_more() {
    let world = World::start();
    let tie = Tie::live(&world);
    world.upstream().health.lock().unwrap().accepted = 9;
    world
        .send(&tie.call("GET", "/posts"))
        .error(401, "SESSION_EXPIRED");
    let health = world.upstream().health.lock().unwrap();
    assert_eq!((health.looks, health.turned_away), (1, 2));
    drop(health);
    assert_eq!(tie.told(&world)["status"], "expired");
}

#[test]
fn a_provider_that_is_down_when_the_session_has_run_out_says_nothing_of_the_session() {
    let world = World::start();
    let tie = Tie::live(&world);
    runs_out(&world, true);
    world.upstream().health.lock().unwrap().is_down = true;
    world
        .send(&tie.call("GET", "/posts"))
        .error(502, "PROXY_ERROR");
    assert_eq!(tie.told(&world)["status"], "active");
    world.upstream().health.lock().unwrap().is_down = false;
    world.send(&tie.call("GET", "/posts")).expect(200);
}

#[test]
fn a_session_that_comes_with_an_answer_is_kept() {
    let world = World::start();
    let tie = Tie::live(&world);
    let answer = world.send(&tie.call("POST", "/open/renews")).expect(200);
    assert_eq!(answer.text(), "renewed");
    world.send(&tie.call("GET", "/posts")).expect(200);
    let calls = world.upstream().calls.lock().unwrap().clone();
    let sessions: Vec<&str> = calls.iter().map(|call| call.session.as_str()).collect();
    assert_eq!(sessions, ["ada 0", "ada 1"]);
}

#[test]
fn a_connection_that_was_ended_or_removed_is_not_used_any_more() {
    let world = World::start();
    let tie = Tie::live(&world);
    let path = format!("/v2/account/connections/{}", tie.id);
    let end = Request::post(&format!("{path}/invalidate")).header("apikey", &tie.key);
    world.send(&end).expect(200);
    let told = world.send(&tie.profile()).error(401, "SESSION_EXPIRED");
    assert_eq!(told["actionRequired"], json!("relink_connection"));
    let remove = Request::new("DELETE", &path).header("apikey", &tie.key);
    world.send(&remove).expect(200);
    world
        .send(&tie.call("GET", "/posts"))
        .error(401, "SESSION_NOT_PROVIDED");
    assert!(world.upstream().calls.lock().unwrap().is_empty());
}
