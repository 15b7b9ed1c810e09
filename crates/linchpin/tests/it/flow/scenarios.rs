//! Every account of the sandbox, from the link to the callback.

use std::time::Duration;

use crate::support::{Browser, CALLBACK, PASSWORD, SECOND, World};

#[track_caller]
fn succeeds(world: &World, browser: &mut Browser<'_>, link: &crate::support::Link) -> String {
    assert_eq!(browser.step(), "success", "{}", browser.words());
    assert_eq!(browser.status(), 200);
    // The page without scripts goes on by itself, by the same way as its link.
    let link_back = browser.return_link().unwrap();
    assert_eq!(browser.refresh(), link_back);
    browser.go_back_to_app();
    let told = world.told(link);
    assert_eq!(told["status"], "completed", "{told}");
    let connection = told["data"]["id"].as_str().unwrap().to_owned();
    assert!(connection.starts_with("conn_"), "{connection}");
    assert_eq!(
        browser.left_to(),
        format!(
            "{CALLBACK}?status=success&connection_id={connection}&client_reference_id=user_123"
        )
    );
    connection
}

#[test]
fn an_account_without_a_second_factor_is_connected() {
    let world = World::start();
    for email in [
        "ada@creator.sandbox.com",
        "ada@fan.sandbox.com",
        "ada@short-lived.sandbox.com",
    ] {
        let link = world.link();
        let mut browser = Browser::signed_in_as(&world, &link, email);
        succeeds(&world, &mut browser, &link);
    }
}

#[test]
fn an_account_with_a_code_is_connected() {
    let world = World::start();
    for email in [
        "ada@creator-otp.sandbox.com",
        "ada@fan-otp.sandbox.com",
        "ada@creator-sms.sandbox.com",
        "ada@fan-sms.sandbox.com",
    ] {
        let link = world.link();
        let mut browser = Browser::signed_in_as(&world, &link, email);
        assert_eq!(browser.step(), "2fa");
        assert_eq!(world.status(&link), "awaiting_2fa");
        browser.enter_right_code();
        succeeds(&world, &mut browser, &link);
    }
}

#[test]
fn a_pasted_code_may_have_spaces_and_dashes() {
    let world = World::start();
    for code in ["123 456", " 123-456 ", "1 2 3 4 5 6"] {
        let link = world.link();
        let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-otp.sandbox.com");
        browser.enter_code(code);
        succeeds(&world, &mut browser, &link);
    }
}

#[test]
fn the_same_address_is_the_same_account_however_it_is_typed() {
    let world = World::start();
    let mut connections = Vec::new();
    for email in ["ada@fan.sandbox.com", "  ADA@Fan.Sandbox.COM "] {
        let link = world.link();
        let mut browser = Browser::signed_in_as(&world, &link, email);
        connections.push(succeeds(&world, &mut browser, &link));
        let told = world.told(&link);
        // The decimal of the first 48 bits of the SHA-256 of the address.
        assert_eq!(told["data"]["userData"]["id"], expected_id(), "{told}");
    }
    assert_eq!(connections[0], connections[1]);
}

fn expected_id() -> String {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(b"ada@fan.sandbox.com");
    let mut wide = [0_u8; 8];
    wide[2..].copy_from_slice(&hash[..6]);
    u64::from_be_bytes(wide).to_string()
}

#[test]
fn an_approval_elsewhere_completes_by_itself() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-face.sandbox.com");
    assert_eq!(browser.step(), "2fa");
    assert_eq!(world.status(&link), "awaiting_2fa");
    // Nobody looks at the page in the meantime.
    world.pass(3 * SECOND);
    for _ in 0..50 {
        if world.status(&link) == "completed" {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    browser.wait_while("2fa");
    succeeds(&world, &mut browser, &link);
}

#[test]
fn an_approval_is_not_granted_before_its_time() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-face.sandbox.com");
    world.pass(3 * SECOND - 1);
    std::thread::sleep(Duration::from_millis(2_200));
    assert_eq!(world.status(&link), "awaiting_2fa");
    let again = browser.refresh();
    browser.open(&again);
    assert_eq!(browser.step(), "2fa");
}

