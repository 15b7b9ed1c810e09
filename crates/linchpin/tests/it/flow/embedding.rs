//! What the page tells the page that embeds it, and that it leads nowhere by itself there.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::support::{
    Browser, CALLBACK, Link, PASSWORD, World,
    form::{attribute, tags},
};

const ORIGIN: &str = "https://shop.example.com";

/// An embed app with a redirect URL, and a link of it.
fn embedded(world: &World) -> Link {
    let app = world.app(
        &world.developer().org,
        ClientAppChange {
            app_type: Some("embed".to_owned()),
            name: Some("Embedded".to_owned()),
            allowed_origins: Some(vec![ORIGIN.to_owned()]),
            redirect_uris: Some(vec![CALLBACK.to_owned()]),
            redirect_on_success: Some(true),
            permissions: Some(vec!["profile:read".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let answer = world.init(&json!({ "clientAppId": app }));
    Link {
        answer: answer.expect(200).json(),
    }
}

/// A window in which an embed library opened the link.
fn opened<'a>(world: &'a World, link: &Link) -> Browser<'a> {
    let mut browser = Browser::new(world);
    browser.open(&format!(
        "{}?embed=true&embed_origin=https%3A%2F%2Fevil.example&theme=dark",
        link.url()
    ));
    browser
}

fn of_body(html: &str, name: &str) -> Option<String> {
    let body = tags(html)
        .into_iter()
        .find(|tag| tag.starts_with("body "))?;
    attribute(body, name)
}

/// The messages of the page that is shown.
fn told(browser: &Browser<'_>) -> Vec<Value> {
    let told = of_body(&browser.html(), "data-told").expect("something to tell");
    serde_json::from_str(&told).expect("JSON")
}

/// The message with which it ended.
fn end(browser: &Browser<'_>) -> Value {
    let mut told = told(browser);
    told.retain(|message| message["event"] != "sandbox_info");
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[test]
fn messages_go_to_the_registered_origins_whatever_the_query_says() {
    let world = World::start();
    let link = embedded(&world);
    let mut browser = opened(&world, &link);
    for step in ["pre-login", "authorization", "login"] {
        assert_eq!(browser.step(), step);
        let origins = of_body(&browser.html(), "data-origins");
        assert_eq!(origins.as_deref(), Some(ORIGIN));
        let opener = browser.page().header("cross-origin-opener-policy");
        assert_eq!(opener, Some("unsafe-none"), "a pop-up reaches its opener");
        if step != "login" {
            browser.press("continue");
        }
    }
}

#[test]
fn pages_of_a_redirect_app_tell_nobody_anything() {
    let world = World::start();
    let link = world.link();
    let browser = opened(&world, &link);
    assert_eq!(of_body(&browser.html(), "data-origins"), None);
    assert_eq!(of_body(&browser.html(), "data-told"), None);
    let opener = browser.page().header("cross-origin-opener-policy");
    assert_eq!(opener, Some("same-origin"));
}

#[test]
fn a_connection_is_told_with_where_to_go_and_without_any_secret() {
    let world = World::start();
    let link = embedded(&world);
    let mut browser = opened(&world, &link);
    browser.press("continue").press("continue");
    browser.sign_in("ada@creator.sandbox.com", PASSWORD);
    assert_eq!(browser.step(), "success");
    let html = browser.html();
    assert!(!html.contains("http-equiv=\"refresh\""), "it leads nowhere");
    assert_eq!(of_body(&html, "data-leave"), None);
    let message = end(&browser);
    let facts = &message["metadata"];
    let id = facts["connection"]["id"].as_str().unwrap();
    assert_eq!(message["event"], "success");
    assert_eq!(
        facts["successUrl"],
        format!("{CALLBACK}?status=success&connection_id={id}")
    );
    assert_eq!(facts["redirect"], true);
    assert_eq!(facts["user"], facts["connection"]["userData"]);
    let written = message.to_string();
    assert!(!written.contains("cs_") && !written.contains("/f/"));
    let way_back = tags(&html)
        .into_iter()
        .find(|tag| tag.starts_with("a class=\"go\""))
        .unwrap();
    assert_eq!(attribute(way_back, "target").as_deref(), Some("_top"));
}

#[test]
fn leaving_is_told_in_place_of_a_redirect() {
    let world = World::start();
    for (step, steps_before) in [("pre-login", 0), ("authorization", 1), ("login", 2)] {
        let link = embedded(&world);
        let mut browser = opened(&world, &link);
        for _ in 0..steps_before {
            browser.press("continue");
        }
        browser.press("cancel").press("cancel");
        assert!(!browser.has_left(), "{step}");
        let exit = json!({ "type": "user_exit", "step": step, "error": null });
        assert_eq!(end(&browser), json!({ "event": "exit", "metadata": exit }));
        assert_eq!(world.status(&link), "denied");
    }
}

#[test]
fn an_error_is_told_by_its_code() {
    let world = World::start();
    let link = embedded(&world);
    let mut browser = opened(&world, &link);
    browser.press("continue").press("continue");
    browser.sign_in("ada@locked.sandbox.com", PASSWORD);
    let message = end(&browser);
    assert_eq!(message["metadata"]["type"], "error");
    assert_eq!(message["metadata"]["step"], "error");
    assert_eq!(message["metadata"]["error"]["error_type"], "account_locked");
}

#[test]
fn a_link_that_leads_no_further_is_an_invalid_session() {
    let world = World::start();
    let invalid = json!({ "event": "invalid_session" });

    let used = embedded(&world);
    opened(&world, &used).press("continue");
    assert_eq!(end(&opened(&world, &used)), invalid, "used by another");

    let finished = embedded(&world);
    opened(&world, &finished).press("cancel").press("cancel");
    assert_eq!(end(&opened(&world, &finished)), invalid, "finished");

    let deleted = embedded(&world);
    world.delete(&deleted).expect(200);
    let browser = opened(&world, &deleted);
    assert_eq!(browser.page().status, 404);
    assert_eq!(end(&browser), invalid, "deleted");
    let policy = browser.page().header("content-security-policy").unwrap();
    assert!(policy.ends_with(&format!("frame-ancestors 'self' {ORIGIN}")));
    // It is no more than that: the page is the one of a link that never was.
    assert!(!browser.html().contains("Embedded"));
}

#[test]
fn the_forms_for_language_and_theme_stay_in_the_page_around_them() {
    let world = World::start();
    let browser = opened(&world, &embedded(&world));
    let html = browser.html();
    let kept = |name: &str, value: &str| {
        let input = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        html.matches(&input).count()
    };
    assert_eq!(kept("embed", "true"), 2);
    assert_eq!(kept("embed_origin", "https://evil.example"), 2);
}
