//! Keys that are wrapped anew while their sessions are replaced.

use linchpin::{
    domain::sealed::WrappedKey,
    store::{OlderRow, Operation},
};
use serde_json::json;

use super::{ask, imported};
use crate::support::World;

#[test]
fn a_session_that_is_sealed_anew_in_the_meantime_is_not_touched() {
    let world = World::start();
    let id = imported(&world, "ada@fan.sandbox.com");
    let other = imported(&world, "bob@fan.sandbox.com");
    let (engine, runtime) = world.engine();
    let older = || runtime.block_on(engine.store.older_keys(2, &OlderRow::default(), 10));
    let read = older().unwrap();
    assert_eq!(read.len(), 2);

    let path = format!("/v2/account/connections/import/{id}");
    let body = json!({ "cookie": "sandbox=ada@fan.sandbox.com", "userAgent": "Test/2" });
    world
        .send(&ask(&world, "PATCH", &path).json(&body))
        .expect(200);
    let resealed = older().unwrap();

    let mut operation = Operation::new(engine.clock.now());
    for found in read {
        let again = WrappedKey {
            version: 2,
            bytes: vec![1, 2, 3],
        };
        operation.replace_key(&found.place.unwrap(), found.key, again);
    }
    runtime.block_on(engine.store.write(operation)).unwrap();
    let left = older().unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].place.as_ref().unwrap().owner, id);
    let kept = resealed.iter().find(|found| found.row == left[0].row);
    assert_eq!(left[0].key, kept.unwrap().key);
    let sql = "SELECT owner FROM sealed WHERE key_version = 2";
    assert_eq!(world.database().rows(sql), [[other]]);
}

#[test]
fn keys_of_older_versions_are_read_page_by_page_each_once() {
    let world = World::start();
    let mut ids: Vec<String> = (0..7)
        .map(|n| imported(&world, &format!("u{n}@fan.sandbox.com")))
        .collect();
    let (engine, runtime) = world.engine();
    let mut after = OlderRow::default();
    let mut read = Vec::new();
    loop {
        let page = runtime.block_on(engine.store.older_keys(2, &after, 3));
        let page = page.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 3);
        after = last.row.clone();
        read.extend(page.into_iter().map(|found| found.place.unwrap().owner));
    }
    ids.sort();
    assert_eq!(read, ids);
}
