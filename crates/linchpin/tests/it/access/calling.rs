//! Calls, their permissions, their audit entries and their limit.

use serde_json::json;

use super::{Tie, uses};
use crate::support::World;

#[test]
fn the_profile_is_the_one_of_the_account_that_was_linked() {
    let world = World::start();
    let tie = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let profile = world.send(&tie.profile()).expect(200).json();
    assert_eq!(profile["id"], 168_177_976_202_092_u64);
    for field in ["name", "username", "avatar", "isAuth", "postsCount"] {
        assert!(profile.get(field).is_some(), "{field}");
    }
}

#[test]
fn the_echo_reflects_every_method_with_path_query_and_body() {
    let world = World::start();
    let tie = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let request = tie.call(method, "/echo/a%20b?x=1&y=%2e%2e%2F&&z");
        let request = match method {
            "GET" => request,
            _ => request.body("text/plain", "hello"),
        };
        let told = world.send(&request).expect(200).json();
        assert_eq!(told["method"], method);
        assert_eq!(told["path"], "/echo/a b");
        assert_eq!(told["query"], "x=1&y=%2e%2e%2F&&z");
        if method != "GET" {
            assert_eq!(told["body"], "hello", "{method}");
            assert_eq!(told["contentType"], "text/plain", "{method}");
        }
    }
    let head = world.send(&tie.call("HEAD", "/echo")).expect(200);
    assert!(head.body.is_empty());
    for method in ["OPTIONS", "TRACE", "PROPFIND"] {
        world
            .send(&tie.call(method, "/echo"))
            .error(405, "METHOD_NOT_ALLOWED");
    }
}

#[test]
fn a_call_needs_the_permission_that_covers_it_and_the_refusal_names_it() {
    let world = World::start();
    let tie = Tie::live_with(&world, &["posts:read"]);
    world.send(&tie.call("GET", "/posts")).expect(200);
    let told = world
        .send(&tie.call("GET", "/messages"))
        .error(403, "FORBIDDEN");
    let message = told["error"].as_str().unwrap();
    assert!(message.contains("messages:write"), "{message}");
    for path in ["/admin", "/", "/posts/7", "/postsx", "/POSTS"] {
        let status = world.send(&tie.call("GET", path)).status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
    world.send(&tie.call("GET", "/open/x")).expect(200);
    let paths: Vec<String> = world
        .upstream()
        .calls
        .lock()
        .unwrap()
        .iter()
        .map(|call| call.path.clone())
        .collect();
    assert_eq!(paths, ["/posts", "/open/x"]);
}

#[test]
fn a_key_without_the_scope_uses_nothing() {
    let world = World::start();
    let mut tie = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let org = world.developer().org.clone();
    tie.key = world.key(&org, "LINK,ACCOUNT,MANAGE", "sandbox", None);
    for request in [tie.profile(), tie.call("POST", "/echo")] {
        let told = world.send(&request).error(403, "FORBIDDEN");
        assert!(told["error"].as_str().unwrap().contains("ACCESS"), "{told}");
    }
    tie.key = "sk_sandbox_nobody".to_owned();
    world.send(&tie.profile()).error(401, "UNAUTHORIZED");
    assert!(uses(&world).is_empty());
}

#[test]
fn paths_that_could_lead_elsewhere_reach_nobody() {
    let world = World::start();
    let tie = Tie::live(&world);
    for path in [
        "/../posts",
        "/open/../posts",
        "/open/%2e%2e/posts",
        "/open/%252e%252e/posts",
        "/open/..%2fposts",
        "/open/..;/posts",
        "//evil.example/open",
        "/%2Fevil.example/open",
        "/http:%2F%2Fevil.example",
        "/open/%5C..%5Cposts",
        "/open/%0d%0ahost:evil.example",
        "/open/%00",
        "/open/%c0%ae%c0%ae/posts",
        "/open/%3Fa=b",
        "/open/./x",
    ] {
        world
            .send(&tie.call("GET", path))
            .field_error("path", "INVALID_PATH");
    }
    assert!(world.upstream().calls.lock().unwrap().is_empty());
    assert!(uses(&world).is_empty());
}

#[test]
fn each_use_is_in_the_audit_log_with_who_and_what_for_and_nothing_else() {
    let world = World::start();
    let tie = Tie::live(&world);
    let calls = [
        tie.profile(),
        tie.call("GET", "/posts?token=canary-query"),
        tie.call("POST", "/open/canary-path")
            .body("text/plain", "canary-body"),
        tie.call("GET", "/open/down"),
        // Refused, so that no session is opened.
        tie.call("GET", "/messages"),
        tie.call("GET", "/open/.."),
    ];
    for call in &calls {
        world.send(call);
    }
    let entries = uses(&world);
    let told: Vec<_> = entries.iter().map(|entry| &entry["detail"]).collect();
    let detail = |method: &str, purpose: &str| json!({ "method": method, "purpose": purpose });
    assert_eq!(
        told,
        [
            &detail("GET", "self"),
            &detail("GET", "proxy"),
            &detail("POST", "proxy"),
            &detail("GET", "proxy")
        ]
    );
    for entry in &entries {
        assert_eq!(entry["object"], json!(tie.id));
        assert!(entry["actor"].as_str().unwrap().starts_with("key:key_"));
        assert!(!entry.to_string().contains("canary"), "{entry}");
    }
}

#[test]
fn a_use_that_cannot_be_written_down_does_not_happen() {
    let mut world = World::start();
    let tie = Tie::live(&world);
    world.stop();
    world.tamper("DROP TABLE audit");
    world.run();
    let answer = world.send(&tie.call("POST", "/open"));
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(world.upstream().calls.lock().unwrap().is_empty());
}

#[test]
fn each_answer_says_how_much_is_left_and_the_ninety_first_at_once_is_refused() {
    let world = World::start();
    let tie = Tie::live(&world);
    let number = |answer: &crate::support::Answer, name: &str| -> u64 {
        answer.header(name).unwrap().parse().unwrap()
    };
    let mut refused = None;
    // At one token a second the burst is over before as many as this were sent.
    for n in 0..400_u64 {
        let request = match n % 4 {
            0 => tie.call("GET", "/open"),
            1 => tie.profile(),
            2 => tie.call("GET", "/open/.."),
            _ => tie.call("GET", "/messages"),
        };
        let answer = world.send(&request);
        assert_eq!(number(&answer, "x-ratelimit-limit"), 90);
        if answer.status == 429 {
            refused = Some((n, answer));
            break;
        }
        let (left, full) = (
            number(&answer, "x-ratelimit-remaining"),
            number(&answer, "x-ratelimit-reset"),
        );
        assert!(left + n >= 89, "{left} left after {n}");
        assert_eq!(left + full, 90);
    }
    let (sent, answer) = refused.expect("an end of the burst");
    assert!(sent >= 90, "{sent}");
    answer.error(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(number(&answer, "x-ratelimit-remaining"), 0);
    // Another connection has its own bucket.
    let other = Tie::sandbox(&world, "jane@creator.sandbox.com", &[]);
    let answer = world.send(&other.profile()).expect(200);
    assert_eq!(number(&answer, "x-ratelimit-remaining"), 89);
}
