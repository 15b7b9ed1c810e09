//! One of a developer's users: what is kept of them is told whole, and erased without a trace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use linchpin::flow::admin::{AuditCommand, Command, UserCommand};
use serde_json::{Value, json};

use crate::{
    account::{ask, import_with, sealed},
    support::{Browser, Receiver, World, answer::find, receiver::reply},
    webhooks::{manager, register},
};

/// A world whose receiver says back what it was told, so that it is in what is kept of its answers as well.
fn with_echo() -> (World, Receiver) {
    let receiver = Receiver::with(|hit, _| reply(200, &[], &String::from_utf8_lossy(&hit.body)));
    let world = World::start();
    let key = manager(&world);
    let events = [
        "connection.created",
        "connection.updated",
        "connection.expired",
        "connection.disconnected",
        "link.completed",
        "link.cancelled",
    ];
    let body = json!({ "url": receiver.url, "events": events });
    let request = crate::support::Request::post("/v2/manage/webhooks").header("apikey", &key);
    world.send(&request.json(&body)).expect(201);
    (world, receiver)
}

fn reference(name: &str) -> String {
    format!("{name}-reference%_!\"")
}

/// Everything that a user leaves behind: two connections, sessions of every kind, events, kept answers. Answers how many
/// deliveries that makes.
fn live(world: &World, name: &str) -> usize {
    let mine = json!({
        "clientReferenceId": reference(name),
        "metadata": { "shoes": format!("{name}-metadata") },
        "prefill": { "username": format!("{name}.prefilled@fan.sandbox.com") },
    });
    let link = world.link_with(&mine);
    Browser::signed_in_as(world, &link, &format!("{name}@creator.sandbox.com"));
    let id = world.told(&link)["data"]["id"].clone();
    // One that is being signed in to, one that was left, and one that names only the connection.
    let mut browser = Browser::at_login(world, &world.link_with(&mine));
    browser.sign_in(&format!("{name}.typed@creator.sandbox.com"), "wrong");
    Browser::at(world, &world.link_with(&mine)).leave();
    world.link_with(&json!({ "connectionId": id, "metadata": { "hat": format!("{name}-hat") } }));
    let import = json!({
        "cookie": format!("sandbox={name}.imported@fan.sandbox.com"),
        "userAgent": "Test/1",
        "clientReferenceId": reference(name),
    });
    let request = ask(world, "POST", "/v2/account/connections/import");
    let request = request.json(&import);
    let imported = world.send(&request).expect(200).json();
    let path = format!(
        "/v2/account/connections/{}/invalidate",
        imported["id"].as_str().unwrap()
    );
    world.send(&ask(world, "POST", &path)).expect(200);
    // Created, completed, cancelled, created, expired.
    5
}

fn command(world: &World, erases: bool, reference: String) -> Value {
    let (org, environment) = (None, "sandbox".to_owned());
    let asked = match erases {
        true => UserCommand::Erase {
            org,
            environment,
            reference,
        },
        false => UserCommand::Export {
            org,
            environment,
            reference,
        },
    };
    world.command(Command::User { asked })
}

fn export(world: &World, name: &str) -> Value {
    command(world, false, reference(name))
}

/// Whether a name is anywhere in some bytes, in any case.
fn names(bytes: &[u8], name: &str) -> bool {
    find(&bytes.to_ascii_lowercase(), name.as_bytes()).is_some()
}

#[track_caller]
fn assert_nowhere(world: &World, name: &str) {
    for (place, bytes) in world.stored() {
        assert!(!names(&bytes, name), "{name} is in {place}");
    }
}

