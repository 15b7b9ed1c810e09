//! Client apps and keys by API.

mod apps;
mod keys;

use serde_json::Value;

use crate::support::{Answer, Request, World};

/// Asks the management API with a key.
pub fn ask(world: &World, key: &str, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::new(method, &format!("/v2/manage/{path}")).header("apikey", key);
    match body {
        Value::Null => world.send(&request),
        body => world.send(&request.json(body)),
    }
}

/// Names of fields with problems, in order.
pub fn problems(answer: &Answer) -> Vec<String> {
    let body = answer.error(400, "BAD_REQUEST");
    let details = body["details"].as_array().expect("details");
    let fields = details.iter().map(|detail| detail["field"].as_str());
    fields.map(|field| field.unwrap().to_owned()).collect()
}

/// What was done to an object, oldest first: action and actor.
pub fn deeds(world: &World, object: &Value) -> Vec<(String, String)> {
    let entries = world.database().rows("SELECT entry FROM audit ORDER BY id");
    let entries = entries
        .iter()
        .map(|row| serde_json::from_str::<Value>(&row[0]).unwrap());
    let of_it = entries.filter(|entry| entry["object"] == *object);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    of_it
        .map(|entry| (text(&entry["action"]), text(&entry["actor"])))
        .collect()
}
