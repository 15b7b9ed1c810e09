//! Sessions that run out while several nodes use them, and while the node that renews one is killed.

use std::sync::atomic::Ordering;

use super::{
    Tie,
    renewing::{runs_out, seen},
};
use crate::support::World;

/// Longer than a node that is gone may have been renewing, in milliseconds.
const LEASE_IS_OVER: i64 = 60_000;

#[test]
fn a_session_that_has_run_out_is_renewed_once_by_nodes_that_share_a_database() {
    let world = World::without_limit();
    let tie = Tie::live(&world);
    let Some(other) = world.another_node() else {
        return;
    };
    for (round, calls) in [(1, 64), (2, 64), (3, 64)] {
        let mut health = world.upstream().health.lock().unwrap();
        health.accepted = round;
        health.renews = true;
        drop(health);
        let addresses = [world.address(), other.address()];
        let calls: Vec<_> = (0..calls)
            .map(|n| {
                let request = match n % 4 {
                    0 | 1 => tie.call("GET", "/posts"),
                    _ => tie.profile(),
                };
                std::thread::spawn(move || request.send(addresses[n % 2]))
            })
            .collect();
        for call in calls {
            call.join().unwrap().expect(200);
        }
        assert_eq!(seen(&world), (round, round));
    }
    let renewals = world
        .database()
        .rows("SELECT entry FROM audit")
        .into_iter()
        .filter(|row| row[0].contains("\"connection.refresh\""));
    assert_eq!(renewals.count(), 3);
    for node in [&world, &other] {
        node.send(&tie.call("GET", "/posts")).expect(200);
    }
    assert_eq!(seen(&world), (3, 3));
}

/// Has the session be renewed by the provider, and kills the server before it has written that.
fn killed_in_the_middle(world: &mut World, tie: &Tie) {
    runs_out(world, true);
    world.upstream().is_silent.store(true, Ordering::SeqCst);
    let (request, address) = (tie.call("GET", "/posts"), world.address());
    // Its answer never comes.
    std::thread::spawn(move || request.send(address));
    while seen(world) != (1, 1) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    world.kill();
    world.upstream().is_silent.store(false, Ordering::SeqCst);
    world.run();
    world.pass(LEASE_IS_OVER);
}

#[test]
fn a_renewal_that_was_lost_with_its_node_asks_for_a_sign_in_once_and_never_loops() {
    let mut world = World::start();
    let tie = Tie::live(&world);
    killed_in_the_middle(&mut world, &tie);
    // The provider takes the session of before no more, and nobody has the one after it.
    for _ in 0..3 {
        let told = world
            .send(&tie.call("GET", "/posts"))
            .error(401, "SESSION_EXPIRED");
        assert_eq!(told["actionRequired"], "relink_connection");
    }
    assert_eq!(seen(&world), (2, 1));
    assert_eq!(tie.told(&world)["status"], "expired");
}

#[test]
fn a_renewal_that_was_lost_is_made_again_where_the_provider_still_takes_the_session_of_before() {
    let mut world = World::start();
    let tie = Tie::live(&world);
    killed_in_the_middle(&mut world, &tie);
    world.upstream().health.lock().unwrap().renewals = 0;
    for _ in 0..3 {
        world.send(&tie.call("GET", "/posts")).expect(200);
    }
    assert_eq!(seen(&world), (2, 1));
    assert_eq!(tie.told(&world)["status"], "active");
}
