//! Calls of a platform's API.

use http::{HeaderMap, Method, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Call, CallAnswer, Called, Coverage, Provider, Session, whole};

use super::platform::{Platform, SITE, TOKENS, provider, session};

fn call(method: Method, path: &str, body: &str) -> Call {
    Call {
        method,
        path: path.to_owned(),
        query: None,
        headers: HeaderMap::new(),
        body: whole(body.to_owned()),
    }
}

async fn called(
    provider: &dyn Provider,
    platform: &Platform,
    session: &Session,
    call: Call,
) -> (CallAnswer, Option<Session>) {
    match provider.call(&platform.client(), session, call).await {
        Called::Answered { answer, renewed } => (answer, renewed),
        _ => panic!("not answered"),
    }
}

#[tokio::test]
async fn a_call_goes_with_cookies_and_headers_and_streams_its_answer() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let session = session(&*site, &platform.client()).await;
    let posted = Call {
        query: Some("a=1%2F2".to_owned()),
        ..call(Method::POST, "/orders/a b/%2e%2e", "an order")
    };
    let (answer, renewed) = called(&*site, &platform, &session, posted).await;
    assert!(renewed.is_none());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(&body[..], br#"{"got":"an order"}"#);
    let last = platform.last();
    assert_eq!(last.what, "POST /orders/a%20b/%252e%252e?a=1%2F2");
    assert_eq!(last.headers["x-csrf"], "t&oken");
    let cookies = last.headers[header::COOKIE].to_str().unwrap();
    assert!(cookies.contains("session=session-1"), "{cookies}");
}

#[tokio::test]
async fn a_cookie_that_comes_renews_the_session_and_is_not_handed_on() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let session = session(&*site, &platform.client()).await;
    let (answer, renewed) = called(
        &*site,
        &platform,
        &session,
        call(Method::GET, "/orders/renewing", ""),
    )
    .await;
    assert!(!answer.headers().contains_key(header::SET_COOKIE));
    assert!(renewed.unwrap().reveal().contains("session-2"));
}

#[tokio::test]
async fn redirects_are_followed_within_the_hosts_and_otherwise_returned() {
    let platform = Platform::start().await;
    let site = provider(SITE);
    let session = session(&*site, &platform.client()).await;
    let (moved, _) = called(&*site, &platform, &session, call(Method::GET, "/moved", "")).await;
    assert_eq!(moved.status(), 200);
    assert_eq!(platform.last().what, "GET /orders");
    let (elsewhere, _) = called(
        &*site,
        &platform,
        &session,
        call(Method::GET, "/elsewhere", ""),
    )
    .await;
    assert_eq!(
        elsewhere.headers()[header::LOCATION],
        "https://evil.example/taken"
    );
    assert_eq!(platform.last().what, "GET /elsewhere");
    let before = platform.arrived().len();
    let (round, _) = called(&*site, &platform, &session, call(Method::GET, "/round", "")).await;
    assert_eq!(round.status(), 302);
    assert_eq!(platform.arrived().len(), before + 11);
}

#[tokio::test]
async fn a_redirect_to_what_needs_another_permission_is_returned() {
    let platform = Platform::start().await;
    let site = provider(&SITE.replace("\"GET /orders\", ", ""));
    let session = session(&*site, &platform.client()).await;
    let (moved, _) = called(&*site, &platform, &session, call(Method::GET, "/moved", "")).await;
    assert_eq!(moved.status(), 302);
    assert_eq!(platform.last().what, "GET /moved");
}

#[tokio::test]
async fn a_redirect_to_the_log_in_page_means_signed_out_by_its_url() {
    let platform = Platform::start().await;
    let site = provider(&SITE.replace(
        r#"{ status = 302, header = "location", regex = "^/login" }"#,
        r#"{ url = true, regex = "/login$" }"#,
    ));
    let client = platform.client();
    let session = session(&*site, &client).await;
    platform.end_sessions();
    let orders = call(Method::GET, "/orders", "");
    let out = site.call(&client, &session, orders).await;
    assert!(matches!(out, Called::SignedOut));
    assert_eq!(platform.last().what, "GET /orders");
}

#[tokio::test]
async fn an_answer_that_means_signed_out_is_none() {
    let platform = Platform::start().await;
    let client = platform.client();
    for (text, path) in [(SITE, "/orders"), (TOKENS, "/anything")] {
        let provider = provider(text);
        let session = session(&*provider, &client).await;
        platform.end_sessions();
        let out = provider
            .call(&client, &session, call(Method::GET, path, ""))
            .await;
        assert!(matches!(out, Called::SignedOut), "{path}");
    }
}

#[tokio::test]
async fn a_sign_in_the_body_is_looked_for_and_the_answer_still_whole() {
    let platform = Platform::start().await;
    let site = provider(&SITE.replace(
        r#"[{ status = 302, header = "location", regex = "^/login" }]"#,
        r#"[{ status = 200, json = "/error", is = "expired" }]"#,
    ));
    let client = platform.client();
    let session = session(&*site, &client).await;
    let expired = call(Method::GET, "/orders/expired", "");
    assert!(matches!(
        site.call(&client, &session, expired).await,
        Called::SignedOut
    ));
    let (long, _) = called(
        &*site,
        &platform,
        &session,
        call(Method::GET, "/orders/long", ""),
    )
    .await;
    let body = long.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "0123456789".repeat(50_000));
}

#[tokio::test]
async fn what_is_secret_does_not_follow_a_redirect_to_another_host() {
    let platform = Platform::start().await;
    let site = provider(&SITE.replace(
        "\"GET /moved\"",
        "\"GET /moved\", \"GET /away\", \"GET /cat.png\"",
    ));
    let session = session(&*site, &platform.client()).await;
    called(&*site, &platform, &session, call(Method::GET, "/away", "")).await;
    let last = platform.last();
    assert_eq!(last.headers[header::HOST], "www.acme.example");
    assert!(!last.headers.contains_key("x-csrf") && !last.headers.contains_key(header::COOKIE));
}

#[test]
fn calls_need_the_permission_of_the_first_pattern_that_fits() {
    let site = provider(SITE);
    let needs = |permission: &str| Coverage::Needs(permission.to_owned());
    for (method, path, wanted) in [
        (Method::GET, "/orders/7", needs("orders:read")),
        (Method::DELETE, "/orders/7", needs("orders:write")),
        (Method::GET, "/status", Coverage::Open),
        (Method::GET, "/admin", Coverage::Refused),
        (Method::PUT, "/orders/7", Coverage::Refused),
    ] {
        assert_eq!(site.covers(&method, path), wanted, "{method} {path}");
    }
    assert_eq!(
        provider(TOKENS).covers(&Method::PUT, "/any"),
        Coverage::Open
    );
}
