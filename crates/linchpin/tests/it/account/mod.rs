//! The account API: connections after the redirect.

mod connections;
mod destroying;
mod ending_many;
mod health;
mod importing;
mod listing;
mod resealing;
mod rewrapping;
mod settings;

use serde_json::{Value, json};

use crate::support::{Answer, Request, World};

/// A request of the usual developer.
pub fn ask(world: &World, method: &str, path: &str) -> Request {
    Request::new(method, path).header("apikey", &world.developer().key)
}

/// Imports the sandbox account of this address.
pub fn import(world: &World, email: &str) -> Answer {
    import_with(world, email, &json!({}))
}

/// The same with further fields.
pub fn import_with(world: &World, email: &str, fields: &Value) -> Answer {
    let mut body = json!({ "cookie": format!("sandbox={email}"), "userAgent": "Test/1" });
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    world.send(&ask(world, "POST", "/v2/account/connections/import").json(&body))
}

/// The id of a new imported connection.
pub fn imported(world: &World, email: &str) -> String {
    let made = import(world, email).expect(200).json();
    made["id"].as_str().unwrap().to_owned()
}

/// A connection as the API tells it.
pub fn connection(world: &World, id: &str) -> Value {
    let request = ask(world, "GET", &format!("/v2/account/connections/{id}"));
    world.send(&request).expect(200).json()
}

/// What was told of connections, oldest first: type and sequence.
pub fn told(world: &World) -> Vec<(String, String)> {
    let sql = "SELECT type, sequence FROM event ORDER BY id";
    let rows = world.database().rows(sql);
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

/// How many sessions are sealed.
pub fn sealed(world: &World) -> usize {
    world
        .database()
        .rows("SELECT owner FROM sealed WHERE kind = 'session'")
        .len()
}
