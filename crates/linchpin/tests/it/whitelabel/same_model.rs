//! One model: what the page's steps lead to, the calls lead to as well.

use serde_json::{Value, json};

use super::{Session, usual_app};
use crate::support::{Browser, CODE, Developer, PASSWORD, SECOND, World};

/// What is done after signing in.
enum Then {
    Nothing,
    Code(&'static str),
    Resend,
    Approved,
}

use Then::{Approved, Code, Nothing, Resend};

/// Sign-ins one after another, each with what is done after it.
type Scenario = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [Then],
);

const WRONG: (&str, &str) = ("ada@fan.sandbox.com", "wrong");
const DOWN: (&str, &str) = ("ada@unavailable.sandbox.com", "any");

const SCENARIOS: [Scenario; 14] = [
    (
        "creator",
        &[("ada@creator.sandbox.com", PASSWORD)],
        &[Nothing],
    ),
    ("fan", &[("ada@fan.sandbox.com", PASSWORD)], &[Nothing]),
    (
        "short-lived",
        &[("ada@short-lived.sandbox.com", PASSWORD)],
        &[Nothing],
    ),
    (
        "creator-otp",
        &[("ada@creator-otp.sandbox.com", PASSWORD)],
        &[Code("654321"), Code(CODE)],
    ),
    (
        "fan-otp",
        &[("ada@fan-otp.sandbox.com", PASSWORD)],
        &[Code("123 456")],
    ),
    (
        "creator-sms",
        &[("ada@creator-sms.sandbox.com", PASSWORD)],
        &[Resend, Code("000000"), Resend, Code(CODE)],
    ),
    (
        "wrong codes by text",
        &[("ada@fan-sms.sandbox.com", PASSWORD)],
        &[Code("000000"), Code("000000"), Code("000000")],
    ),
    (
        "wrong codes by app",
        &[("ada@fan-otp.sandbox.com", PASSWORD)],
        &[
            Code("000000"),
            Code("000000"),
            Code("000000"),
            Code("000000"),
            Code("000000"),
        ],
    ),
    (
        "creator-face",
        &[("ada@creator-face.sandbox.com", PASSWORD)],
        &[Approved],
    ),
    ("locked", &[("ada@locked.sandbox.com", "any")], &[Nothing]),
    ("unavailable", &[DOWN, DOWN, DOWN], &[Nothing]),
    (
        "wrong and right",
        &[WRONG, DOWN, WRONG, ("ada@fan.sandbox.com", PASSWORD)],
        &[Nothing],
    ),
    (
        "five wrong ones",
        &[WRONG, WRONG, WRONG, WRONG, WRONG],
        &[Nothing],
    ),
    (
        "no such account",
        &[("ada@example.com", PASSWORD)],
        &[Nothing],
    ),
];

/// What the status says, without the ids and times that differ.
fn compared(mut told: Value) -> Value {
    if let Some(id) = told.pointer_mut("/data/id") {
        *id = json!("conn_");
    }
    told
}

