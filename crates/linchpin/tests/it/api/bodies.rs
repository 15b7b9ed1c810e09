//! Bodies, methods and routes that no client should send.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Request, World};

fn post(world: &World, content_type: &str, body: &[u8]) -> Answer {
    let request = Request::post("/v2/link/init").header("apikey", &world.developer().key);
    world.send(&request.body(content_type, body))
}

#[test]
fn json_must_be_sent_as_json() {
    let world = World::start();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
        "json",
    ] {
        post(&world, content_type, b"{}").error(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ] {
        post(&world, content_type, b"{}").expect(200);
    }
    let key = &world.developer().key;
    let untyped = Request::post("/v2/link/init")
        .header("apikey", key)
        .bytes("{}");
    world.send(&untyped).error(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[test]
fn nothing_that_is_sent_is_answered_with_a_server_error() {
    let world = World::start();
    let nested = |open: &str, close: &str, depth: usize| {
        let text = format!(
            "{{\"metadata\":{}1{}}}",
            open.repeat(depth),
            close.repeat(depth)
        );
        text.into_bytes()
    };
    let bodies: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"}".to_vec(),
        b"[]".to_vec(),
        b"null".to_vec(),
        b"1".to_vec(),
        b"\"x\"".to_vec(),
        b"{}{}".to_vec(),
        b"{\"a\":1,}".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"clientReferenceId\":\"\xff\"}".to_vec(),
        b"{\"clientReferenceId\":\"\x00\"}".to_vec(),
        b"{\"clientReferenceId\":\"\\u0000\"}".to_vec(),
        b"{\"clientReferenceId\":\"\\ud800\"}".to_vec(),
        b"{\"clientReferenceId\":\"\\udc00\\ud800\"}".to_vec(),
        b"{\"__proto__\":{\"x\":1}}".to_vec(),
        b"{\"options\":{\"returnRawSession\":1e999}}".to_vec(),
        b"{\"metadata\":{\"a\":99999999999999999999999999}}".to_vec(),
        nested("[", "]", 10_000),
        nested("{\"a\":", "}", 5_000),
        vec![b'['; 60_000],
        format!("{{\"metadata\":{}}}", "9".repeat(60_000)).into_bytes(),
    ];
    for body in bodies {
        let answer = post(&world, "application/json", &body);
        answer.error(400, "BAD_REQUEST");
        for word in ["panicked", "serde", "sqlx", "rusqlite", "/home/", "/root/"] {
            assert!(!answer.text().contains(word), "{}", answer.text());
        }
    }
    world.link();
}

#[test]
fn of_a_field_that_is_there_twice_the_last_one_counts_or_none() {
    let world = World::start();
    let body = br#"{"clientReferenceId":"first","clientReferenceId":"last"}"#;
    let answer = post(&world, "application/json", body);
    assert!([200, 400].contains(&answer.status), "{}", answer.text());
    let stored = world.database().rows("SELECT request FROM link_session");
    assert!(
        stored
            .iter()
            .flatten()
            .all(|request| !request.contains("first"))
    );
    // A problem of a field is told although another one of the same name follows.
    let body = br#"{"metadata":{"a":"x","a":1}}"#;
    post(&world, "application/json", body).error(400, "BAD_REQUEST");
}

#[test]
fn a_body_may_have_64_kib_and_no_byte_more() {
    let world = World::start();
    let padded = |size: usize| {
        let mut body = b"{}".to_vec();
        body.resize(size, b' ');
        body
    };
    for size in [64 * 1024 - 1, 64 * 1024] {
        post(&world, "application/json", &padded(size)).expect(200);
    }
    post(&world, "application/json", &padded(64 * 1024 + 1)).error(413, "PAYLOAD_TOO_LARGE");
}

#[test]
fn ten_megabytes_are_too_large_and_the_server_goes_on() {
    let world = World::start();
    let body = vec![b'9'; 10 * 1024 * 1024];
    let answer = post(&world, "application/json", &body);
    answer.error(413, "PAYLOAD_TOO_LARGE");
    std::thread::sleep(Duration::from_millis(50));
    world.link();
}

#[test]
fn a_wrong_method_is_answered_with_those_that_are_allowed() {
    let world = World::start();
    let key = &world.developer().key;
    let secret = world.link().secret().to_owned();
    for (method, path, allowed) in [
        ("GET", "/healthz".to_owned(), None),
        ("PUT", "/v2/link/init".to_owned(), Some("POST")),
        ("PATCH", "/v2/link/init".to_owned(), Some("POST")),
        ("POST", format!("/v2/link/{secret}"), Some("GET")),
        ("PUT", format!("/v2/link/{secret}"), Some("DELETE")),
        ("POST", "/openapi.json".to_owned(), Some("GET")),
        ("DELETE", "/healthz".to_owned(), Some("GET")),
        ("OPTIONS", "/v2/link/init".to_owned(), Some("POST")),
    ] {
        let request = Request::new(method, &path).header("apikey", key);
        let answer = world.send(&request);
        let Some(allowed) = allowed else {
            answer.expect(200);
            continue;
        };
        answer.error(405, "METHOD_NOT_ALLOWED");
        let allow = answer.header("allow").expect("an Allow header");
        let named = allow.split(',').any(|name| name.trim() == allowed);
        assert!(named, "{method} {path}: {allow}");
        let refused = allow.split(',').any(|name| name.trim() == method);
        assert!(!refused, "{method} {path}: {allow}");
    }
    assert_eq!(
        world.send(&Request::new("TRACE", "/v2/link/init")).status / 100,
        4
    );
}

#[test]
fn get_on_init_is_not_taken_for_a_session() {
    let world = World::start();
    let request = Request::get("/v2/link/init").header("apikey", &world.developer().key);
    let answer = world.send(&request);
    answer.error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[test]
fn an_unknown_route_is_told_in_the_one_shape() {
    let world = World::start();
    let key = &world.developer().key;
    for path in [
        "/v2/link",
        "/v3/link/init",
        "/v2/link/init/",
        "/v2/link/a/b",
        "/a/b/c",
    ] {
        let answer = world.send(&Request::get(path).header("apikey", key));
        answer.error(404, "ROUTE_NOT_FOUND");
    }
}

#[test]
fn no_api_route_lets_another_site_read_its_answers() {
    let world = World::start();
    let key = &world.developer().key;
    let link = world.link();
    let status = format!("/v2/link/{}", link.secret());
    let requests = [
        Request::post("/v2/link/init").header("apikey", key),
        Request::get(&status).header("apikey", key),
        Request::new("OPTIONS", "/v2/link/init")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "apikey"),
        Request::get(link.url()),
        Request::get("/openapi.json"),
    ];
    for request in requests {
        let answer = world.send(&request.header("origin", "https://evil.example"));
        let allows = |(name, _): &&(String, String)| name.starts_with("access-control-");
        assert_eq!(answer.headers.iter().find(allows), None);
    }
}

#[test]
fn answers_about_sessions_are_never_cached() {
    let world = World::start();
    let key = &world.developer().key;
    let link = world.link();
    let status = format!("/v2/link/{}", link.secret());
    for request in [
        Request::post("/v2/link/init").header("apikey", key),
        Request::post("/v2/link/init")
            .header("apikey", key)
            .json(&json!({ "x": 1 })),
        Request::post("/v2/link/init"),
        Request::get(&status).header("apikey", key),
        Request::new("DELETE", &status).header("apikey", key),
        Request::get("/no/such/route"),
    ] {
        let answer = world.send(&request);
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{request:?}"
        );
    }
}
