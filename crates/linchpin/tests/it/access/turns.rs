//! What is under way at a provider at the same time, and what happens while it does not answer.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::{Tie, uses};
use crate::support::{Browser, World};

#[test]
fn sign_ins_wait_for_their_turn_where_a_provider_takes_few_at_once() {
    let world = World::start();
    let upstream = world.upstream();
    upstream.at_once.store(2, Ordering::SeqCst);
    let live = world.live_developer();
    std::thread::scope(|scope| {
        for n in 0..6 {
            let (world, live) = (&world, &live);
            scope.spawn(move || {
                let link = world.link_of(live, &json!({}));
                let mut browser = Browser::at_login(world, &link);
                browser.sign_in(&format!("pause@{n}"), "x");
            });
        }
    });
    assert_eq!(upstream.most_at_once.load(Ordering::SeqCst), 2);
    let (engine, _) = world.engine();
    assert_eq!(engine.turns_taken("north"), 0);
    assert_eq!(world.database().connections().len(), 6);
}

#[test]
fn a_provider_that_does_not_answer_is_left_alone_and_tried_again() {
    let world = World::start();
    let ties = Tie::many(&world, 3);
    // Calls of one connection close it to nobody.
    for _ in 0..12 {
        world
            .send(&ties[0].call("GET", "/open/down"))
            .error(502, "PROXY_ERROR");
    }
    world.send(&ties[1].call("GET", "/open")).expect(200);
    for n in 0..10 {
        let told = world.send(&ties[n % 3].call("GET", "/open/down"));
        assert_eq!(told.header("retry-after"), None);
    }
    let before = uses(&world).len();
    for tie in &ties {
        let answer = world.send(&tie.call("GET", "/open"));
        let told = answer.error(502, "PROXY_ERROR");
        assert_eq!(told["actionRequired"], "try_again");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=6).contains(&wait), "{wait}");
    }
    // No session was opened, and none of it says anything of the connections.
    assert_eq!(uses(&world).len(), before);
    assert_eq!(ties[0].told(&world)["status"], "active");
    // The sandbox has no limit over several sessions.
    let other = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    world.send(&other.profile()).expect(200);
    let open = world.engine().0.turns_taken("north");
    assert_eq!(open, 0);
    if std::env::var("LINCHPIN_CHECK").is_ok_and(|check| check == "long") {
        std::thread::sleep(std::time::Duration::from_secs(6));
        world.send(&ties[0].call("GET", "/open")).expect(200);
        world.send(&ties[1].call("GET", "/open")).expect(200);
    }
}
