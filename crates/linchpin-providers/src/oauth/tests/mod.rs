//! Sign-ins at a platform, from the departure to the revocation.

mod files;
mod platform;
mod renewing;
mod signer;

use linchpin_provider::Secret;
use url::form_urlencoded;

use super::*;
use platform::{ISSUER, Platform};
pub(super) use signer::Signer;

use crate::file::{Problem, within};

const BACK: &str = "https://link.example/back";

/// A file, its `client_authentication` as given.
fn file(authentication: &str) -> String {
    format!(
        r#"
        kind = "oidc"
        id = "example"
        name = "Example"
        [api]
        base_url = "{ISSUER}/api"
        [oauth]
        issuer = "{ISSUER}"
        client_id = "linchpin"
        {authentication}
        scopes = ["profile", "offline_access"]
        parameters = {{ prompt = "consent" }}
        [[permission]]
        name = "posts:read"
        text = "Your posts"
        access = "read"
        scopes = ["posts", "profile"]
        calls = ["GET /posts"]
        "#
    )
}

fn read(text: &str) -> Result<OAuth, Vec<Problem>> {
    let secret = |name: &str| match name {
        "here.secret" => Ok(Secret::new("s e:cret".to_owned())),
        _ => Err("cannot be read".to_owned()),
    };
    within(text, |file| {
        let kinds = [("oidc", Kind::OpenId), ("oauth2", Kind::OAuth)];
        OAuth::read(file, file.word("kind", &kinds)?, &secret)
    })
}

fn provider() -> OAuth {
    read(&file(r#"client_secret_file = "here.secret""#)).unwrap()
}

/// The browser leaves: what its address says, and what is kept.
async fn leave(provider: &OAuth, platform: &Platform) -> (Vec<(String, String)>, Secret) {
    let departure = Departure {
        back_to: BACK.to_owned(),
        state: Secret::new("st-1".to_owned()),
        permissions: vec!["posts:read".to_owned()],
        username: None,
        locale: Some("de".to_owned()),
    };
    let Departed::To { url, progress } = provider.depart(&platform.client(), departure).await
    else {
        panic!("nobody can leave");
    };
    let (page, query) = url.split_once('?').unwrap();
    assert_eq!(page, "https://id.example/authorize");
    let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let nonce = value(&query, "nonce").to_owned();
    platform.set(|state| state.nonce = nonce);
    (query, progress)
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> &'a str {
    let found = query.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

fn arrival(progress: &Secret, parameters: &[(&str, &str)]) -> Arrival {
    let parameters = parameters.iter();
    Arrival {
        back_to: BACK.to_owned(),
        parameters: parameters
            .map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned())))
            .collect(),
        progress: progress.clone(),
    }
}

/// The whole trip.
async fn sign_in(provider: &OAuth, platform: &Platform) -> Answer {
    let (_, progress) = leave(provider, platform).await;
    let arrival = arrival(&progress, &[("code", "good"), ("iss", ISSUER)]);
    provider.arrive(&platform.client(), arrival).await
}

