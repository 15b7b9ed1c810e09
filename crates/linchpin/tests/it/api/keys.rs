//! Who may call: keys, where they are taken from, what they may do.

use linchpin::flow::admin::Command;
use serde_json::json;

use crate::support::{Answer, HOUR, Link, Request, World};

fn without_id(answer: &Answer) -> (u16, serde_json::Value, Vec<String>) {
    let mut body = answer.error(401, "UNAUTHORIZED");
    body.as_object_mut().unwrap().remove("requestId");
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name != "x-request-id" && name != "date")
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.sort();
    (answer.status, body, headers)
}

#[test]
fn a_key_is_taken_from_its_header_in_any_case_and_as_a_bearer_token() {
    let world = World::start();
    let key = &world.developer().key;
    for (name, value) in [
        ("apikey", key.clone()),
        ("apiKey", key.clone()),
        ("APIKEY", key.clone()),
        ("Authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer {key}")),
    ] {
        let request = Request::post("/v2/link/init").header(name, &value);
        world.send(&request).expect(200);
    }
}

#[test]
fn a_key_is_taken_from_nowhere_else() {
    let world = World::start();
    let key = &world.developer().key;
    let init = "/v2/link/init";
    let requests = [
        Request::post(&format!("{init}?apikey={key}")),
        Request::post(&format!("{init}?api_key={key}&key={key}")),
        Request::post(init).json(&json!({ "apikey": key })),
        Request::post(init).header("cookie", &format!("apikey={key}")),
        Request::post(init).header("x-api-key", key),
        Request::post(init).header("authorization", &format!("Basic {key}")),
        Request::post(init).header("authorization", key),
        Request::post(init),
    ];
    for request in requests {
        world.send(&request).error(401, "UNAUTHORIZED");
    }
    let in_path = world.send(&Request::post(&format!("{init}/{key}")));
    assert!([401, 404].contains(&in_path.status));
    assert!(!in_path.text().contains(key));
}

#[test]
fn whatever_is_wrong_with_a_key_the_answer_is_the_same() {
    let world = World::start();
    let org = world.developer().org.clone();
    let good = world.developer().key.clone();
    let expired = world.key(&org, "LINK", "sandbox", Some("2026-01-31T10:30:00Z"));
    let (revoked_id, revoked) = world.key_with_id(&org, "LINK", "sandbox", None);
    world.init_with(&expired, &json!({})).expect(200);
    world.init_with(&revoked, &json!({})).expect(200);
    world.command(Command::KeyRevoke { id: revoked_id });
    world.pass(HOUR);

    let mut mistyped = good.clone();
    let last = mistyped.pop().unwrap();
    mistyped.push(if last == 'a' { 'b' } else { 'a' });
    let elsewhere = good.replacen("sk_sandbox_", "sk_live_", 1);
    let keys = [
        "",
        "x",
        "sk_sandbox_",
        "sk_live_unknown",
        &mistyped,
        &elsewhere,
        &expired,
        &revoked,
        &good[..good.len() - 1],
        &"k".repeat(4_000),
    ];
    let missing = without_id(&world.send(&Request::post("/v2/link/init")));
    for key in keys {
        assert_eq!(
            without_id(&world.init_with(key, &json!({}))),
            missing,
            "{key}"
        );
    }
    world.init_with(&good, &json!({})).expect(200);
}

#[test]
fn a_revoked_key_is_refused_at_once_and_a_second_one_goes_on_working() {
    let world = World::start();
    let org = world.developer().org.clone();
    let (old_id, old) = world.key_with_id(&org, "LINK", "sandbox", None);
    let new = world.key(&org, "LINK", "sandbox", None);
    for key in [&old, &new] {
        world.init_with(key, &json!({})).expect(200);
    }
    world.command(Command::KeyRevoke { id: old_id });
    world.init_with(&old, &json!({})).error(401, "UNAUTHORIZED");
    world.init_with(&new, &json!({})).expect(200);
}

#[test]
fn a_key_without_the_scope_link_may_do_nothing_here() {
    let world = World::start();
    let org = world.developer().org.clone();
    let key = world.key(&org, "ACCOUNT,ACCESS", "sandbox", None);
    let link = world.link();
    world.init_with(&key, &json!({})).error(403, "FORBIDDEN");
    world.delete_with(&key, &link).error(403, "FORBIDDEN");
    let path = format!("/v2/link/{}", link.secret());
    let status = world.send(&Request::get(&path).header("apikey", &key));
    status.error(403, "FORBIDDEN");
    assert_eq!(world.status(&link), "initialized");
}

#[test]
fn a_key_says_its_environment_and_has_256_random_bits() {
    let world = World::start();
    let org = world.developer().org.clone();
    for environment in ["sandbox", "live"] {
        let key = world.key(&org, "LINK", environment, None);
        let rest = key.strip_prefix(&format!("sk_{environment}_")).unwrap();
        // 256 bits are 43 characters of 62, and there is a checksum behind them.
        assert!(rest.len() > 43, "{key}");
    }
}

#[test]
fn the_two_environments_never_see_each_other() {
    let world = World::start();
    let sandbox = world.developer().clone();
    let live = world.live_developer();
    let theirs = json!({ "clientAppId": sandbox.app });
    world
        .init_with(&live.key, &theirs)
        .error(404, "RESOURCE_NOT_FOUND");
    let theirs = json!({ "clientAppId": live.app });
    world
        .init_with(&sandbox.key, &theirs)
        .error(404, "RESOURCE_NOT_FOUND");

    let links: Vec<Link> = [&sandbox, &live]
        .iter()
        .map(|developer| world.link_of(developer, &json!({})))
        .collect();
    for (own, other, link) in [(&sandbox, &live, &links[0]), (&live, &sandbox, &links[1])] {
        assert_eq!(world.status_with(&own.key, link)["status"], "initialized");
        let told = world.status_with(&other.key, link);
        assert_eq!(told, json!({ "status": "not_found" }));
        world
            .delete_with(&other.key, link)
            .error(404, "RESOURCE_NOT_FOUND");
        assert_eq!(world.status_with(&own.key, link)["status"], "initialized");
    }
}

#[test]
fn the_sandbox_provider_is_no_choice_in_the_live_environment() {
    let world = World::start();
    let live = world.live_developer();
    let body = json!({ "clientAppId": live.app, "provider": "sandbox" });
    world.init_with(&live.key, &body).error(400, "BAD_REQUEST");
    let body = json!({ "provider": "north" });
    world.init(&body).error(400, "BAD_REQUEST");
}
