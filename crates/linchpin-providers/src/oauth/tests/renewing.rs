//! Tokens after the sign-in: looked at, renewed, and taken over.

use linchpin_provider::Death;

use super::*;

#[tokio::test]
async fn an_account_whose_id_is_in_the_id_token_alone_stays_the_same() {
    let text = file(r#"client_secret_file = "here.secret""#) + "[profile]\nid = \"/oid\"\n";
    let (provider, platform) = (read(&text).unwrap(), Platform::new());
    platform.set(|state| state.claims = json!({ "oid": "o-7" }));
    let Answer::SignedIn(signed_in) = sign_in(&provider, &platform).await else {
        panic!("not signed in");
    };
    assert_eq!(signed_in.account.id, "o-7");
    let (client, session) = (platform.client(), signed_in.session);
    let looked = provider.look(&client, &session).await;
    assert!(matches!(looked, Looked::Alive { ref account, .. } if account.id == "o-7"));
    let Called::Answered { answer, .. } = provider.profile(&client, &session).await else {
        panic!("no profile");
    };
    assert_eq!(answer["id"], "o-7");
    // What tells of nobody is no profile, and another's is not this one's.
    for profile in [
        json!({ "error": "busy" }),
        json!({ "sub": "eve", "oid": "o-8" }),
    ] {
        platform.set(|state| state.profile = profile);
        let looked = provider.look(&client, &session).await;
        assert!(matches!(looked, Looked::Unavailable), "{looked:?}");
    }
}

#[tokio::test]
async fn tokens_that_ran_out_are_renewed_and_each_refresh_token_is_used_once() {
    let (provider, platform) = (provider(), Platform::new());
    platform.set(|state| state.expires_in = json!("10"));
    let first = session(&provider, &platform).await;
    let looked = provider.look(&platform.client(), &first).await;
    let Looked::Alive {
        renewed: Some(second),
        ..
    } = looked
    else {
        panic!("{looked:?}");
    };
    let third = provider.look(&platform.client(), &second).await;
    assert!(matches!(
        third,
        Looked::Alive {
            renewed: Some(_),
            ..
        }
    ));
    // The first one is spent.
    let spent = provider.look(&platform.client(), &first).await;
    assert!(matches!(spent, Looked::Dead(Death::SignedOut)), "{spent:?}");
}

#[tokio::test]
async fn tokens_that_are_refused_before_their_time_are_renewed_once() {
    let (provider, platform) = (provider(), Platform::new());
    let session = session(&provider, &platform).await;
    platform.set(|state| state.working.clear());
    let profile = provider.profile(&platform.client(), &session).await;
    assert!(matches!(profile, Called::SignedOut));
    let looked = provider.look(&platform.client(), &session).await;
    assert!(matches!(
        looked,
        Looked::Alive {
            renewed: Some(_),
            ..
        }
    ));
    platform.set(|state| {
        state.working.clear();
        state.refresh.clear();
    });
    let looked = provider.look(&platform.client(), &session).await;
    assert!(matches!(looked, Looked::Dead(Death::SignedOut)));
}

#[tokio::test]
async fn renewed_tokens_are_kept_though_the_profile_cannot_be_read() {
    let (provider, platform) = (provider(), Platform::new());
    platform.set(|state| state.expires_in = json!(0));
    let session = session(&provider, &platform).await;
    platform.set(|state| state.broken.insert("/me", 503));
    let looked = provider.look(&platform.client(), &session).await;
    let Looked::Alive {
        account,
        renewed: Some(_),
    } = looked
    else {
        panic!("{looked:?}");
    };
    assert_eq!(account.name, "Jane Doe");
}

#[tokio::test]
async fn a_provider_that_is_down_says_nothing_about_a_session() {
    let (provider, platform) = (provider(), Platform::new());
    let session = session(&provider, &platform).await;
    platform.set(|state| state.broken.insert("/me", 500));
    let looked = provider.look(&platform.client(), &session).await;
    assert!(matches!(looked, Looked::Unavailable));
    platform.set(|state| {
        state.broken = [("/token", 429)].into();
        state.working.clear();
    });
    let looked = provider.look(&platform.client(), &session).await;
    assert!(matches!(looked, Looked::Unavailable));
}

#[tokio::test]
async fn tokens_that_were_got_elsewhere_are_taken_over_where_they_work() {
    let (provider, platform) = (provider(), Platform::new());
    session(&provider, &platform).await;
    let tokens = |access: &str, refresh: Option<&str>| Import::Token {
        access_token: Secret::new(access.to_owned()),
        refresh_token: refresh.map(|token| Secret::new(token.to_owned())),
        expires_at: None,
    };
    let client = platform.client();
    let taken = provider.import(&client, tokens("at-1", None)).await;
    assert!(matches!(taken, Imported::Taken(ref taken) if taken.account.id == "jane"));
    let renewed = provider.import(&client, tokens("old", Some("rt-1"))).await;
    assert!(matches!(renewed, Imported::Taken(_)));
    let dead = provider.import(&client, tokens("old", Some("rt-1"))).await;
    assert!(matches!(dead, Imported::Dead));
    // What was renewed is kept though the profile cannot be read: the ID token tells whose it is.
    platform.set(|state| state.broken.insert("/me", 503));
    let renewed = provider.import(&client, tokens("old", Some("rt-2"))).await;
    assert!(
        matches!(renewed, Imported::Unavailable),
        "the token is not known to have run out"
    );
    let run_out = Import::Token {
        access_token: Secret::new("old".to_owned()),
        refresh_token: Some(Secret::new("rt-2".to_owned())),
        expires_at: Some(0),
    };
    let renewed = provider.import(&client, run_out).await;
    assert!(matches!(renewed, Imported::Taken(ref taken) if taken.account.id == "jane"));
    let cookie = Import::Cookie {
        cookie: Secret::new("a=b".to_owned()),
        user_agent: "Test/1".to_owned(),
    };
    assert!(matches!(
        provider.import(&client, cookie).await,
        Imported::NotOffered
    ));
}
