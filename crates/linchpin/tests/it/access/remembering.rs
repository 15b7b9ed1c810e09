//! What is remembered of connections in use is never older than what was answered, and what many calls at once write down
//! is all there.

use std::sync::atomic::{AtomicBool, Ordering};

use linchpin::flow::admin::{AuditCommand, Command};
use serde_json::{Value, json};

use super::{Tie, uses};
use crate::support::{Request, SECOND, World};

#[test]
fn no_call_begun_after_a_connection_was_removed_goes_through() {
    let world = World::without_limit();
    for tie in Tie::many(&world, 4) {
        let removed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut late = 0;
                    while late < 20 {
                        let before = removed.load(Ordering::SeqCst);
                        let answer = world.send(&tie.call("GET", "/open"));
                        if before {
                            late += 1;
                            answer.error(401, "SESSION_NOT_PROVIDED");
                        }
                    }
                });
            }
            world.send(&tie.call("GET", "/open")).expect(200);
            let path = format!("/v2/account/connections/{}", tie.id);
            let request = Request::new("DELETE", &path).header("apikey", &tie.key);
            let status = world.send(&request).status;
            assert!((200..300).contains(&status), "{status}");
            removed.store(true, Ordering::SeqCst);
        });
    }
}

#[test]
fn what_a_connection_may_do_changes_with_the_next_call() {
    let world = World::without_limit();
    let tie = Tie::live(&world);
    for _ in 0..10 {
        for (permission, status) in [("messages:write", 403), ("posts:read", 200)] {
            let path = format!("/v2/account/connections/{}/invalidate", tie.id);
            let over = Request::post(&path).header("apikey", &tie.key);
            world.send(&over).expect(200);
            world
                .send(&tie.call("GET", "/open"))
                .error(401, "SESSION_EXPIRED");
            let granted = json!({ "accessToken": "ada", "permissions": [permission] });
            let again = Tie::imported(&world, tie.key.clone(), &granted);
            assert_eq!(again.id, tie.id);
            assert_eq!(world.send(&tie.call("GET", "/posts")).status, status);
            world.send(&tie.call("GET", "/open")).expect(200);
        }
    }
}

#[test]
fn each_of_many_calls_at_once_has_an_entry_and_the_log_is_right() {
    let world = World::without_limit();
    let ties = Tie::many(&world, 8);
    let before = uses(&world).len();
    std::thread::scope(|scope| {
        for n in 0..32 {
            let (world, tie) = (&world, &ties[n % 8]);
            scope.spawn(move || {
                for _ in 0..8 {
                    world.send(&tie.call("GET", "/open")).expect(200);
                }
            });
        }
    });
    let entries = uses(&world);
    assert_eq!(entries.len() - before, 32 * 8);
    for tie in &ties {
        let of = entries.iter().filter(|entry| entry["object"] == tie.id);
        assert_eq!(of.count(), 32, "{}", tie.id);
    }
    let mut numbers: Vec<i64> = entries
        .iter()
        .map(|entry| entry["id"].as_i64().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), entries.len(), "two entries have one number");
    let exported = exported(&world);
    let of_uses = exported
        .iter()
        .filter(|entry| entry["action"] == "connection.use");
    assert_eq!(of_uses.count(), entries.len());
    let verified = asked(&world, AuditCommand::Verify { head: None });
    assert_eq!(verified["entries"], exported.len());
}

/// The whole log, once all of it is chained.
fn exported(world: &World) -> Vec<Value> {
    // What the node before the restart held has run out then.
    world.pass(20 * SECOND);
    let (engine, runtime) = world.engine();
    let unchained = "SELECT COUNT(*) FROM audit WHERE position IS NULL";
    while world.database().number(unchained) > 0 {
        runtime.block_on(engine.chain_audit()).unwrap();
    }
    let told = asked(world, AuditCommand::Export { after: 0 });
    told.as_array().unwrap().clone()
}

fn asked(world: &World, asked: AuditCommand) -> Value {
    let (engine, runtime) = world.engine();
    let told = runtime.block_on(engine.command(Command::Audit { asked }));
    told.unwrap()
}
