//! Others are in the way: what gives way is tried again, and what cannot work is not.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    client::Answer,
    cluster::Cluster,
    ledger::{Promise, init, status_on},
    node::Nodes,
    person::{Ending, Person},
    process::Linchpin,
    run::turn,
};

/// Fails every insert of a session whose turn this condition names, and counts them; what fails is counted as well,
/// since a sequence takes nothing back.
fn fails(cluster: &Cluster, code: &str, when: &str) {
    cluster.ask(&format!(
        "DROP SEQUENCE IF EXISTS tries CASCADE; CREATE SEQUENCE tries; \
         CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF nextval('tries') {when} THEN RAISE 'in the way' USING ERRCODE = '{code}'; END IF; RETURN NEW; \
         END $$; \
         CREATE OR REPLACE TRIGGER fails BEFORE INSERT ON link_session FOR EACH ROW EXECUTE FUNCTION fails()"
    ));
}

fn tries(cluster: &Cluster) -> i64 {
    cluster.number("SELECT last_value FROM tries")
}

fn ask(node: &Linchpin) -> Answer {
    init(&mut node.client(), &node.key, None).unwrap()
}

#[test]
fn what_gave_way_to_another_transaction_is_tried_again_with_limits() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    for code in ["40001", "40P01", "55P03"] {
        fails(&cluster, code, "< 4");
        let answer = ask(&node);
        assert_eq!(answer.status, 200, "{code}: {}", answer.text());
        assert_eq!(tries(&cluster), 4);
        assert_eq!(
            status_on(&node, &Promise::of(&answer, None).secret),
            "initialized"
        );
    }
    fails(&cluster, "40001", "> 0");
    let answer = ask(&node);
    assert!(
        answer.is_clean_refusal(),
        "{} {}",
        answer.status,
        answer.text()
    );
    assert!((2..=10).contains(&tries(&cluster)), "{}", tries(&cluster));
}

#[test]
fn what_breaks_a_constraint_is_not_tried_again() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    for code in ["23514", "23502", "22001"] {
        fails(&cluster, code, "> 0");
        let answer = ask(&node);
        assert!(answer.status >= 500, "{code}: {}", answer.text());
        assert_eq!(tries(&cluster), 1, "{code}");
    }
}

/// Somebody at the database by hand, who goes on until told to end.
struct Somebody(Child);

impl Somebody {
    fn does(cluster: &Cluster, sql: &str) -> Self {
        let child = Command::new("psql")
            .args([
                "--no-psqlrc",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                sql,
                cluster.url(),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    /// Whether everything was carried out.
    fn comes_through(mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

/// Somebody who has a link open, and what follows `session_id =` in SQL for it.
fn visitor(node: &Linchpin, cluster: &Cluster) -> (Person, String) {
    let promise = Promise::of(&ask(node), None);
    let person = Person::with_link(node.address, &promise.path(), "a@creator.sandbox.com");
    (
        person,
        cluster.ask("SELECT max(id) FROM link_session").remove(0),
    )
}

fn wait_for(cluster: &Cluster, what: &str) {
    let begun = Instant::now();
    while cluster.number(&format!(
        "SELECT count(*) FROM pg_stat_activity WHERE {what}"
    )) == 0
    {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

const NODE_WAITS: &str = "application_name = 'linchpin' AND wait_event_type = 'Lock'";

#[test]
fn of_a_deadlock_the_node_gives_way_and_goes_on() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    let (mut person, id) = visitor(&node, &cluster);
    // Holds the session, then wants what the node holds; looks for a deadlock much later than the node does.
    let somebody = Somebody::does(
        &cluster,
        &format!(
            "SET deadlock_timeout = '20s'; BEGIN; SELECT FROM link_session WHERE id = {id} FOR UPDATE; \
             DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE {NODE_WAITS}) LOOP \
               PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$; \
             SELECT FROM commit_mark FOR UPDATE; COMMIT"
        ),
    );
    wait_for(
        &cluster,
        "application_name = 'psql' AND query LIKE 'SET deadlock%' AND wait_event = 'PgSleep'",
    );
    person.begins().unwrap();
    let ending = person.goes_to_the_end().unwrap();
    assert!(matches!(ending, Ending::Returned(url) if url.contains("status=success")));
    assert!(
        somebody.comes_through(),
        "it was not the node that gave way"
    );
    cluster.is_consistent();
}

#[test]
fn a_row_that_somebody_holds_keeps_its_own_session_waiting_and_no_other() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let node = nodes.start(0, cluster.url());
    let (mut person, id) = visitor(&node, &cluster);
    let lock = format!(
        "BEGIN; SELECT FROM link_session WHERE id = {id} FOR UPDATE; SELECT pg_sleep(3); COMMIT"
    );
    let somebody = Somebody::does(&cluster, &lock);
    wait_for(
        &cluster,
        "application_name = 'psql' AND wait_event = 'PgSleep'",
    );
    thread::scope(|scope| {
        let beginning = scope.spawn(|| person.begins());
        wait_for(&cluster, NODE_WAITS);
        for _ in 0..50 {
            assert_eq!(ask(&node).status, 200);
        }
        assert!(!beginning.is_finished(), "nobody held the row");
        beginning.join().unwrap().unwrap();
    });
    assert!(somebody.comes_through());
    let ending = person.goes_to_the_end().unwrap();
    assert!(matches!(ending, Ending::Returned(url) if url.contains("status=success")));
}
