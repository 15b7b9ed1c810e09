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
    // No text was sent so far: the account's usual way is another.
    assert_eq!(factor["phoneCode"]["requestAttemptsLeft"], 3);
    assert_eq!(factor["phoneCode"]["expirationSeconds"], 0);
    let chosen = session.method("phone").expect(200).json();
    assert_eq!(chosen["success"], true);
    let phone = &chosen["data"]["twoFactorState"]["phoneCode"];
    assert_eq!(phone["requestAttemptsLeft"], 2, "{chosen}");
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
    session.sms().expect(200);
    let answer = session.sms();
    assert_eq!(answer.header("retry-after"), Some("30"));
    answer.error(429, "RATE_LIMIT_EXCEEDED");
    // The text that was sent last is still good, so nothing stands against choosing it.
    session.method("app").expect(200);
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

#[test]
fn codes_by_email_are_told_and_sent_again_within_the_providers_limits() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "mail@north");
    let factor = session.factor();
    assert_eq!(factor["method"], "email");
    assert_eq!(factor["emailHint"], "a…@<b>example.com");
    assert_eq!(factor["attemptsLeft"], 3);
    assert_eq!(factor["emailCode"]["requestAttemptsLeft"], 2);
    assert_eq!(factor["emailCode"]["requestSeconds"], 30);
    assert_eq!(factor.get("phoneCode"), None);
    let resend = |body| session.send(&session.request("PATCH", "2fa/code").json(&body));
    assert_eq!(resend(json!({})).header("retry-after"), Some("30"));
    for body in [json!({}), json!({ "method": "email" })] {
        world.pass(30 * SECOND);
        resend(body).expect(200);
    }
    world.pass(30 * SECOND);
    let answer = resend(json!({}));
    answer.error(429, "RATE_LIMIT_EXCEEDED");
    let sent = [Method::Email, Method::Email];
    assert_eq!(*world.upstream().asked.lock().unwrap(), sent);
    resend(json!({ "method": "phone" })).field_error("method", "INVALID_VALUE");
    resend(json!({ "method": "app" })).field_error("method", "INVALID_VALUE");
    assert_eq!(session.code(CODE).expect(200).json()["status"], "completed");
}

#[test]
fn a_question_and_a_picture_are_told_and_answered_in_words() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "many@north");
    let resend = session.request("PATCH", "2fa/code").json(&json!({}));
    let message = session.send(&resend).field_error("method", "INVALID_VALUE");
    assert!(message.contains("app"), "{message}");
    let told = session.method("question").expect(200).json();
    let factor = &told["data"]["twoFactorState"];
    assert_eq!(factor["prompt"]["text"], "Which <b>pet</b> was your first?");
    assert_eq!(factor["attemptsLeft"], 5);
    session.code(" \n").field_error("code", "INVALID_VALUE");
    let wrong = session.code("no").expect(200).json();
    assert_eq!(wrong["data"]["twoFactorState"]["attemptsLeft"], 4);
    let right = session.code("A blue-green whale").expect(200).json();
    assert_eq!(right["status"], "completed", "{right}");

    let shown = Session::logged_in_as(&world, "shown@north").factor();
    assert_eq!(shown["options"], json!(["shown"]));
    assert_eq!(shown["prompt"]["picture"], "data:image/png;base64,AAAA");
}

#[test]
fn a_way_that_the_provider_does_not_start_is_told() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "stuck@north");
    for way in ["face", "email"] {
        session.method(way).error(502, "PROXY_ERROR");
    }
    assert_eq!(session.factor()["method"], "email");
    session.method("app").error(502, "PROXY_ERROR");
    assert_eq!(session.code(CODE).expect(200).json()["status"], "completed");
}
