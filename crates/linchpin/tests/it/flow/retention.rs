//! What is old leaves, and nothing else does.

use crate::support::{Browser, HOUR, Request, World};

const DAY: i64 = 24 * HOUR;

fn left(world: &World) -> (i64, i64, i64) {
    let count = |table: &str| {
        world
            .database()
            .number(&format!("SELECT count(*) FROM {table}"))
    };
    (
        count("link_session"),
        count("link_session_history"),
        count("connection"),
    )
}

#[test]
fn an_ended_session_and_its_history_leave_after_thirty_days_and_its_connection_stays() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "jane@fan.sandbox.com");
    assert_eq!(world.database().stages(), ["completed"]);
    let before = left(&world);
    world.pass(29 * DAY);
    world.upkeep();
    assert_eq!(left(&world), before, "29 days are not 30");
    // A day is kept whole, so the last of it may stay for another day and the longest life of a session.
    world.pass(3 * DAY);
    world.upkeep();
    assert_eq!(left(&world), (0, 0, before.2));
    assert_eq!(Browser::at(&world, &link).status(), 404);
}

#[test]
fn an_open_session_that_nobody_looked_at_ends_first_and_leaves_thirty_days_later() {
    let world = World::start();
    world.link();
    world.pass(100 * DAY);
    world.upkeep();
    assert_eq!(world.database().stages(), ["expired"]);
    world.pass(32 * DAY);
    world.upkeep();
    assert_eq!(left(&world), (0, 0, 0));
}

#[test]
fn many_leave_in_small_steps_and_later_ones_stay() {
    let world = World::start();
    for _ in 0..600 {
        world.link();
    }
    world.pass(HOUR);
    world.upkeep();
    world.pass(32 * DAY);
    let fresh = world.link();
    world.upkeep();
    assert_eq!(left(&world).0, 1);
    assert_eq!(Browser::at(&world, &fresh).status(), 200);
}

#[test]
fn an_answer_kept_for_repetitions_leaves_after_its_day() {
    let world = World::start();
    let init = || {
        let request = Request::post("/v2/link/init")
            .header("apikey", &world.developer().key)
            .header("Idempotency-Key", "order 1")
            .body("application/json", "{}");
        world.send(&request).expect(200)
    };
    let kept = || world.database().number("SELECT count(*) FROM kept_answer");
    let first = init();
    assert_eq!(init().text(), first.text());
    world.pass(DAY - 1);
    world.upkeep();
    assert_eq!(kept(), 1);
    world.pass(1);
    world.upkeep();
    assert_eq!(kept(), 0);
    assert_ne!(init().text(), first.text());
}
