//! Calls that are not due, sessions of the other kind, and calls at the same moment.

use serde_json::json;

use super::{Session, usual_app};
use crate::support::{CODE, HOUR, PASSWORD, Request, World};

/// Every call that changes something, by what it is taken in.
fn calls(session: &Session<'_>) -> [(&'static str, Request); 4] {
    let login = json!({ "username": "ada@fan.sandbox.com", "password": PASSWORD, "wait": 5 });
    [
        ("initialized", session.request("POST", "login").json(&login)),
        (
            "awaiting_2fa",
            session
                .request("POST", "2fa/code")
                .json(&json!({ "code": CODE })),
        ),
        ("awaiting_2fa", session.request("PATCH", "2fa/sms")),
        (
            "awaiting_2fa",
            session
                .request("PATCH", "2fa/method")
                .json(&json!({ "method": "phone" })),
        ),
    ]
}

#[test]
fn a_call_that_is_not_due_is_told_the_state_and_changes_nothing() {
    let world = World::start();
    let developer = usual_app(&world, "sandbox");
    let fresh = Session::of(&world, &developer);
    let waits = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    let done = Session::logged_in_as(&world, "ada@fan.sandbox.com");
    let failed = Session::logged_in_as(&world, "ada@locked.sandbox.com");
    let checked = Session::of(&world, &developer);
    let slow = json!({ "username": "ada@slow.sandbox.com", "password": PASSWORD });
    checked.login_with(&slow).expect(202);
    let sessions = [
        ("pending", &checked),
        ("initialized", &fresh),
        ("awaiting_2fa", &waits),
        ("completed", &done),
        ("failed", &failed),
    ];
    for (state, session) in sessions {
        assert_eq!(session.status(), state);
        let before = session.stored();
        for (due, call) in calls(session) {
            if due == state {
                continue;
            }
            let error = session.send(&call).error(409, "CONFLICT");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(&format!("`{state}`")), "{message}");
        }
        assert_eq!(session.stored(), before, "{state}");
    }
}

#[test]
fn a_hosted_session_is_not_driven_by_calls_nor_a_whitelabel_one_by_pages() {
    let world = World::start();
    let hosted = Session {
        world: &world,
        key: world.developer().key.clone(),
        app: world.developer().app.clone(),
        link: world.link(),
    };
    let before = hosted.stored();
    for (_, call) in calls(&hosted) {
        hosted.send(&call).error(409, "CONFLICT");
    }
    hosted
        .status_with("?wait=50&after=initialized")
        .error(409, "CONFLICT");
    assert_eq!(hosted.stored(), before);
    let session = Session::start(&world);
    // But for its own address, the page is that of a link which nobody has.
    let page = |secret: &str| {
        let shown = world.get(&format!("/{secret}"));
        (shown.status, shown.text().replace(secret, "cs_"))
    };
    let unknown = page(&format!("cs_{}", "A".repeat(54)));
    for step in ["before", "in between"] {
        assert_eq!(page(session.link.secret()), unknown, "{step}");
        session.log_in("ada@creator-otp.sandbox.com", PASSWORD);
    }
}

#[test]
fn what_is_gone_is_unknown() {
    let world = World::start();
    let deleted = Session::start(&world);
    world.delete_with(&deleted.key, &deleted.link).expect(200);
    let expired = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    world.pass(HOUR);
    for session in [deleted, expired] {
        let before = session.stored();
        for (_, call) in calls(&session) {
            session.send(&call).error(404, "RESOURCE_NOT_FOUND");
        }
        assert_eq!(
            session.status_with("?wait=50").expect(200).json(),
            json!({ "status": "not_found" })
        );
        assert_eq!(session.stored(), before);
    }
}

#[test]
fn of_calls_at_the_same_moment_one_is_taken() {
    let world = World::start();
    let session = Session::start(&world);
    let slow = json!({ "username": "ada@slow.sandbox.com", "password": PASSWORD });
    let login = session.request("POST", "login").json(&slow);
    let sms = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    let code = sms
        .request("POST", "2fa/code")
        .json(&json!({ "code": "000000" }));
    let at_once = |request: &Request| {
        let (to, request) = (world.address(), request.clone());
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let request = request.clone();
                std::thread::spawn(move || request.send(to))
            })
            .collect();
        let answers = calls.into_iter().map(|call| call.join().unwrap());
        answers.collect::<Vec<_>>()
    };
    let answers = at_once(&login);
    assert_eq!(
        answers.iter().filter(|answer| answer.status == 202).count(),
        1
    );
    for answer in answers.into_iter().filter(|answer| answer.status != 202) {
        let message = answer.error(409, "CONFLICT")["message"].clone();
        assert!(message.as_str().unwrap().contains("`pending`"), "{message}");
    }
    assert_eq!(world.database().count_of("begun_by_app"), 2);
    // Wrong codes at the same moment cost as many tries as were taken, and no more.
    let taken = at_once(&code)
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    let submitted = world.database().count_of("code_submitted");
    assert!(taken >= 1);
    assert_eq!(
        (taken, submitted),
        (submitted, world.database().count_of("wrong_code"))
    );
}

#[test]
fn a_login_that_is_repeated_with_its_idempotency_key_is_no_second_attempt() {
    let world = World::start();
    let session = Session::start(&world);
    let with = |key: &str, password: &str, wait: Option<u8>| {
        let body = json!({ "username": "ada@fan.sandbox.com", "password": password, "wait": wait });
        let request = session.request("POST", "login").json(&body);
        session.send(&request.header("idempotency-key", key))
    };
    let first = with("one", "wrong", None).expect(202).text();
    session.status_with("?wait=20").expect(200);
    assert_eq!(with("one", "wrong", None).expect(202).text(), first);
    with("one", PASSWORD, None).error(422, "IDEMPOTENCY_MISMATCH");
    assert_eq!(world.database().count_of("password_submitted"), 1);
    assert_eq!(session.status(), "invalid_credentials");
    let right = with("two", PASSWORD, Some(20)).expect(200).text();
    assert_eq!(with("two", PASSWORD, Some(20)).expect(200).text(), right);
    assert_eq!(world.database().count_of("password_submitted"), 2);
    // What was refused frees its key.
    with("three", PASSWORD, None).error(409, "CONFLICT");
    with("three", "other", None).error(409, "CONFLICT");
    with("", PASSWORD, None).field_error("Idempotency-Key", "INVALID_VALUE");
}
