//! One connection: looking at it, ending it, removing it.

use serde_json::json;

use super::{ask, connection, imported, sealed, told};
use crate::support::{Browser, World};

#[test]
fn a_linked_connection_is_told_with_its_profile() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@creator.sandbox.com");
    let id = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    let shown = connection(&world, &id);
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["provider"], "sandbox");
    assert_eq!(shown["userData"]["name"], "Ada");
    assert_eq!(shown["clientReferenceId"], "user_123");
    assert_eq!(shown["imported"], false);
    assert_eq!(shown["expiredAt"], json!(null));
    assert_eq!(
        told(&world),
        [("connection.created".to_owned(), "1".to_owned())]
    );
    assert_eq!(sealed(&world), 1);
}

#[test]
fn invalidating_ends_the_session_and_keeps_the_record() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}/invalidate");
    let answer = world.send(&ask(&world, "POST", &path)).expect(200).json();
    assert_eq!(answer, json!({ "success": true }));
    let shown = connection(&world, &id);
    assert_eq!(shown["status"], "expired");
    assert_eq!(shown["expiredReason"], "invalidated");
    assert!(shown["expiredAt"].is_string());
    assert_eq!(sealed(&world), 0);
    // Once more changes nothing and tells nothing.
    world.send(&ask(&world, "POST", &path)).expect(200);
    let kinds: Vec<String> = told(&world).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["connection.created", "connection.expired"]);
}

#[test]
fn an_expired_connection_keeps_its_id_when_it_is_signed_in_to_again() {
    let world = World::start();
    let first = world.link();
    Browser::signed_in_as(&world, &first, "ada@fan.sandbox.com");
    let id = world.told(&first)["data"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v2/account/connections/{id}/invalidate");
    world.send(&ask(&world, "POST", &path)).expect(200);
    let again = world.link_with(&json!({ "connectionId": id }));
    let mut browser = Browser::at(&world, &again);
    while browser.step() != "login" {
        browser.press("continue");
    }
    browser.sign_in("ada@fan.sandbox.com", crate::support::PASSWORD);
    assert_eq!(world.told(&again)["data"]["id"], id.as_str());
    let shown = connection(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["expiredAt"]),
        (&json!("active"), &json!(null))
    );
    assert_eq!(sealed(&world), 1);
    let sequence: Vec<String> = told(&world).into_iter().map(|(_, n)| n).collect();
    assert_eq!(sequence, ["1", "2", "3"]);
}

#[test]
fn removing_destroys_the_session_and_what_was_told_of_the_user() {
    let world = World::start();
    let id = imported(&world, "canary-ada@fan.sandbox.com");
    let path = format!("/v2/account/connections/{id}");
    let answer = world.send(&ask(&world, "DELETE", &path)).expect(200).json();
    assert_eq!(answer, json!({ "success": true }));
    world
        .send(&ask(&world, "GET", &path))
        .error(404, "RESOURCE_NOT_FOUND");
    world
        .send(&ask(&world, "DELETE", &path))
        .error(404, "RESOURCE_NOT_FOUND");
    assert_eq!(sealed(&world), 0);
    let events = world
        .database()
        .rows("SELECT type, told FROM event ORDER BY id");
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[1][0], "connection.disconnected");
    assert!(
        !events[0][1].to_lowercase().contains("canary"),
        "{events:?}"
    );
    assert!(
        !events[1][1].to_lowercase().contains("canary"),
        "{events:?}"
    );
    let history = world.database().rows("SELECT * FROM connection_history");
    assert!(history.is_empty(), "{history:?}");
}

#[test]
fn an_id_that_cannot_be_one_is_that_of_no_connection() {
    let world = World::start();
    let long = format!("conn_{}", "a".repeat(500));
    for id in [
        "conn_%00",
        "conn_%ff",
        "conn_a%2fb",
        "conn_",
        "x",
        "conn_%C3%A9",
        &long,
    ] {
        let path = format!("/v2/account/connections/{id}");
        let answer = world.send(&ask(&world, "GET", &path));
        assert!(
            [400, 404].contains(&answer.status),
            "{id}: {}",
            answer.status
        );
    }
}

#[test]
fn every_change_of_a_connection_is_in_the_audit_log() {
    let world = World::start();
    let link = world.link();
    Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
    let id = world.told(&link)["data"]["id"].as_str().unwrap().to_owned();
    let path = format!("/v2/account/connections/{id}");
    world
        .send(&ask(&world, "POST", &format!("{path}/invalidate")))
        .expect(200);
    world.send(&ask(&world, "DELETE", &path)).expect(200);
    let rows = world.database().rows("SELECT entry FROM audit ORDER BY id");
    let entries: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| serde_json::from_str(&row[0]).unwrap())
        .collect();
    let of_it: Vec<(&str, bool, bool)> = entries
        .iter()
        .filter(|entry| entry["object"] == id.as_str())
        .map(|entry| {
            let actor = entry["actor"].as_str().unwrap();
            let action = entry["action"].as_str().unwrap();
            (
                action,
                actor.starts_with("user:ls_"),
                actor.starts_with("key:key_"),
            )
        })
        .collect();
    assert_eq!(
        of_it,
        [
            ("connection.create", true, false),
            ("connection.expire", false, true),
            ("connection.delete", false, true),
        ]
    );
}
