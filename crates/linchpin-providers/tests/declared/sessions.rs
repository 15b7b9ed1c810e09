//! Looking at sessions, renewing and ending them.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use http::{Request, Response};
use linchpin_provider::{Body, Called, Client, Death, Looked, SendError, Session, Transport};

use super::platform::{Platform, SITE, TOKENS, provider, session};

#[tokio::test]
async fn a_session_is_alive_until_the_platform_ends_it() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let session = session(&*site, &client).await;
    let alive = site.look(&client, &session).await;
    assert!(
        matches!(&alive, Looked::Alive { account, renewed: None } if account.id == "42"),
        "{alive:?}"
    );
    let Called::Answered { answer, .. } = site.profile(&client, &session).await else {
        panic!();
    };
    assert_eq!(
        (&answer["id"], &answer["plan"], &answer["username"]),
        (&"42".into(), &"gold".into(), &"jane".into())
    );
    assert_eq!(answer["tier"], "ol");
    platform.end_sessions();
    let dead = site.look(&client, &session).await;
    assert!(matches!(dead, Looked::Dead(Death::SignedOut)), "{dead:?}");
    assert!(matches!(
        site.profile(&client, &session).await,
        Called::SignedOut
    ));
    let garbage = site.look(&client, &Session::new("{}".to_owned())).await;
    assert!(
        matches!(garbage, Looked::Dead(Death::SignedOut)),
        "{garbage:?}"
    );
}

#[tokio::test]
async fn the_profile_of_another_account_than_before_is_not_taken() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let session = session(&*site, &client).await;
    let another = Session::new(session.reveal().replace(r#""id":"42""#, r#""id":"41""#));
    assert_ne!(another.reveal(), session.reveal());
    assert!(matches!(
        site.profile(&client, &another).await,
        Called::SignedOut
    ));
}

#[tokio::test]
async fn tokens_are_renewed_once_they_are_not_accepted_and_the_new_ones_kept() {
    let platform = Platform::start().await;
    let tokens = provider(TOKENS);
    let client = platform.client();
    let first = session(&*tokens, &client).await;
    assert!(!tokens.is_stale(&first, 0));
    assert!(tokens.is_stale(&first, i64::MAX));
    let expired = Session::new(first.reveal().replace("session-1", "expired"));
    let Looked::Alive {
        renewed: Some(second),
        ..
    } = tokens.look(&client, &expired).await
    else {
        panic!();
    };
    assert!(second.reveal().contains("session-3") && second.reveal().contains("session-4"));
    // The refresh token is used up.
    let again = tokens.look(&client, &expired).await;
    assert!(matches!(again, Looked::Dead(Death::SignedOut)), "{again:?}");
}

#[tokio::test]
async fn what_was_renewed_is_not_lost_where_the_profile_does_not_answer() {
    let platform = Platform::start().await;
    let tokens = provider(TOKENS);
    let client = platform.client();
    let first = session(&*tokens, &client).await;
    platform.go_down();
    assert!(matches!(
        tokens.look(&client, &first).await,
        Looked::Unavailable
    ));
    let ended = Session::new(first.reveal().replace("\"ends\":", "\"ends\":1,\"then\":"));
    let looked = tokens.look(&client, &ended).await;
    assert!(
        matches!(&looked, Looked::Alive { account, renewed: Some(_) } if account.username == "jane"),
        "{looked:?}"
    );
}

#[tokio::test]
async fn what_was_renewed_is_not_lost_where_the_profile_hangs() {
    let platform = Platform::start().await;
    let tokens = provider(TOKENS);
    let first = session(&*tokens, &platform.client()).await;
    let expired = Session::new(first.reveal().replace("session-1", "expired"));
    let hanging = Client::new(Hanging {
        on: "/api/me",
        after: AtomicUsize::new(1),
        client: platform.client(),
    });
    tokio::time::pause();
    let looked = tokens.look(&hanging, &expired).await;
    let Looked::Alive {
        renewed: Some(second),
        ..
    } = looked
    else {
        panic!("{looked:?}");
    };
    assert!(second.reveal().contains("session-3") && second.reveal().contains("session-4"));
}

#[tokio::test]
async fn what_was_renewed_is_not_lost_where_a_later_request_of_the_renewal_fails() {
    let platform = Platform::start().await;
    let tokens = provider(&format!("{TOKENS}\n[[renew]]\nget = \"/api/more\"\n"));
    let client = platform.client();
    let first = session(&*tokens, &client).await;
    let ended = Session::new(first.reveal().replace("\"ends\":", "\"ends\":1,\"then\":"));
    platform.go_down();
    let looked = tokens.look(&client, &ended).await;
    let Looked::Alive {
        renewed: Some(second),
        ..
    } = looked
    else {
        panic!("{looked:?}");
    };
    assert!(second.reveal().contains("session-3") && second.reveal().contains("session-4"));
    assert!(tokens.is_stale(&second, 0), "it is renewed once more");
}

/// Answers nothing on one path after a number of requests there.
struct Hanging {
    on: &'static str,
    after: AtomicUsize,
    client: Client,
}

#[async_trait::async_trait]
impl Transport for Hanging {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        let less = |left: usize| left.checked_sub(1);
        let here = request.uri().path() == self.on;
        if here && self.after.fetch_update(Relaxed, Relaxed, less).is_err() {
            std::future::pending::<()>().await;
        }
        self.client.send(request).await
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_at_the_platform() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let client = platform.client();
    let session = session(&*site, &client).await;
    assert!(site.sign_out(&client, &session).await);
    let last = platform.last();
    assert_eq!(
        (last.what.as_str(), last.headers["x-csrf"].to_str().unwrap()),
        ("POST /logout", "t&oken")
    );
    assert!(matches!(
        site.look(&client, &session).await,
        Looked::Dead(_)
    ));
}