fn wait_until_completed(told: impl Fn() -> Value) {
    for _ in 0..200 {
        if told()["status"] == "completed" {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{}", told());
}

/// Each step on the page, with what the status says after it.
fn on_the_page(world: &World, scenario: &Scenario) -> Vec<Value> {
    let link = world.link();
    let mut browser = Browser::at_login(world, &link);
    let mut seen = Vec::new();
    for (email, password) in scenario.1 {
        browser.sign_in(email, password);
        seen.push(compared(world.told(&link)));
    }
    for then in scenario.2 {
        match then {
            Nothing => continue,
            Code(code) => drop(browser.enter_code(code)),
            Resend => drop(browser.press("resend")),
            Approved => {
                world.pass(3 * SECOND);
                wait_until_completed(|| world.told(&link));
            }
        }
        seen.push(compared(world.told(&link)));
    }
    seen
}

/// The same by API.
fn by_api(world: &World, app: &Developer, scenario: &Scenario) -> Vec<Value> {
    let session = Session::of(world, app);
    let mut seen = Vec::new();
    for (email, password) in scenario.1 {
        let answer = session.log_in(email, password).expect(200).json();
        assert_eq!(answer["data"], session.told(), "{}", scenario.0);
        seen.push(compared(session.told()));
    }
    for then in scenario.2 {
        match then {
            Nothing => continue,
            Code(code) => {
                let answer = session.code(code).expect(200).json();
                assert_eq!(answer["status"], session.told()["status"], "{answer}");
            }
            Resend => drop(session.sms().expect(200)),
            Approved => {
                world.pass(3 * SECOND);
                let told = session
                    .status_with("?wait=20&after=awaiting_2fa")
                    .expect(200);
                assert_eq!(told.json()["status"], "completed");
            }
        }
        seen.push(compared(session.told()));
    }
    seen
}

#[test]
fn every_scenario_goes_by_api_as_it_goes_on_the_page() {
    let world = World::start();
    let app = usual_app(&world, "sandbox");
    for scenario in &SCENARIOS {
        let shown = on_the_page(&world, scenario);
        assert_eq!(by_api(&world, &app, scenario), shown, "{}", scenario.0);
    }
}

#[test]
fn all_that_the_app_asks_for_is_granted_and_the_answers_are_those_of_the_contract() {
    let world = World::start();
    let session = Session::start(&world);
    let login = json!({ "email": "ada@creator-otp.sandbox.com", "password": PASSWORD });
    let answer = session.login_with(&login).expect(202).json();
    assert_eq!(
        answer,
        json!({ "success": true, "data": { "status": "pending" } })
    );
    let told = session
        .status_with("?wait=20&after=pending")
        .expect(200)
        .json();
    assert_eq!(told["status"], "awaiting_2fa");
    let factor = |left| json!({ "options": ["app"], "method": "app", "attemptsLeft": left });
    assert_eq!(told["data"], json!({ "twoFactorState": factor(5) }));
    let wrong = session.code("000000").expect(200).json();
    let wanted = json!({
        "success": false, "status": "awaiting_2fa", "error": "Invalid code", "data": { "twoFactorState": factor(4) }
    });
    assert_eq!(wrong, wanted);
    let right = session.code(CODE).expect(200).json();
    assert_eq!(
        (&right["success"], &right["status"]),
        (&json!(true), &json!("completed"))
    );
    let connection = &right["connection"];
    assert_eq!(connection["id"], session.told()["data"]["id"]);
    assert_eq!(connection["clientReferenceId"], "user_123");
    let granted = json!(["profile:read", "posts:read", "messages:write"]);
    assert_eq!(connection["permissions"], granted, "{connection}");
    let begun = ["begun_by_app", "password_submitted", "second_factor_wanted"];
    assert_eq!(world.database().events()[..3], begun);
}

#[test]
fn attempts_that_are_used_up_fail_the_session() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    for left in [2, 1] {
        let answer = session.code("000000").expect(200).json();
        let state = &answer["data"]["twoFactorState"]["phoneCode"];
        assert_eq!(state["checkAttemptsLeft"], left, "{answer}");
    }
    let answer = session.code("000000").expect(200).json();
    assert_eq!(answer["success"], false);
    assert_eq!(answer["status"], "failed");
    assert_eq!(answer["data"], json!({ "errorCode": "2fa_failed" }));
    let session = Session::start(&world);
    let down = session.log_in(DOWN.0, DOWN.1).expect(200).json();
    assert_eq!(
        (&down["success"], &down["data"]["status"]),
        (&json!(false), &json!("initialized"))
    );
    for _ in 0..4 {
        let answer = session.log_in(WRONG.0, WRONG.1).expect(200).json();
        assert_eq!(answer["success"], false);
        assert_eq!(answer["error"], "Invalid credentials");
        assert_eq!(answer["data"], json!({ "status": "invalid_credentials" }));
    }
    let answer = session.log_in(WRONG.0, WRONG.1).expect(200).json();
    let failed = json!({ "status": "failed", "data": { "errorCode": "invalid_credentials" } });
    assert_eq!(answer["data"], failed);
}