#[test]
fn a_slow_account_shows_that_it_is_being_checked_and_then_goes_on() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "ada@slow.sandbox.com")
        .fill("password", PASSWORD);
    browser.press("continue");
    assert_eq!(browser.step(), "checking");
    assert_eq!(world.status(&link), "pending");
    browser.wait_while("checking");
    succeeds(&world, &mut browser, &link);
    assert_eq!(world.database().count_of("password_submitted"), 1);
}

#[test]
fn a_locked_account_ends_with_account_locked() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.sign_in("ada@locked.sandbox.com", "anything");
    assert_eq!(
        browser.left_to(),
        format!("{CALLBACK}?status=error&error_code=account_locked&client_reference_id=user_123")
    );
    let told = world.told(&link);
    assert_eq!(told["status"], "failed");
    assert_eq!(told["data"]["errorCode"], "account_locked");
}

#[test]
fn an_unavailable_provider_may_be_tried_again_until_the_third_time_in_a_row() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    for _ in 0..2 {
        browser.sign_in("ada@unavailable.sandbox.com", "anything");
        assert_eq!(browser.step(), "login");
        assert!(browser.words().contains("try again"), "{}", browser.words());
        assert_eq!(
            browser.form().value("username"),
            Some("ada@unavailable.sandbox.com")
        );
    }
    browser.sign_in("ada@unavailable.sandbox.com", "anything");
    assert_eq!(
        browser.left_to(),
        format!(
            "{CALLBACK}?status=error&error_code=provider_unavailable&client_reference_id=user_123"
        )
    );
    assert_eq!(
        world.told(&link)["data"]["errorCode"],
        "provider_unavailable"
    );
}

#[test]
fn an_answer_in_between_makes_the_count_of_unavailable_begin_anew() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    for _ in 0..3 {
        browser.sign_in("ada@unavailable.sandbox.com", "x");
        browser.sign_in("ada@fan.sandbox.com", "wrong");
        assert_eq!(browser.step(), "login");
    }
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    succeeds(&world, &mut browser, &link);
}

#[test]
fn five_wrong_passwords_end_the_session() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    for wrong in 1..=4 {
        let password = format!("wrong-password-{wrong}");
        browser.sign_in("Ada+1@fan.sandbox.com", &password);
        assert_eq!(browser.step(), "login");
        assert_eq!(world.status(&link), "invalid_credentials");
        let form = browser.form();
        assert_eq!(form.value("username"), Some("Ada+1@fan.sandbox.com"));
        assert!(matches!(form.value("password"), None | Some("")));
        assert!(!browser.html().contains(&password));
        let tries = if wrong == 4 { "One try" } else { "tries" };
        assert!(browser.words().contains(tries), "{}", browser.words());
    }
    browser.sign_in("Ada+1@fan.sandbox.com", "wrong-password-5");
    assert_eq!(
        browser.left_to(),
        format!(
            "{CALLBACK}?status=error&error_code=invalid_credentials&client_reference_id=user_123"
        )
    );
    let told = world.told(&link);
    assert_eq!(told["status"], "failed");
    assert_eq!(told["data"]["errorCode"], "invalid_credentials");
    assert!(world.database().connections().is_empty());
}

#[test]
fn the_fifth_password_may_still_be_right() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    for _ in 0..4 {
        browser.sign_in("ada@fan.sandbox.com", "wrong");
    }
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    succeeds(&world, &mut browser, &link);
}

#[test]
fn an_address_of_no_scenario_is_wrong_credentials_with_a_hint() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser.sign_in("ada@example.com", PASSWORD);
    assert_eq!(browser.step(), "login");
    assert!(
        browser.words().contains("test accounts"),
        "{}",
        browser.words()
    );
    assert_eq!(world.status(&link), "invalid_credentials");
}

#[test]
fn a_form_without_a_username_or_password_is_no_attempt() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "ada@fan.sandbox.com")
        .press("continue");
    assert_eq!(browser.step(), "login");
    assert_eq!(
        browser.form().value("username"),
        Some("ada@fan.sandbox.com")
    );
    browser
        .fill("username", " ")
        .fill("password", PASSWORD)
        .press("continue");
    assert_eq!(browser.step(), "login");
    assert_eq!(world.database().count_of("password_submitted"), 0);
    assert_eq!(world.status(&link), "initialized");
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    succeeds(&world, &mut browser, &link);
}

