//! Leaving, at each step.

use crate::support::{Browser, CALLBACK, Link, World};

#[track_caller]
fn leaves_at(world: &World, link: &Link, mut browser: Browser<'_>, step: &str) {
    let before = world.database().dump();
    browser.press("cancel");
    assert!(!browser.has_left(), "nobody asked");
    assert_eq!(browser.step(), "leave");
    // Being asked is not leaving.
    assert_eq!(world.database().dump(), before);
    assert_ne!(world.status(link), "denied");
    browser.press("cancel");
    assert_eq!(
        browser.left_to(),
        format!("{CALLBACK}?status=cancelled&step={step}&client_reference_id=user_123")
    );
    assert_eq!(world.status(link), "denied");
    assert_eq!(world.database().count_of("cancelled"), 1);
}

#[test]
fn leaving_before_anything_tells_pre_login() {
    let world = World::start();
    let link = world.link();
    leaves_at(&world, &link, Browser::at(&world, &link), "pre-login");
}

#[test]
fn leaving_at_the_permissions_tells_authorization() {
    let world = World::start();
    let link = world.link();
    let browser = Browser::at_authorization(&world, &link);
    leaves_at(&world, &link, browser, "authorization");
}

#[test]
fn leaving_at_the_sign_in_tells_login() {
    let world = World::start();
    let link = world.link();
    leaves_at(&world, &link, Browser::at_login(&world, &link), "login");
}

#[test]
fn leaving_after_a_wrong_password_tells_login() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.sign_in("ada@fan.sandbox.com", "wrong");
    leaves_at(&world, &link, browser, "login");
}

#[test]
fn leaving_at_the_second_factor_tells_2fa() {
    let world = World::start();
    for email in [
        "ada@creator-otp.sandbox.com",
        "ada@creator-sms.sandbox.com",
        "ada@creator-face.sandbox.com",
    ] {
        let world = &world;
        let link = world.link();
        let mut browser = Browser::signed_in_as(world, &link, email);
        browser.leave();
        let wanted = "?status=cancelled&step=2fa&client_reference_id=user_123";
        assert!(browser.left_to().ends_with(wanted), "{}", browser.left_to());
    }
}

#[test]
fn who_is_asked_whether_to_leave_can_stay() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.press("cancel");
    assert_eq!(browser.step(), "leave");
    let stay = browser
        .links()
        .into_iter()
        .find(|href| href.starts_with("/f/"));
    browser.open(&stay.expect("a way to stay"));
    assert_eq!(browser.step(), "login");
    browser.sign_in("ada@fan.sandbox.com", crate::support::PASSWORD);
    assert_eq!(browser.step(), "success");
}

#[test]
fn who_is_asked_on_the_launch_page_can_stay() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at(&world, &link);
    browser.press("cancel");
    let stay = browser
        .links()
        .into_iter()
        .find(|href| href.contains("/cs_"));
    browser.open(&stay.expect("a way to stay"));
    assert_eq!(browser.step(), "pre-login");
    browser.press("continue");
    assert_eq!(browser.step(), "authorization");
}

#[test]
fn leaving_twice_leads_to_the_same_place() {
    let world = World::start();
    let first = world.link();
    let mut browser = Browser::at(&world, &first);
    browser.press("cancel");
    let once = browser.answer_to("cancel").expect(303);
    let twice = browser.answer_to("cancel").expect(303);
    assert_eq!(once.location(), twice.location());

    let second = world.link();
    let mut browser = Browser::at_login(&world, &second);
    browser.press("cancel");
    let once = browser.answer_to("cancel").expect(303);
    let twice = browser.answer_to("cancel").expect(303);
    assert_eq!(once.location(), twice.location());
    assert_eq!(world.database().count_of("cancelled"), 2);
}

#[test]
fn leaving_without_a_reference_carries_none() {
    let world = World::start();
    let link = world.link_with(&serde_json::json!({}));
    let mut browser = Browser::at(&world, &link);
    browser.leave();
    assert_eq!(
        browser.left_to(),
        format!("{CALLBACK}?status=cancelled&step=pre-login")
    );
}

#[test]
fn leaving_while_the_password_is_checked_stays_the_outcome() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", crate::support::PASSWORD);
    browser.press("continue");
    assert_eq!(browser.step(), "checking");
    let address = browser.address().to_owned();
    // The page asks first wherever it stands; the address is the one that its cancel button leads to.
    let flow = address.split("/wait").next().unwrap().to_owned();
    browser.open(&format!("{flow}?leave=1"));
    assert_eq!(browser.step(), "leave");
    browser.press("cancel");
    let wanted = format!("{CALLBACK}?status=cancelled&step=login&client_reference_id=user_123");
    assert_eq!(browser.left_to(), wanted);
    std::thread::sleep(std::time::Duration::from_millis(5_500));
    assert_eq!(world.status(&link), "denied");
    assert!(world.database().connections().is_empty());
}

#[test]
fn a_cancel_button_is_there_at_every_step() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at(&world, &link);
    let has_cancel = |browser: &Browser<'_>| {
        let buttons = browser.form().buttons;
        assert!(buttons.contains(&"cancel".to_owned()), "{}", browser.step());
    };
    has_cancel(&browser);
    browser.press("continue");
    has_cancel(&browser);
    browser.press("continue");
    has_cancel(&browser);
    browser.sign_in("ada@creator-otp.sandbox.com", crate::support::PASSWORD);
    has_cancel(&browser);
    let slow = world.link();
    let mut browser = Browser::at_login(&world, &slow);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", crate::support::PASSWORD);
    browser.press("continue");
    assert_eq!(browser.step(), "checking");
    has_cancel(&browser);
}
