//! A server that dies in the middle.

use crate::support::{Browser, PASSWORD, World};

/// A session whose password is being checked.
fn checking<'a>(world: &'a World, link: &crate::support::Link) -> Browser<'a> {
    let mut browser = Browser::at_login(world, link);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", PASSWORD);
    browser.press("continue");
    assert_eq!(browser.step(), "checking");
    browser
}

#[test]
fn a_kill_while_checking_brings_the_session_back_to_the_sign_in_uncounted() {
    let mut world = World::start();
    let link = world.link();
    let flow = checking(&world, &link).path();
    let flow = flow.trim_end_matches("/wait").to_owned();
    assert_eq!(world.status(&link), "pending");
    world.kill();
    assert_eq!(world.database().stages(), ["verifying"]);
    world.run();
    world.let_checks_be_lost();
    assert_eq!(world.status(&link), "initialized");
    let mut browser = Browser::new(&world);
    browser.open(&flow);
    assert_eq!(browser.step(), "login", "{}", browser.words());
    let username = browser.form().value("username").map(str::to_owned);
    assert_eq!(username.as_deref(), Some("ada@slow.sandbox.com"));
    // All five tries are left.
    for _ in 0..4 {
        browser.sign_in("ada@fan.sandbox.com", "wrong");
        assert_eq!(browser.step(), "login");
    }
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    assert_eq!(browser.step(), "success");
}

#[test]
fn a_kill_while_checking_a_code_brings_the_session_back_to_the_code() {
    let mut world = World::start();
    let link = world.link();
    let browser = Browser::signed_in_as(&world, &link, "ada@creator-otp.sandbox.com");
    let flow = browser.path();
    world.kill();
    world.run();
    assert_eq!(world.status(&link), "awaiting_2fa");
    let mut browser = Browser::new(&world);
    browser.open(&flow).enter_right_code();
    assert_eq!(browser.step(), "success");
}

#[test]
fn an_approval_is_watched_again_after_a_kill() {
    let mut world = World::start();
    let link = world.link();
    let browser = Browser::signed_in_as(&world, &link, "ada@creator-face.sandbox.com");
    let flow = browser.path();
    world.kill();
    // Longer than another node would wait for the one that is gone.
    world.pass(16_000);
    world.run();
    let mut browser = Browser::new(&world);
    browser.open(&flow).wait_while("2fa");
    assert_eq!(browser.step(), "success");
}

#[test]
fn a_stop_in_order_lets_the_check_come_to_its_end() {
    let mut world = World::start();
    let link = world.link();
    checking(&world, &link);
    world.stop();
    assert_eq!(world.database().stages(), ["completed"]);
    world.run();
    assert_eq!(world.status(&link), "completed");
}

#[test]
fn sessions_flows_keys_and_apps_survive_a_kill() {
    let mut world = World::start();
    let fresh = world.link();
    let begun = world.link();
    let flow = Browser::at_login(&world, &begun).path();
    world.kill();
    world.run();
    assert_eq!(Browser::at(&world, &fresh).step(), "pre-login");
    let mut browser = Browser::new(&world);
    browser.open(&flow);
    assert_eq!(browser.step(), "login");
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    assert_eq!(browser.step(), "success");
    world.link();
}
