//! The operations of the API's own description, and which ids they take.

use serde_json::{Value, json};

use super::Home;
use crate::support::Request;

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Secret,
    Connection,
    App,
    Key,
    Endpoint,
    Delivery,
    Event,
}

/// Parameters and fields that name nothing which belongs to somebody.
const PLAIN: &[&str] = &[
    "Idempotency-Key",
    "accent",
    "accessToken",
    "allowedOrigins",
    "city",
    "clientReferenceId",
    "cookie",
    "country",
    "dangerousCustomProxy",
    "dangerousRawSessions",
    "egress",
    "enabled",
    "environment",
    "events",
    "everyMinutes",
    "expiresAt",
    "geolocation",
    "handOff",
    "healthCheck",
    "imported",
    "limit",
    "locale",
    "logo",
    "metadata",
    "mode",
    "name",
    "offset",
    "oneReferencePerAccount",
    "optionalPermissions",
    "options",
    "origin",
    "path",
    "permissions",
    "prefill",
    "privacyUrl",
    "provider",
    "providers",
    "redirectOnSuccess",
    "redirectUris",
    "redirectUrl",
    "refreshToken",
    "returnRawSession",
    "scopes",
    "sessionMinutes",
    "since",
    "state",
    "status",
    "support",
    "termsUrl",
    "type",
    "url",
    "userAgent",
    "username",
    "website",
];

/// What a parameter or field of this name is the id of; fails for a name that nobody has thought about.
fn kind(path: &str, name: &str) -> Option<Kind> {
    match name {
        "clientSecret" => Some(Kind::Secret),
        "clientAppId" => Some(Kind::App),
        "connectionId" | "x-connection-id" => Some(Kind::Connection),
        "deliveryId" => Some(Kind::Delivery),
        "after" => Some(Kind::Event),
        "id" if path.starts_with("/v2/account/connections/") => Some(Kind::Connection),
        "id" if path.starts_with("/v2/manage/apps/") => Some(Kind::App),
        "id" if path.starts_with("/v2/manage/keys/") => Some(Kind::Key),
        "id" if path.starts_with("/v2/manage/webhooks/") => Some(Kind::Endpoint),
        plain if PLAIN.contains(&plain) => None,
        unknown => panic!("{path}: say here whether `{unknown}` is the id of something"),
    }
}

/// Where an id stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Path,
    Query,
    Header,
    Body,
}

/// An id that an operation takes.
#[derive(Debug, Clone)]
pub struct Taken {
    pub place: Place,
    pub name: String,
    pub kind: Kind,
}

/// An operation of the description.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    path: String,
    pub ids: Vec<Taken>,
}

impl Operation {
    pub fn all() -> Vec<Self> {
        let document = serde_json::to_value(linchpin::api::document()).unwrap();
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, described) in item.as_object().unwrap() {
                all.push(Self::of(&document, path, method, described));
            }
        }
        all
    }

    fn of(document: &Value, path: &str, method: &str, described: &Value) -> Self {
        let mut names: Vec<(Place, String)> = Vec::new();
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let place = match parameter["in"].as_str().unwrap() {
                "path" => Place::Path,
                "query" => Place::Query,
                "header" => Place::Header,
                other => panic!("{path}: a parameter in {other}"),
            };
            names.push((place, parameter["name"].as_str().unwrap().to_owned()));
        }
        let body = &described["requestBody"]["content"]["application/json"]["schema"];
        let mut fields = Vec::new();
        collect(document, body, &mut fields);
        names.extend(fields.into_iter().map(|name| (Place::Body, name)));
        let in_path = names.iter().filter(|(place, _)| *place == Place::Path);
        assert_eq!(in_path.count(), path.matches('{').count(), "{path}");
        let ids = names
            .into_iter()
            .filter_map(|(place, name)| kind(path, &name).map(|kind| Taken { place, name, kind }));
        Self {
            id: described["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            ids: ids.collect(),
        }
    }

    /// A body with which nothing else is wrong.
    fn body(&self) -> Value {
        match self.id.as_str() {
            "importConnectionAgain" => {
                json!({ "cookie": "sandbox=ada@fan.sandbox.com", "userAgent": "Test/1" })
            }
            "setWebhook" | "setApp" => json!({ "enabled": false }),
            "setKey" => json!({ "name": "stolen" }),
            "replayWebhook" => json!({ "since": "2026-01-01T00:00:00Z" }),
            "setConnectionSettings" => json!({ "metadata": { "stolen": "yes" } }),
            _ => json!({}),
        }
    }

    /// What is answered to an id of nobody.
    pub fn refusal(&self, taken: &Taken) -> u16 {
        match (self.id.as_str(), taken.name.as_str()) {
            // Told as a status.
            ("linkStatus", _) => 200,
            // An empty list, and a session for a new connection.
            ("listEvents" | "initLink", "connectionId") => 200,
            ("listEvents", "after") => 400,
            // A connection that is used is named by a header, which then names none.
            (_, "x-connection-id") => 401,
            _ => 404,
        }
    }

    /// The request by `asking` with these ids; those of the path that are not among them are its own.
    pub fn request(&self, asking: &Home, given: &[(&Taken, &str)]) -> Request {
        let mut path = self.path.clone();
        for taken in self.ids.iter().filter(|taken| taken.place == Place::Path) {
            let given = given.iter().find(|(of, _)| of.name == taken.name);
            let id = given.map_or(&*asking.ids(taken.kind)[0], |(_, id)| id);
            path = path.replace(&format!("{{{}}}", taken.name), id);
        }
        // Of what a provider offers, anything: nobody gets that far.
        path = path.replace("{path}", "profile");
        let mut body = self.body();
        let mut headers = Vec::new();
        for (taken, id) in given {
            match taken.place {
                Place::Path => {}
                Place::Query => path = format!("{path}?{}={id}", taken.name),
                Place::Header => headers.push((taken.name.clone(), *id)),
                Place::Body => body[&taken.name] = json!(id),
            }
        }
        let mut request = Request::new(&self.method, &path).header("apikey", &asking.key);
        for (name, value) in headers {
            request = request.header(&name, value);
        }
        match body == json!({}) {
            true => request,
            false => request.json(&body),
        }
    }
}

/// The names of all fields below a schema.
fn collect(document: &Value, schema: &Value, found: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = document.pointer(reference.strip_prefix('#').unwrap());
        return collect(document, named.unwrap(), found);
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        found.push(name.clone());
        collect(document, inner, found);
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for inner in schema[several].as_array().into_iter().flatten() {
            collect(document, inner, found);
        }
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], found);
    }
}
