//! Platforms on a real socket that answer badly: each is handled within its limits, and the next call works.

use std::time::{Duration, Instant};

use super::{Tie, bodies::raw_of, uses};
use crate::support::{Answer, World, platform::PACKED};

/// What is answered to a call of this.
fn get(world: &World, tie: &Tie, how: &str) -> Answer {
    world.send(&tie.call("GET", &format!("/wire/open/{how}")))
}

#[test]
fn what_is_no_answer_is_told_as_such_and_is_asked_for_once() {
    let world = World::start();
    let tie = Tie::live(&world);
    let bad = [
        "reset",
        "nothing",
        "garbage",
        "two-lengths",
        "long-head",
        "switch",
        "too-long",
    ];
    for how in bad {
        let answer = get(&world, &tie, how);
        let told = answer.error(502, "PROXY_ERROR");
        assert!(!told.to_string().contains("127.0.0.1"), "{how}: {told}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let call = tie.call(method, "/wire/open/reset");
        world
            .send(&call.body("text/plain", "x"))
            .error(502, "PROXY_ERROR");
    }
    // Nothing that was sent is sent again, not even what only reads.
    let requests = world.upstream().platform.requests();
    assert_eq!(requests.len(), bad.len() + 4);
    assert_eq!(uses(&world).len(), bad.len() + 4);
    world.send(&tie.call("GET", "/wire/posts")).expect(200);
    assert_eq!(tie.told(&world)["status"], "active");
}

#[test]
fn an_answer_that_hangs_drips_or_lies_never_looks_whole() {
    let world = World::start();
    let tie = Tie::live(&world);
    std::thread::scope(|scope| {
        for how in ["drip", "halt", "endless", "short"] {
            let (world, tie) = (&world, &tie);
            scope.spawn(move || {
                let began = Instant::now();
                let answer = raw_of(world, tie, &format!("/wire/open/{how}"));
                assert!(answer.starts_with("HTTP/1.1 200 "), "{how}");
                let whole = answer.ends_with("0\r\n\r\n") || answer.len() > 4 * 1024 * 1024;
                assert!(!whole, "{how}: {} bytes", answer.len());
                assert!(began.elapsed() < Duration::from_secs(20), "{how}");
            });
        }
        scope.spawn(|| {
            get(&world, &tie, "hang").error(504, "NETWORK_ERROR");
        });
    });
    let (engine, _) = world.engine();
    assert_eq!(engine.turns_taken("north"), 0);
}

#[test]
fn what_stands_behind_an_answer_is_no_answer_to_the_next_call() {
    let world = World::start();
    let ties = Tie::many(&world, 2);
    for _ in 0..10 {
        let answer = get(&world, &ties[0], "surplus");
        assert_eq!(answer.text(), "hello");
        let answer = get(&world, &ties[1], "echo");
        // Broken off at worst.
        assert!(answer.status == 502 || answer.text() == "Bearer user1 0\n");
    }
}

#[test]
fn answers_come_as_they_are_neither_unpacked_nor_followed_nor_believed() {
    let world = World::start();
    let tie = Tie::live(&world);
    let answer = get(&world, &tie, "packed");
    assert_eq!(answer.expect(200).body, PACKED);
    let answer = get(&world, &tie, "packed");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let length = PACKED.len().to_string();
    assert_eq!(answer.header("content-length"), Some(length.as_str()));
    let answer = get(&world, &tie, "html");
    assert_eq!(answer.text(), "<h1>Off</h1>");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let answer = get(&world, &tie, "elsewhere");
    assert_eq!(
        (answer.status, answer.location()),
        (302, "https://elsewhere.example/")
    );
    let answer = get(&world, &tie, "later");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("77"))
    );
    let answer = get(&world, &tie, "early");
    assert_eq!(answer.expect(200).text(), "hello");
    assert_eq!(world.upstream().platform.requests().len(), 6);
}
