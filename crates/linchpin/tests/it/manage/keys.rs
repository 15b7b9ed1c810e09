//! `/v2/manage/keys`.

use serde_json::{Value, json};

use super::{ask, deeds, problems};
use crate::support::{MINUTE, World};

fn manager(world: &World) -> (String, String) {
    world.key_with_id(&world.developer().org, "LINK,MANAGE", "sandbox", None)
}

#[test]
fn a_key_is_told_once_used_renamed_and_revoked() {
    let world = World::start();
    let (id, key) = manager(&world);
    let wanted =
        json!({ "name": "backend", "scopes": ["LINK"], "expiresAt": "2027-01-31T10:00:00Z" });
    let made = ask(&world, &key, "POST", "keys", &wanted)
        .expect(201)
        .json();
    let text = made["key"].as_str().unwrap();
    assert!(text.starts_with("sk_sandbox_"));
    world.init_with(text, &json!({})).expect(200);

    let path = format!("keys/{}", made["id"].as_str().unwrap());
    let shown = ask(&world, &key, "GET", &path, &Value::Null)
        .expect(200)
        .json();
    let told = json!({ "id": made["id"], "name": "backend", "scopes": ["LINK"], "environment": "sandbox",
        "createdAt": "2026-01-31T10:00:00.000Z", "expiresAt": "2027-01-31T10:00:00.000Z",
        "lastUsedAt": "2026-01-31T10:00:00.000Z" });
    assert_eq!(shown, told);
    let list = ask(&world, &key, "GET", "keys", &Value::Null).expect(200);
    assert!(!list.text().contains(text));
    let list = list.json()["list"].as_array().unwrap().clone();
    assert!(list.contains(&told), "{list:?}");

    let change = json!({ "name": "worker" });
    let renamed = ask(&world, &key, "PATCH", &path, &change)
        .expect(200)
        .json();
    assert_eq!(renamed["name"], "worker");
    assert_eq!(
        problems(&ask(
            &world,
            &key,
            "PATCH",
            &path,
            &json!({ "scopes": ["LINK"] })
        )),
        ["scopes"]
    );
    world.init_with(text, &json!({})).expect(200);

    ask(&world, &key, "DELETE", &path, &Value::Null).expect(200);
    world.init_with(text, &json!({})).error(401, "UNAUTHORIZED");
    for method in ["GET", "DELETE", "PATCH"] {
        let body = if method == "PATCH" {
            change.clone()
        } else {
            Value::Null
        };
        ask(&world, &key, method, &path, &body).error(404, "RESOURCE_NOT_FOUND");
    }
    let list = ask(&world, &key, "GET", "keys", &Value::Null)
        .expect(200)
        .json();
    assert_eq!(list["list"].as_array().unwrap().len(), 2);
    let acts = ["key.create", "key.update", "key.revoke"];
    let acts: Vec<_> = acts
        .map(|act| (act.to_owned(), format!("key:{id}")))
        .to_vec();
    assert_eq!(deeds(&world, &made["id"]), acts);
}

#[test]
fn a_key_gives_no_more_than_it_has_and_never_manage() {
    let world = World::start();
    let (_, key) = manager(&world);
    let post = |key: &str, scopes: Value| {
        let wanted = json!({ "name": "backend", "scopes": scopes });
        ask(&world, key, "POST", "keys", &wanted)
    };
    for scopes in [
        json!(["MANAGE"]),
        json!(["LINK", "MANAGE"]),
        json!(["ACCOUNT"]),
        json!(["LINK", "ACCESS"]),
        json!([]),
        json!(["link"]),
        json!("LINK"),
    ] {
        assert_eq!(
            problems(&post(&key, scopes.clone())),
            ["scopes"],
            "{scopes}"
        );
    }
    let bare = world.key(&world.developer().org, "MANAGE", "sandbox", None);
    post(&bare, json!(["LINK"])).field_error("scopes", "INVALID_VALUE");
    let made = post(&key, json!(["LINK"])).expect(201).json();
    post(made["key"].as_str().unwrap(), json!(["LINK"])).error(403, "FORBIDDEN");
}

#[test]
fn every_problem_of_a_key_is_told_at_once() {
    let world = World::start();
    let (_, key) = manager(&world);
    let post = |body: &Value| problems(&ask(&world, &key, "POST", "keys", body));
    assert_eq!(post(&json!({})), ["name", "scopes"]);
    let wrong = json!({ "name": "", "scopes": ["ALL"], "environment": "live", "expiresAt": "soon", "key": "sk_x" });
    assert_eq!(
        post(&wrong),
        ["key", "environment", "name", "scopes", "expiresAt"]
    );
}

#[test]
fn when_a_key_was_used_is_written_once_a_minute_and_survives_a_restart() {
    let mut world = World::start();
    let (id, key) = manager(&world);
    let (used_id, used) = world.key_with_id(&world.developer().org, "LINK", "sandbox", None);
    let last = |world: &World, id: &str| {
        let told = ask(world, &key, "GET", &format!("keys/{id}"), &Value::Null);
        told.expect(200).json()["lastUsedAt"].clone()
    };
    assert_eq!(last(&world, &used_id), Value::Null);
    world.init_with(&used, &json!({})).expect(200);
    let written = |world: &World| {
        let sql = "SELECT name FROM store_fact WHERE name LIKE 'key_used:%'";
        world.database().rows(sql).len()
    };
    assert_eq!(written(&world), 0);
    let (engine, runtime) = world.engine();
    runtime
        .block_on(engine.write_key_use())
        .expect("it is written");
    assert_eq!(written(&world), 2);
    world.restart();
    world.pass(MINUTE);
    assert_eq!(last(&world, &used_id), "2026-01-31T10:00:00.000Z");
    assert_eq!(last(&world, &id), "2026-01-31T10:01:00.000Z");
}

#[test]
fn refused_keys_are_counted_in_the_audit_log_and_not_told() {
    let world = World::start();
    let refused = |key: &str| world.init_with(key, &json!({})).error(401, "UNAUTHORIZED");
    for key in [
        "sk_sandbox_canary",
        "canary",
        &format!("{}x", world.developer().key),
    ] {
        refused(key);
    }
    // Nobody has presented a key here.
    refused("");
    let (engine, runtime) = world.engine();
    for _ in 0..2 {
        runtime
            .block_on(engine.write_key_use())
            .expect("it is written");
    }
    let rows = world
        .database()
        .rows("SELECT entry FROM audit WHERE entry LIKE '%key.refused%'");
    assert_eq!(rows.len(), 1, "{rows:?}");
    let entry: Value = serde_json::from_str(&rows[0][0]).unwrap();
    assert_eq!(entry["detail"], json!({ "refused": "3" }));
    assert_eq!(entry["actor"], "system");
    assert!(!rows[0][0].contains("canary"));
}
