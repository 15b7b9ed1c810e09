//! Every operation of the API's own description, with ids of others: they are those of nobody.

use serde_json::{Value, json};

use crate::support::{Browser, Receiver, Request, World, developer::Developer};

const EVERYTHING: &str = "LINK,ACCOUNT,ACCESS,MANAGE";

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
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
    "healthCheck",
    "imported",
    "latitude",
    "limit",
    "locale",
    "logo",
    "longitude",
    "metadata",
    "mode",
    "name",
    "offset",
    "oneReferencePerAccount",
    "optionalPermissions",
    "options",
    "origin",
    "permissions",
    "postalCode",
    "prefill",
    "privacyUrl",
    "provider",
    "providers",
    "redirectOnSuccess",
    "redirectUris",
    "redirectUrl",
    "refreshToken",
    "region",
    "returnRawSession",
    "scopes",
    "sessionMinutes",
    "since",
    "state",
    "status",
    "subdivision",
    "support",
    "termsUrl",
    "timezone",
    "type",
    "url",
    "userAgent",
    "username",
    "website",
    "zip",
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
enum Place {
    Path,
    Query,
    Header,
    Body,
}

/// An id that an operation takes.
#[derive(Debug, Clone)]
struct Taken {
    place: Place,
    name: String,
    kind: Kind,
}

/// An operation of the description.
#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    path: String,
    ids: Vec<Taken>,
}

