//! The way back to the app.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::json;

use crate::support::{
    Answer, Browser, CALLBACK, HOUR, LOCAL_CALLBACK, Link, PASSWORD, World, developer,
};

#[track_caller]
fn is_a_way_back(answer: &Answer) {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("refresh"), None);
    assert!(answer.body.is_empty(), "{}", answer.text());
}

#[test]
fn every_way_back_is_a_303_without_referrer_and_without_cache() {
    let world = World::start();
    // Success.
    let link = world.link();
    let browser = Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
    is_a_way_back(&world.get(&format!("{}/return", browser.path())));
    // Cancelled.
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.press("cancel");
    is_a_way_back(&browser.answer_to("cancel"));
    is_a_way_back(&world.get(&format!("{}/return", browser.path())));
    // Failed.
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "a@locked.sandbox.com")
        .fill("password", "x");
    is_a_way_back(&browser.answer_to("continue"));
    // Expired.
    let link = world.link();
    let browser = Browser::at_login(&world, &link);
    world.pass(HOUR);
    is_a_way_back(&browser.answer_to("continue"));
}

#[test]
fn the_way_back_can_be_taken_again_and_before_the_end_leads_to_the_step() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    let flow = browser.path();
    let early = world.get(&format!("{flow}/return")).expect(303);
    assert_eq!(early.location(), flow);
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    let first = world.get(&format!("{flow}/return")).expect(303);
    let again = world.get(&format!("{flow}/return")).expect(303);
    assert_eq!(first.location(), again.location());
    world.get("/f/unknown/return").expect(404);
}

#[test]
fn the_owners_page_of_an_ended_session_leads_to_the_true_outcome() {
    let world = World::start();
    let link = world.link();
    let mut failed = Browser::at_login(&world, &link);
    let flow = failed.path();
    failed.sign_in("ada@locked.sandbox.com", "x");
    let mut again = Browser::new(&world);
    again.open(&flow);
    assert_eq!(again.status(), 410);
    let on_launch = Browser::at(&world, &link).words();
    assert_eq!(again.words(), on_launch);
    again.go_back_to_app();
    assert!(
        again.left_to().contains("error_code=account_locked"),
        "{}",
        again.left_to()
    );
}

#[test]
fn odd_characters_of_the_reference_come_back_as_they_were() {
    let world = World::start();
    for reference in [
        "a&b=c#d%e+f g",
        "ünï 🦀/?:@",
        "%00%0d%0a",
        "\"'<>\\",
        "&status=success",
    ] {
        let link = world.link_with(&json!({ "clientReferenceId": reference }));
        let mut browser = Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
        browser.go_back_to_app();
        let left = browser.left_to().to_owned();
        assert!(left.is_ascii() && !left.contains(' '), "{left}");
        let pairs: Vec<(String, String)> = url::Url::parse(&left)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["status", "connection_id", "client_reference_id"]);
        assert_eq!(pairs[2].1, reference);
    }
}

#[test]
fn the_query_of_a_registered_url_stays_as_it_is() {
    let world = World::start();
    for url in [
        "https://shop.example.com/back?tenant=%41&x=1",
        "https://shop.example.com/",
        "https://shop.example.com/a%20b?q=%C3%BC",
        "https://shop.example.com:8443/x?y",
    ] {
        let mut settings = developer::redirect_app("Query");
        settings.redirect_uris = Some(vec![url.to_owned()]);
        // Some of these a registration may refuse; what it takes must come back byte for byte.
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.app(&world.developer().org, settings)
        }));
        let Ok(app) = made else { continue };
        let answer = world
            .init(&json!({ "clientAppId": app }))
            .expect(200)
            .json();
        let mut browser = Browser::at(&world, &Link { answer });
        browser.leave();
        let joint = if url.contains('?') { '&' } else { '?' };
        let wanted = format!("{url}{joint}status=cancelled&step=pre-login");
        assert_eq!(browser.left_to(), wanted);
    }
}

#[test]
fn the_redirect_url_that_init_named_is_the_one_that_is_used() {
    let world = World::start();
    let link = world.link_with(&json!({ "redirectUrl": LOCAL_CALLBACK }));
    let mut browser = Browser::at(&world, &link);
    browser.leave();
    assert!(
        browser
            .left_to()
            .starts_with(&format!("{LOCAL_CALLBACK}?status=cancelled"))
    );
}

#[test]
fn nobody_is_sent_to_a_url_that_was_taken_off_the_app() {
    let world = World::start();
    let open = world.link();
    let mut leaving = Browser::at_login(&world, &open);
    leaving.press("cancel");
    let done = world.link();
    let done = Browser::signed_in_as(&world, &done, "ada@fan.sandbox.com");
    let launch = world.link();
    let mut early = Browser::at(&world, &launch);
    early.press("cancel");
    world.change_app(
        &world.developer().app,
        ClientAppChange {
            redirect_uris: Some(vec!["https://new.example.com/back".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let end = leaving.answer_to("cancel");
    assert_eq!((end.status, end.header("location")), (410, None));
    assert!(!end.text().contains(CALLBACK));
    let end = early.answer_to("cancel");
    assert_eq!((end.status, end.header("location")), (410, None));
    let end = world.get(&format!("{}/return", done.path()));
    assert_eq!((end.status, end.header("location")), (410, None));
    assert!(!end.text().contains(CALLBACK));
}

#[test]
fn nobody_is_sent_anywhere_by_an_app_that_is_gone() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.press("cancel");
    world.command(linchpin::flow::admin::Command::AppDelete {
        id: world.developer().app.clone(),
    });
    let end = browser.answer_to("cancel");
    assert_eq!(end.header("location"), None, "{}", end.status);
    assert!(end.status == 410 || end.status == 404);
}
