//! What goes to the provider and what comes back.

use super::{Tie, uses};
use crate::support::{Request, World};

#[test]
fn nothing_that_tells_of_the_caller_goes_to_the_provider() {
    let world = World::start();
    let tie = Tie::live(&world);
    let request = tie
        .call("POST", "/open?a=1")
        .header("authorization", "Bearer canary")
        .header("cookie", "a=canary")
        .header("x-forwarded-for", "198.51.100.7")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "for=198.51.100.7")
        .header("x_forwarded_for", "198.51.100.7")
        .header("via", "1.1 canary")
        .header("te", "trailers")
        .header("x-http-method-override", "DELETE")
        .header("proxy-authorization", "Basic canary")
        .header("keep-alive", "timeout=5")
        .header("x-thing", "kept")
        .header("accept", "application/json")
        .header("idempotency-key", "one")
        .body("multipart/form-data; boundary=x", "--x--");
    world.send(&request).expect(201);
    let calls = world.upstream().calls.lock().unwrap().clone();
    let mut names: Vec<&str> = calls[0].headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["accept", "content-type", "idempotency-key", "x-thing"]
    );
    assert_eq!(calls[0].query.as_deref(), Some("a=1"));
    assert_eq!(calls[0].body.as_deref(), Some(&b"--x--"[..]));
    assert_eq!(calls[0].session, "ada 0");
}

#[test]
fn status_body_and_safe_headers_come_back_and_nothing_of_the_session() {
    let world = World::start();
    let tie = Tie::live(&world);
    let answer = world.send(&tie.call("GET", "/open/headers")).expect(207);
    assert_eq!(answer.text(), "thing");
    for (name, value) in [
        ("content-type", Some("application/x-thing")),
        ("etag", Some("\"7\"")),
        ("link", Some("<a>")),
        ("retry-after", Some("9")),
        ("content-length", Some("5")),
        ("set-cookie", None),
        ("www-authenticate", None),
        ("server", None),
        ("x-hop", None),
        ("transfer-encoding", None),
        ("access-control-allow-origin", None),
        ("cache-control", Some("no-store")),
        ("strict-transport-security", Some("max-age=31536000")),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
    assert_ne!(answer.header("x-ratelimit-remaining"), Some("100000"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
}

#[test]
fn a_status_of_the_provider_is_not_taken_for_one_of_ours() {
    let world = World::start();
    let tie = Tie::live(&world);
    let answer = world.send(&tie.call("GET", "/open/bare")).expect(404);
    assert_eq!(answer.text(), "");
    let answer = world.send(&tie.call("GET", "/open/elsewhere")).expect(302);
    assert_eq!(answer.location(), "https://elsewhere.example/");
    let told = world
        .send(&tie.call("GET", "/open/switch"))
        .error(502, "PROXY_ERROR");
    assert_eq!(told["actionRequired"], "try_again");
}

#[test]
fn a_provider_that_is_down_or_slow_is_told_apart_and_can_be_tried_again() {
    let world = World::start();
    let tie = Tie::live(&world);
    for (path, status, kind) in [
        ("/open/down", 502, "PROXY_ERROR"),
        ("/open/slow", 504, "NETWORK_ERROR"),
        ("/open/hang", 504, "NETWORK_ERROR"),
    ] {
        let told = world.send(&tie.call("GET", path)).error(status, kind);
        assert_eq!(told["actionRequired"], "try_again", "{path}");
    }
    assert_eq!(tie.told(&world)["status"], "active");
    assert_eq!(uses(&world).len(), 3);
}

#[test]
fn a_provider_that_breaks_is_a_failure_of_ours_and_the_next_call_works() {
    let world = World::start();
    let tie = Tie::live(&world);
    world
        .send(&tie.call("GET", "/open/panic"))
        .error(500, "UNKNOWN_ERROR");
    world.send(&tie.call("GET", "/open")).expect(200);
}

#[test]
fn the_host_of_the_request_changes_nothing() {
    let world = World::start();
    let tie = Tie::live(&world);
    let request = tie
        .call("GET", "/open/@evil.example")
        .header("x-original-url", "/messages");
    world.send(&request).expect(200);
    let calls = world.upstream().calls.lock().unwrap().clone();
    assert_eq!(calls[0].path, "/open/@evil.example");
    assert!(calls[0].headers.is_empty(), "{:?}", calls[0].headers);
}

#[test]
fn a_connection_must_be_named_once() {
    let world = World::start();
    let tie = Tie::live(&world);
    for path in ["/v2/access/self", "/v2/access/proxy/open"] {
        let request = Request::get(path).header("apikey", &tie.key);
        let told = world.send(&request).error(401, "SESSION_NOT_PROVIDED");
        let message = told["error"].as_str().unwrap();
        assert!(message.contains("x-connection-id"), "{message}");
        let twice = request
            .header("x-connection-id", &tie.id)
            .header("x-connection-id", &tie.id);
        world.send(&twice).error(401, "SESSION_NOT_PROVIDED");
    }
}
