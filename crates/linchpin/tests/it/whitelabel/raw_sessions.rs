//! The provider's session in a completed status: off by default, and each read in the audit log.

use linchpin::domain::client_app_change::ClientAppChange;
use serde_json::{Value, json};

use super::Session;
use crate::support::{Browser, World};

fn switch(on: bool) -> ClientAppChange {
    ClientAppChange {
        dangerous_raw_sessions: Some(on),
        ..ClientAppChange::default()
    }
}

/// Entries of the audit log about sessions that were told.
fn reads(world: &World) -> Vec<Value> {
    let rows = world.database().rows("SELECT entry FROM audit ORDER BY id");
    let entries = rows
        .iter()
        .map(|row| serde_json::from_str(&row[0]).unwrap());
    entries
        .filter(|entry: &Value| entry["detail"]["purpose"] == "raw_session")
        .collect()
}

#[test]
fn a_session_is_told_only_while_an_operator_lets_the_app_have_it_and_each_read_is_in_the_audit_log()
{
    let world = World::start();
    let session = Session::logged_in_as(&world, "ada@fan.sandbox.com");
    assert_eq!(session.told()["data"].get("session"), None);
    assert!(reads(&world).is_empty());
    session.set_app(switch(true));
    let told = world.status_with(&session.key, &session.link);
    assert_eq!(told["data"]["session"], "sandbox=ada@fan.sandbox.com");
    assert_eq!(reads(&world).len(), 1);
    assert_eq!(session.status_with("").expect(200).json(), told);
    let entries = reads(&world);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["action"], "connection.use");
    assert!(
        entries[0]
            .to_string()
            .contains(told["data"]["id"].as_str().unwrap())
    );
    assert!(
        !entries[0].to_string().contains("fan.sandbox.com"),
        "{}",
        entries[0]
    );
    session.set_app(switch(false));
    assert_eq!(session.told()["data"].get("session"), None);
    assert_eq!(reads(&world).len(), 2);
}

#[test]
fn a_hosted_session_is_told_only_where_init_has_asked_for_it() {
    let world = World::start();
    world.change_app(&world.developer().app, switch(true));
    for asked in [None, Some(false), Some(true)] {
        let link = world.link_with(&json!({ "options": { "returnRawSession": asked } }));
        Browser::signed_in_as(&world, &link, "ada@fan.sandbox.com");
        let told = world.told(&link);
        assert_eq!(told["status"], "completed");
        assert_eq!(
            told["data"].get("session").is_some(),
            asked == Some(true),
            "{told}"
        );
    }
    assert_eq!(reads(&world).len(), 1);
}
