//! Registering, changing and removing endpoints.

use serde_json::{Value, json};

use super::{ask, ask_with, manager, register, with_receiver};
use crate::support::{Receiver, Request, World};

#[test]
fn an_endpoint_has_a_secret_that_no_listing_tells() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    assert!(endpoint["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(endpoint["events"].as_array().unwrap().len(), 4);
    let shown = ask(&world, &key, "GET", &endpoint, "").expect(200).json();
    assert!(shown.get("secret").is_none());
    let list = Request::get("/v2/manage/webhooks").header("apikey", &key);
    let list = world.send(&list).expect(200).json();
    assert_eq!(list["list"], json!([shown]));
    assert_eq!(list["hasMore"], false);
    let told = ask(&world, &key, "GET", &endpoint, "/secret")
        .expect(200)
        .json();
    assert_eq!(told["secret"], endpoint["secret"]);
}

#[test]
fn every_act_is_in_the_audit_log() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = with_receiver(&receiver);
    ask_with(
        &world,
        &key,
        "PATCH",
        &endpoint,
        "",
        &json!({ "enabled": false }),
    )
    .expect(200);
    ask_with(
        &world,
        &key,
        "PATCH",
        &endpoint,
        "",
        &json!({ "enabled": true }),
    )
    .expect(200);
    ask(&world, &key, "POST", &endpoint, "/rotate").expect(200);
    ask(&world, &key, "GET", &endpoint, "/secret").expect(200);
    ask(&world, &key, "POST", &endpoint, "/test").expect(200);
    let since = json!({ "since": "2026-01-01T00:00:00Z" });
    ask_with(&world, &key, "POST", &endpoint, "/replay", &since).expect(200);
    ask(&world, &key, "DELETE", &endpoint, "").expect(200);
    let entries = world.database().rows("SELECT entry FROM audit ORDER BY id");
    let acts: Vec<String> = entries
        .iter()
        .map(|row| serde_json::from_str::<Value>(&row[0]).unwrap())
        .filter(|entry| entry["object"] == endpoint["id"])
        .map(|entry| entry["action"].as_str().unwrap().to_owned())
        .collect();
    let wanted = [
        "create", "update", "update", "rotate", "reveal", "test", "replay", "delete",
    ];
    let wanted: Vec<String> = wanted.iter().map(|act| format!("endpoint.{act}")).collect();
    assert_eq!(acts, wanted);
}

#[test]
fn what_cannot_be_an_endpoint_is_told_with_field_and_remedy() {
    let world = World::start();
    let key = manager(&world);
    let post = |body: &Value| {
        let request = Request::post("/v2/manage/webhooks").header("apikey", &key);
        world.send(&request.json(body))
    };
    for (body, field) in [
        (json!({}), "url"),
        (json!({ "url": "http://example.com/hooks" }), "url"),
        (json!({ "url": "https://10.0.0.1/hooks" }), "url"),
        (json!({ "url": "https://169.254.169.254/" }), "url"),
        (json!({ "url": "https://user:pass@example.com/" }), "url"),
        (json!({ "url": 5 }), "url"),
        (
            json!({ "url": "https://example.com", "events": [] }),
            "events",
        ),
        (
            json!({ "url": "https://example.com", "events": ["nothing"] }),
            "events",
        ),
        (
            json!({ "url": "https://example.com", "enabled": "yes" }),
            "enabled",
        ),
    ] {
        post(&body).field_error(field, "INVALID_VALUE");
    }
    post(&json!({ "url": "https://example.com", "secret": "whsec_x" }))
        .field_error("secret", "UNKNOWN_FIELD");
}

#[test]
fn there_are_twenty_endpoints_at_most() {
    let receiver = Receiver::start();
    let world = World::start();
    let key = manager(&world);
    for _ in 0..20 {
        register(&world, &key, &receiver);
    }
    let request = Request::post("/v2/manage/webhooks").header("apikey", &key);
    let refused = world.send(&request.json(&json!({ "url": receiver.url })));
    assert!(refused.field_error("url", "INVALID_VALUE").contains("20"));
    let page = Request::get("/v2/manage/webhooks?limit=15&offset=10").header("apikey", &key);
    let page = world.send(&page).expect(200).json();
    assert_eq!(page["list"].as_array().unwrap().len(), 10);
}
