//! Looking whether sessions are alive.

use std::sync::Arc;

use linchpin::{domain::id::ConnectionId, flow::Refreshed};
use serde_json::{Value, json};

use super::{connection, imported, told};
use crate::support::{Browser, HOUR, Request, World};

/// A linked connection in the sandbox.
fn linked(world: &World, email: &str) -> String {
    let link = world.link_with(&json!({}));
    Browser::signed_in_as(world, &link, email);
    world.told(&link)["data"]["id"].as_str().unwrap().to_owned()
}

/// A linked connection of the live provider, and the key that it belongs to.
fn live(world: &World) -> (String, String) {
    let developer = world.live_developer();
    let body = json!({ "accessToken": "ada", "permissions": ["posts:read"] });
    let request = Request::post("/v2/account/connections/import").header("apikey", &developer.key);
    let made = world.send(&request.json(&body)).expect(200).json();
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/v2/account/connections/{id}/settings");
    let body = json!({ "healthCheck": { "enabled": true } }).to_string();
    let request = Request::new("PATCH", &path).header("apikey", &developer.key);
    world
        .send(&request.body("application/json", body))
        .expect(200);
    (id, developer.key)
}

fn of(world: &World, key: &str, id: &str) -> Value {
    let request = Request::get(&format!("/v2/account/connections/{id}")).header("apikey", key);
    world.send(&request).expect(200).json()
}

#[test]
fn a_session_that_is_alive_is_seen_and_nothing_is_told() {
    let world = World::start();
    let id = linked(&world, "ada@fan.sandbox.com");
    world.look_at_due();
    assert_eq!(connection(&world, &id)["lastCheckedAt"], Value::Null);
    world.pass(6 * HOUR);
    world.look_at_due();
    let shown = connection(&world, &id);
    assert!(shown["lastCheckedAt"].is_string());
    assert_eq!(shown["status"], "active");
    assert_eq!(told(&world).len(), 1);
    // And again six hours later.
    world.pass(6 * HOUR);
    world.look_at_due();
    assert_ne!(
        connection(&world, &id)["lastCheckedAt"],
        shown["lastCheckedAt"]
    );
}

#[test]
fn a_dead_session_expires_with_its_reason() {
    let world = World::start();
    let id = linked(&world, "ada@short-lived.sandbox.com");
    world.pass(6 * HOUR);
    world.look_at_due();
    let shown = connection(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["expiredReason"]),
        (&json!("expired"), &json!("signed_out"))
    );
    let rows = world
        .database()
        .rows("SELECT told FROM event WHERE type = 'connection.expired'");
    assert_eq!(rows.len(), 1);
    let event: Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(event["reason"], "signed_out");
    assert!(event["connection"].get("userData").is_none());
    world.pass(24 * HOUR);
    world.look_at_due();
    assert_eq!(told(&world).len(), 2);
}

#[test]
fn an_imported_connection_is_looked_at_only_where_it_is_switched_on() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    world.pass(24 * HOUR);
    world.look_at_due();
    assert_eq!(connection(&world, &id)["lastCheckedAt"], Value::Null);
}

#[test]
fn a_provider_that_is_down_is_not_a_dead_session() {
    let world = World::start();
    let (id, key) = live(&world);
    world.upstream().health.lock().unwrap().is_down = true;
    world.pass(6 * HOUR);
    world.look_at_due();
    world.look_at_due();
    let shown = of(&world, &key, &id);
    assert_eq!(
        (&shown["status"], &shown["lastCheckedAt"]),
        (&json!("active"), &Value::Null)
    );
    // It is not asked again at once, and is asked again soon.
    assert_eq!(world.upstream().health.lock().unwrap().looks, 1);
    world.upstream().health.lock().unwrap().is_down = false;
    world.pass(10 * crate::support::MINUTE);
    world.look_at_due();
    assert!(of(&world, &key, &id)["lastCheckedAt"].is_string());
}

#[test]
fn a_round_looks_at_each_provider_as_often_as_that_allows() {
    let world = World::start();
    let linked = linked(&world, "ada@fan.sandbox.com");
    let developer = world.live_developer();
    for person in 0..8 {
        let body = json!({ "accessToken": format!("p{person}"), "permissions": ["posts:read"] });
        let request = Request::post("/v2/account/connections/import");
        let request = request.header("apikey", &developer.key).json(&body);
        let id = world.send(&request).expect(200).json()["id"].clone();
        let path = format!("/v2/account/connections/{}/settings", id.as_str().unwrap());
        let body = json!({ "healthCheck": { "enabled": true } }).to_string();
        let request = Request::new("PATCH", &path).header("apikey", &developer.key);
        world
            .send(&request.body("application/json", body))
            .expect(200);
    }
    world.pass(12 * HOUR);
    world.look_at_due();
    // Sixty a minute are five a round, and what is left of one provider's holds up no other's.
    assert_eq!(world.upstream().health.lock().unwrap().looks, 5);
    assert!(connection(&world, &linked)["lastCheckedAt"].is_string());
    world.look_at_due();
    assert_eq!(world.upstream().health.lock().unwrap().looks, 8);
}

#[test]
fn many_who_find_a_session_stale_at_once_renew_it_once() {
    let world = World::start();
    let (id, key) = live(&world);
    world.upstream().health.lock().unwrap().renews = true;
    let (engine, runtime) = world.engine();
    let alive = runtime.block_on(async {
        let caller = engine.caller(&key).await.unwrap().unwrap();
        let seen = engine
            .connection(&caller, &ConnectionId::from_text(&id))
            .await
            .unwrap()
            .unwrap();
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let (engine, seen) = (Arc::clone(engine), seen.clone());
            all.spawn(async move { engine.refresh(&seen).await.unwrap() });
        }
        let outcomes = all.join_all().await;
        let sessions: Vec<String> = outcomes
            .into_iter()
            .filter_map(|outcome| match outcome {
                Refreshed::Alive(_, session) => Some(session.reveal().to_owned()),
                _ => None,
            })
            .collect();
        let now = engine.connection(&caller, &seen.id).await.unwrap().unwrap();
        let kept = engine.open_session(&now).await.unwrap().unwrap();
        assert!(sessions.iter().all(|session| session == kept.reveal()));
        sessions.len()
    });
    assert_eq!(alive, 64);
    let health = world.upstream().health.lock().unwrap();
    assert_eq!((health.looks, health.renewals), (1, 1));
}

#[test]
fn ending_the_session_alone_signs_out_as_well() {
    let mut world = World::start();
    let (id, key) = live(&world);
    let path = format!("/v2/account/connections/{id}/invalidate");
    world
        .send(&Request::post(&path).header("apikey", &key))
        .expect(200);
    world.stop();
    assert_eq!(*world.upstream().signed_out.lock().unwrap(), ["ada 0"]);
}

#[test]
fn ending_a_connection_signs_out_at_the_provider() {
    let mut world = World::start();
    let (id, key) = live(&world);
    let request = Request::new("DELETE", &format!("/v2/account/connections/{id}"));
    world.send(&request.header("apikey", &key)).expect(200);
    // A shutdown waits for what goes on in the background.
    world.stop();
    assert_eq!(*world.upstream().signed_out.lock().unwrap(), ["ada 0"]);
}
