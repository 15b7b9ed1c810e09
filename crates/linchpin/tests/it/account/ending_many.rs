//! Every connection of one app or of one provider, ended by one command.

use std::sync::Arc;

use linchpin::{
    domain::{environment::Environment, public_id::OrganisationId},
    flow::admin::{Command, ConnectionCommand},
};
use serde_json::{Value, json};

use super::{connection, imported, sealed};
use crate::{
    support::{
        Browser, Developer, Receiver, World,
        developer::redirect_app,
        receiver::Hit,
        seeded::{Seed, seed},
    },
    webhooks::with_receiver,
};

fn step(app: Option<&str>, provider: Option<&str>, reached: Option<&Value>) -> Command {
    let asked = ConnectionCommand::Invalidate {
        app: app.map(str::to_owned),
        provider: provider.map(str::to_owned),
        org: None,
        reached: reached.map(|reached| serde_json::from_value(reached.clone()).unwrap()),
    };
    Command::Connection { asked }
}

/// Goes on to the end, as the command line does.
fn end(world: &World, app: Option<&str>, provider: Option<&str>) -> Value {
    let mut reached = world.command(step(app, provider, None));
    while reached["isOver"] == false {
        reached = world.command(step(app, provider, Some(&reached)));
    }
    reached
}

fn linked(world: &World, developer: &Developer, email: &str) -> String {
    let link = world.link_of(developer, &json!({}));
    Browser::signed_in_as(world, &link, email);
    let told = world.status_with(&developer.key, &link);
    told["data"]["id"].as_str().unwrap().to_owned()
}

fn statuses(world: &World, ids: &[String]) -> Vec<String> {
    let status = |id: &String| connection(world, id)["status"].as_str().unwrap().to_owned();
    ids.iter().map(status).collect()
}

