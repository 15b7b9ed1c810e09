//! Two developers on one server: nothing of one exists for the other.

use serde_json::{Value, json};

use crate::support::{Browser, Developer, Link, Request, World};

/// An answer without what differs from request to request.
fn bare(world: &World, request: &Request) -> (u16, Value) {
    let answer = world.send(request);
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("requestId");
    (answer.status, body)
}

#[test]
fn on_every_route_the_secrets_of_another_tenant_are_those_of_nobody() {
    let world = World::start();
    let other = world.developer_named("Other");
    let open = world.link();
    let begun = world.link();
    Browser::at_login(&world, &begun);
    let completed = world.link();
    Browser::signed_in_as(&world, &completed, "ada@fan.sandbox.com");
    let before = world.database().dump();

    let document = world.get("/openapi.json").json();
    let mut walked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.contains("{clientSecret}") {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            let ask = |secret: &str| {
                let target = path.replace("{clientSecret}", secret);
                Request::new(&method.to_uppercase(), &target).header("apikey", &other.key)
            };
            let nobody = bare(&world, &ask(&format!("cs_{}", "A".repeat(54))));
            for link in [&open, &begun, &completed] {
                let foreign = bare(&world, &ask(link.secret()));
                assert_eq!(foreign, nobody, "{method} {path}");
                walked += 1;
            }
        }
    }
    assert!(walked >= 6, "only {walked} requests");
    assert_eq!(world.database().dump(), before);
    assert_eq!(world.status(&open), "initialized");
    assert_eq!(world.status(&completed), "completed");
}

#[test]
fn the_app_of_another_tenant_does_not_exist() {
    let world = World::start();
    let other = world.developer_named("Other");
    let ask = |app: &str| {
        Request::post("/v2/link/init")
            .header("apikey", &other.key)
            .json(&json!({ "clientAppId": app }))
    };
    let nobody = bare(&world, &ask("app_nobody"));
    assert_eq!(nobody.0, 404);
    let foreign = bare(&world, &ask(&world.developer().app));
    assert_eq!(foreign, nobody);
}

#[test]
fn the_app_of_another_tenant_is_never_chosen() {
    let world = World::start();
    let other = world.developer_named("Other");
    world.command(linchpin::flow::admin::Command::AppDelete {
        id: other.app.clone(),
    });
    let answer = world.init_with(&other.key, &json!({}));
    answer.error(400, "BAD_REQUEST");
}

#[test]
fn the_same_account_is_another_connection_for_another_tenant() {
    let world = World::start();
    let other: Developer = world.developer_named("Other");
    let theirs: Link = world.link_of(&other, &json!({ "clientReferenceId": "theirs" }));
    Browser::signed_in_as(&world, &theirs, "ada@fan.sandbox.com");
    let ours = world.link();
    Browser::signed_in_as(&world, &ours, "ada@fan.sandbox.com");
    let told = [world.status_with(&other.key, &theirs), world.told(&ours)];
    assert_ne!(told[0]["data"]["id"], told[1]["data"]["id"]);
    assert_eq!(world.database().connections().len(), 2);
}

#[test]
fn the_connection_of_another_tenant_is_an_unknown_one() {
    let world = World::start();
    let other = world.developer_named("Other");
    let theirs = world.link_of(&other, &json!({}));
    Browser::signed_in_as(&world, &theirs, "ada@fan.sandbox.com");
    let connection = world.status_with(&other.key, &theirs)["data"]["id"].clone();
    let before = world.database().rows("SELECT * FROM connection");

    let ours = world.link_with(&json!({ "connectionId": connection }));
    // It is no reconnect, so the permissions are asked for.
    Browser::signed_in_as(&world, &ours, "ada@fan.sandbox.com");
    assert_ne!(world.told(&ours)["data"]["id"], connection);
    let after = world.database().rows("SELECT * FROM connection");
    assert!(before.iter().all(|row| after.contains(row)));
}
