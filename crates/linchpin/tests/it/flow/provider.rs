//! Providers that break, hang, or answer with markup; and what of the browser's input reaches them.

use serde_json::json;

use crate::support::{Browser, SECOND, World};

fn at_login(world: &World) -> (crate::support::Link, Browser<'_>) {
    let live = world.live_developer();
    let link = world.link_of(&live, &json!({}));
    let browser = Browser::at_login(world, &link);
    (link, browser)
}

#[test]
fn a_password_reaches_the_provider_byte_for_byte() {
    let world = World::start();
    let passwords = [
        " leading and trailing ",
        "e\u{301}\u{fb01}",
        "🦀🔑",
        "a+b&c=d%20#",
        "\u{a0}\u{200b}",
        &"x".repeat(128),
    ];
    let (_, mut browser) = at_login(&world);
    for (at, password) in passwords.iter().enumerate() {
        browser.sign_in("wrong@north", password);
        if at % 4 == 3 {
            browser = at_login(&world).1;
        }
    }
    assert_eq!(world.upstream().received(), passwords);
}

#[test]
fn a_provider_that_panics_leaves_no_session_stuck() {
    let world = World::start();
    let (_, mut browser) = at_login(&world);
    browser.sign_in("panic@north", "x");
    assert_eq!(browser.step(), "login", "{}", browser.words());
    browser.sign_in("fine@north", "x");
    assert_eq!(browser.step(), "success");
}

#[test]
fn a_provider_that_never_answers_counts_as_unavailable() {
    let world = World::start();
    let (_, mut browser) = at_login(&world);
    browser.sign_in("hang@north", "x");
    assert_eq!(browser.step(), "login", "{}", browser.words());
    assert!(
        browser.words().contains("does not answer"),
        "{}",
        browser.words()
    );
}

#[test]
fn nothing_that_a_provider_says_is_markup() {
    let world = World::start();
    let (_, mut browser) = at_login(&world);
    browser.sign_in("hostile@north", "x");
    assert_eq!(browser.step(), "success");
    let html = browser.html();
    assert!(
        !html.contains("<script>alert"),
        "a script of the provider's"
    );
    assert!(!html.contains("<img src=x"), "an image of the provider's");
    assert!(
        !html.contains("javascript:"),
        "an address of the provider's"
    );
    browser.go_back_to_app();
    assert!(browser.left_to().contains("status=success"));
}

#[test]
fn the_sentences_of_a_permission_are_not_markup() {
    let world = World::start();
    let live = world.live_developer();
    let link = world.link_of(&live, &json!({}));
    let browser = Browser::at_authorization(&world, &link);
    assert!(!browser.html().contains("<b>of</b>"));
    assert!(
        browser.words().contains("Something <b>of</b> yours"),
        "{}",
        browser.words()
    );
}

#[test]
fn nothing_that_the_developer_or_the_user_typed_is_markup() {
    let world = World::start();
    let attack = "\"><script>alert(1)</script><img src=x onerror=y>'";
    let mut settings = crate::support::developer::redirect_app(attack);
    settings.support = Some("https://shop.example.com/help?a=%22b&c".to_owned());
    let app = world.app(&world.developer().org, settings);
    let link = world.link_with(&json!({
        "clientAppId": app,
        "clientReferenceId": attack,
        "prefill": { "username": attack },
        "metadata": { attack: attack }
    }));
    let mut browser = Browser::at(&world, &link);
    for _ in 0..3 {
        assert!(
            !browser.html().contains("<script>alert"),
            "{}",
            browser.step()
        );
        assert!(!browser.html().contains("<img src=x"), "{}", browser.step());
        if browser.step() != "login" {
            browser.press("continue");
        }
    }
    assert_eq!(browser.form().value("username"), Some(attack));
    browser.sign_in(attack, "wrong");
    assert_eq!(browser.form().value("username"), Some(attack));
    assert!(!browser.html().contains("<script>alert"));
}

#[test]
fn another_way_leads_through_the_methods_that_the_account_offers() {
    let world = World::start();
    let (link, mut browser) = at_login(&world);
    browser.sign_in("code@north", "x");
    assert!(
        browser.words().contains("authenticator"),
        "{}",
        browser.words()
    );
    browser.press("another");
    assert!(browser.words().contains("9876"), "{}", browser.words());
    let _ = link;
    // The first text was just sent; the next has to wait, and no click hurries it.
    browser.press("resend");
    assert!(
        browser.words().contains("2 texts left"),
        "{}",
        browser.words()
    );
    world.pass(30 * SECOND);
    browser.reload().press("resend");
    assert!(
        browser.words().contains("One text left"),
        "{}",
        browser.words()
    );
    browser.press("another");
    browser.enter_right_code();
    assert_eq!(browser.step(), "success");
}

#[test]
fn the_fields_of_the_sign_in_are_made_for_password_managers() {
    let world = World::start();
    let (_, mut browser) = at_login(&world);
    let html = browser.html();
    let input = |name: &str, html: &str| {
        crate::support::form::tags(html)
            .into_iter()
            .find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")))
            .unwrap()
            .to_owned()
    };
    assert!(input("username", &html).contains("autocomplete=\"username\""));
    let password = input("password", &html);
    assert!(password.contains("type=\"password\""));
    assert!(password.contains("autocomplete=\"current-password\""));
    assert!(!password.contains("maxlength"));
    browser.sign_in("code@north", "x");
    let code = input("code", &browser.html());
    assert!(code.contains("autocomplete=\"one-time-code\""));
    assert!(code.contains("inputmode=\"numeric\""));
}
