//! Linking an account again, and signing in to a known connection again.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use crate::support::{Browser, PASSWORD, SECOND, World};

/// Links an account with these fields at init; the connection's id.
fn linked(world: &World, email: &str, fields: &Value) -> String {
    let link = world.link_with(fields);
    let mut browser = Browser::at(world, &link);
    while browser.step() != "login" {
        browser.press("continue");
    }
    browser.sign_in(email, PASSWORD);
    assert_eq!(browser.step(), "success", "{}", browser.words());
    let told = world.told(&link);
    told["data"]["id"].as_str().unwrap().to_owned()
}

fn stored(world: &World) -> Value {
    let rows = world.database().rows("SELECT connection FROM connection");
    assert_eq!(rows.len(), 1, "{rows:?}");
    serde_json::from_str(&rows[0][0]).unwrap()
}

const ADA: &str = "ada@fan.sandbox.com";

#[test]
fn the_same_account_keeps_its_connection() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    let made = stored(&world);
    world.pass(SECOND);
    let again = linked(&world, ADA, &json!({ "clientReferenceId": "two" }));
    assert_eq!(first, again);
    let renewed = stored(&world);
    assert_eq!(renewed["clientReferenceId"], "two");
    assert_eq!(renewed["createdAt"], made["createdAt"]);
    assert_ne!(renewed["updatedAt"], made["updatedAt"]);
    let history = world
        .database()
        .rows("SELECT version, event, detail FROM connection_history ORDER BY version");
    assert_eq!(history.len(), 2, "{history:?}");
    // The change of the reference is in the history.
    assert!(history[1][2].contains("one"), "{history:?}");
}

#[test]
fn a_session_without_a_reference_leaves_the_old_one() {
    let world = World::start();
    linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    linked(&world, ADA, &json!({}));
    assert_eq!(stored(&world)["clientReferenceId"], "one");
}

#[test]
fn metadata_of_the_session_is_the_connections() {
    let world = World::start();
    linked(&world, ADA, &json!({ "metadata": { "plan": "silver" } }));
    assert_eq!(stored(&world)["metadata"], json!({ "plan": "silver" }));
    linked(&world, ADA, &json!({ "metadata": { "plan": "gold" } }));
    assert_eq!(stored(&world)["metadata"], json!({ "plan": "gold" }));
}

#[test]
fn other_accounts_are_other_connections() {
    let world = World::start();
    let one = linked(&world, ADA, &json!({}));
    let two = linked(&world, "eve@fan.sandbox.com", &json!({}));
    assert_ne!(one, two);
}

#[test]
fn a_reconnect_keeps_the_id_and_asks_for_no_permission_again() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    let link = world.link_with(&json!({ "connectionId": first }));
    let mut browser = Browser::at(&world, &link);
    assert_eq!(browser.step(), "pre-login");
    browser.press("continue");
    assert_eq!(browser.step(), "login");
    browser.sign_in(ADA, PASSWORD);
    assert_eq!(world.told(&link)["data"]["id"], first.as_str());
    assert_eq!(stored(&world)["clientReferenceId"], "one");
}

#[test]
fn a_reconnect_gives_back_what_was_granted_and_no_more() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_authorization(&world, &link);
    browser.untick("messages:write").press("continue");
    browser.sign_in(ADA, PASSWORD);
    let first = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    linked(&world, ADA, &json!({ "connectionId": first }));
    let granted = json!(["profile:read", "posts:read"]);
    assert_eq!(stored(&world)["permissions"], granted);
}