/// Entries of the audit log by what was done to which object by whom.
fn entries(world: &World, action: &str) -> Vec<(String, String)> {
    let rows = world.database().rows("SELECT entry FROM audit ORDER BY id");
    let entries = rows
        .iter()
        .map(|row| serde_json::from_str::<Value>(&row[0]).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_action = entries.filter(|entry| entry["action"] == action);
    of_action
        .map(|entry| (text(&entry["object"]), text(&entry["actor"])))
        .collect()
}

/// Connections of the live provider.
fn seed_live(world: &World, count: usize) -> String {
    let developer = world.live_developer();
    let organisation = OrganisationId::parse(&developer.org).unwrap();
    let (engine, runtime) = world.engine();
    let what = Seed {
        organisation: &organisation,
        environment: Environment::Live,
        provider: "north",
        app: None,
    };
    runtime.block_on(seed(engine, &what, 0..count));
    developer.key
}

fn expired(world: &World) -> i64 {
    let sql = "SELECT COUNT(*) FROM connection WHERE status = 'expired'";
    world.database().number(sql)
}

#[test]
fn all_connections_of_one_app_end_as_if_one_by_one_and_those_of_another_stay() {
    let receiver = Receiver::start();
    let (world, _, _) = with_receiver(&receiver);
    let shop = world.developer().clone();
    let other = Developer {
        app: world.app(&shop.org, redirect_app("Other")),
        ..shop.clone()
    };
    let mut ended: Vec<String> = (0..3)
        .map(|n| linked(&world, &shop, &format!("a{n}@fan.sandbox.com")))
        .collect();
    ended.sort();
    let mut kept: Vec<String> = (0..2)
        .map(|n| linked(&world, &other, &format!("b{n}@fan.sandbox.com")))
        .collect();
    kept.push(imported(&world, "c@fan.sandbox.com"));

    let told = end(&world, Some(&shop.app), None);
    assert_eq!(
        (&told["ended"], &told["notSignedOut"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(statuses(&world, &ended), ["expired"; 3]);
    assert_eq!(statuses(&world, &kept), ["active"; 3]);
    assert_eq!(
        connection(&world, &ended[0])["expiredReason"],
        "invalidated"
    );
    assert_eq!(sealed(&world), 3);

    let hits = receiver.wait_for(9);
    let expirations = hits.iter().map(Hit::json);
    let mut told: Vec<String> = expirations
        .filter(|event| event["type"] == "connection.expired")
        .inspect(|event| assert_eq!(event["data"]["reason"], "invalidated"))
        .map(|event| {
            event["data"]["connection"]["id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    told.sort();
    assert_eq!(told, ended);

    let operator = || "operator".to_owned();
    let mut found = entries(&world, "connection.expire");
    found.sort();
    let wanted: Vec<_> = ended.iter().map(|id| (id.clone(), operator())).collect();
    assert_eq!(found, wanted);
    let begun = entries(&world, "connection.expire_all");
    assert_eq!(begun, [(shop.app.clone(), operator())]);

    assert_eq!(end(&world, Some(&shop.app), None)["ended"], 0);
    assert_eq!(entries(&world, "connection.expire").len(), 3);
}

#[test]
fn all_connections_of_one_provider_end_and_are_signed_out_there() {
    let mut world = World::start();
    let kept = imported(&world, "ada@fan.sandbox.com");
    seed_live(&world, 300);
    let told = end(&world, None, Some("north"));
    assert_eq!(
        (&told["ended"], &told["notSignedOut"]),
        (&json!(300), &json!(0))
    );
    assert_eq!(connection(&world, &kept)["status"], "active");
    assert_eq!((expired(&world), sealed(&world)), (300, 1));
    world.stop();
    let mut signed_out = world.upstream().signed_out.lock().unwrap().clone();
    signed_out.sort();
    let mut wanted: Vec<String> = (0..300).map(|n| format!("u{n} 0")).collect();
    wanted.sort();
    assert_eq!(signed_out, wanted);
}

#[test]
fn sign_outs_that_hang_hold_nothing_up_and_no_more_of_them_wait_than_may() {
    let mut world = World::start();
    seed_live(&world, 4_200);
    world.upstream().health.lock().unwrap().is_down = true;
    let begun = std::time::Instant::now();
    let told = end(&world, None, Some("north"));
    assert_eq!(told["ended"], 4_200);
    // A few may have been given up meanwhile, and others have got their seats.
    let forgotten = told["notSignedOut"].as_i64().unwrap();
    let seconds = i64::try_from(begun.elapsed().as_secs()).unwrap();
    let given_up = 32 * (seconds / 2 + 1);
    assert!((104 - given_up..=104).contains(&forgotten), "{told}");
    assert_eq!((expired(&world), sealed(&world)), (4_200, 0));
    world.kill();
}

#[test]
fn whoever_changes_one_at_the_same_moment_neither_fails_nor_keeps_it() {
    let world = World::start();
    let key = seed_live(&world, 600);
    let (engine, runtime) = world.engine();
    let changing = {
        let (engine, key) = (Arc::clone(engine), key);
        runtime.spawn(async move {
            let caller = engine.caller(&key).await.unwrap().unwrap();
            let listing = linchpin::store::Listing {
                limit: 600,
                ..linchpin::store::Listing::default()
            };
            let (all, _) = engine.connections(&caller, &listing).await.unwrap();
            for connection in all {
                let set = engine.set_connection(&caller, &connection.id, |settings| settings);
                set.await.unwrap().unwrap();
            }
        })
    };
    let told = end(&world, None, Some("north"));
    runtime.block_on(changing).unwrap();
    assert_eq!(told["ended"], 600);
    assert_eq!((expired(&world), sealed(&world)), (600, 0));
    assert_eq!(entries(&world, "connection.expire").len(), 600);
}

#[test]
fn what_is_linked_after_the_beginning_is_not_ended() {
    let world = World::start();
    let ids: Vec<String> = (0..2)
        .map(|n| imported(&world, &format!("a{n}@fan.sandbox.com")))
        .collect();
    let mut reached = json!({ "begun": crate::support::world::BEGIN, "after": "", "ended": 0, "notSignedOut": 0, "unreadable": 0, "isOver": false });
    world.pass(1_000);
    let later = imported(&world, "b@fan.sandbox.com");
    reached = world.command(step(None, Some("sandbox"), Some(&reached)));
    assert_eq!(
        (&reached["ended"], &reached["isOver"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(statuses(&world, &ids), ["expired"; 2]);
    assert_eq!(connection(&world, &later)["status"], "active");
}
