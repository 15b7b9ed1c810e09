//! Double clicks, two tabs, back and reload: what is done is done once.

use crate::support::{Answer, Browser, PASSWORD, Request, World};

/// Posts a form 32 times at once.
fn flood(world: &World, request: &Request) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32)
            .map(|_| scope.spawn(|| world.send(request)))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

#[test]
fn thirty_two_posts_of_one_password_are_one_attempt() {
    let world = World::start();
    let live = world.live_developer();
    let link = world.link_of(&live, &serde_json::json!({}));
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "pause@north")
        .fill("password", "secret");
    let answers = flood(&world, &browser.submission("continue"));
    for answer in answers {
        assert_eq!(answer.status, 303, "{}", answer.text());
        let place = answer.location().split(['?']).next().unwrap().to_owned();
        assert!(place.starts_with(&browser.path()), "{place}");
    }
    assert_eq!(world.upstream().received(), ["secret"]);
    assert_eq!(world.database().count_of("password_submitted"), 1);
    assert_eq!(world.database().count_of("linked"), 1);
    assert_eq!(world.database().connections().len(), 1);
}

#[test]
fn thirty_two_posts_of_one_wrong_password_count_once() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "ada@fan.sandbox.com")
        .fill("password", "wrong");
    for answer in flood(&world, &browser.submission("continue")) {
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    assert_eq!(world.database().count_of("wrong_password"), 1);
}

#[test]
fn thirty_two_posts_of_one_code_are_one_attempt() {
    let world = World::start();
    let live = world.live_developer();
    let link = world.link_of(&live, &serde_json::json!({}));
    let mut browser = Browser::at_login(&world, &link);
    browser.sign_in("code@north", "secret");
    assert_eq!(browser.step(), "2fa");
    browser.fill("code", "654321");
    for answer in flood(&world, &browser.submission("continue")) {
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    assert_eq!(world.upstream().received(), ["secret", "654321"]);
    assert_eq!(world.database().count_of("wrong_code"), 1);
}

#[test]
fn thirty_two_clicks_on_send_again_send_one_text() {
    let world = World::start();
    let link = world.link();
    let browser = Browser::signed_in_as(&world, &link, "ada@creator-sms.sandbox.com");
    flood(&world, &browser.submission("resend"));
    let told = world.told(&link);
    let state = &told["data"]["twoFactorState"]["phoneCode"];
    assert_eq!(state["requestAttemptsLeft"], 1, "{told}");
}

#[test]
fn two_sessions_that_link_one_account_at_once_make_one_connection() {
    let world = World::start();
    let requests: Vec<Request> = (0..16)
        .map(|_| {
            let mut browser = Browser::at_login(&world, &world.link());
            browser
                .fill("username", "ada@fan.sandbox.com")
                .fill("password", PASSWORD);
            browser.submission("continue")
        })
        .collect();
    std::thread::scope(|scope| {
        for request in &requests {
            scope.spawn(|| world.send(request).expect(303));
        }
    });
    assert_eq!(world.database().connections().len(), 1);
    assert_eq!(world.database().count_of("linked"), 16);
}

#[test]
fn back_and_reload_show_where_the_flow_stands() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_authorization(&world, &link);
    let old = browser.clone();
    browser.press("continue");
    // Back to the page before, as the browser kept it, and its button pressed again.
    let mut back = old;
    back.press("continue");
    assert_eq!(back.step(), "login");
    back.reload();
    assert_eq!(back.step(), "login");
    back.sign_in("ada@fan.sandbox.com", PASSWORD);
    assert_eq!(back.step(), "success");
    browser.reload();
    assert_eq!(browser.step(), "success");
    assert_eq!(world.database().connections().len(), 1);
}

#[test]
fn the_other_tab_ends_where_the_first_one_led() {
    let world = World::start();
    let link = world.link();
    let mut first = Browser::at_login(&world, &link);
    let mut second = first.clone();
    first.sign_in("ada@fan.sandbox.com", PASSWORD);
    second.sign_in("ada@fan.sandbox.com", "wrong");
    assert_eq!(second.step(), "success");
    first.go_back_to_app();
    second.go_back_to_app();
    assert_eq!(first.left_to(), second.left_to());
}

#[test]
fn after_the_end_no_step_changes_anything() {
    let world = World::start();
    let link = world.link();
    let login = Browser::at_login(&world, &link);
    let mut browser = login.clone();
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    let before = world.database().dump();
    for action in ["continue", "cancel"] {
        let mut old = login.clone();
        old.fill("username", "eve@fan.sandbox.com")
            .fill("password", PASSWORD)
            .fill("confirm", "yes");
        let answer = old.answer_to(action).expect(303);
        assert_eq!(answer.location(), login.path());
    }
    assert_eq!(world.database().dump(), before);
}