impl Operation {
    fn all() -> Vec<Self> {
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
    fn refusal(&self, taken: &Taken) -> u16 {
        match (self.id.as_str(), taken.name.as_str()) {
            // Told as a status.
            ("linkStatus", _) => 200,
            // An empty list, and a session for a new connection.
            ("listEvents" | "initLink", "connectionId") => 200,
            ("listEvents", "after") => 400,
            _ => 404,
        }
    }

    /// The request by `asking` with these ids; those of the path that are not among them are its own.
    fn request(&self, asking: &Home, given: &[(&Taken, &str)]) -> Request {
        let mut path = self.path.clone();
        for taken in self.ids.iter().filter(|taken| taken.place == Place::Path) {
            let given = given.iter().find(|(of, _)| of.name == taken.name);
            let id = given.map_or(&*asking.ids(taken.kind)[0], |(_, id)| id);
            path = path.replace(&format!("{{{}}}", taken.name), id);
        }
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

/// Somebody's environment with one thing of each kind in it.
struct Home {
    key: String,
    ids: Vec<(Kind, Vec<String>)>,
}

impl Home {
    fn of(world: &World, developer: &Developer, environment: &str, receiver: &Receiver) -> Self {
        let (key_id, key) = world.key_with_id(&developer.org, EVERYTHING, environment, None);
        let developer = Developer {
            key: key.clone(),
            ..developer.clone()
        };
        let ask = |request: Request| world.send(&request.header("apikey", &key));
        let endpoint = Request::post("/v2/manage/webhooks").json(&json!({ "url": receiver.url }));
        let endpoint = ask(endpoint).expect(201).json()["id"].clone();
        let links: Vec<_> = (0..3)
            .map(|_| world.link_of(&developer, &json!({})))
            .collect();
        Browser::at_login(world, &links[1]);
        Browser::signed_in_as(world, &links[2], "ada@fan.sandbox.com");
        let connection = world.status_with(&key, &links[2])["data"]["id"].clone();
        let text = |id: &Value| vec![id.as_str().expect("an id").to_owned()];
        let first = |path: &str, is_so: &dyn Fn(&Value) -> bool| {
            for _ in 0..400 {
                let page = ask(Request::get(path)).expect(200).json();
                if is_so(&page["list"][0]) {
                    return text(&page["list"][0]["id"]);
                }
                std::thread::sleep(std::time::Duration::from_millis(25));
            }
            panic!("{path} stays as it is");
        };
        let deliveries = format!("/v2/manage/webhooks/{}/deliveries", text(&endpoint)[0]);
        let delivery = first(&deliveries, &|delivery| delivery["status"] == "delivered");
        let event = first("/v2/events", &|event| event["id"].is_string());
        let secrets = links.iter().map(|link| link.secret().to_owned()).collect();
        Self {
            key: key.clone(),
            ids: vec![
                (Kind::Secret, secrets),
                (Kind::Connection, text(&connection)),
                (Kind::App, vec![developer.app]),
                (Kind::Key, vec![key_id]),
                (Kind::Endpoint, text(&endpoint)),
                (Kind::Delivery, delivery),
                (Kind::Event, event),
            ],
        }
    }

    fn ids(&self, kind: Kind) -> &[String] {
        let of = self.ids.iter().find(|(known, _)| *known == kind);
        &of.expect("one of each kind").1
    }

    /// Everything that its own key is told of its things.
    fn seen(&self, world: &World) -> Vec<String> {
        let gets = Operation::all().into_iter().filter(|operation| {
            // That a secret was looked at is written down, and so it is another state.
            operation.method == "GET" && operation.id != "getWebhookSecret"
        });
        gets.map(|operation| bare(world, &operation.request(self, &[])).1)
            .collect()
    }
}

/// An id of the same form that nobody has.
fn made_up(id: &str) -> String {
    let (prefix, rest) = id.split_once('_').expect("a prefix");
    let filling = if prefix == "cs" { "A" } else { "0" };
    format!("{prefix}_{}", filling.repeat(rest.len()))
}

/// Status and body, without what is drawn anew for each request.
fn bare(world: &World, request: &Request) -> (u16, String) {
    let answer = world.send(request);
    let mut text = answer.text();
    if let Ok(body) = serde_json::from_str::<Value>(&text) {
        // A new session has a URL of its own.
        let drawn =
            ["requestId", "url"].map(|name| body[name].as_str().unwrap_or_default().to_owned());
        for drawn in drawn
            .iter()
            .filter(|drawn| drawn.contains("req_") || drawn.contains("cs_"))
        {
            text = text.replace(drawn, "…");
        }
    }
    (answer.status, text)
}

/// The one who asks, and those whose things must not be there for them: another organisation, and the own one in the
/// other environment.
fn homes(world: &World, receiver: &Receiver) -> (Home, [Home; 2]) {
    let asking = Home::of(world, world.developer(), "sandbox", receiver);
    let other = Home::of(world, &world.developer_named("Other"), "sandbox", receiver);
    let elsewhere = Home::of(world, &world.live_developer(), "live", receiver);
    (asking, [other, elsewhere])
}

#[test]
fn on_every_operation_the_ids_of_others_are_those_of_nobody() {
    let receiver = Receiver::start();
    let world = World::start();
    let (asking, others) = homes(&world, &receiver);
    let before = [others[0].seen(&world), others[1].seen(&world)];
    let mut walked = 0;
    for operation in Operation::all() {
        let in_path: Vec<&Taken> = operation
            .ids
            .iter()
            .filter(|taken| taken.place == Place::Path)
            .collect();
        for other in &others {
            for taken in &operation.ids {
                for id in other.ids(taken.kind) {
                    let answer =
                        |id: &str| bare(&world, &operation.request(&asking, &[(taken, id)]));
                    let nobody = answer(&made_up(id));
                    let what = format!("{} with {} {id}", operation.id, taken.name);
                    assert_eq!(nobody.0, operation.refusal(taken), "{what}: {}", nobody.1);
                    assert_eq!(answer(id), nobody, "{what}");
                    walked += 1;
                }
            }
            if in_path.len() > 1 {
                let all = |of: &dyn Fn(&str) -> String| {
                    let ids: Vec<String> = in_path
                        .iter()
                        .map(|taken| of(&other.ids(taken.kind)[0]))
                        .collect();
                    let given: Vec<(&Taken, &str)> = in_path
                        .iter()
                        .copied()
                        .zip(ids.iter().map(String::as_str))
                        .collect();
                    bare(&world, &operation.request(&asking, &given))
                };
                assert_eq!(all(&str::to_owned), all(&made_up), "{}", operation.id);
            }
        }
    }
    assert!(walked >= 70, "only {walked} requests");
    let after = [others[0].seen(&world), others[1].seen(&world)];
    assert_eq!(after, before);
}

#[test]
fn no_list_has_anything_of_others_in_it() {
    let receiver = Receiver::start();
    let world = World::start();
    let (asking, others) = homes(&world, &receiver);
    let seen = asking.seen(&world);
    for other in &others {
        for (kind, ids) in other.ids.iter().filter(|(kind, _)| *kind != Kind::Secret) {
            for id in ids {
                let told = seen.iter().find(|text| text.contains(id.as_str()));
                assert!(told.is_none(), "{kind:?} {id} is in {told:?}");
            }
        }
    }
    // What is one's own is there, so it was looked at the right place.
    for kind in [
        Kind::Connection,
        Kind::App,
        Kind::Key,
        Kind::Endpoint,
        Kind::Delivery,
        Kind::Event,
    ] {
        let own = &asking.ids(kind)[0];
        assert!(
            seen.iter().any(|text| text.contains(own.as_str())),
            "{kind:?}"
        );
    }
}
