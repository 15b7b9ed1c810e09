//! Sessions that were made elsewhere.

use serde_json::{Value, json};

use super::{ask, connection, import, import_with, imported, sealed, told};
use crate::support::{Answer, Browser, Request, World};

fn import_again(world: &World, id: &str, email: &str) -> Answer {
    let body = json!({ "cookie": format!("sandbox={email}"), "userAgent": "Test/1" });
    let request = ask(
        world,
        "PATCH",
        &format!("/v2/account/connections/import/{id}"),
    );
    world.send(&request.json(&body))
}

#[test]
fn a_session_becomes_a_connection_with_its_profile() {
    let world = World::start();
    let fields =
        json!({ "clientReferenceId": "u1", "permissions": ["posts:read"], "provider": "sandbox" });
    let made = import_with(&world, "jane@creator.sandbox.com", &fields)
        .expect(200)
        .json();
    assert_eq!(made["status"], "active");
    assert_eq!(made["imported"], true);
    assert_eq!(made["userData"]["id"], "168177976202092");
    assert_eq!(made["permissions"], json!(["posts:read"]));
    assert_eq!(made["clientReferenceId"], "u1");
    assert_eq!(
        told(&world),
        [("connection.created".to_owned(), "1".to_owned())]
    );
    assert_eq!(sealed(&world), 1);
}

#[test]
fn permissions_are_those_of_the_apps_where_nothing_is_said() {
    let world = World::start();
    let made = import(&world, "jane@creator.sandbox.com")
        .expect(200)
        .json();
    assert_eq!(
        made["permissions"],
        json!(["profile:read", "posts:read", "messages:write"])
    );
}

#[test]
fn an_account_with_an_active_connection_is_a_conflict_that_names_it() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let refused = import(&world, "ADA@fan.sandbox.com ").error(409, "CONFLICT");
    assert_eq!(refused["details"], json!({ "connectionId": id }));
    assert_eq!(told(&world).len(), 1);
}

#[test]
fn an_expired_connection_of_the_account_is_renewed_in_place() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&ask(&world, "POST", &path)).expect(200);
    assert_eq!(imported(&world, "ada@fan.sandbox.com"), id);
    assert_eq!(connection(&world, &id)["status"], "active");
    let kinds: Vec<String> = told(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds,
        [
            "connection.created",
            "connection.expired",
            "connection.updated"
        ]
    );
}

#[test]
fn a_session_that_does_not_work_is_refused_and_nothing_is_kept() {
    let world = World::start();
    for email in ["ada@nowhere.example", "ada@locked.sandbox.com", ""] {
        let refused = import(&world, email).error(400, "BAD_REQUEST");
        assert_eq!(refused["details"][0]["field"], "cookie", "{email}");
    }
    let refused = import(&world, "ada@unavailable.sandbox.com").error(502, "PROXY_ERROR");
    assert_eq!(refused["actionRequired"], "try_again");
    assert_eq!(sealed(&world), 0);
    assert!(told(&world).is_empty());
}

#[test]
fn a_body_that_cannot_be_is_refused_field_by_field() {
    let world = World::start();
    let cases: [(Value, &str); 9] = [
        (json!({}), "cookie"),
        (
            json!({ "cookie": "sandbox=a@fan.sandbox.com" }),
            "userAgent",
        ),
        (json!({ "cookie": 7, "userAgent": "T" }), "cookie"),
        (
            json!({ "cookie": "a", "userAgent": "T", "accessToken": "b" }),
            "accessToken",
        ),
        (json!({ "accessToken": "b" }), "accessToken"),
        (
            json!({ "accessToken": "b", "expiresAt": "tomorrow" }),
            "expiresAt",
        ),
        (
            json!({ "cookie": "sandbox=a@fan.sandbox.com", "userAgent": "T", "permissions": ["fly"] }),
            "permissions",
        ),
        (
            json!({ "cookie": "sandbox=a@fan.sandbox.com", "userAgent": "T", "provider": "north" }),
            "provider",
        ),
        (json!({ "cookies": "sandbox=a@fan.sandbox.com" }), "cookies"),
    ];
    for (body, field) in cases {
        let request = ask(&world, "POST", "/v2/account/connections/import").json(&body);
        let refused = world.send(&request).error(400, "BAD_REQUEST");
        assert_eq!(refused["details"][0]["field"], field, "{body}");
    }
}

#[test]
fn an_imported_connection_takes_a_fresh_session_of_its_own_account_only() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let renewed = import_again(&world, &id, "ada@fan.sandbox.com")
        .expect(200)
        .json();
    assert_eq!(renewed["id"], id.as_str());
    let refused = import_again(&world, &id, "bob@fan.sandbox.com").error(409, "CONFLICT");
    assert_eq!(refused["details"]["connectionId"], id.as_str());
    let link = world.link();
    Browser::signed_in_as(&world, &link, "cleo@fan.sandbox.com");
    let linked = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    import_again(&world, &linked, "cleo@fan.sandbox.com").error(400, "BAD_REQUEST");
}

#[test]
fn the_live_environment_has_nothing_of_the_sandbox() {
    let world = World::start();
    let live = world.live_developer();
    let body = json!({ "cookie": "sandbox=ada@fan.sandbox.com", "userAgent": "T" });
    let request = Request::post("/v2/account/connections/import").header("apikey", &live.key);
    world.send(&request.json(&body)).error(400, "BAD_REQUEST");
    let body = json!({ "accessToken": "ada", "permissions": ["posts:read"] });
    let request = Request::post("/v2/account/connections/import").header("apikey", &live.key);
    let made = world.send(&request.json(&body)).expect(200).json();
    assert_eq!(made["provider"], "north");
}
