//! What the calls take, and what is wrong with what they do not.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use super::{Session, usual_app};
use crate::support::{PASSWORD, World};

fn login(changes: &Value) -> Value {
    let mut body = json!({ "username": "wrong@north", "password": PASSWORD, "wait": 20 });
    let object = body.as_object_mut().unwrap();
    object.extend(changes.as_object().unwrap().clone());
    object.retain(|_, value| !value.is_null());
    body
}

#[test]
fn a_login_with_something_wrong_in_it_is_no_attempt() {
    let world = World::start();
    let session = Session::of(&world, &usual_app(&world, "live"));
    let long = "x".repeat(1_025);
    let wrong = [
        (json!({ "username": null }), "username", "REQUIRED"),
        (json!({ "email": "ada@north" }), "email", "INVALID_VALUE"),
        (json!({ "username": " " }), "username", "INVALID_VALUE"),
        (json!({ "username": long }), "username", "INVALID_VALUE"),
        (json!({ "username": 7 }), "username", "INVALID_VALUE"),
        (json!({ "password": null }), "password", "REQUIRED"),
        (json!({ "password": "" }), "password", "INVALID_VALUE"),
        (json!({ "password": 7 }), "password", "INVALID_VALUE"),
        (
            json!({ "passwordEncoding": "hex" }),
            "passwordEncoding",
            "INVALID_VALUE",
        ),
        (
            json!({ "passwordEncoding": "base64", "password": "not base64" }),
            "password",
            "INVALID_VALUE",
        ),
        (
            json!({ "passwordEncoding": "base64", "password": "YQ" }),
            "password",
            "INVALID_VALUE",
        ),
        (
            json!({ "passwordEncoding": "base64", "password": "/w==" }),
            "password",
            "INVALID_VALUE",
        ),
        (json!({ "passwrd": "x" }), "passwrd", "UNKNOWN_FIELD"),
        (json!({ "wait": 0 }), "wait", "INVALID_VALUE"),
        (json!({ "wait": 56 }), "wait", "INVALID_VALUE"),
        (json!({ "wait": "5" }), "wait", "INVALID_VALUE"),
        (
            json!({ "provider": "sandbox" }),
            "provider",
            "INVALID_VALUE",
        ),
        (json!({ "proxy": "x" }), "proxy", "INVALID_VALUE"),
        (
            json!({ "proxy": { "geo": {} } }),
            "proxy.geo.country",
            "REQUIRED",
        ),
        (
            json!({ "proxy": { "geo": { "country": "XX1" } } }),
            "proxy.geo.country",
            "INVALID_VALUE",
        ),
        // As at init: nothing of the live environment leaves from elsewhere.
        (
            json!({ "proxy": { "geo": { "country": "US" } } }),
            "proxy.geo",
            "GEOLOCATION_UNAVAILABLE",
        ),
    ];
    for (changes, field, code) in wrong {
        let answer = session.login_with(&login(&changes));
        let text = answer.text();
        answer.field_error(field, code);
        assert!(!text.contains(PASSWORD), "{text}");
    }
    assert_eq!(session.status(), "initialized");
    assert!(world.upstream().received().is_empty());
    assert!(world.database().events().is_empty());
}

#[test]
fn a_password_reaches_the_provider_byte_for_byte() {
    let world = World::start();
    let session = Session::of(&world, &usual_app(&world, "live"));
    let passwords = [" a\u{301}🔑\"\\ ", "x\ny\u{0}"];
    for password in passwords {
        session
            .login_with(&login(
                &json!({ "password": password, "provider": "north" }),
            ))
            .expect(200);
        let encoded =
            json!({ "password": STANDARD.encode(password), "passwordEncoding": "base64" });
        session.login_with(&login(&encoded)).expect(200);
    }
    let twice = passwords.map(|password| [password; 2]).concat();
    assert_eq!(world.upstream().received(), twice);
}

#[test]
fn a_proxy_of_ones_own_is_taken_only_where_an_operator_has_allowed_it_and_never_at_a_private_address()
 {
    let world = World::start();
    let session = Session::start(&world);
    let with = |session: &Session<'_>, url: &str| {
        let account = json!({ "username": "ada@fan.sandbox.com", "proxy": { "url": url } });
        session.login_with(&login(&account))
    };
    let good = "socks5://user:canary-pass@proxy.example.com:1080";
    let refused = with(&session, good).field_error("proxy.url", "INVALID_VALUE");
    assert!(refused.contains("--dangerous-custom-proxy"), "{refused}");
    let allow = || ClientAppChange {
        dangerous_custom_proxy: Some(true),
        ..ClientAppChange::default()
    };
    session.set_app(allow());
    for bad in [
        "http://10.1.2.3:8080",
        "socks5://user:canary-pass@127.1:1080",
        "ftp://proxy.example.com",
        "x",
    ] {
        let answer = with(&session, bad);
        assert!(!answer.text().contains("canary-pass"));
        answer.field_error("proxy.url", "INVALID_VALUE");
    }
    assert_eq!(session.status(), "initialized");
    let both = json!({
        "username": "ada@fan.sandbox.com",
        "proxy": { "url": good, "geo": { "country": "DE" } },
    });
    let told = session.login_with(&login(&both));
    told.field_error("proxy.geo", "INVALID_VALUE");
    assert_eq!(session.status(), "initialized");
    // In the sandbox nothing leaves the machine, so that no name is looked up.
    with(&session, good).expect(200);
    assert_eq!(session.status(), "completed");
}

#[test]
fn the_other_calls_are_read_as_strictly() {
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@creator-sms.sandbox.com");
    let before = session.stored();
    let wrong = [
        ("POST", "2fa/code", json!({}), "code", "REQUIRED"),
        (
            "POST",
            "2fa/code",
            json!({ "code": "1 2" }),
            "code",
            "INVALID_VALUE",
        ),
        (
            "POST",
            "2fa/code",
            json!({ "code": 123_456 }),
            "code",
            "INVALID_VALUE",
        ),
        (
            "POST",
            "2fa/code",
            json!({ "code": "123456", "method": "face" }),
            "method",
            "INVALID_VALUE",
        ),
        (
            "POST",
            "2fa/code",
            json!({ "code": "123456", "method": "app" }),
            "method",
            "INVALID_VALUE",
        ),
        (
            "PATCH",
            "2fa/sms",
            json!({ "force": true }),
            "force",
            "UNKNOWN_FIELD",
        ),
        ("PATCH", "2fa/method", json!({}), "method", "REQUIRED"),
        (
            "PATCH",
            "2fa/method",
            json!({ "method": "mail" }),
            "method",
            "INVALID_VALUE",
        ),
    ];
    for (method, rest, body, field, code) in wrong {
        session
            .send(&session.request(method, rest).json(&body))
            .field_error(field, code);
    }
    for (query, field) in [
        ("?wait=0", "wait"),
        ("?wait=56", "wait"),
        ("?wait=x", "wait"),
        ("?after=not_found&wait=5", "after"),
        ("?after=nothing", "after"),
    ] {
        session
            .status_with(query)
            .field_error(field, "INVALID_VALUE");
    }
    session
        .status_with("?until=done")
        .field_error("until", "UNKNOWN_FIELD");
    assert_eq!(session.stored(), before);
}