fn ids(of: &Value) -> Vec<String> {
    let all = of.as_array().unwrap().iter();
    let mut ids: Vec<String> = all
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// Waits until nothing is on its way any more.
fn settled(world: &World) {
    let begun = Instant::now();
    let waiting = "SELECT COUNT(*) FROM delivery WHERE state = 'pending'";
    while world.database().number(waiting) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_export_has_everything_of_one_user_and_nothing_of_another() {
    let (world, receiver) = with_echo();
    let told = live(&world, "canaryada") + live(&world, "canarybob");
    receiver.wait_for(told);
    settled(&world);
    let ada = export(&world, "canaryada");
    let text = ada.to_string();
    assert!(!names(text.as_bytes(), "canarybob"), "{text}");
    for part in ["metadata", "prefilled", "typed", "imported", "hat"] {
        assert!(text.to_lowercase().contains(part), "{part}: {text}");
    }
    assert_eq!(ids(&ada["connections"]).len(), 2);
    assert_eq!(ids(&ada["linkSessions"]).len(), 4);
    assert_eq!(ids(&ada["events"]).len(), told / 2);
    for event in ada["events"].as_array().unwrap() {
        assert_eq!(event["deliveries"][0]["status"], "delivered", "{event}");
        assert_eq!(event["deliveries"][0]["attempts"][0]["statusCode"], 200);
    }
    let history = |of: &str| ada[of][0]["history"].as_array().unwrap().len();
    assert!(history("connections") > 0 && history("linkSessions") > 0);
    // Made, expired; each of two connections. And the export itself.
    let audit = ada["audit"].as_array().unwrap();
    let actions: Vec<_> = audit.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions.len(), 4, "{actions:?}");
    // Whatever in the store says her name is in what was told: as many rows as things.
    let database = world.database();
    let like = "LIKE '%canaryada%'";
    let rows = |table: &str, column: &str| {
        database.number(&format!(
            "SELECT COUNT(*) FROM {table} WHERE LOWER({column}) {like}"
        ))
    };
    assert_eq!(rows("connection", "connection"), 2);
    assert_eq!(rows("link_session", "request"), 4);
    assert_eq!(rows("event", "told"), 5);
    let bob = export(&world, "canarybob").to_string();
    assert!(!names(bob.as_bytes(), "canaryada"), "{bob}");
    for id in [
        ids(&ada["connections"]),
        ids(&ada["linkSessions"]),
        ids(&ada["events"]),
    ]
    .concat()
    {
        assert!(text.contains(&id) && !bob.contains(&id), "{id}");
    }
}

#[test]
fn nothing_of_an_erased_user_is_left_in_any_file_and_the_other_is_untouched() {
    let (world, receiver) = with_echo();
    let told = live(&world, "canaryada") + live(&world, "canarybob");
    receiver.wait_for(told);
    settled(&world);
    let before = export(&world, "canarybob");
    let secrets = sealed(&world);
    assert!(
        world
            .stored()
            .iter()
            .any(|(_, bytes)| names(bytes, "canaryada"))
    );
    let gone = ids(&export(&world, "canaryada")["connections"]);
    let erased = command(&world, true, reference("canaryada"));
    assert_eq!(
        (&erased["connections"], &erased["linkSessions"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(erased["events"], 5);
    // At once, while the server runs.
    assert_nowhere(&world, "canaryada");
    assert_eq!(sealed(&world), secrets - 1);
    let path = format!("/v2/account/connections/{}", gone[0]);
    world.send(&ask(&world, "GET", &path)).expect(404);

    let after = export(&world, "canarybob");
    for part in ["connections", "linkSessions", "events"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    // The ends of both connections are told, by their ids.
    let hits = receiver.wait_for(told + 2);
    let ends: Vec<Value> = hits[told..].iter().map(|hit| hit.json()).collect();
    let mut ended: Vec<_> = ends
        .iter()
        .map(|end| end["data"]["connection"]["id"].as_str().unwrap().to_owned())
        .collect();
    ended.sort();
    assert_eq!(ended, gone);
    for end in &ends {
        assert_eq!(end["type"], "connection.disconnected");
        assert_eq!(end["data"]["reason"], "erased");
        assert!(!names(end.to_string().as_bytes(), "canaryada"), "{end}");
    }
    settled(&world);
    assert_nowhere(&world, "canaryada");
    proven(&world, &erased);
}

/// The log is right, and says that somebody was erased whom only the reference and the master key name.
fn proven(world: &World, erased: &Value) {
    let asked = AuditCommand::Verify { head: None };
    world.command(Command::Audit { asked });
    let asked = AuditCommand::List { limit: 100 };
    let entries = world.command(Command::Audit { asked });
    let entries = entries.as_array().unwrap().iter();
    let proofs: Vec<&Value> = entries
        .filter(|entry| entry["action"] == "user.erase")
        .collect();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0]["object"], erased["auditObject"]);
    assert_eq!(
        proofs[0]["detail"],
        json!({ "connections": "2", "linkSessions": "4" })
    );
    let nobody = command(world, false, reference("canaryada"));
    assert_eq!(nobody["auditObject"], erased["auditObject"]);
    for part in ["connections", "linkSessions", "events"] {
        assert_eq!(nobody[part], json!([]), "{part}");
    }
}

#[test]
fn a_connection_that_somebody_took_over_stays_theirs() {
    let (world, receiver) = with_echo();
    for name in ["canaryada", "canarybob"] {
        let link = world.link_with(&json!({ "clientReferenceId": reference(name) }));
        Browser::signed_in_as(&world, &link, "shared@fan.sandbox.com");
    }
    receiver.wait_for(4);
    settled(&world);
    let ada = export(&world, "canaryada");
    assert_eq!(ada["connections"], json!([]));
    assert_eq!(
        ada["historyOfOtherConnections"].as_array().unwrap().len(),
        2
    );
    let bob = export(&world, "canarybob");
    assert!(!names(ada.to_string().as_bytes(), "canarybob"), "{ada}");
    assert!(!names(bob.to_string().as_bytes(), "canaryada"), "{bob}");
    command(&world, true, reference("canaryada"));
    assert_nowhere(&world, "canaryada");
    let after = export(&world, "canarybob");
    assert_eq!(after["connections"][0]["id"], bob["connections"][0]["id"]);
    assert_eq!(sealed(&world), 1);
}

#[test]
fn a_user_of_the_same_name_elsewhere_is_another_one() {
    let world = World::start();
    let other = world.developer_named("Other");
    let mine = json!({ "clientReferenceId": reference("canaryada") });
    world.link_with(&mine);
    world.link_of(&other, &mine);
    let asked = |org: &str, environment: &str| {
        let asked = UserCommand::Erase {
            org: Some(org.to_owned()),
            environment: environment.to_owned(),
            reference: reference("canaryada"),
        };
        world.command(Command::User { asked })
    };
    let org = &world.developer().org;
    assert_eq!(asked(org, "live")["linkSessions"], 0);
    assert_eq!(asked(org, "sandbox")["linkSessions"], 1);
    assert_eq!(world.database().stages().len(), 1);
    assert_eq!(asked(&other.org, "sandbox")["linkSessions"], 1);
    assert_nowhere(&world, "canaryada");
}

#[test]
fn a_sign_in_that_is_being_checked_makes_no_connection_of_an_erased_user() {
    let mut world = World::start();
    let live = world.live_developer();
    let mine = json!({ "clientReferenceId": reference("canaryada") });
    let link = world.link_of(&live, &mine);
    let mut browser = Browser::at_login(&world, &link);
    browser
        .fill("username", "pause@canaryada")
        .fill("password", "x");
    browser.press("continue");
    let asked = UserCommand::Erase {
        org: None,
        environment: "live".to_owned(),
        reference: reference("canaryada"),
    };
    assert_eq!(world.command(Command::User { asked })["linkSessions"], 1);
    // Ends when the check has ended.
    world.stop();
    assert!(world.database().connections().is_empty());
    assert_nowhere(&world, "canaryada");
}

#[test]
fn what_a_receiver_answers_after_the_erasure_to_what_it_was_told_before_is_not_kept() {
    let erased = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&erased);
    let receiver = Receiver::with(move |hit, _| {
        while !over.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(5));
        }
        reply(200, &[], &String::from_utf8_lossy(&hit.body))
    });
    let world = World::start();
    register(&world, &manager(&world), &receiver);
    let fields = json!({ "clientReferenceId": reference("canaryada") });
    import_with(&world, "canaryada@fan.sandbox.com", &fields).expect(200);
    receiver.wait_for(1);
    command(&world, true, reference("canaryada"));
    erased.store(true, Ordering::SeqCst);
    // The same event once more without her, and the end of the connection.
    let hits = receiver.wait_for(3);
    assert_eq!(hits[0].id(), hits[1].id());
    assert!(names(&hits[0].body, "canaryada") && !names(&hits[1].body, "canaryada"));
    assert_eq!(hits[2].kind(), "connection.disconnected");
    settled(&world);
    assert_nowhere(&world, "canaryada");
}

#[test]
fn a_support_bundle_has_numbers_and_nothing_of_anybody() {
    let (world, receiver) = with_echo();
    let told = live(&world, "canaryada");
    receiver.wait_for(told);
    settled(&world);
    let bundle = world.command(Command::Support);
    let text = bundle.to_string();
    let developer = world.developer();
    let endpoint = receiver.url.as_str();
    for secret in [
        "canary",
        "Shop",
        endpoint,
        &developer.key,
        &developer.org,
        &developer.app,
    ] {
        assert!(
            !names(text.as_bytes(), &secret.to_lowercase()),
            "{secret}: {text}"
        );
    }
    assert_eq!(bundle["connectionsByProvider"], json!({ "sandbox": 2 }));
    assert_eq!(
        bundle["connectionsByStatus"],
        json!({ "active": 1, "expired": 1 })
    );
    assert_eq!(bundle["deliveriesByState"], json!({ "delivered": told }));
    assert_eq!(bundle["rows"]["link_session"], 4);
    assert_eq!(
        bundle["webhookEndpoints"],
        json!({ "enabled": 1, "disabled": 0 })
    );
    assert!(bundle["databaseBytes"].as_i64().unwrap() > 100_000);
}
