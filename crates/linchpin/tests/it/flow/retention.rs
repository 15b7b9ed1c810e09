//! What is old leaves, and nothing else does.

use crate::support::{Browser, HOUR, Request, World, database::Database};

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

/// The day of all sessions of a new world.
const DAY_OF_ALL: &str = "SELECT tableoid::regclass FROM link_session LIMIT 1";

#[test]
fn what_is_left_of_a_day_whose_leaving_was_cut_off_leaves_with_the_next_round() {
    let world = World::start();
    let Database::Postgres(session) = world.database() else {
        return;
    };
    world.link();
    let day = session.rows(DAY_OF_ALL).remove(0).remove(0);
    session.run(&format!("ALTER TABLE link_session DETACH PARTITION {day}"));
    world.upkeep();
    let there = format!("SELECT to_regclass('{day}') IS NOT NULL");
    assert_eq!(session.rows(&there), [["f"]]);
}

#[test]
fn a_day_is_asked_by_an_index_whether_something_of_it_is_to_be_kept() {
    let world = World::start();
    let Database::Postgres(session) = world.database() else {
        return;
    };
    world.link();
    let day = session.rows(DAY_OF_ALL).remove(0).remove(0);
    // A table of one row would be read whole.
    session.run("SET enable_seqscan = off");
    for kept in ["ended_at IS NULL", "ended_at > 1"] {
        let plan = session.rows(&format!("EXPLAIN SELECT 1 FROM {day} WHERE {kept}"));
        let plan = plan.concat().concat();
        assert!(plan.contains("Index"), "{kept}: {plan}");
    }
}

#[test]
fn a_day_that_cannot_be_dropped_holds_up_no_other_and_no_kept_answer() {
    let world = World::start();
    let Database::Postgres(session) = world.database() else {
        return;
    };
    let request = Request::post("/v2/link/init")
        .header("apikey", &world.developer().key)
        .header("Idempotency-Key", "order 1")
        .body("application/json", "{}");
    world.send(&request).expect(200);
    let day = session.rows(DAY_OF_ALL).remove(0).remove(0);
    world.pass(3 * DAY);
    world.link();
    world.pass(HOUR);
    world.upkeep();
    world.pass(40 * DAY);
    // Something of somebody else's stands on it.
    session.run(&format!("CREATE VIEW report AS SELECT id FROM {day}"));
    world.upkeep();
    assert_eq!(left(&world).0, 0, "the other day is gone");
    assert_eq!(session.rows("SELECT count(*) FROM kept_answer"), [["0"]]);
    session.run("DROP VIEW report");
    world.upkeep();
    let there = format!("SELECT to_regclass('{day}') IS NOT NULL");
    assert_eq!(session.rows(&there), [["f"]]);
}

#[test]
fn the_marks_of_writers_that_are_gone_leave_and_those_that_are_there_go_on() {
    let world = World::start();
    let Database::Postgres(session) = world.database() else {
        return;
    };
    world.link();
    session.run("INSERT INTO commit_mark (writer, number, at) VALUES (1, 5, 1)");
    // The marks of the writers are of the database's clock, so that a year from now they are old as well.
    world.pass(365 * DAY);
    world.upkeep();
    let gone = "SELECT count(*) FROM commit_mark WHERE writer = 1";
    assert_eq!(session.rows(gone), [["0"]]);
    let fresh = world.link();
    assert_eq!(Browser::at(&world, &fresh).status(), 200);
}
