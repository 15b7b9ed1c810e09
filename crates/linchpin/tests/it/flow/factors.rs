//! Second factors on the page: each way, choosing among them, and what may be tried how often.

use std::{sync::atomic::Ordering, time::Duration};

use linchpin_provider::Method;
use serde_json::{Value, json};

use crate::support::{Browser, SECOND, World, form};

/// A browser at the second factor of an account, and how to ask for the session's status.
fn signed_in_as<'a>(world: &'a World, username: &str) -> (impl Fn() -> Value + 'a, Browser<'a>) {
    let live = world.live_developer();
    let link = world.link_of(&live, &json!({}));
    let mut browser = Browser::at_login(world, &link);
    browser.sign_in(username, "x");
    assert_eq!(browser.step(), "2fa", "{}", browser.words());
    (move || world.status_with(&live.key, &link), browser)
}

fn asked(world: &World) -> Vec<Method> {
    world.upstream().asked.lock().unwrap().clone()
}

#[test]
fn one_of_many_ways_is_chosen_from_a_list_and_the_provider_is_asked_for_it() {
    let world = World::start();
    let (_, mut browser) = signed_in_as(&world, "many@north");
    browser.press("another");
    let ways = ["way-phone", "way-email", "way-face", "way-question"];
    assert_eq!(browser.form().buttons, [&ways[..], &["cancel"]].concat());
    assert!(browser.words().contains("9876"), "{}", browser.words());
    assert_eq!(asked(&world), [], "looking starts nothing");

    browser.press("way-email");
    assert_eq!(asked(&world), [Method::Email]);
    let words = browser.words();
    assert!(words.contains("a…@<b>example.com"), "{words}");
    assert!(words.contains("2 e-mails left"), "{words}");

    browser.press("another").press("way-question");
    assert_eq!(asked(&world), [Method::Email, Method::Question]);
    assert!(browser.words().contains("Which <b>pet</b> was your first?"));
    assert!(!browser.html().contains("<b>pet"));
    // Of words, nothing but what stands around them is left out.
    browser.enter_code("  A blue-green whale ");
    assert_eq!(browser.step(), "success", "{}", browser.words());
    assert_eq!(
        world.upstream().received(),
        ["x", "A blue-green whale"],
        "the answer reaches the provider as it was typed"
    );
}

#[test]
fn choosing_a_sent_way_counts_as_a_send_and_a_good_code_is_not_sent_again() {
    let world = World::start();
    let (_, mut browser) = signed_in_as(&world, "many@north");
    let choose = |browser: &mut Browser<'_>, way: &str| {
        browser.press("another").press(way);
    };
    choose(&mut browser, "way-email");
    choose(&mut browser, "way-app");
    choose(&mut browser, "way-email");
    let words = browser.words();
    assert!(words.contains("2 e-mails left"), "{words}");
    assert_eq!(asked(&world), [Method::Email, Method::App]);
    world.pass(30 * SECOND);
    browser.reload().press("resend");
    assert!(browser.words().contains("One e-mail left"));
    world.pass(600 * SECOND);
    browser.reload().enter_right_code();
    assert!(browser.words().contains("too old"), "{}", browser.words());
    choose(&mut browser, "way-app");
    choose(&mut browser, "way-email");
    assert!(browser.words().contains("No more e-mails can be sent"));
    let all = [
        Method::Email,
        Method::App,
        Method::Email,
        Method::App,
        Method::Email,
    ];
    assert_eq!(asked(&world), all);
    browser.enter_right_code();
    assert_eq!(browser.step(), "success");
}

#[test]
fn an_approval_that_was_chosen_is_waited_for() {
    let world = World::start();
    let (told, mut browser) = signed_in_as(&world, "many@north");
    browser.press("another").press("way-face");
    assert_eq!(asked(&world), [Method::Face]);
    world.upstream().approves.store(true, Ordering::SeqCst);
    for _ in 0..50 {
        if told()["status"] == "completed" {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    browser.wait_while("2fa");
    assert_eq!(browser.step(), "success");
}

#[test]
fn a_way_that_the_provider_cannot_start_says_so_and_the_others_still_do() {
    let world = World::start();
    let (_, mut browser) = signed_in_as(&world, "stuck@north");
    for (way, says) in [("way-face", "cannot do this"), ("way-email", "No e-mail")] {
        browser.press("another").press(way);
        assert!(browser.words().contains(says), "{}", browser.words());
    }
    browser.press("another").press("way-app");
    browser.enter_right_code();
    assert_eq!(browser.step(), "success");
}

#[test]
fn a_picture_is_shown_with_its_words_and_another_one_gives_no_endless_tries() {
    let world = World::start();
    let (told, mut browser) = signed_in_as(&world, "shown@north");
    let picture = |html: &str| {
        let tags = form::tags(html);
        let img = tags.into_iter().find(|tag| tag.starts_with("img")).unwrap();
        let alt = form::attribute(img, "alt");
        assert_eq!(alt.as_deref(), Some("Which \"letters\" are these?"));
        form::attribute(img, "src").unwrap()
    };
    let policy = browser.page().header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self' data:"), "{policy}");
    assert!(picture(&browser.html()).ends_with(",AAAA"));
    browser.enter_code(" ");
    assert!(browser.words().contains("Enter your answer"));
    for wrong in 0..4 {
        browser.enter_code("not this");
        assert!(browser.words().contains("That answer is not right"));
        assert!(picture(&browser.html()).ends_with(&format!(",AAA{wrong}")));
    }
    browser.enter_code("nor this");
    assert_eq!(told()["data"]["errorCode"], "2fa_failed");
}

#[test]
fn a_way_that_is_not_offered_cannot_be_chosen() {
    let world = World::start();
    let (told, browser) = signed_in_as(&world, "many@north");
    for way in ["way-shown", "way-app", "way-", "way-nothing"] {
        let answer = browser.answer_to(way);
        assert!([303, 403].contains(&answer.status), "{way}");
    }
    assert_eq!(asked(&world), []);
    assert_eq!(told()["status"], "awaiting_2fa");
}
