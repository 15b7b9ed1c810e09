//! What queues while a commit is under way is the next commit.

use std::{thread, time::Duration};

use crate::{cluster::Cluster, ledger::init, node::Nodes, process::Linchpin, run::turn};

/// Writers of a node.
const WRITERS: i64 = 3;

fn commits(cluster: &Cluster) -> i64 {
    cluster.number("SELECT coalesce(sum(number), 0) FROM commit_mark")
}

/// Starts so many sessions at the same moment, none of which the database lets through before all have arrived.
fn at_once(cluster: &Cluster, node: &Linchpin, sessions: usize, keyed: bool) {
    thread::scope(|scope| {
        let held = scope.spawn(|| {
            cluster
                .ask("BEGIN; LOCK TABLE link_session IN EXCLUSIVE MODE; SELECT pg_sleep(1); COMMIT")
        });
        let locked = "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' \
            AND relation = 'link_session'::regclass AND granted";
        while cluster.number(locked) == 0 {
            thread::sleep(Duration::from_millis(10));
        }
        for number in 0..sessions {
            scope.spawn(move || {
                let key = keyed.then(|| format!("at-once-{number}"));
                let answer = init(&mut node.client(), &node.key, key.as_deref()).unwrap();
                assert_eq!(answer.status, 200, "{}", answer.text());
            });
        }
        held.join().unwrap();
    });
}

#[test]
fn sessions_that_wait_share_a_commit_with_and_without_a_key_to_repeat_them_by() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    for keyed in [false, true] {
        let before = commits(&cluster);
        at_once(&cluster, &node, 90, keyed);
        let made = commits(&cluster) - before;
        // Some arrive alone, before the writers are all busy; upkeep and leases commit now and then.
        assert!(
            made <= 5 * WRITERS,
            "{made} commits for 90 sessions, keyed: {keyed}"
        );
    }
    assert_eq!(cluster.number("SELECT count(*) FROM link_session"), 180);
    assert_eq!(cluster.number("SELECT count(*) FROM kept_answer"), 90);
}
