//! The access API: connections in use.

mod bodies;
mod calling;
mod passing;
mod remembering;
mod renewing;
mod renewing_nodes;
mod sharing;
mod tenants;
mod turns;
mod wire;
mod wire_hostile;
mod wire_many;

use serde_json::{Value, json};

use crate::support::{Answer, Request, World};

/// A connection and the key that it is used with.
pub struct Tie {
    pub key: String,
    pub id: String,
}

impl Tie {
    /// An imported connection of the test provider, whose session is `ada 0`.
    pub fn live(world: &World) -> Self {
        Self::live_with(world, &["posts:read"])
    }

    /// The same with these permissions.
    pub fn live_with(world: &World, permissions: &[&str]) -> Self {
        let key = world.live_developer().key;
        let body = json!({ "accessToken": "ada", "permissions": permissions });
        Self::imported(world, key, &body)
    }

    /// An imported connection of the sandbox.
    pub fn sandbox(world: &World, email: &str, permissions: &[&str]) -> Self {
        let key = world.developer().key.clone();
        let cookie = format!("sandbox={email}");
        let body = json!({ "cookie": cookie, "userAgent": "Test/1", "permissions": permissions });
        Self::imported(world, key, &body)
    }

    /// So many imported connections of the test provider, each of another account: `user0`, `user1` …
    pub fn many(world: &World, count: usize) -> Vec<Self> {
        let key = world.live_developer().key;
        let accounts = (0..count).map(|n| json!({ "accessToken": format!("user{n}") }));
        accounts
            .map(|body| Self::imported(world, key.clone(), &body))
            .collect()
    }

    fn imported(world: &World, key: String, body: &Value) -> Self {
        let request = Request::post("/v2/account/connections/import").header("apikey", &key);
        let made = world.send(&request.json(body)).expect(200).json();
        let id = made["id"].as_str().unwrap().to_owned();
        Self { key, id }
    }

    /// A request to a path of the provider.
    pub fn call(&self, method: &str, path: &str) -> Request {
        self.at(Request::new(method, &format!("/v2/access/proxy{path}")))
    }

    /// The question for the profile.
    pub fn profile(&self) -> Request {
        self.at(Request::get("/v2/access/self"))
    }

    fn at(&self, request: Request) -> Request {
        let request = request.header("apikey", &self.key);
        request.header("x-connection-id", &self.id)
    }

    /// The connection as the account API tells it.
    pub fn told(&self, world: &World) -> Value {
        let path = format!("/v2/account/connections/{}", self.id);
        world
            .send(&Request::get(&path).header("apikey", &self.key))
            .expect(200)
            .json()
    }
}

/// Entries of the audit log about uses, oldest first.
pub fn uses(world: &World) -> Vec<Value> {
    let rows = world.database().rows("SELECT entry FROM audit ORDER BY id");
    rows.iter()
        .flat_map(
            |row| match serde_json::from_str::<Value>(&row[0]).unwrap() {
                // Uses that were committed together.
                Value::Array(entries) => entries,
                entry => vec![entry],
            },
        )
        .filter(|entry| entry["action"] == "connection.use")
        .collect()
}

/// An answer without what differs from request to request.
pub fn bare(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let mut headers = answer.headers.clone();
    headers.retain(|(name, _)| !["date", "x-request-id", "content-length"].contains(&&**name));
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("requestId");
    (answer.status, headers, body)
}
