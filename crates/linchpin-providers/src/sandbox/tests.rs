//! The sandbox keeps the contract, and each address does what its table says.

use std::time::Duration;

use linchpin_provider::{
    Access, Account, Answer, Asked, Client, CodeRules, Credentials, Import, Method, Pending,
    Provider, Reply, Secret,
    conformance::{self, Actor, Code, Ending, Script},
};
use tokio::time::Instant;

use super::Sandbox;

async fn sign_in(username: &str, password: &str) -> Answer {
    Sandbox::new()
        .sign_in(
            &Client::nowhere(),
            Credentials {
                username: username.to_owned(),
                password: Secret::new(password.to_owned()),
            },
        )
        .await
}

async fn code(username: &str, method: Method, code: &str) -> Answer {
    let code = Secret::new(code.to_owned());
    Sandbox::new()
        .second_factor(
            &Client::nowhere(),
            &pending(username),
            Reply::Code { method, code },
        )
        .await
}

async fn approval(username: &str, millis: u64) -> Answer {
    let waited = Duration::from_millis(millis);
    Sandbox::new()
        .second_factor(
            &Client::nowhere(),
            &pending(username),
            Reply::Approval { waited },
        )
        .await
}

fn pending(username: &str) -> Pending {
    Pending {
        username: username.to_owned(),
        progress: Secret::new(String::new()),
    }
}

async fn asked(username: &str, method: Method) -> bool {
    let (sandbox, pending) = (Sandbox::new(), pending(username));
    let answer = sandbox.ask(&Client::nowhere(), &pending, method).await;
    matches!(answer, Asked::Done { progress: None })
}

fn signed_in(answer: Answer) -> Account {
    match answer {
        Answer::SignedIn(signed_in) => signed_in.account,
        other => panic!("not signed in: {other:?}"),
    }
}

#[track_caller]
fn assert_wrong(answer: &Answer, domain_is_unknown: bool) {
    assert!(
        matches!(answer, Answer::WrongCredentials { unknown_domain } if *unknown_domain == domain_is_unknown),
        "{answer:?}"
    );
}

/// The test accounts, each with the ending that its domain stands for.
fn script(sandbox: &Sandbox) -> Script {
    let actors = sandbox
        .describe()
        .test_accounts
        .iter()
        .map(|account| Actor {
            code: account.code.clone().map(Code::Always),
            import: (account.id == "creator").then(|| Import::Cookie {
                cookie: Secret::new(format!("sandbox={}", account.username)),
                user_agent: "Test/1".to_owned(),
            }),
            ending: match account.id.as_str() {
                "short-lived" => Ending::Fleeting,
                "locked" => Ending::Locked,
                "unavailable" => Ending::Unavailable,
                _ => Ending::SignedIn,
            },
            ..Actor::new(&account.username, &account.password)
        });
    Script {
        // Its sessions are written in their cookie, so that there is nothing to end.
        sign_out_ends: false,
        path: Some("/posts".to_owned()),
        ..Script::new(actors.collect())
    }
}

#[tokio::test]
async fn the_sandbox_conforms_to_the_contract() {
    tokio::time::pause();
    let sandbox = Sandbox::new();
    let script = script(&sandbox);
    let verdicts = conformance::judge(&sandbox, &Client::nowhere(), &script).await;
    for verdict in verdicts {
        assert!(verdict.faults.is_empty(), "{verdict}");
        assert!(verdict.looked_at > 0, "{verdict}");
    }
}

#[tokio::test]
async fn the_right_password_is_enough_for_accounts_without_a_second_factor() {
    for domain in ["creator", "fan", "short-lived"] {
        let account =
            signed_in(sign_in(&format!("jane@{domain}.sandbox.com"), "good-password").await);
        assert_eq!(account.name, "Jane");
    }
}

#[tokio::test]
async fn an_address_is_trimmed_and_lower_cased_first() {
    let typed = signed_in(sign_in("  JANE@Creator.Sandbox.COM ", "good-password").await);
    let plain = signed_in(sign_in("jane@creator.sandbox.com", "good-password").await);
    assert_eq!(typed, plain);
}

#[tokio::test]
async fn any_other_password_is_wrong() {
    for scenario in [
        "creator",
        "fan",
        "creator-otp",
        "fan-otp",
        "creator-sms",
        "fan-sms",
        "creator-face",
        "slow",
        "short-lived",
    ] {
        for password in ["", "bad-password", "Good-Password", " good-password"] {
            let answer = sign_in(&format!("jane@{scenario}.sandbox.com"), password).await;
            assert_wrong(&answer, false);
        }
    }
}

