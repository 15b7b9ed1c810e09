//! Signing in on our pages, as a person does.

use serde_json::json;

use super::{API, Platforms, SITE};
use crate::{
    access::Tie,
    support::{Browser, CALLBACK, Request},
    webhooks::until,
};

#[test]
fn an_account_is_linked_and_tells_whose_it_is() {
    let Some(platforms) = Platforms::start("an account is linked") else {
        return;
    };
    for (provider, second_factor) in [(SITE, true), (SITE, false), (API, false)] {
        let account = platforms.site.account(second_factor);
        let link = platforms.begin(provider);
        let tie = platforms.finish(&link, &account);
        let told = platforms.told(&link);
        assert_eq!(told["status"], "completed", "{told}");
        let user = &told["data"]["userData"];
        assert_eq!(user["id"], account.id(), "{provider}");
        assert_eq!(user["username"], account.text("username"), "{provider}");
        assert_eq!(user["name"], "Ada Lovelace <&> Łódź", "{provider}");
        let profile = platforms.world.send(&tie.profile()).expect(200).json();
        for field in ["id", "name", "username", "avatar"] {
            assert_eq!(profile[field], user[field], "{provider}, {field}");
        }
        let email = format!("{}@example.com", account.text("username"));
        assert_eq!(profile["email"], json!(email), "{provider}");
    }
}

#[test]
fn a_wrong_password_is_said_at_the_form_and_the_right_one_still_links() {
    let Some(platforms) = Platforms::start("a wrong password") else {
        return;
    };
    for provider in [SITE, API] {
        let account = platforms.site.account(false);
        let link = platforms.begin(provider);
        let mut browser = Browser::at(&platforms.world, &link);
        while browser.step() != "login" {
            browser.press("continue");
        }
        browser.sign_in(account.text("username"), "wrong");
        assert_eq!(browser.step(), "login", "{provider}");
        let words = browser.words();
        assert!(words.contains("do not match"), "{provider}: {words}");
        browser.sign_in(account.text("username"), account.text("password"));
        assert_eq!(browser.step(), "success", "{provider}: {}", browser.words());
    }
}

#[test]
fn a_wrong_code_can_be_followed_by_the_right_one_as_soon_as_the_platform_looks_again() {
    let Some(platforms) = Platforms::start("a wrong code") else {
        return;
    };
    let account = platforms.site.account(true);
    let link = platforms.begin(SITE);
    let mut browser = platforms.signed_in(&link, &account);
    assert_eq!(browser.step(), "2fa");
    let state = platforms.told(&link)["data"]["twoFactorState"].clone();
    assert_eq!(state["options"], json!(["app"]), "{state}");
    let wrong = if account.code() == "000000" {
        "111111"
    } else {
        "000000"
    };
    browser.enter_code(wrong).wait_while("checking");
    assert_eq!(browser.step(), "2fa", "{}", browser.words());
    assert!(browser.words().contains("code"), "{}", browser.words());
    account.operator("look_at_no_code");
    browser.enter_code(&account.code()).wait_while("checking");
    assert_eq!(browser.step(), "2fa", "{}", browser.words());
    account.operator("forget_attempts");
    let code = account.code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    browser.enter_code(&spaced).wait_while("checking");
    assert_eq!(browser.step(), "success", "{}", browser.words());
}

#[test]
fn an_account_that_the_platform_has_locked_ends_the_session_with_account_locked() {
    let Some(platforms) = Platforms::start("a locked account") else {
        return;
    };
    for provider in [SITE, API] {
        let account = platforms.site.account(false);
        account.operator("lock");
        let link = platforms.begin(provider);
        let browser = platforms.signed_in(&link, &account);
        let ended = "status=error&error_code=account_locked&client_reference_id=user_123";
        assert_eq!(
            browser.left_to(),
            format!("{CALLBACK}?{ended}"),
            "{provider}"
        );
    }
}

#[test]
fn signing_in_again_keeps_the_connection_and_another_account_is_refused() {
    let Some(platforms) = Platforms::start("signing in again") else {
        return;
    };
    for provider in [SITE, API] {
        let account = platforms.site.account(provider == SITE);
        let tie = platforms.linked(provider, &account);
        account.operator("forget_attempts");
        let fields = json!({ "provider": provider, "connectionId": tie.id });
        let link = platforms.world.link_of(&platforms.developer, &fields);
        let other = platforms.site.account(false);
        let mut browser = platforms.signed_in(&link, &other);
        assert_ne!(browser.step(), "success", "{provider}");
        assert_eq!(platforms.told(&link)["status"], "initialized", "{provider}");
        until("the other account is signed out again", || {
            other.alive() == (0, 0)
        });
        while browser.step() != "login" {
            browser.press("continue");
        }
        browser.sign_in(account.text("username"), account.text("password"));
        if browser.step() == "2fa" {
            browser.enter_code(&account.code()).wait_while("checking");
        }
        assert_eq!(browser.step(), "success", "{provider}: {}", browser.words());
        assert_eq!(platforms.told(&link)["data"]["id"], tie.id.as_str());
    }
}

#[test]
fn a_session_of_a_browser_and_tokens_of_an_application_are_taken_over() {
    let Some(platforms) = Platforms::start("sessions of elsewhere") else {
        return;
    };
    for provider in [SITE, API] {
        let account = platforms.site.account(false);
        let made = account.operator("sign_in_elsewhere");
        let text = |name: &str| made[name].as_str().unwrap();
        let session = match provider {
            SITE => json!({
                "cookie": format!("theme=dark; sessionid={}", text("sessionid")),
                "userAgent": "Browser/1",
            }),
            _ => json!({ "accessToken": text("access"), "refreshToken": text("refresh") }),
        };
        let mut body = json!({ "provider": provider, "permissions": ["notes:read"] });
        let object = body.as_object_mut().unwrap();
        object.extend(session.as_object().unwrap().clone());
        let key = platforms.developer.key.clone();
        let import = Request::post("/v2/account/connections/import").header("apikey", &key);
        let import = import.json(&body);
        let told = platforms.world.send(&import).expect(200).json();
        assert_eq!(told["userData"]["id"], account.id(), "{provider}");
        let id = told["id"].as_str().unwrap().to_owned();
        let tie = Tie { key, id };
        platforms
            .world
            .send(&tie.call("GET", "/notes/"))
            .expect(200);
        account.operator("end_sessions");
        let again = platforms.world.send(&import);
        assert!(
            matches!(again.status, 400 | 409),
            "{provider}: {}",
            again.text()
        );
    }
}
