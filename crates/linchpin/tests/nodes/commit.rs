//! A connection that is lost around COMMIT.

use crate::{
    cluster::Cluster,
    ledger::{init, status},
    node::Nodes,
    proxy::Proxy,
    run::{times, turn},
};

#[test]
fn a_commit_whose_answer_is_lost_is_found_and_one_that_never_arrived_is_done_again() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let proxy = Proxy::to(cluster.url());
    let node = nodes.start(0, &proxy.url(cluster.url()));
    let rounds = times(10, 100);
    let mut promised = Vec::new();
    for round in 0..rounds {
        match round % 2 {
            0 => proxy.cuts_answers(1),
            _ => proxy.cuts_commits(1),
        }
        let key = format!("round-{round}");
        let first = init(&mut node.client(), &node.key, Some(&key)).unwrap();
        let again = init(&mut node.client(), &node.key, Some(&key)).unwrap();
        assert_eq!((first.status, again.status), (200, 200), "{}", first.text());
        assert_eq!(first.body, again.body);
        promised.push(crate::ledger::Promise::of(&first, None));
    }
    assert!(
        proxy.cut() >= u32::try_from(rounds).unwrap() / 2,
        "only {} were cut",
        proxy.cut()
    );
    assert!(
        node.log().contains("a commit got no answer"),
        "{}",
        node.log()
    );
    for promise in &promised {
        let told = status(&mut node.client(), &node.key, &promise.secret).unwrap();
        assert_eq!(told.status, 200, "{}", told.text());
    }
    let sessions = cluster.number("SELECT count(*) FROM link_session");
    assert_eq!(
        usize::try_from(sessions).unwrap(),
        rounds,
        "one session a key"
    );
    cluster.is_consistent();
}
