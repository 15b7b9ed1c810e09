//! Nodes that share a database share the limit of a connection.

use std::time::{Duration, Instant};

use super::Tie;
use crate::support::{Answer, World};

fn left(answer: &Answer) -> u64 {
    let left = answer.header("x-ratelimit-remaining");
    left.unwrap().parse().unwrap()
}

#[test]
fn what_one_node_lets_through_is_missing_on_the_other() {
    let world = World::start();
    let tie = Tie::live(&world);
    let Some(other) = world.another_node() else {
        return;
    };
    let began = Instant::now();
    let call = tie.call("GET", "/open");
    for _ in 0..60 {
        world.send(&call).expect(200);
    }
    let mut let_through = 60;
    // A node is told a moment later, and every call that asks counts, too.
    while left(&other.send(&call).expect(200)) > 40 {
        let_through += 1;
        assert!(let_through < 90, "the other node was told of nothing");
        std::thread::sleep(Duration::from_millis(100));
    }
    let_through += 1;
    let nodes = [&world, &other];
    for node in nodes.iter().cycle().take(400) {
        let answer = node.send(&call);
        if answer.status == 429 {
            break;
        }
        answer.expect(200);
        let_through += 1;
    }
    // Earned back meanwhile, and what a node could not know of yet.
    let earned = began.elapsed().as_secs() + 1;
    assert!(
        (90..90 + earned + 30).contains(&let_through),
        "{let_through}"
    );
    std::thread::sleep(Duration::from_millis(300));
    for node in nodes {
        let answer = node.send(&call);
        assert!(left(&answer) < 10, "{}", left(&answer));
    }
}
