//! The ways of the second factor: choosing one, texts, and approvals elsewhere.

use std::sync::atomic::Ordering;

use linchpin_provider::Method;
use serde_json::json;

use super::Session;
use crate::support::{CODE, SECOND, World};

#[test]
fn a_way_is_chosen_and_started() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ways@north");
    let factor = session.factor();
    assert_eq!(factor["options"], json!(["face", "phone", "app"]));
    assert_eq!(factor["phoneCode"]["requestAttemptsLeft"], 2);
    let chosen = session.method("phone").expect(200).json();
    assert_eq!(chosen["success"], true);
    let phone = &chosen["data"]["twoFactorState"]["phoneCode"];
    assert_eq!(phone["requestAttemptsLeft"], 1, "{chosen}");
    assert_eq!(phone["checkAttemptsLeft"], 3, "{chosen}");
    // A code without a way is of the way in use; one with a way chooses it.
    session.code("000000").expect(200);
    let app = json!({ "code": "000000", "method": "app" });
    let answer = session
        .send(&session.request("POST", "2fa/code").json(&app))
        .expect(200);
    assert_eq!(answer.json()["error"], "Invalid code");
    session.code("000000").expect(200);
    assert_eq!(
        *world.upstream().ways.lock().unwrap(),
        [Method::Phone, Method::App, Method::App]
    );
    // Texted codes allow three wrong ones in all, an authenticator's five.
    let used_up = session
        .method("phone")
        .field_error("method", "INVALID_VALUE");
    assert!(used_up.contains("face, app"), "{used_up}");
    session.method("face").expect(200);
    assert_eq!(session.status(), "awaiting_2fa");
    world.upstream().approves.store(true, Ordering::SeqCst);
    let told = session
        .status_with("?wait=20&after=awaiting_2fa")
        .expect(200)
        .json();
    assert_eq!(told["status"], "completed");
}

#[test]
fn a_code_without_a_way_is_of_one_that_takes_codes() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ways@north");
    let answer = session.code(CODE).expect(200).json();
    assert_eq!(answer["status"], "completed", "{answer}");
    assert_eq!(*world.upstream().ways.lock().unwrap(), [Method::Phone]);
}

#[test]
fn a_way_that_the_account_does_not_offer_is_refused_with_those_it_does() {
    let world = World::start();
    let app = Session::logged_in_as(&world, "ada@creator-otp.sandbox.com");
    let face = Session::logged_in_as(&world, "ada@creator-face.sandbox.com");
    let before = app.stored();
    for method in ["phone", "face", "forceFace"] {
        let message = app.method(method).field_error("method", "INVALID_VALUE");
        assert!(message.ends_with("it offers: app"), "{message}");
    }
    let message = app.sms().error(400, "BAD_REQUEST")["message"].clone();
    assert!(
        message.as_str().unwrap().contains("no phone factor"),
        "{message}"
    );
    let message = face.code(CODE).field_error("code", "INVALID_VALUE");
    assert!(message.contains("face"), "{message}");
    // What is chosen already stays.
    app.method("app").expect(200);
    face.method("face").expect(200);
    assert_eq!(app.stored(), before);
}

#[test]
fn texts_are_sent_within_the_providers_limits() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    for left in [1, 0] {
        let told = session.sms().expect(200).json();
        let state = &told["data"]["twoFactorState"];
        assert_eq!(state["phoneCode"]["requestAttemptsLeft"], left, "{told}");
        assert_eq!(told["data"], session.told()["data"]);
    }
    let before = session.stored();
    for answer in [session.sms(), session.method("phone")] {
        let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!(wait >= 1);
        answer.error(429, "RATE_LIMIT_EXCEEDED");
    }
    assert_eq!(session.stored(), before);
    assert_eq!(session.code(CODE).expect(200).json()["status"], "completed");
}

#[test]
fn between_two_texts_the_providers_pause_is_kept() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "code@north");
    let answer = session.sms();
    assert_eq!(answer.header("retry-after"), Some("30"));
    answer.error(429, "RATE_LIMIT_EXCEEDED");
    // The text that was sent by itself is still good, so nothing stands against choosing it.
    let chosen = session.method("phone").expect(200).json();
    let phone = &chosen["data"]["twoFactorState"]["phoneCode"];
    assert_eq!(phone["requestAttemptsLeft"], 2);
    world.pass(30 * SECOND);
    let told = session.sms().expect(200).json();
    assert_eq!(
        told["data"]["twoFactorState"]["phoneCode"]["requestAttemptsLeft"],
        1
    );
    world.pass(600 * SECOND);
    let expired = session.code(CODE).expect(200).json();
    assert_eq!(expired["status"], "awaiting_2fa");
    assert!(
        expired["error"].as_str().unwrap().contains("expired"),
        "{expired}"
    );
}
