//! The description of the API that the API serves.

use std::collections::BTreeSet;

use crate::support::{Request, World};

#[test]
fn the_description_is_served_and_lists_each_route() {
    let world = World::start();
    let answer = world.get("/openapi.json").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let document = answer.json();
    let version = document["openapi"].as_str().unwrap();
    assert!(version.starts_with("3.1"), "{version}");
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.insert(format!("{method} {path}"));
        }
    }
    for route in [
        "post /v2/link/init",
        "get /v2/link/{clientSecret}",
        "delete /v2/link/{clientSecret}",
        "get /v2/account/whoami",
        "get /v2/account/settings",
        "patch /v2/account/settings",
        "get /v2/account/connections",
        "get /v2/account/connections/{id}",
        "delete /v2/account/connections/{id}",
        "post /v2/account/connections/{id}/invalidate",
        "get /v2/account/connections/{id}/settings",
        "patch /v2/account/connections/{id}/settings",
        "post /v2/account/connections/import",
        "patch /v2/account/connections/import/{id}",
        "get /v2/access/self",
        "get /v2/access/proxy/{path}",
        "head /v2/access/proxy/{path}",
        "post /v2/access/proxy/{path}",
        "put /v2/access/proxy/{path}",
        "patch /v2/access/proxy/{path}",
        "delete /v2/access/proxy/{path}",
        "get /healthz",
    ] {
        assert!(routes.contains(route), "{route} is not among {routes:?}");
    }
}

#[test]
fn every_described_route_is_there() {
    let world = World::start();
    let document = world.get("/openapi.json").json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let target = path
            .replace("{clientSecret}", "cs_unknown")
            .replace("{id}", "unknown")
            .replace("{path}", "echo");
        for method in item.as_object().unwrap().keys() {
            let request = Request::new(&method.to_uppercase(), &target);
            let answer = world.send(&request.header("apikey", &world.developer().key));
            assert_ne!(answer.status, 405, "{method} {path}");
            assert!(
                !answer.text().contains("ROUTE_NOT_FOUND"),
                "{method} {path}"
            );
            let status = answer.status.to_string();
            let described = &item[method]["responses"][&status];
            assert!(described.is_object(), "{method} {path} answers {status}");
        }
    }
}

#[test]
fn the_readable_page_loads_nothing_from_elsewhere() {
    let world = World::start();
    let page = world.get("/docs").expect(200);
    let html = page.text();
    for tag in crate::support::form::tags(&html) {
        let loads = ["script", "link", "img", "iframe"];
        if loads.iter().any(|name| tag.starts_with(name)) {
            assert!(!tag.contains("//"), "{tag}");
        }
    }
}

#[test]
fn health_answers_without_a_key_and_tells_nothing() {
    let world = World::start();
    let answer = world.get("/healthz").expect(200);
    assert!(answer.body.len() < 32, "{}", answer.text());
}

#[test]
fn what_is_not_for_the_public_is_not_on_the_public_listener() {
    let world = World::start();
    for path in ["/metrics", "/readyz", "/debug/pprof", "/debug"] {
        assert_eq!(world.get(path).status, 404, "{path}");
    }
}
