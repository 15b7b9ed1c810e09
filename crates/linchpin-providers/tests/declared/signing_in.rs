//! Signing in, and what each answer means.

use linchpin_provider::{
    Answer, Client, Import, Imported, Secret,
    conformance::{self, Actor, Ending, Script},
};

use super::platform::{CODE, PASSWORD, Platform, SITE, TOKENS, provider, sign_in};

#[tokio::test]
async fn a_form_with_a_hidden_field_and_cookies_signs_in_and_says_who_it_is() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let Answer::SignedIn(signed_in) = sign_in(&*site, &platform.client(), " jane ").await else {
        panic!();
    };
    let account = signed_in.account;
    assert_eq!(
        (
            account.id.as_str(),
            account.name.as_str(),
            account.username.as_str()
        ),
        ("42", "Jane Roe", "jane")
    );
    assert_eq!(
        account.avatar.as_deref(),
        Some("https://acme.example/jane.png")
    );
    assert_eq!(
        platform.arrived(),
        ["GET /login", "POST /login", "GET /account.json"]
    );
    let kept = signed_in.session.reveal();
    assert!(kept.contains("session-1"), "{kept}");
    assert!(
        !kept.contains("horse") && !kept.contains("digits"),
        "{kept}"
    );
    assert_eq!(platform.last().headers["user-agent"], "Linchpin test");
    assert_eq!(platform.last().headers["host"], "acme.example");
}

#[tokio::test]
async fn the_action_of_a_form_is_relative_to_the_page_that_it_was_on() {
    let platform = Platform::start().await;
    let site = provider(
        &SITE
            .replace(
                "take.csrf = { css = \"input[name=csrf]\", attribute = \"value\" }",
                "take.csrf = { css = \"input[name=csrf]\", attribute = \"value\" }\ntake.action = { css = \"form\", attribute = \"action\" }",
            )
            .replace("post = \"https://acme.example/login\"", "post = \"{{action}}\""),
    );
    sign_in(&*site, &platform.client(), "jane").await;
    let arrived = platform.arrived();
    assert_eq!(arrived.get(1).unwrap(), "POST /login?in=1", "{arrived:?}");
}

#[tokio::test]
async fn each_answer_means_what_the_file_says() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    for (username, wanted) in [
        ("nobody", "WrongCredentials"),
        ("locked", "Locked"),
        ("busy", "Unavailable"),
        ("odd", "Unavailable"),
    ] {
        let answer = format!("{:?}", sign_in(&*site, &client, username).await);
        assert!(answer.starts_with(wanted), "{username}: {answer}");
    }
    let nowhere = sign_in(&*site, &Client::nowhere(), "jane").await;
    assert!(matches!(nowhere, Answer::Unavailable), "{nowhere:?}");
}

#[tokio::test]
async fn a_page_without_end_is_read_up_to_its_limit() {
    let platform = Platform::start().await;
    let site = provider(&SITE.replacen("get = \"/login\"", "get = \"/login/long\"", 1));
    let answer = sign_in(&*site, &platform.client(), "jane").await;
    assert!(matches!(answer, Answer::Unavailable), "{answer:?}");
    assert_eq!(platform.arrived(), ["GET /login/long"]);
}

#[tokio::test]
async fn a_json_log_in_gives_tokens() {
    let platform = Platform::start().await;
    let tokens = provider(TOKENS);
    let Answer::SignedIn(signed_in) = sign_in(&*tokens, &platform.client(), "jane").await else {
        panic!();
    };
    // Without a name in the profile the username is one.
    assert_eq!(signed_in.account.name, "jane");
    let last = platform.last();
    assert_eq!(
        (last.what.as_str(), &last.headers["authorization"]),
        ("GET /api/me", &"Bearer session-1".parse().unwrap())
    );
    let wrong = sign_in(&*tokens, &platform.client(), "john").await;
    assert!(
        matches!(wrong, Answer::WrongCredentials { .. }),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn the_example_of_the_guide_works() {
    let guide = include_str!("../../../../docs/providers/file.md");
    let example = guide
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert!(
        example.lines().count() <= 40,
        "a first file should be short"
    );
    let platform = Platform::start().await;
    let provider = provider(example);
    let signed_in = sign_in(&*provider, &platform.client(), "jane").await;
    assert!(matches!(signed_in, Answer::SignedIn(_)), "{signed_in:?}");
    let wrong = sign_in(&*provider, &platform.client(), "john").await;
    assert!(
        matches!(wrong, Answer::WrongCredentials { .. }),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn declared_platforms_keep_the_contract() {
    let platform = Platform::start().await;
    let actor = |username: &str| Actor::new(username, PASSWORD);
    let with_code = |username: &str| actor(username).with_code(CODE);
    let locked = Actor {
        ending: Ending::Locked,
        ..actor("locked")
    };
    let of_site = Script {
        path: Some("/orders".to_owned()),
        ..Script::new(vec![
            actor("jane"),
            with_code("app"),
            with_code("phone"),
            locked,
        ])
    };
    let of_tokens = Script {
        path: Some("/orders".to_owned()),
        rest_is_open: true,
        sign_out_ends: false,
        ..Script::new(vec![actor("jane")])
    };
    for (text, script) in [(SITE, of_site), (TOKENS, of_tokens)] {
        let verdicts = conformance::judge(&*provider(text), &platform.client(), &script).await;
        let faulty: Vec<_> = verdicts
            .iter()
            .filter(|verdict| !verdict.faults.is_empty())
            .collect();
        assert!(faulty.is_empty(), "{faulty:#?}");
    }
}

#[test]
fn what_the_file_says_is_what_the_provider_is() {
    let site = provider(SITE);
    assert_eq!(
        site.describe().reach.hosts,
        ["acme.example", "www.acme.example"]
    );
    assert_eq!(site.deadline().as_secs(), 20);
    assert_eq!(site.call_limits().sent, 1024 * 1024);
}

#[tokio::test]
async fn sessions_of_elsewhere_are_taken_over_where_the_file_says_so() {
    let platform = Platform::start().await;
    let (site, tokens) = (provider(SITE), provider(TOKENS));
    let client = platform.client();
    sign_in(&*site, &client, "jane").await;
    let cookie = |cookie: &str| Import::Cookie {
        cookie: Secret::new(cookie.to_owned()),
        user_agent: "Browser/1".to_owned(),
    };
    let taken = site.import(&client, cookie("a=b; session=session-1")).await;
    let Imported::Taken(taken) = taken else {
        panic!("{taken:?}");
    };
    assert_eq!(taken.account.id, "42");
    assert_eq!(platform.last().headers["user-agent"], "Browser/1");
    let dead = site.import(&client, cookie("session=old")).await;
    assert!(matches!(dead, Imported::Dead), "{dead:?}");
    let tokened = Import::Token {
        access_token: Secret::new("session-1".to_owned()),
        refresh_token: None,
        expires_at: Some(1_000),
    };
    assert!(matches!(
        site.import(&client, tokened.clone()).await,
        Imported::NotOffered
    ));
    let Imported::Taken(taken) = tokens.import(&client, tokened).await else {
        panic!();
    };
    assert!(tokens.is_stale(&taken.session, 999));
    assert!(matches!(
        tokens.import(&client, cookie("a=b")).await,
        Imported::NotOffered
    ));
}
