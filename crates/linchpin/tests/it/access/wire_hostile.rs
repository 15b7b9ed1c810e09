//! Hostile paths and headers: the platform sees only what a pattern allows, and only what is ours to say.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use super::Tie;
use crate::support::World;

/// Ways to write what leads elsewhere, put between a beginning that may be called and an end that may not.
const TRICKS: [&str; 44] = [
    "..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "%252e%252e",
    "%25252e%25252e",
    "..;",
    "..;x=1",
    "..%3b",
    "%2e%2e%3B",
    "..%00",
    "..%20",
    "..%09",
    "..%5c",
    "..\\",
    "%5c..",
    "%c0%ae%c0%ae",
    "%e0%80%ae%e0%80%ae",
    "%uff0e%uff0e",
    "..%c0%af",
    "..%2f",
    "..%252f",
    "..%255c",
    ".",
    "%2e",
    "",
    "/",
    "%2f",
    "%2F%2f",
    "..%0d%0a",
    "%0a",
    "%00",
    "%3f",
    "%23",
    ";",
    "%3B",
    "..%ff",
    "%ff",
    "..//",
    "/../",
    "./..",
    "../.",
    "...%2f..",
    "..%u2215",
];
const BEGINNINGS: [&str; 5] = [
    "/wire/open/",
    "/wire/open/a/",
    "/wire/posts/",
    "/",
    "/wire/",
];