#[test]
fn five_wrong_authenticator_codes_end_with_2fa_failed() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-otp.sandbox.com");
    for _ in 0..4 {
        browser.enter_code("654321");
        assert_eq!(browser.step(), "2fa");
        assert!(!browser.html().contains("654321"));
        assert_eq!(world.status(&link), "awaiting_2fa");
    }
    browser.enter_code("654321");
    assert_eq!(
        browser.left_to(),
        format!("{CALLBACK}?status=error&error_code=2fa_failed&client_reference_id=user_123")
    );
    assert_eq!(world.told(&link)["data"]["errorCode"], "2fa_failed");
}

#[test]
fn three_wrong_texted_codes_end_with_2fa_failed() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@fan-sms.sandbox.com");
    assert!(browser.words().contains("1234"), "{}", browser.words());
    for wrong in 1..=2 {
        browser.enter_code("654321");
        assert_eq!(browser.step(), "2fa");
        let state = &world.told(&link)["data"]["twoFactorState"];
        assert_eq!(
            state["phoneCode"]["checkAttemptsLeft"],
            3 - wrong,
            "{state}"
        );
    }
    browser.enter_code("654321");
    assert!(browser.left_to().contains("error_code=2fa_failed"));
}

#[test]
fn a_form_without_a_code_is_no_attempt() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-otp.sandbox.com");
    browser.enter_code("  ");
    assert_eq!(browser.step(), "2fa");
    assert_eq!(world.database().count_of("code_submitted"), 0);
    browser.enter_right_code();
    succeeds(&world, &mut browser, &link);
}

#[test]
fn a_text_can_be_sent_again_twice() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-sms.sandbox.com");
    let left = || {
        let told = world.told(&link);
        let state = told["data"]["twoFactorState"].clone();
        assert_eq!(state["options"], serde_json::json!(["phone"]), "{state}");
        assert_eq!(state["phoneLast4"], "1234");
        assert_eq!(state["phoneCode"]["requestAttemptsLimit"], 3);
        assert_eq!(state["phoneCode"]["checkAttemptsLimit"], 3);
        state["phoneCode"]["requestAttemptsLeft"].as_i64().unwrap()
    };
    // The first text was sent by itself and counts.
    assert_eq!(left(), 2);
    browser.press("resend");
    assert_eq!(left(), 1);
    world.pass(60 * SECOND);
    browser.reload().press("resend");
    assert_eq!(left(), 0);
    assert!(!browser.form().buttons.contains(&"resend".to_owned()));
    browser.enter_right_code();
    succeeds(&world, &mut browser, &link);
}

#[test]
fn a_new_text_does_not_give_new_tries() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-sms.sandbox.com");
    browser.enter_code("654321").enter_code("654321");
    browser.press("resend");
    browser.enter_code("654321");
    assert!(browser.left_to().contains("error_code=2fa_failed"));
}

#[test]
fn a_code_older_than_ten_minutes_is_refused_and_costs_no_try() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::signed_in_as(&world, &link, "ada@creator-sms.sandbox.com");
    world.pass(600 * SECOND);
    browser.enter_right_code();
    assert_eq!(browser.step(), "2fa", "{}", browser.words());
    let state = &world.told(&link)["data"]["twoFactorState"];
    assert_eq!(state["phoneCode"]["checkAttemptsLeft"], 3, "{state}");
    browser.press("resend").enter_right_code();
    succeeds(&world, &mut browser, &link);
}

#[test]
fn optional_permissions_that_were_unticked_are_not_granted() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at_authorization(&world, &link);
    browser.untick("messages:write").press("continue");
    browser.sign_in("ada@fan.sandbox.com", PASSWORD);
    succeeds(&world, &mut browser, &link);
    let rows = world.database().rows("SELECT connection FROM connection");
    let stored: serde_json::Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(
        stored["permissions"],
        serde_json::json!(["profile:read", "posts:read"]),
        "{stored}"
    );
}
