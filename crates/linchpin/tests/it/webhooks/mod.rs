//! Webhooks: endpoints, deliveries and what their receivers may rely on.

mod arriving;
mod changed;
mod endpoints;
mod failing;
mod secrets;
mod verifiers;

use serde_json::{Value, json};

use crate::support::{Answer, Receiver, Request, World};

/// A key of the usual developer that may manage.
pub fn manager(world: &World) -> String {
    world.key(&world.developer().org, "MANAGE", "sandbox", None)
}

/// Registers an endpoint for everything about connections.
pub fn register(world: &World, key: &str, receiver: &Receiver) -> Value {
    let body = json!({ "url": receiver.url });
    let request = Request::post("/v2/manage/webhooks").header("apikey", key);
    world.send(&request.json(&body)).expect(201).json()
}

/// A world with one endpoint.
pub fn with_receiver(receiver: &Receiver) -> (World, String, Value) {
    let world = World::start();
    let key = manager(&world);
    let endpoint = register(&world, &key, receiver);
    (world, key, endpoint)
}

/// Asks about an endpoint.
pub fn ask(world: &World, key: &str, method: &str, endpoint: &Value, rest: &str) -> Answer {
    ask_with(world, key, method, endpoint, rest, &Value::Null)
}

/// The same with a body.
pub fn ask_with(
    world: &World,
    key: &str,
    method: &str,
    endpoint: &Value,
    rest: &str,
    body: &Value,
) -> Answer {
    let id = endpoint["id"].as_str().unwrap();
    let path = format!("/v2/manage/webhooks/{id}{rest}");
    let request = Request::new(method, &path).header("apikey", key);
    match body {
        Value::Null => world.send(&request),
        body => world.send(&request.json(body)),
    }
}

/// The deliveries of an endpoint, newest first.
pub fn deliveries(world: &World, key: &str, endpoint: &Value) -> Vec<Value> {
    let told = ask(world, key, "GET", endpoint, "/deliveries?limit=100");
    let told = told.expect(200).json();
    told["list"].as_array().unwrap().clone()
}

/// Waits until an endpoint's deliveries are as they should be.
pub fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("it is never so that {what}");
}
