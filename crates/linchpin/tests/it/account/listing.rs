//! Whose key it is, and lists of connections.

use serde_json::{Value, json};

use super::{ask, import_with, imported};
use crate::support::{Request, SECOND, World};

fn list(world: &World, query: &str) -> Value {
    let path = format!("/v2/account/connections{query}");
    world.send(&ask(world, "GET", &path)).expect(200).json()
}

fn ids(page: &Value) -> Vec<String> {
    let list = page["list"].as_array().unwrap();
    list.iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_key_learns_whose_it_is() {
    let world = World::start();
    let told = world
        .send(&ask(&world, "GET", "/v2/account/whoami"))
        .expect(200)
        .json();
    assert_eq!(told["id"], world.developer().org.as_str());
    assert_eq!(told["name"], "Shop");
    assert_eq!(
        told["permissions"],
        json!(["profile:read", "posts:read", "messages:write"])
    );
    assert_eq!(told["environment"], "sandbox");
    assert_eq!(told["scopes"], json!(["LINK", "ACCOUNT", "ACCESS"]));
}

#[test]
fn a_key_without_the_scope_is_refused_everywhere() {
    let world = World::start();
    let key = world.key(&world.developer().org, "LINK", "sandbox", None);
    for (method, path) in [
        ("GET", "/v2/account/whoami"),
        ("GET", "/v2/account/connections"),
        ("DELETE", "/v2/account/connections/conn_1"),
        ("POST", "/v2/account/connections/import"),
    ] {
        let request = Request::new(method, path).header("apikey", &key);
        world.send(&request).error(403, "FORBIDDEN");
    }
}

#[test]
fn pages_are_newest_first_and_tell_of_the_next() {
    let world = World::start();
    let mut made: Vec<String> = Vec::new();
    for n in 0..12 {
        made.insert(0, imported(&world, &format!("user{n}@fan.sandbox.com")));
        world.pass(SECOND);
    }
    let first = list(&world, "");
    assert_eq!(ids(&first), made[..10]);
    assert_eq!(
        (&first["hasMore"], &first["nextOffset"]),
        (&json!(true), &json!(10))
    );
    let second = list(&world, "?offset=10");
    assert_eq!(ids(&second), made[10..]);
    assert_eq!(second["hasMore"], false);
    assert!(second.get("nextOffset").is_none());
    assert_eq!(ids(&list(&world, "?limit=500")), made);
    assert_eq!(ids(&list(&world, "?limit=3&offset=2")), made[2..5]);
    assert!(ids(&list(&world, "?offset=2147483647")).is_empty());
}

#[test]
fn filters_leave_out_what_does_not_fit() {
    let world = World::start();
    let ada = import_with(
        &world,
        "ada@fan.sandbox.com",
        &json!({ "clientReferenceId": "a" }),
    );
    let ada = ada.expect(200).json()["id"].as_str().unwrap().to_owned();
    world.pass(SECOND);
    let bob = imported(&world, "bob@fan.sandbox.com");
    let path = format!("/v2/account/connections/{bob}/invalidate");
    world.send(&ask(&world, "POST", &path)).expect(200);
    assert_eq!(ids(&list(&world, "?status=active")), [ada.as_str()]);
    assert_eq!(ids(&list(&world, "?status=expired")), [bob.as_str()]);
    assert!(ids(&list(&world, "?status=awaiting_2fa")).is_empty());
    assert_eq!(ids(&list(&world, "?clientReferenceId=a")), [ada.as_str()]);
    assert!(ids(&list(&world, "?clientReferenceId=a&status=expired")).is_empty());
    assert_eq!(
        ids(&list(&world, "?imported=true")),
        [bob.clone(), ada.clone()]
    );
    assert!(ids(&list(&world, "?imported=false")).is_empty());
    assert_eq!(ids(&list(&world, "?provider=sandbox&limit=1")), [bob]);
    assert!(ids(&list(&world, "?provider=north")).is_empty());
}

#[test]
fn a_parameter_that_cannot_be_is_named() {
    let world = World::start();
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=-99999999999999999999", "limit"),
        ("offset=-1", "offset"),
        ("offset=2147483648", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("status=dead", "status"),
        ("imported=1", "imported"),
        ("statu=active", "statu"),
        ("limit=1&limit=2", "limit"),
        ("clientReferenceId=", "clientReferenceId"),
    ] {
        let path = format!("/v2/account/connections?{query}");
        let answer = world.send(&ask(&world, "GET", &path));
        let told = answer.error(400, "BAD_REQUEST");
        assert_eq!(told["details"][0]["field"], field, "{query}");
    }
}

#[test]
fn no_page_leaves_the_tenant() {
    let world = World::start();
    imported(&world, "ada@fan.sandbox.com");
    let other = world.developer_named("Other");
    for query in [
        "",
        "?offset=0&limit=100",
        "?imported=true",
        "?status=active",
    ] {
        let path = format!("/v2/account/connections{query}");
        let request = Request::get(&path).header("apikey", &other.key);
        assert!(
            ids(&world.send(&request).expect(200).json()).is_empty(),
            "{query}"
        );
    }
    // Nor the environment.
    let live = world.live_developer();
    let request = Request::get("/v2/account/connections").header("apikey", &live.key);
    assert!(ids(&world.send(&request).expect(200).json()).is_empty());
}
