//! Defaults for new connections, and settings of one.

use serde_json::{Value, json};

use super::{ask, imported};
use crate::support::{Answer, World};

fn patch(world: &World, path: &str, body: &Value) -> Answer {
    let request = ask(world, "PATCH", path).json(body);
    world.send(&request)
}

fn get(world: &World, path: &str) -> Value {
    world.send(&ask(world, "GET", path)).expect(200).json()
}

#[test]
fn defaults_are_there_before_anybody_sets_them() {
    let world = World::start();
    let usual = json!({ "healthCheck": { "enabled": true, "everyMinutes": 360 }, "egress": null, "metadata": {} });
    assert_eq!(get(&world, "/v2/account/settings"), usual);
}

#[test]
fn any_part_can_be_set_and_the_rest_stays() {
    let world = World::start();
    let path = "/v2/account/settings";
    let set = patch(&world, path, &json!({ "metadata": { "team": "a" } }))
        .expect(200)
        .json();
    assert_eq!(set["settings"]["metadata"], json!({ "team": "a" }));
    let set = patch(
        &world,
        path,
        &json!({ "healthCheck": { "everyMinutes": 60 } }),
    )
    .expect(200)
    .json();
    assert_eq!(
        set["settings"]["healthCheck"],
        json!({ "enabled": true, "everyMinutes": 60 })
    );
    assert_eq!(set["settings"]["metadata"], json!({ "team": "a" }));
    let set = patch(&world, path, &json!({ "egress": { "country": "us" } }))
        .expect(200)
        .json();
    assert_eq!(set["settings"]["egress"], json!({ "country": "US" }));
    let set = patch(&world, path, &json!({ "egress": null }))
        .expect(200)
        .json();
    assert_eq!(set["settings"]["egress"], Value::Null);
    assert_eq!(get(&world, path), set["settings"]);
    // New connections have them; those that are there keep their own.
    let id = imported(&world, "ada@fan.sandbox.com");
    let own = get(&world, &format!("/v2/account/connections/{id}/settings"));
    assert_eq!(own["metadata"], json!({ "team": "a" }));
    assert_eq!(own["healthCheck"]["everyMinutes"], 60);
}

#[test]
fn what_cannot_be_set_is_refused_by_name() {
    let world = World::start();
    for (body, field) in [
        (json!({ "vaultPlus": { "enabled": true } }), "vaultPlus"),
        (
            json!({ "healthCheck": { "everyMinutes": 4 } }),
            "healthCheck.everyMinutes",
        ),
        (
            json!({ "healthCheck": { "everyMinutes": 10_081 } }),
            "healthCheck.everyMinutes",
        ),
        (
            json!({ "healthCheck": { "everyHours": 1 } }),
            "healthCheck.everyHours",
        ),
        (json!({ "healthCheck": true }), "healthCheck"),
        (json!({ "egress": { "country": "XX" } }), "egress.country"),
        (json!({ "egress": {} }), "egress.country"),
        (json!({ "metadata": { "a": 1 } }), "metadata.a"),
    ] {
        let refused = patch(&world, "/v2/account/settings", &body).error(400, "BAD_REQUEST");
        assert_eq!(refused["details"][0]["field"], field, "{body}");
    }
}

#[test]
fn a_connection_has_settings_of_its_own() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}/settings");
    let own = get(&world, &path);
    assert_eq!(own["connectionId"], id.as_str());
    // Of an imported one nobody knows whether its provider minds.
    assert_eq!(own["healthCheck"]["enabled"], false);
    let set = patch(
        &world,
        &path,
        &json!({ "healthCheck": { "enabled": true }, "metadata": { "k": "v" } }),
    );
    let set = set.expect(200).json();
    assert_eq!(set["settings"]["connectionId"], id.as_str());
    assert_eq!(set["settings"]["healthCheck"]["enabled"], true);
    let shown = get(&world, &format!("/v2/account/connections/{id}"));
    assert_eq!(shown["metadata"], json!({ "k": "v" }));
}
