//! A node that is gone, for ever or for a while, in the middle of what it does.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    cluster::Cluster,
    ledger::{Promise, init, status},
    node::Nodes,
    person::{Ending, Person},
    process::Linchpin,
    run::turn,
};

/// The provider's 30 seconds and 10 more, and the next round of the node that takes the upkeep over.
const PUT_BACK: Duration = Duration::from_secs(75);

#[test]
fn a_killed_node_leaves_no_session_stuck_and_one_that_was_stopped_does_nothing_late() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    // The first one does the upkeep.
    let stopped = nodes.start(0, cluster.url());
    eventually("the upkeep is held", || upkeep(&cluster).is_some());
    let (killed, other) = (nodes.start(1, cluster.url()), nodes.start(2, cluster.url()));
    let key = nodes.key_made_on(2);
    let people: Vec<Person> = [
        (&stopped, "a"),
        (&stopped, "b"),
        (&killed, "c"),
        (&killed, "d"),
    ]
    .map(|(node, name)| is_being_checked(node, name))
    .into();
    let holder = upkeep(&cluster).unwrap();
    signal(&stopped, "STOP");
    killed.kill();

    let begun = Instant::now();
    while cluster.number("SELECT count(*) FROM link_session WHERE stage = 'verifying'") > 0 {
        assert!(begun.elapsed() < PUT_BACK, "still being checked by nobody");
        std::thread::sleep(Duration::from_secs(1));
    }
    assert_ne!(
        upkeep(&cluster).unwrap(),
        holder,
        "nobody took the upkeep over"
    );
    nodes.revoke_on(2, &key);
    for mut person in people {
        person.moves_to(other.address);
        let ending = person.goes_to_the_end().unwrap();
        assert!(matches!(ending, Ending::Returned(url) if url.contains("status=success")));
    }

    let before = everything_written(&cluster);
    signal(&stopped, "CONT");
    // What it knew of keys is old, and it says nothing by that.
    let answer = init(&mut stopped.client(), &key.secret, None).unwrap();
    assert_eq!(answer.status, 401, "{}", answer.text());
    eventually("it notices that it was away", || {
        stopped.log().contains("this node was away for too long")
    });
    assert_eq!(
        everything_written(&cluster),
        before,
        "something was written late"
    );
    let holds = upkeep(&cluster).unwrap();
    assert_ne!(holds, holder, "it took the upkeep back");
    cluster.is_consistent();
}

/// Somebody whose password the node is checking.
fn is_being_checked(node: &Linchpin, name: &str) -> Person {
    let promise = Promise::of(&init(&mut node.client(), &node.key, None).unwrap(), None);
    let email = format!("{name}@slow.sandbox.com");
    let mut person = Person::with_link(node.address, &promise.path(), &email);
    person.begins().unwrap();
    let stands = || {
        status(&mut node.client(), &node.key, &promise.secret)
            .unwrap()
            .json()
    };
    while stands()["status"] != "pending" {
        assert_eq!(person.takes_a_step().unwrap(), None);
    }
    person
}

fn signal(node: &Linchpin, name: &str) {
    let pid = node.pid().to_string();
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid])
        .status();
    assert!(sent.unwrap().success());
}

/// Who holds the upkeep.
fn upkeep(cluster: &Cluster) -> Option<String> {
    let sql = "SELECT holder FROM lease WHERE name = 'upkeep'";
    cluster.ask(sql).pop()
}

/// What stands of sessions and connections.
fn everything_written(cluster: &Cluster) -> Vec<String> {
    cluster.ask(
        "SELECT 'session ' || id || ' ' || version || ' ' || stage FROM link_session \
         UNION ALL SELECT 'step ' || session_id || ' ' || version FROM link_session_history \
         UNION ALL SELECT 'connection ' || id || ' ' || version FROM connection ORDER BY 1",
    )
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{what}: not within 30 seconds"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}