/// A path as often decoded as somebody may do it, and with what is relative in it resolved.
fn resolved(path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let decoded: Vec<u8> =
            url::form_urlencoded::parse(format!("a={}", path.replace('+', "%2B")).as_bytes())
                .flat_map(|(_, value)| value.into_owned().into_bytes())
                .collect();
        path = String::from_utf8_lossy(&decoded).replace('\\', "/");
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment
            .split(';')
            .next()
            .unwrap()
            .trim_matches(|c: char| c.is_whitespace() || c.is_control())
        {
            ".." => drop(segments.pop()),
            "." => {}
            _ => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

#[test]
fn of_hostile_paths_the_platform_sees_only_what_a_pattern_allows() {
    let world = World::without_limit();
    let tie = Tie::live_with(&world, &[]);
    let mut sent = 0;
    for beginning in BEGINNINGS {
        for trick in TRICKS {
            let answer = raw(
                &world,
                &tie,
                "GET",
                &format!("{beginning}{trick}/posts"),
                "",
                b"",
            );
            let status: u16 = answer.get(9..12).unwrap().parse().unwrap();
            assert!(
                matches!(status, 200 | 400 | 403 | 404),
                "{beginning}{trick}: {answer}"
            );
            sent += 1;
        }
    }
    assert!(sent >= 200);
    let platform = &world.upstream().platform;
    let requests = platform.requests();
    assert!(requests.len() >= 4, "some do no harm");
    for request in requests {
        let [method, path, version] = request.line()[..] else {
            panic!("{:?}", request.line());
        };
        assert_eq!((method, version), ("GET", "HTTP/1.1"));
        assert!(resolved(path).starts_with("/wire/open/"), "{path}");
        assert!(!path.contains(';') && !path.contains("//"), "{path}");
    }
}

#[test]
fn no_target_names_another_host() {
    let world = World::without_limit();
    let tie = Tie::live(&world);
    for target in [
        "http://evil.example/v2/access/proxy/wire/open/x",
        "//evil.example/v2/access/proxy/wire/open/x",
        "/v2/access/proxy//evil.example/x",
        "/v2/access/proxy/@evil.example/wire/open/x",
        "/v2/access/proxy/wire/open/@evil.example",
        "/v2/access/proxy/wire/open/x?@evil.example",
        "/v2/access/proxy/wire/open/x?url=http://evil.example/#x",
        "/v2/access/proxy/http:/evil.example",
        "evil.example:443",
        "*",
    ] {
        exchange(
            &world,
            &tie,
            "GET",
            target,
            "x-forwarded-host: evil.example\r\nx-host: evil.example\r\n",
            b"",
        );
    }
    for method in ["CONNECT", "TRACE", "OPTIONS", "PROPFIND"] {
        let answer = raw(&world, &tie, method, "/wire/open/x", "", b"");
        assert!(answer.starts_with("HTTP/1.1 4"), "{method}: {answer}");
    }
    let platform = &world.upstream().platform;
    let own = platform.address().to_string();
    let requests = platform.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let hosts = request
            .headers()
            .into_iter()
            .filter(|(name, _)| name == "host");
        assert_eq!(
            hosts.map(|(_, host)| host).collect::<Vec<_>>(),
            [own.as_str()]
        );
        assert!(
            request.line()[1].starts_with("/wire/open/"),
            "{:?}",
            request.line()
        );
    }
}

#[test]
fn of_hostile_headers_the_platform_sees_none_and_no_body_becomes_a_request() {
    let world = World::without_limit();
    let tie = Tie::live(&world);
    let smuggled = b"GET /wire/posts HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = smuggled.len();
    for headers in [
        format!("content-length: {length}\r\nauthorization: Bearer evil\r\ncookie: evil=1\r\n"),
        format!(
            "content-length: {length}\r\nconnection: x-evil, close\r\nx-evil: 1\r\nte: trailers\r\n"
        ),
        format!(
            "content-length: {length}\r\nx-forwarded-for: evil\r\nforwarded: for=evil\r\nvia: 1.1 evil\r\n"
        ),
        format!(
            "content-length: {length}\r\nproxy-authorization: evil\r\nproxy-connection: evil\r\nkeep-alive: evil\r\n"
        ),
        format!(
            "content-length: {length}\r\nx_forwarded_for: evil\r\nx-original-url: /evil\r\nx-http-method: EVIL\r\n"
        ),
        format!(
            "content-length: {length}\r\nupgrade: evil\r\nhttp2-settings: evil\r\nexpect: 100-continue\r\n"
        ),
        // Two lengths, two framings, and spellings that some read as one of them.
        format!("content-length: {length}\r\ncontent-length: 0\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding : chunked\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding: xchunked\r\n"),
        format!("content-length: {length}\r\ntransfer-encoding:\tchunked\r\n"),
        format!("content-length: {length}\r\n transfer-encoding: chunked\r\n"),
        format!("content-length: +{length}\r\n"),
        format!("content-length: {length}\r\nx: a\rtransfer-encoding: chunked\r\n"),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding: identity\r\n".to_owned(),
    ] {
        raw(&world, &tie, "POST", "/wire/open/echo", &headers, smuggled);
    }
    let requests = world.upstream().platform.requests();
    assert!(requests.len() >= 5, "{}", requests.len());
    for request in requests {
        let text = String::from_utf8_lossy(&request.0).to_ascii_lowercase();
        assert_eq!(request.line()[..2], ["POST", "/wire/open/echo"], "{text}");
        assert!(!text.contains("evil"), "{text}");
        let framed = |name: &str| {
            request
                .headers()
                .iter()
                .filter(|(known, _)| known == name)
                .count()
        };
        assert_eq!(
            framed("content-length") + framed("transfer-encoding"),
            1,
            "{text}"
        );
        assert!(
            text.ends_with("get /wire/posts http/1.1\r\nhost: x\r\n\r\n"),
            "{text}"
        );
    }
}

/// Calls a path as it is written.
fn raw(world: &World, tie: &Tie, method: &str, path: &str, headers: &str, body: &[u8]) -> String {
    exchange(
        world,
        tie,
        method,
        &format!("/v2/access/proxy{path}"),
        headers,
        body,
    )
}

fn exchange(
    world: &World,
    tie: &Tie,
    method: &str,
    target: &str,
    headers: &str,
    body: &[u8],
) -> String {
    let (key, id) = (&tie.key, &tie.id);
    // A header of ours may be named by `connection` in `headers`; two such lines are one list.
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: a\r\napikey: {key}\r\nx-connection-id: {id}\r\nconnection: close\r\n{headers}\r\n"
    );
    let mut stream = TcpStream::connect(world.address()).unwrap();
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