async fn session(provider: &OAuth, platform: &Platform) -> Session {
    match sign_in(provider, platform).await {
        Answer::SignedIn(signed_in) => signed_in.session,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_browser_takes_a_challenge_a_nonce_and_the_scopes_of_what_was_granted() {
    let (provider, platform) = (provider(), Platform::new());
    let (query, progress) = leave(&provider, &platform).await;
    for (name, expected) in [
        ("from", "linchpin"),
        ("response_type", "code"),
        ("client_id", "linchpin"),
        ("redirect_uri", BACK),
        ("state", "st-1"),
        ("code_challenge_method", "S256"),
        ("scope", "openid profile offline_access posts"),
        ("ui_locales", "de"),
        ("prompt", "consent"),
    ] {
        assert_eq!(value(&query, name), expected, "{name}");
    }
    let kept: Value = serde_json::from_str(progress.reveal()).unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(kept["verifier"].as_str().unwrap());
    let challenge =
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, digest);
    assert_eq!(value(&query, "code_challenge"), challenge);
    let (again, _) = leave(&provider, &platform).await;
    assert_ne!(value(&again, "code_challenge"), challenge);
    assert_ne!(value(&again, "nonce"), value(&query, "nonce"));
}

#[tokio::test]
async fn a_code_becomes_the_account_and_a_session_that_lives() {
    let (provider, platform) = (provider(), Platform::new());
    let Answer::SignedIn(signed_in) = sign_in(&provider, &platform).await else {
        panic!("not signed in");
    };
    assert_eq!(signed_in.account.id, "jane");
    assert_eq!(signed_in.account.name, "Jane Doe");
    let (path, form, authorization) = platform.set(|state| state.posted.remove(0));
    assert_eq!((&*path, &*form["redirect_uri"]), ("/token", BACK));
    assert!(form["code_verifier"].len() >= 43);
    assert!(!form.contains_key("client_secret"));
    // `linchpin:s+e%3Acret`: encoded before it is joined.
    let expected = "Basic bGluY2hwaW46cytlJTNBY3JldA==";
    assert_eq!(authorization.as_deref(), Some(expected));
    let looked = provider.look(&platform.client(), &signed_in.session).await;
    assert!(matches!(looked, Looked::Alive { renewed: None, .. }));
    assert!(!provider.is_stale(&signed_in.session, now()));
    assert!(provider.is_stale(&signed_in.session, now() + 3_600_000));
    let profile = provider
        .profile(&platform.client(), &signed_in.session)
        .await;
    let Called::Answered { answer, .. } = profile else {
        panic!("no profile");
    };
    assert_eq!(answer["username"], "jane");
}

#[tokio::test]
async fn what_was_granted_is_what_the_token_answer_has_the_scopes_of() {
    let (provider, platform) = (provider(), Platform::new());
    let all = Some(vec!["posts:read".to_owned()]);
    for (scope, granted) in [
        (Value::Null, None),
        (json!("openid profile posts"), all.clone()),
        (json!("posts,profile"), all.clone()),
        (json!(["profile", "posts"]), all),
        (json!("openid profile"), Some(Vec::new())),
        (json!(""), Some(Vec::new())),
    ] {
        platform.set(|state| state.scope = scope.clone());
        let Answer::SignedIn(signed_in) = sign_in(&provider, &platform).await else {
            panic!("not signed in");
        };
        assert_eq!(signed_in.granted, granted, "{scope}");
    }
}

#[tokio::test]
async fn the_secret_goes_in_the_form_or_not_at_all_where_the_provider_wants_it_so() {
    let post = r#"client_secret_file = "here.secret"
        client_authentication = "client_secret_post""#;
    for (authentication, secret) in [
        (post, Some("s e:cret")),
        (r#"client_authentication = "none""#, None),
    ] {
        let (provider, platform) = (read(&file(authentication)).unwrap(), Platform::new());
        session(&provider, &platform).await;
        let (_, form, authorization) = platform.set(|state| state.posted.remove(0));
        assert_eq!(form["client_id"], "linchpin");
        assert_eq!(form.get("client_secret").map(String::as_str), secret);
        assert_eq!(authorization, None);
    }
}

#[tokio::test]
async fn what_the_provider_says_no_with_becomes_what_the_user_is_told() {
    let (provider, platform) = (provider(), Platform::new());
    for (error, is_denied) in [
        ("access_denied", true),
        ("consent_required", true),
        ("temporarily_unavailable", false),
        ("server_error", false),
        ("invalid_scope", false),
    ] {
        let (_, progress) = leave(&provider, &platform).await;
        let back = arrival(&progress, &[("error", error), ("iss", ISSUER)]);
        let answer = provider.arrive(&platform.client(), back).await;
        assert_eq!(matches!(answer, Answer::Denied), is_denied, "{error}");
        assert_eq!(matches!(answer, Answer::Unavailable), !is_denied, "{error}");
        let (_, progress) = leave(&provider, &platform).await;
        let back = arrival(&progress, &[("code", error), ("iss", ISSUER)]);
        let answer = provider.arrive(&platform.client(), back).await;
        assert_eq!(matches!(answer, Answer::Denied), is_denied, "{error}");
    }
}

#[tokio::test]
async fn a_code_of_another_provider_never_reaches_the_token_endpoint() {
    let (provider, platform) = (provider(), Platform::new());
    for parameters in [
        vec![("code", "good")],
        vec![("code", "good"), ("iss", "https://evil.example")],
        vec![("code", "good"), ("iss", ISSUER), ("iss", ISSUER)],
        vec![("code", "good"), ("code", "good"), ("iss", ISSUER)],
        vec![("iss", ISSUER)],
    ] {
        let (_, progress) = leave(&provider, &platform).await;
        let back = arrival(&progress, &parameters);
        let answer = provider.arrive(&platform.client(), back).await;
        assert!(matches!(answer, Answer::Unavailable), "{parameters:?}");
    }
    assert_eq!(platform.asked("/token"), 0);
}

#[tokio::test]
async fn an_id_token_that_is_not_meant_signs_nobody_in_and_its_tokens_are_revoked() {
    for claims in [
        json!({ "nonce": "another" }),
        json!({ "aud": "another" }),
        json!({ "sub": "eve" }),
    ] {
        let (provider, platform) = (provider(), Platform::new());
        platform.set(|state| state.claims = claims.clone());
        let answer = sign_in(&provider, &platform).await;
        assert!(matches!(answer, Answer::Unavailable), "{claims}");
        assert_eq!(platform.asked("/revoke"), 2, "{claims}");
        assert!(platform.set(|state| state.working.is_empty()));
    }
}

#[tokio::test]
async fn documents_are_read_once_and_keys_again_when_one_is_missing() {
    let (provider, platform) = (provider(), Platform::new());
    session(&provider, &platform).await;
    session(&provider, &platform).await;
    assert_eq!(platform.asked("/.well-known/openid-configuration"), 1);
    assert_eq!(platform.asked("/keys"), 1);
    platform.set(|state| {
        state.signer = Signer::new();
        state.kid = "k2";
    });
    // Not again at once: tokens that anybody can make up must not have us ask without end.
    let answer = sign_in(&provider, &platform).await;
    assert!(matches!(answer, Answer::Unavailable));
    assert_eq!(platform.asked("/keys"), 1);
    provider.metadata.age(std::time::Duration::from_secs(31));
    session(&provider, &platform).await;
    assert_eq!(platform.asked("/keys"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_discovery_that_hangs_stops_nothing_where_it_was_read_before() {
    let (provider, platform) = (provider(), Platform::new());
    let session = session(&provider, &platform).await;
    provider.metadata.age(std::time::Duration::from_hours(1));
    let document = "/.well-known/openid-configuration";
    platform.set(|state| state.broken.insert(document, 0));
    let client = platform.client();
    let look = || provider.look(&client, &session);
    let both = async { tokio::join!(look(), look()) };
    let both = tokio::time::timeout(provider.deadline(), both);
    let (one, other) = both.await.unwrap();
    for looked in [one, other, look().await] {
        assert!(matches!(looked, Looked::Alive { .. }), "{looked:?}");
    }
    assert_eq!(platform.asked(document), 2, "once at first, once now");
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_or_to_other_hosts_is_not_followed() {
    for (name, value) in [
        ("issuer", "https://id.example/"),
        ("token_endpoint", "https://evil.example/token"),
        ("userinfo_endpoint", "https://id.example:8443/me"),
        ("authorization_endpoint", "http://id.example/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
    ] {
        let (provider, platform) = (provider(), Platform::new());
        platform.set(|state| state.discovery[name] = json!(value));
        let departure = Departure {
            back_to: BACK.to_owned(),
            state: Secret::new("st-1".to_owned()),
            permissions: Vec::new(),
            username: None,
            locale: None,
        };
        let departed = provider.depart(&platform.client(), departure).await;
        assert!(matches!(departed, Departed::Unavailable), "{name} {value}");
    }
}

#[tokio::test]
async fn signing_out_revokes_both_tokens() {
    let (provider, platform) = (provider(), Platform::new());
    let session = session(&provider, &platform).await;
    assert!(provider.sign_out(&platform.client(), &session).await);
    let revoked: Vec<String> = platform.set(|state| {
        let posted = state.posted.iter().filter(|(path, ..)| path == "/revoke");
        posted.map(|(_, form, _)| form["token"].clone()).collect()
    });
    assert_eq!(revoked, ["rt-1", "at-1"]);
    platform.set(|state| state.broken.insert("/revoke", 503));
    assert!(!provider.sign_out(&platform.client(), &session).await);
}

#[tokio::test]
async fn a_call_carries_the_token_to_the_api_and_tells_when_it_is_refused() {
    let (provider, platform) = (provider(), Platform::new());
    let session = session(&provider, &platform).await;
    assert_eq!(
        provider.covers(&http::Method::GET, "/posts"),
        Coverage::Needs("posts:read".to_owned())
    );
    assert_eq!(
        provider.covers(&http::Method::POST, "/posts"),
        Coverage::Refused
    );
    let call = || Call {
        method: http::Method::GET,
        path: "/posts".to_owned(),
        query: None,
        headers: http::HeaderMap::new(),
        body: linchpin_provider::whole(""),
    };
    let called = provider.call(&platform.client(), &session, call()).await;
    let Called::Answered { answer, .. } = called else {
        panic!("no answer");
    };
    assert_eq!(answer.status(), 200);
    platform.set(|state| state.working.clear());
    let refused = provider.call(&platform.client(), &session, call()).await;
    assert!(matches!(refused, Called::SignedOut));
}
