//! What a provider file says of a platform that speaks OAuth, and what is wrong with one.

use super::*;

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_place_and_remedy() {
    let whole = file(r#"client_secret_file = "here.secret""#);
    for (right, wrong, told) in [
        (
            "issuer = \"https:",
            "issuer = \"http:",
            "8:18: oauth.issuer must begin with https://",
        ),
        ("client_id = \"linchpin\"", "", "oauth.client_id is missing"),
        (
            "here.secret",
            "gone.secret",
            "10:30: oauth.client_secret_file cannot be read",
        ),
        (
            "client_secret_file = \"here.secret\"",
            "",
            "oauth.client_secret_file is missing: name the file",
        ),
        ("client_secret_file", "client_secret", "client_secret"),
        (
            "prompt =",
            "state =",
            "12:24: state is written by Linchpin itself",
        ),
        (
            "prompt =",
            "response_mode =",
            "12:24: response_mode is written by Linchpin itself",
        ),
        (
            "scopes = [\"profile\"",
            "jwks_uri = 7\nscopes = [\"profile\"",
            "oauth.jwks_uri must be",
        ),
        (
            "scopes = [\"profile\"",
            "profile_endpoint = \"https://a.example\"\nscopes = [\"profile\"",
            "is read from the provider's discovery document",
        ),
        (
            "[api]",
            "[profile]\nid = \"sub\"\n[api]",
            "profile.id must be a JSON pointer",
        ),
        ("\"oidc\"", "\"oauth2\"", "oauth.token_endpoint is missing"),
        ("\"oidc\"", "\"oauth2\"", "profile is missing"),
    ] {
        assert!(whole.contains(right), "{right}");
        let problems = read(&whole.replacen(right, wrong, 1)).err().unwrap();
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            text.iter().any(|line| line.contains(told)),
            "{told}: {text:#?}"
        );
    }
}

#[tokio::test]
async fn a_platform_without_openid_tells_the_account_at_its_profile_endpoint() {
    let text = format!(
        r#"
        kind = "oauth2"
        id = "example"
        name = "Example"
        [api]
        base_url = "{ISSUER}/api"
        [oauth]
        authorization_endpoint = "{ISSUER}/authorize"
        token_endpoint = "{ISSUER}/token"
        profile_endpoint = "{ISSUER}/me"
        client_id = "linchpin"
        client_authentication = "none"
        scopes = ["read"]
        [profile]
        id = "/data/id"
        name = "/data/title"
        "#
    );
    let (provider, platform) = (read(&text).unwrap(), Platform::new());
    platform.set(|state| state.profile = json!({ "data": { "id": 7, "title": "Jane" } }));
    let (query, progress) = leave(&provider, &platform).await;
    assert_eq!(
        (value(&query, "scope"), value(&query, "nonce")),
        ("read", "")
    );
    // It has not been said how it names itself, so that this could be any provider's answer.
    let named = arrival(&progress, &[("code", "good"), ("iss", ISSUER)]);
    let answer = provider.arrive(&platform.client(), named).await;
    assert!(matches!(answer, Answer::Unavailable));
    assert_eq!(platform.asked("/token"), 0);
    let back = arrival(&progress, &[("code", "good")]);
    let Answer::SignedIn(signed_in) = provider.arrive(&platform.client(), back).await else {
        panic!("not signed in");
    };
    assert_eq!(signed_in.account.id, "7");
    assert_eq!(signed_in.account.name, "Jane");
    // There is nowhere to revoke at, which is not hidden.
    assert!(
        !provider
            .sign_out(&platform.client(), &signed_in.session)
            .await
    );
}
