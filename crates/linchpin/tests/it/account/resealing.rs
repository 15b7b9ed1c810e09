//! Sessions and secrets that are sealed anew, while some are replaced and some are damaged.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use linchpin::{
    domain::sealed::Sealed,
    flow::admin::Command,
    store::{Operation, SealedRow},
};
use serde_json::{Value, json};

use super::{ask, imported};
use crate::{
    support::{Receiver, Request, World},
    webhooks,
};

/// Longer than what was sealed before may be on its way, and than the lease of a server that is gone is held.
const ALL_HAS_ARRIVED: i64 = 16_000;
/// How long is waited for what goes on in the background.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is sealed, by kind, owner and number: until when, wrapped key, ciphertext.
fn rows(world: &World) -> BTreeMap<Vec<String>, Vec<String>> {
    let sql = "SELECT kind, owner, number, COALESCE(until, 0), wrapped_key, sealed FROM sealed";
    let rows = world.database().rows(sql).into_iter();
    rows.map(|mut row| {
        let rest = row.split_off(3);
        (row, rest)
    })
    .collect()
}

fn ask_for_it(world: &World) -> Value {
    world.pass(1);
    let told = world.command(Command::VaultReseal);
    world.pass(1);
    told["reseal"].clone()
}

fn status(world: &World) -> Value {
    world.command(Command::VaultStatus)["reseal"].clone()
}

/// Waits until the server has sealed anew what was there, in the background.
fn wait_until_left(world: &World, rows: i64, done: bool) {
    let begun = Instant::now();
    while (&status(world)["rowsLeft"], &status(world)["done"]) != (&json!(rows), &json!(done)) {
        assert!(begun.elapsed() < PATIENCE, "{}", status(world));
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn uses(world: &World, id: &str) {
    let key = &world.developer().key;
    let request = Request::get("/v2/access/self").header("apikey", key);
    world
        .send(&request.header("x-connection-id", id))
        .expect(200);
}

#[test]
fn everything_gets_a_new_key_and_a_new_ciphertext_and_still_opens() {
    let receiver = Receiver::start();
    let (world, key, endpoint) = webhooks::with_receiver(&receiver);
    let ids: Vec<String> = (0..3)
        .map(|n| imported(&world, &format!("u{n}@fan.sandbox.com")))
        .collect();
    let rotated = webhooks::ask(&world, &key, "POST", &endpoint, "/rotate");
    let rotated = rotated.expect(200).json();
    let before = rows(&world);
    assert_eq!(before.len(), 5);
    assert_eq!(status(&world), Value::Null);

    let told = ask_for_it(&world);
    assert_eq!(
        (&told["rowsLeft"], &told["done"]),
        (&json!(5), &json!(false))
    );
    // What was sealed before may still arrive for a while, so it is not over yet.
    wait_until_left(&world, 0, false);
    let after = rows(&world);
    assert!(before.keys().eq(after.keys()));
    for (row, was) in &before {
        let [until, wrapped_key, sealed] = &after[row][..] else {
            panic!("{row:?}");
        };
        assert_eq!(until, &was[0], "{row:?}");
        assert!(wrapped_key != &was[1] && sealed != &was[2], "{row:?}");
    }
    for id in &ids {
        uses(&world, id);
    }
    let secret = webhooks::ask(&world, &key, "GET", &endpoint, "/secret");
    assert_eq!(secret.expect(200).json()["secret"], rotated["secret"]);

    world.pass(ALL_HAS_ARRIVED);
    wait_until_left(&world, 0, true);
    assert_eq!(rows(&world), after);
    let entries = world.database().rows("SELECT entry FROM audit");
    let entry = |row: &Vec<String>| row[0].contains("\"vault.reseal\"");
    assert_eq!(entries.iter().filter(|row| entry(row)).count(), 1);
}

#[test]
fn a_session_that_is_replaced_while_it_is_sealed_anew_is_not_touched() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let other = imported(&world, "bob@fan.sandbox.com");
    let (engine, runtime) = world.engine();
    let read_at = engine.clock.now();
    world.pass(1);
    let page = |most| {
        let first = SealedRow::default();
        let rows = engine.store.sealed_rows(&first, most);
        runtime.block_on(rows).unwrap()
    };
    let read = page(10);
    assert!(read.len() == 2 && read.iter().all(|row| row.sealed_at <= read_at));
    assert_eq!(page(1).len(), 1);

    let path = format!("/v2/account/connections/import/{id}");
    let body = json!({ "cookie": "sandbox=ada@fan.sandbox.com", "userAgent": "Test/2" });
    world
        .send(&ask(&world, "PATCH", &path).json(&body))
        .expect(200);
    let replaced = rows(&world);
    let mut operation = Operation::new(engine.clock.now());
    for row in read {
        let again = Sealed {
            key_version: 1,
            wrapped_key: vec![1],
            bytes: vec![2],
        };
        operation.replace_sealed(&row.place.unwrap(), row.sealed, again);
    }
    runtime.block_on(engine.store.write(operation)).unwrap();
    let after = rows(&world);
    for (row, now) in &after {
        assert_eq!(now == &replaced[row], row[1] == id, "{row:?}");
    }
    assert!(after.keys().any(|row| row[1] == other));
    uses(&world, &id);
    // Both count as sealed later than what was read.
    assert!(page(10).iter().all(|row| row.sealed_at > read_at));
}

#[test]
fn what_was_sealed_before_and_arrives_later_is_found() {
    let mut world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    ask_for_it(&world);
    wait_until_left(&world, 0, false);
    world.stop();
    let before = rows(&world);
    world.tamper("UPDATE sealed SET sealed_at = 1");
    world.run();
    world.pass(ALL_HAS_ARRIVED);
    wait_until_left(&world, 0, true);
    let after = rows(&world);
    assert!(before.iter().all(|(row, was)| after[row] != *was));
    uses(&world, &id);
}

#[test]
fn a_damaged_row_stays_as_it_is_is_counted_and_holds_up_no_other() {
    let mut world = World::start();
    let damaged = imported(&world, "ada@fan.sandbox.com");
    let good = imported(&world, "bob@fan.sandbox.com");
    let swap = format!(
        "UPDATE sealed SET sealed = (SELECT sealed FROM sealed WHERE owner = '{good}') WHERE owner = '{damaged}'"
    );
    world.stop();
    world.tamper(&swap);
    world.run();
    let before = rows(&world);
    ask_for_it(&world);
    world.pass(ALL_HAS_ARRIVED);
    wait_until_left(&world, 1, true);
    for (row, now) in rows(&world) {
        assert_eq!(now == before[&row], row[1] == damaged, "{row:?}");
    }
    uses(&world, &good);
}
