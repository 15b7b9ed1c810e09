//! The same thing on two nodes at the same moment.

use std::{collections::BTreeSet, thread};

use crate::{
    cluster::Cluster,
    ledger::{Promise, init},
    node::Nodes,
    person::{Ending, Person},
    run::{times, turn},
};

#[test]
fn thirty_two_posts_of_one_step_on_two_nodes_are_one_attempt() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let both = [nodes.start(0, cluster.url()), nodes.start(1, cluster.url())];
    let promise = Promise::of(
        &init(&mut both[0].client(), &both[0].key, None).unwrap(),
        None,
    );
    let mut person = Person::with_link(
        both[0].address,
        &promise.path(),
        "a@creator-otp.sandbox.com",
    );
    person.begins().unwrap();
    let mut posted = 0;
    let ending = loop {
        let Some(form) = person.form() else {
            // A page that waits, or the end.
            match person.takes_a_step().unwrap() {
                Some(ending) => break ending,
                None => continue,
            }
        };
        // Whoever comes late finds the next page; nobody finds an error.
        thread::scope(|scope| {
            for number in 0..32 {
                let mut tab = person.copied_to(both[number % 2].address);
                let form = &form;
                scope.spawn(move || tab.posts_filled(form).unwrap());
            }
        });
        posted += 1;
    };
    assert_eq!(posted, 3, "permissions, password and code");
    assert!(matches!(ending, Ending::Returned(url) if url.contains("status=success")));
    for event in ["password_submitted", "code_submitted", "linked"] {
        let sql = format!("SELECT count(*) FROM link_session_history WHERE event = '{event}'");
        assert_eq!(cluster.number(&sql), 1, "{event}");
    }
    cluster.is_consistent();
}

#[test]
fn one_account_that_is_linked_by_many_sessions_on_two_nodes_has_one_connection() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let both = [nodes.start(0, cluster.url()), nodes.start(1, cluster.url())];
    let sessions = times(12, 64);
    let ends: BTreeSet<String> = thread::scope(|scope| {
        let linking: Vec<_> = (0..sessions)
            .map(|number| {
                let node = &both[number % 2];
                scope.spawn(|| {
                    let answer = init(&mut node.client(), &node.key, None).unwrap();
                    let promise = Promise::of(&answer, None);
                    let email = "same@creator.sandbox.com";
                    let mut person = Person::with_link(node.address, &promise.path(), email);
                    let Ending::Returned(url) = person.goes_to_the_end().unwrap() else {
                        panic!("stuck");
                    };
                    let (_, connection) = url.split_once("connection_id=").unwrap();
                    connection.split('&').next().unwrap().to_owned()
                })
            })
            .collect();
        linking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(ends.len(), 1, "{ends:?}");
    assert_eq!(
        cluster.ask("SELECT id FROM connection"),
        Vec::from_iter(ends)
    );
    // Every change is in the history once, and none was made by somebody who had not seen the one before.
    let versions = cluster.ask("SELECT version FROM connection_history ORDER BY version");
    let wanted: Vec<String> = (1..=sessions).map(|version| version.to_string()).collect();
    assert_eq!(versions, wanted);
    cluster.is_consistent();
}
