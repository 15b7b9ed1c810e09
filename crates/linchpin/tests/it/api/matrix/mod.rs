//! Every operation of the API's own description, with ids of others: they are those of nobody.

mod operation;

use serde_json::{Value, json};

use self::operation::{Kind, Operation, Place, Taken};
use crate::{
    support::{Browser, Developer, PASSWORD, Receiver, Request, World},
    whitelabel::{Session, whitelabel_app},
};

const EVERYTHING: &str = "LINK,ACCOUNT,ACCESS,MANAGE";

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
        let mut secrets: Vec<_> = links.iter().map(|link| link.secret().to_owned()).collect();
        secrets.extend(whitelabel_secrets(world, &developer, environment));
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

/// One session that nobody has acted in, and one that waits for a code.
fn whitelabel_secrets(world: &World, developer: &Developer, environment: &str) -> [String; 2] {
    let app = whitelabel_app(world, &developer.org, environment);
    let username = match environment {
        "live" => "code@north",
        _ => "ada@creator-otp.sandbox.com",
    };
    let fresh = Session::of(world, &app);
    let waits = Session::of(world, &app);
    waits.log_in(username, PASSWORD).expect(200);
    [fresh, waits].map(|session| session.link.secret().to_owned())
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
    assert!(walked >= 78, "only {walked} requests");
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