#[test]
fn a_reconnect_whose_permissions_grew_asks_and_marks_the_new_ones() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({}));
    world.change_app(
        &world.developer().app,
        ClientAppChange {
            permissions: Some(vec!["profile:read".to_owned(), "earnings:read".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let link = world.link_with(&json!({ "connectionId": first }));
    let mut browser = Browser::at(&world, &link);
    browser.press("continue");
    assert_eq!(browser.step(), "authorization");
    let html = browser.html();
    let marked: Vec<&str> = html
        .split("<li>")
        .filter(|item| item.contains("class=\"tag new\""))
        .collect();
    assert_eq!(marked.len(), 1, "{}", browser.words());
    assert!(marked[0].contains("earnings"), "{}", marked[0]);
    browser.press("continue");
    browser.sign_in(ADA, PASSWORD);
    assert_eq!(world.told(&link)["data"]["id"], first.as_str());
}

#[test]
fn what_was_declined_and_is_required_now_is_asked_for_again() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_authorization(&world, &link);
    browser.untick("messages:write").press("continue");
    browser.sign_in(ADA, PASSWORD);
    let first = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    world.change_app(
        &world.developer().app,
        ClientAppChange {
            permissions: Some(vec!["profile:read".to_owned(), "messages:write".to_owned()]),
            optional_permissions: Some(vec!["posts:read".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let link = world.link_with(&json!({ "connectionId": first }));
    let mut browser = Browser::at(&world, &link);
    browser.press("continue");
    assert_eq!(browser.step(), "authorization");
}

#[test]
fn what_one_app_was_allowed_is_not_allowed_to_another() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({}));
    let other = world.app(
        &world.developer().org,
        ClientAppChange {
            app_type: Some("redirect".to_owned()),
            name: Some("Other".to_owned()),
            redirect_uris: Some(vec!["https://other.example.com/back".to_owned()]),
            ..ClientAppChange::default()
        },
    );
    let link = world.link_with(&json!({ "connectionId": first, "clientAppId": other }));
    let mut browser = Browser::at(&world, &link);
    browser.press("continue");
    assert_eq!(browser.step(), "authorization");
}

#[test]
fn a_reconnect_with_another_account_is_told_and_chosen_again() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    let before = stored(&world);
    let fields = json!({ "connectionId": first, "clientReferenceId": "two" });
    let link = world.link_with(&fields);
    let mut browser = Browser::at(&world, &link);
    browser.press("continue");
    browser.sign_in("eve@fan.sandbox.com", PASSWORD);
    assert_eq!(browser.step(), "login");
    assert!(
        browser.words().contains("another account"),
        "{}",
        browser.words()
    );
    assert_eq!(stored(&world), before);
    browser.sign_in(ADA, PASSWORD);
    assert_eq!(browser.step(), "success");
    assert_eq!(world.told(&link)["data"]["id"], first.as_str());
    assert_eq!(stored(&world)["clientReferenceId"], "two");
}

#[test]
fn a_reconnect_with_an_account_that_has_its_own_connection_touches_neither() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({}));
    linked(&world, "eve@fan.sandbox.com", &json!({}));
    let before = world.database().rows("SELECT * FROM connection");
    let link = world.link_with(&json!({ "connectionId": first }));
    let mut browser = Browser::at(&world, &link);
    browser.press("continue");
    browser.sign_in("eve@fan.sandbox.com", PASSWORD);
    assert_eq!(browser.step(), "login");
    assert_eq!(world.database().rows("SELECT * FROM connection"), before);
    // It was no wrong password.
    assert_ne!(world.status(&link), "failed");
}

#[test]
fn an_unknown_connection_makes_a_new_one() {
    let world = World::start();
    let made = linked(&world, ADA, &json!({ "connectionId": "conn_unknown" }));
    assert_ne!(made, "conn_unknown");
    assert_eq!(world.database().connections(), [made]);
}

#[test]
fn an_app_can_refuse_an_account_that_belongs_to_another_of_its_users() {
    let world = World::start();
    let first = linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    world.change_app(
        &world.developer().app,
        ClientAppChange {
            one_reference_per_account: Some(true),
            ..ClientAppChange::default()
        },
    );
    let before = stored(&world);
    let link = world.link_with(&json!({ "clientReferenceId": "two" }));
    let mut browser = Browser::at_login(&world, &link);
    browser.sign_in(ADA, PASSWORD);
    assert_eq!(browser.step(), "login", "{}", browser.words());
    assert!(
        browser.words().contains("someone else"),
        "{}",
        browser.words()
    );
    assert_eq!(stored(&world), before);
    // The same user may link it again.
    let again = linked(&world, ADA, &json!({ "clientReferenceId": "one" }));
    assert_eq!(again, first);
}
