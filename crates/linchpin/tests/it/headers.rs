//! The headers that protect the pages, on every kind of answer.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::json;

use crate::support::{Answer, Browser, CALLBACK, HOUR, LOCAL_CALLBACK, Link, Request, World};

/// The directives of a content security policy.
fn policy(answer: &Answer) -> Vec<(String, String)> {
    let policy = answer
        .header("content-security-policy")
        .unwrap_or_else(|| panic!("no policy on {}: {}", answer.status, answer.text()));
    policy
        .split(';')
        .map(|directive| {
            let directive = directive.trim();
            let (name, value) = directive.split_once(' ').unwrap_or((directive, ""));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn directive(answer: &Answer, name: &str) -> Option<String> {
    let found = policy(answer).into_iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value)
}

/// What every answer must carry, page or not.
#[track_caller]
fn is_protected(answer: &Answer, what: &str) {
    let wanted = [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    for (name, value) in wanted {
        assert_eq!(answer.header(name), Some(value), "{name} of {what}");
    }
    let permissions = answer.header("permissions-policy").unwrap_or_default();
    for feature in ["camera=()", "microphone=()", "geolocation=()"] {
        assert!(permissions.contains(feature), "{what}: {permissions}");
    }
    let transport = answer
        .header("strict-transport-security")
        .unwrap_or_default();
    let age = transport.split(';').next().unwrap_or_default().trim();
    let seconds: u64 = age.strip_prefix("max-age=").unwrap_or("0").parse().unwrap();
    assert!(seconds >= 31_536_000, "{what}: {transport}");
    assert_eq!(answer.header("set-cookie"), None, "{what}");
    assert_eq!(answer.header("server"), None, "{what}");
    let id = answer.header("x-request-id").unwrap_or_default();
    assert!(id.starts_with("req_"), "{what}: {id}");

    assert_eq!(
        directive(answer, "default-src").as_deref(),
        Some("'none'"),
        "{what}"
    );
    assert_eq!(
        directive(answer, "base-uri").as_deref(),
        Some("'none'"),
        "{what}"
    );
    assert!(directive(answer, "frame-ancestors").is_some(), "{what}");
    for (name, value) in policy(answer) {
        for word in ["unsafe", "*", "http:", "https: "] {
            let loopback = name == "form-action";
            assert!(loopback || !value.contains(word), "{what}: {name} {value}");
        }
    }
}

/// Not framable by anybody.
#[track_caller]
fn is_unframable(answer: &Answer, what: &str) {
    let ancestors = directive(answer, "frame-ancestors");
    assert_eq!(ancestors.as_deref(), Some("'none'"), "{what}");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{what}");
}

#[test]
fn every_kind_of_answer_is_protected() {
    let world = World::start();
    let link = world.link();
    let key = world.developer().key.clone();
    let mut answers = vec![
        ("launch", world.get(link.url())),
        ("unknown link", world.get("/cs_unknown")),
        ("unknown page", world.get("/nothing")),
        ("unknown route", world.get("/no/such/route")),
        (
            "forbidden",
            world.send(&Request::post(link.url()).form([("token", "x")])),
        ),
        ("init", world.init(&json!({}))),
        ("bad init", world.init(&json!({ "x": 1 }))),
        ("unauthorized", world.send(&Request::post("/v2/link/init"))),
        (
            "wrong method",
            world.send(&Request::new("PUT", "/v2/link/init")),
        ),
        (
            "wrong method of a page",
            world.send(&Request::new("PUT", link.url())),
        ),
        ("status", {
            let path = format!("/v2/link/{}", link.secret());
            world.send(&Request::get(&path).header("apikey", &key))
        }),
        ("description", world.get("/openapi.json")),
        ("health", world.get("/healthz")),
        ("unknown asset", world.get("/assets/none.css")),
        ("too long", world.get(&format!("/{}", "x".repeat(9_000)))),
        ("head", world.send(&Request::new("HEAD", link.url()))),
    ];
    let mut browser = Browser::at_login(&world, &link);
    answers.push(("in use", world.get(link.url())));
    answers.push(("login", browser.page().clone()));
    answers.push(("next step", browser.answer_to("cancel")));
    browser.sign_in("ada@creator-otp.sandbox.com", crate::support::PASSWORD);
    answers.push(("code", browser.page().clone()));
    browser.enter_right_code();
    answers.push(("done", browser.page().clone()));
    answers.push(("return", world.get(&format!("{}/return", browser.path()))));
    answers.push(("ended", world.get(link.url())));
    let expired = world.link();
    world.pass(HOUR);
    answers.push(("expired", world.get(expired.url())));
    for (what, answer) in &answers {
        is_protected(answer, what);
        is_unframable(answer, what);
    }
}

#[test]
fn only_assets_may_be_kept() {
    let world = World::start();
    let link = world.link();
    let mut browser = Browser::at(&world, &link);
    for _ in 0..2 {
        assert_eq!(browser.page().header("cache-control"), Some("no-store"));
        browser.press("continue");
    }
    let html = browser.html();
    let sheet = crate::support::form::tags(&html)
        .into_iter()
        .find(|tag| tag.starts_with("link rel=\"stylesheet\""))
        .and_then(|tag| crate::support::form::attribute(tag, "href"))
        .unwrap();
    let answer = world.get(&sheet).expect(200);
    assert!(
        answer
            .header("cache-control")
            .unwrap()
            .contains("immutable")
    );
    is_protected(&answer, "stylesheet");
    for path in [
        "/cs_unknown",
        "/f/unknown",
        "/f/unknown/return",
        "/f/unknown/wait",
    ] {
        let answer = world.get(path).expect(404);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn a_form_may_end_at_the_origin_of_the_sessions_redirect_url_and_nowhere_else() {
    let world = World::start();
    for (url, origin) in [
        (CALLBACK, "https://shop.example.com"),
        (LOCAL_CALLBACK, "http://localhost:3000"),
    ] {
        let link = world.link_with(&json!({ "redirectUrl": url }));
        let mut browser = Browser::at(&world, &link);
        for _ in 0..3 {
            let wanted = format!("'self' {origin}");
            let action = directive(browser.page(), "form-action");
            assert_eq!(
                action.as_deref(),
                Some(wanted.as_str()),
                "{}",
                browser.step()
            );
            if browser.step() != "login" {
                browser.press("continue");
            }
        }
    }
    let unknown = world.get("/cs_unknown");
    let action = directive(&unknown, "form-action").unwrap();
    assert!(["'self'", "'none'"].contains(&action.as_str()), "{action}");
}

#[test]
fn scripts_styles_and_connections_are_our_own() {
    let world = World::start();
    let page = world.get(world.link().url());
    for (name, wanted) in [
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        ("connect-src", "'self'"),
        ("img-src", "'self' data:"),
    ] {
        assert_eq!(directive(&page, name).as_deref(), Some(wanted), "{name}");
    }
    let html = page.text();
    for tag in crate::support::form::tags(&html) {
        // An icon that is empty keeps browsers from asking for one.
        if tag == r#"link rel="icon" href="data:,""# {
            continue;
        }
        for name in ["src", "href", "action"] {
            let Some(to) = crate::support::form::attribute(tag, name) else {
                continue;
            };
            let ours = to.starts_with('/') && !to.starts_with("//");
            assert!(ours, "{tag}");
        }
        assert!(!tag.contains(" style="), "{tag}");
        let handler = tag
            .split_ascii_whitespace()
            .any(|word| word.starts_with("on") && word.contains('='));
        assert!(!handler, "{tag}");
    }
}

#[test]
fn an_embed_app_may_be_framed_by_its_registered_origins_and_by_nobody_else() {
    let world = World::start();
    let embed = world.app(
        &world.developer().org,
        ClientAppChange {
            app_type: Some("embed".to_owned()),
            name: Some("Embedded".to_owned()),
            allowed_origins: Some(vec![
                "https://a.example.com".to_owned(),
                "https://b.example.com:8443".to_owned(),
            ]),
            ..ClientAppChange::default()
        },
    );
    let answer = world
        .init(&json!({ "clientAppId": embed }))
        .expect(200)
        .json();
    let link = Link { answer };
    let mut browser = Browser::at(&world, &link);
    for _ in 0..3 {
        let ancestors = directive(browser.page(), "frame-ancestors").unwrap();
        let mut named: Vec<&str> = ancestors
            .split(' ')
            .filter(|word| *word != "'self'")
            .collect();
        named.sort_unstable();
        assert_eq!(
            named,
            ["https://a.example.com", "https://b.example.com:8443"]
        );
        // It would forbid what the policy allows.
        assert_eq!(browser.page().header("x-frame-options"), None);
        is_protected(browser.page(), &browser.step());
        if browser.step() != "login" {
            browser.press("continue");
        }
    }
    is_unframable(&world.get("/cs_unknown"), "unknown link");
}
