//! Two developers on one server: nothing of one exists for the other.

use serde_json::json;

use crate::support::{Browser, Developer, Link, World};

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