#[tokio::test]
async fn an_address_that_no_account_can_have_is_told_apart_from_a_wrong_password() {
    for username in [
        "",
        "jane",
        "jane@example.com",
        "jane@sandbox.com",
        "jane@.sandbox.com",
        "jane@fan-face.sandbox.com",
        "jane@a.creator.sandbox.com",
        "jane@creator.sandbox.com.example.com",
        "jane@creatorsandbox.com",
        "jane@creator.sandbox.com@example.com",
        "@creator.sandbox.com",
        " @locked.sandbox.com",
        "jane@creator.sandbox.com.",
    ] {
        assert_wrong(&sign_in(username, "good-password").await, true);
    }
}

#[tokio::test]
async fn a_locked_account_is_locked_whatever_the_password() {
    for password in ["good-password", "wrong", ""] {
        let answer = sign_in("jane@locked.sandbox.com", password).await;
        assert!(matches!(answer, Answer::Locked), "{answer:?}");
    }
}

#[tokio::test]
async fn an_unavailable_account_is_unavailable_whatever_the_password() {
    for password in ["good-password", "wrong", ""] {
        let answer = sign_in("jane@unavailable.sandbox.com", password).await;
        assert!(matches!(answer, Answer::Unavailable), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_account_is_checked_for_five_seconds() {
    let start = Instant::now();
    signed_in(sign_in("jane@slow.sandbox.com", "good-password").await);
    // Tokio's clock counts in milliseconds and wakes in the next one.
    assert!(start.elapsed() >= Duration::from_secs(5));
    assert!(start.elapsed() < Duration::from_millis(5_010));
    assert!(start.elapsed() < Sandbox::new().deadline());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_of_a_slow_account_is_refused_at_once() {
    let start = Instant::now();
    assert_wrong(&sign_in("jane@slow.sandbox.com", "wrong").await, false);
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn otp_accounts_ask_for_a_code_of_the_app() {
    for username in ["jane@creator-otp.sandbox.com", "jane@fan-otp.sandbox.com"] {
        let Answer::SecondFactor { challenge, .. } = sign_in(username, "good-password").await
        else {
            panic!("{username} has a second factor");
        };
        assert_eq!(challenge.methods, [Method::App]);
        assert_eq!(challenge.phone, None);
        let account = signed_in(code(username, Method::App, "123456").await);
        assert_eq!(account.name, "Jane");
    }
}

#[tokio::test]
async fn sms_accounts_ask_for_a_texted_code() {
    for username in ["jane@creator-sms.sandbox.com", "jane@fan-sms.sandbox.com"] {
        let Answer::SecondFactor { challenge, .. } = sign_in(username, "good-password").await
        else {
            panic!("{username} has a second factor");
        };
        assert_eq!(challenge.methods, [Method::Phone]);
        let rules = CodeRules {
            sends: 3,
            checks: 3,
            hint: "1234".to_owned(),
            resend_after: 0,
            code_life: 600,
        };
        assert_eq!(challenge.phone, Some(rules));
        signed_in(code(username, Method::Phone, "123456").await);
    }
}

#[tokio::test]
async fn each_account_asks_for_what_it_is_named_after() {
    let asked_for = async |scenario: &str| {
        let username = format!("jane@{scenario}.sandbox.com");
        match sign_in(&username, "good-password").await {
            Answer::SecondFactor { challenge, .. } => (username, challenge),
            other => panic!("{username}: {other:?}"),
        }
    };
    let (email, challenge) = asked_for("creator-email").await;
    assert_eq!(challenge.email.unwrap().hint, "j…@example.com");
    signed_in(code(&email, Method::Email, "123456").await);

    let (question, challenge) = asked_for("creator-question").await;
    assert_eq!(challenge.prompt.unwrap().picture, None);
    signed_in(code(&question, Method::Question, "Blue").await);

    let (shown, challenge) = asked_for("creator-challenge").await;
    let picture = challenge.prompt.unwrap().picture.unwrap();
    assert!(picture.starts_with("data:image/png;base64,iVBORw0KGgo"));
    signed_in(code(&shown, Method::Shown, "TULIP7").await);

    for (username, method) in [(&question, Method::Question), (&shown, Method::Shown)] {
        let answer = code(username, method, "123456").await;
        assert!(matches!(answer, Answer::WrongCode { .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn one_account_has_three_ways_to_choose_from() {
    let username = "jane@creator-choice.sandbox.com";
    let Answer::SecondFactor { challenge, .. } = sign_in(username, "good-password").await else {
        panic!("{username} has a second factor");
    };
    let ways = [Method::App, Method::Phone, Method::Face];
    assert_eq!(challenge.methods, ways);
    for way in ways {
        assert!(asked(username, way).await, "{way:?}");
    }
    assert!(!asked(username, Method::Email).await);
    signed_in(code(username, Method::App, "123456").await);
    signed_in(code(username, Method::Phone, "123456").await);
    signed_in(approval(username, 3_000).await);
    let other = code(username, Method::Email, "123456").await;
    assert!(matches!(other, Answer::Declined), "{other:?}");
}

#[tokio::test]
async fn any_other_code_is_wrong_however_often_it_is_tried() {
    for wrong in ["", "000000", "12345", "1234567", "１２３４５６"] {
        for _ in 0..6 {
            let answer = code("jane@fan-otp.sandbox.com", Method::App, wrong).await;
            assert!(matches!(answer, Answer::WrongCode { .. }), "{answer:?}");
            let answer = code("jane@fan-sms.sandbox.com", Method::Phone, wrong).await;
            assert!(matches!(answer, Answer::WrongCode { .. }), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn approval_elsewhere_is_granted_after_three_seconds() {
    let username = "jane@creator-face.sandbox.com";
    let Answer::SecondFactor { challenge, .. } = sign_in(username, "good-password").await else {
        panic!("{username} has a second factor");
    };
    assert_eq!(challenge.methods, [Method::Face]);
    assert_eq!(challenge.phone, None);
    for millis in [0, 2_999] {
        let answer = approval(username, millis).await;
        assert!(matches!(answer, Answer::NotYet), "{answer:?}");
    }
    let first = signed_in(approval(username, 3_000).await);
    assert_eq!(signed_in(approval(username, 60_000).await), first);
}

#[tokio::test]
async fn the_second_factor_finds_its_account_however_the_address_is_spelled() {
    let typed = signed_in(code(" Jane@FAN-otp.sandbox.com", Method::App, "123456").await);
    let plain = signed_in(code("jane@fan-otp.sandbox.com", Method::App, "123456").await);
    assert_eq!(typed, plain);
}

#[tokio::test]
async fn a_second_factor_that_the_account_does_not_have_is_declined() {
    for username in [
        "jane@creator.sandbox.com",
        "jane@locked.sandbox.com",
        "jane@unavailable.sandbox.com",
        "jane@example.com",
        "jane@creator-sms.sandbox.com",
        "jane@creator-face.sandbox.com",
    ] {
        let answer = code(username, Method::App, "123456").await;
        assert!(matches!(answer, Answer::Declined), "{answer:?}");
    }
    let answer = code("jane@creator-face.sandbox.com", Method::Face, "123456").await;
    assert!(matches!(answer, Answer::Declined), "{answer:?}");
    for username in ["jane@creator.sandbox.com", "jane@fan-otp.sandbox.com"] {
        let answer = approval(username, 60_000).await;
        assert!(matches!(answer, Answer::Declined), "{answer:?}");
    }
}

#[tokio::test]
async fn codes_are_texted_to_sms_accounts_only() {
    assert!(asked("jane@creator-sms.sandbox.com", Method::Phone).await);
    assert!(asked(" JANE@fan-sms.sandbox.com", Method::Phone).await);
    for scenario in [
        "creator",
        "fan-otp",
        "creator-face",
        "slow",
        "locked",
        "nothing",
    ] {
        let username = format!("jane@{scenario}.sandbox.com");
        assert!(!asked(&username, Method::Phone).await, "{username}");
    }
}

#[test]
fn it_offers_the_permissions_of_its_specification() {
    let sandbox = Sandbox::new();
    let names: Vec<&str> = sandbox
        .describe()
        .permissions
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "profile:read",
            "profile:write",
            "posts:read",
            "posts:write",
            "messages:read",
            "messages:write",
            "subscribers:read",
            "subscribers:write",
            "vault:read",
            "analytics:read",
            "earnings:read",
            "notifications:read",
        ]
    );
    for permission in &sandbox.describe().permissions {
        let writes = permission.name.ends_with(":write");
        assert_eq!(
            permission.access == Access::Write,
            writes,
            "{}",
            permission.name
        );
    }
}

#[test]
fn every_test_account_is_of_the_scenario_that_it_is_named_after() {
    for account in &Sandbox::new().describe().test_accounts {
        let domain = format!("@{}.sandbox.com", account.id);
        assert!(account.username.ends_with(&domain), "{}", account.username);
    }
}

#[test]
fn nothing_typed_shows_when_credentials_are_printed() {
    let credentials = Credentials {
        username: "jane@creator.sandbox.com".to_owned(),
        password: Secret::new("canary-4711".to_owned()),
    };
    assert!(!format!("{credentials:?}").contains("canary"));
    let code = Secret::new("canary-4711".to_owned());
    let reply = Reply::Code {
        method: Method::App,
        code,
    };
    assert!(!format!("{reply:?}").contains("canary"));
}
