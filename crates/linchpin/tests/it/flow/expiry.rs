//! The end of a session's time.

use linchpin::domain::client_app_change::ClientAppChange;

use crate::support::{Browser, CALLBACK, HOUR, Link, MINUTE, PASSWORD, World};

const EXPIRED: &str = "?status=error&error_code=session_expired&client_reference_id=user_123";

#[test]
fn a_link_works_until_its_last_millisecond_and_not_from_its_expiry_on() {
    let world = World::start();
    let link = world.link();
    world.pass(HOUR - 1);
    assert_eq!(Browser::at(&world, &link).status(), 200);
    world.pass(1);
    assert_eq!(Browser::at(&world, &link).status(), 410);
}

#[test]
fn opening_what_has_expired_writes_nothing() {
    let world = World::start();
    let fresh = world.link();
    let begun = world.link();
    let mut browser = Browser::at_login(&world, &begun);
    let before = world.database().dump();
    world.pass(HOUR);
    for _ in 0..3 {
        assert_eq!(Browser::at(&world, &fresh).status(), 410);
        assert_eq!(Browser::at(&world, &begun).status(), 410);
        assert_eq!(browser.reload().status(), 410);
    }
    assert_eq!(world.database().dump(), before);
    // On the owner's own page the link leads to the true outcome.
    browser.go_back_to_app();
    assert_eq!(browser.left_to(), format!("{CALLBACK}{EXPIRED}"));
    assert_eq!(world.database().dump(), before);
}

#[test]
fn a_step_after_the_expiry_ends_the_session_and_sends_the_user_back() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    world.pass(HOUR);
    browser
        .fill("username", "ada@fan.sandbox.com")
        .fill("password", PASSWORD);
    browser.press("continue");
    assert_eq!(browser.left_to(), format!("{CALLBACK}{EXPIRED}"));
    assert_eq!(world.database().stages(), ["expired"]);
    assert_eq!(world.database().count_of("password_submitted"), 0);
    assert!(world.database().connections().is_empty());
}

#[test]
fn the_first_action_after_the_expiry_does_the_same() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at(&world, &link);
    world.pass(HOUR);
    browser.press("continue");
    assert_eq!(browser.left_to(), format!("{CALLBACK}{EXPIRED}"));
    assert_eq!(world.database().stages(), ["expired"]);
}

#[test]
fn a_form_after_the_expiry_leads_back_also_where_the_sweeper_was_faster() {
    let world = World::start();
    let link = world.link();
    let mut first = Browser::at(&world, &link);
    let begun = world.link();
    let mut later = Browser::at_authorization(&world, &begun);
    world.pass(HOUR);
    world.sweep();
    for browser in [&mut first, &mut later] {
        browser.press("continue");
        assert_eq!(browser.left_to(), format!("{CALLBACK}{EXPIRED}"));
    }
}

#[test]
fn an_old_page_after_the_expiry_leads_to_the_same_outcome() {
    let world = World::start();
    let link = world.link();
    let old = Browser::at_authorization(&world, &link);
    let mut browser = old.clone();
    browser.press("continue");
    world.pass(HOUR);
    // Spent or not: the time is over, and the user is told so in one place.
    let answer = old.answer_to("continue").expect(303);
    assert_eq!(answer.location(), format!("{CALLBACK}{EXPIRED}"));
}

#[test]
fn cancelling_after_the_expiry_tells_the_expiry() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.press("cancel");
    world.pass(HOUR);
    browser.press("cancel");
    assert_eq!(browser.left_to(), format!("{CALLBACK}{EXPIRED}"));
}

#[test]
fn the_sweeper_writes_the_end_of_what_nobody_finished() {
    let world = World::start();
    let open = world.link();
    let begun = world.link();
    Browser::at_login(&world, &begun);
    let waiting = world.link();
    Browser::signed_in_as(&world, &waiting, "ada@creator-otp.sandbox.com");
    let done = world.link();
    Browser::signed_in_as(&world, &done, "ada@fan.sandbox.com");
    world.pass(HOUR - 1);
    world.sweep();
    let stages = ["initialized", "login", "two_factor", "completed"];
    assert_eq!(world.database().stages(), stages);
    world.pass(1);
    world.sweep();
    let stages = ["expired", "expired", "expired", "completed"];
    assert_eq!(world.database().stages(), stages);
    world.sweep();
    assert_eq!(world.database().count_of("time_passed"), 3);
    assert_eq!(world.status(&open), "not_found");
    assert_eq!(world.status(&done), "completed");
}

#[test]
fn a_clock_that_is_set_back_revives_nothing() {
    let mut world = World::start();
    let link = world.link();
    let untouched = world.link();
    Browser::at_login(&world, &link);
    world.pass(HOUR);
    world.sweep();
    world.stop();
    world.pass(-2 * HOUR);
    world.run();
    for link in [&link, &untouched] {
        assert_eq!(world.status(link), "not_found");
        assert_eq!(Browser::at(&world, link).status(), 410);
    }
}

#[test]
fn a_clock_that_is_set_back_revives_nothing_that_only_a_later_write_has_overtaken() {
    let mut world = World::start();
    let link = world.link();
    world.pass(HOUR + MINUTE);
    // Nothing wrote this session's end, but the store has seen a later time.
    world.developer_named("Later");
    world.kill();
    world.pass(-2 * HOUR);
    world.run();
    assert_eq!(world.status(&link), "not_found");
    assert_eq!(Browser::at(&world, &link).status(), 410);
}

#[test]
fn a_clock_that_is_set_back_while_the_server_runs_revives_nothing() {
    let world = World::start();
    let link = world.link();
    world.pass(HOUR);
    assert_eq!(world.status(&link), "not_found");
    world.pass(-HOUR);
    assert_eq!(world.status(&link), "not_found");
    let told = world.link().answer["expiresAt"].clone();
    assert_eq!(told, "2026-01-31T12:00:00.000Z");
}

#[test]
fn the_time_left_is_shown_when_it_is_under_five_minutes() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    world.pass(55 * MINUTE - 1);
    assert!(!browser.reload().words().contains("left to finish"));
    world.pass(2);
    assert!(
        browser.reload().words().contains("left to finish"),
        "{}",
        browser.words()
    );
}

#[test]
fn a_short_session_of_an_app_ends_after_its_own_minutes() {
    let world = World::start();
    let app = world.developer().app.clone();
    world.change_app(
        &app,
        ClientAppChange {
            session_minutes: Some("5".to_owned()),
            ..ClientAppChange::default()
        },
    );
    let link: Link = world.link();
    world.pass(5 * MINUTE - 1);
    assert_eq!(Browser::at(&world, &link).status(), 200);
    world.pass(1);
    assert_eq!(Browser::at(&world, &link).status(), 410);
}

#[test]
fn what_was_submitted_in_time_may_be_answered_after_the_expiry() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    world.pass(HOUR - 1);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", PASSWORD);
    browser.press("continue");
    assert_eq!(browser.step(), "checking");
    world.pass(1);
    browser.wait_while("checking");
    assert_eq!(browser.step(), "success");
    assert_eq!(world.status(&link), "completed");
}
