//! `GET` and `DELETE /v2/link/{clientSecret}`.

use serde_json::json;

use crate::support::{Browser, HOUR, Link, PASSWORD, Request, World};

#[test]
fn the_status_follows_the_user_through_the_steps() {
    let world = World::start();
    let link = world.link();
    assert_eq!(world.told(&link), json!({ "status": "initialized" }));
    let mut browser = Browser::at(&world, &link);
    assert_eq!(world.status(&link), "initialized");
    browser.press("continue");
    assert_eq!(world.status(&link), "initialized");
    browser.press("continue");
    assert_eq!(world.status(&link), "initialized");
    browser.sign_in("ada@creator-otp.sandbox.com", "wrong");
    assert_eq!(world.status(&link), "invalid_credentials");
    browser.sign_in("ada@creator-otp.sandbox.com", PASSWORD);
    let told = world.told(&link);
    assert_eq!(told["status"], "awaiting_2fa");
    let state = &told["data"]["twoFactorState"];
    assert_eq!(state["options"], json!(["app"]), "{told}");
    assert_eq!(state.get("phoneCode"), None, "{told}");
    browser.enter_right_code();
    let told = world.told(&link);
    assert_eq!(told["status"], "completed");
    let user = told["data"]["userData"].as_object().unwrap();
    let mut fields: Vec<_> = user.keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["avatar", "id", "name", "username"]);
    assert!(user["id"].is_string() && user["name"].is_string());
    assert!(user["avatar"].is_string() || user["avatar"].is_null());
    assert_eq!(told["data"].get("session"), None);
}

#[test]
fn the_state_of_a_texted_code_is_told_in_full() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@creator-sms.sandbox.com");
    let wanted = json!({
        "status": "awaiting_2fa",
        "data": { "twoFactorState": {
            "options": ["phone"],
            "method": "phone",
            "attemptsLeft": 3,
            "phoneCode": {
                "requestAttemptsLimit": 3, "requestAttemptsLeft": 2, "requestSeconds": 0,
                "checkAttemptsLimit": 3, "checkAttemptsLeft": 3,
                "expirationDate": "2026-01-31T10:10:00.000Z", "expirationSeconds": 600,
                "lastSentDate": "2026-01-31T10:00:00.000Z"
            },
            "phoneLast4": "1234"
        } }
    });
    assert_eq!(world.told(&link), wanted);
}

#[test]
fn an_approval_elsewhere_is_told_as_face() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@creator-face.sandbox.com");
    let told = world.told(&link);
    let state = &told["data"]["twoFactorState"];
    assert_eq!(state["options"], json!(["face"]), "{told}");
    assert_eq!(state.get("phoneLast4"), None, "{told}");
}

#[test]
fn a_session_that_was_left_is_denied() {
    let world = World::start();
    let link = world.link();
    Browser::at_authorization(&world, &link).leave();
    assert_eq!(world.status(&link), "denied");
}

#[test]
fn metadata_comes_back_with_the_status() {
    let world = World::start();
    let link = world.link_with(&json!({ "metadata": { "plan": "gold", "ü": "🦀" } }));
    Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
    let told = world.told(&link);
    let wanted = json!({ "plan": "gold", "ü": "🦀" });
    assert_eq!(told["metadata"], wanted, "{told}");
}

#[test]
fn what_is_no_secret_of_ours_is_not_found() {
    let world = World::start();
    let key = &world.developer().key;
    let real = world.link().secret().to_owned();
    let mut other = real.clone();
    let last = other.pop().unwrap();
    other.push(if last == 'A' { 'E' } else { 'A' });
    let shapes = [
        "cs_".to_owned(),
        "x".to_owned(),
        "cs_unknown".to_owned(),
        format!("cs_{}", "A".repeat(54)),
        format!("{real}A"),
        format!("{real}%00"),
        "%ff".to_owned(),
        "cs_%2e%2e".to_owned(),
        other,
    ];
    for secret in shapes {
        let path = format!("/v2/link/{secret}");
        let answer = world.send(&Request::get(&path).header("apikey", key));
        assert_eq!(answer.expect(200).json(), json!({ "status": "not_found" }));
        let delete = Request::new("DELETE", &path).header("apikey", key);
        world.send(&delete).error(404, "RESOURCE_NOT_FOUND");
    }
}

#[test]
fn a_deleted_session_is_gone_by_api_and_by_page() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    assert_eq!(
        world.delete(&link).expect(200).json(),
        json!({ "success": true })
    );
    assert_eq!(world.status(&link), "not_found");
    world.delete(&link).error(404, "RESOURCE_NOT_FOUND");
    let page = world.get(link.url()).expect(404);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(browser.reload().status(), 404);
    assert!(
        browser
            .links()
            .iter()
            .all(|href| !href.contains("shop.example.com"))
    );
}

#[test]
fn a_step_after_the_deletion_does_nothing() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    world.delete(&link).expect(200);
    browser
        .fill("username", "ada@fan.sandbox.com")
        .fill("password", PASSWORD);
    let answer = browser.answer_to("continue");
    assert_eq!(answer.status, 404);
    assert!(world.database().connections().is_empty());
}

#[test]
fn a_completed_session_can_be_deleted_and_its_connection_stays() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
    world.delete(&link).expect(200);
    assert_eq!(world.status(&link), "not_found");
    world.get(link.url()).expect(404);
    assert_eq!(world.database().connections().len(), 1);
}

#[test]
fn an_ended_session_is_told_for_24_hours_and_then_no_more() {
    let world = World::start();
    let end = |email: &str, password: &str| -> Link {
        let link = world.link();
        let mut browser = Browser::at_login(&world, &link);
        browser.sign_in(email, password);
        link
    };
    let completed = end("ada@fan.sandbox.com", PASSWORD);
    let failed = end("ada@locked.sandbox.com", "x");
    let denied = world.link();
    Browser::at(&world, &denied).leave();
    let all = [
        (completed, "completed"),
        (failed, "failed"),
        (denied, "denied"),
    ];
    world.pass(24 * HOUR - 1);
    for (link, status) in &all {
        assert_eq!(world.status(link), *status);
    }
    world.pass(1);
    for (link, _) in &all {
        assert_eq!(world.status(link), "not_found");
    }
}

#[test]
fn an_unfinished_session_is_not_found_from_its_expiry_on() {
    let world = World::start();
    let fresh = world.link();
    let begun = world.link();
    Browser::at_login(&world, &begun);
    let waiting = world.link();
    Browser::signed_in_as(&world, &waiting, "ada@creator-otp.sandbox.com");
    world.pass(HOUR - 1);
    assert_eq!(world.status(&fresh), "initialized");
    assert_eq!(world.status(&begun), "initialized");
    assert_eq!(world.status(&waiting), "awaiting_2fa");
    world.pass(1);
    for link in [&fresh, &begun, &waiting] {
        assert_eq!(world.status(link), "not_found");
    }
}

#[test]
fn reading_the_status_changes_nothing() {
    let world = World::start();
    let link = world.link();
    Browser::at_login(&world, &link);
    let before = world.database().dump();
    for _ in 0..5 {
        world.told(&link);
    }
    world.pass(2 * HOUR);
    world.told(&link);
    assert_eq!(world.database().dump(), before);
}
