//! Any step may go to any node.

use std::time::{Duration, Instant};

use crate::{
    cluster::Cluster,
    ledger::{Promise, init, status},
    node::Nodes,
    person::{Ending, Person},
    process::Linchpin,
    run::{Dice, times, turn},
};

const ACCOUNTS: [&str; 3] = [
    "creator.sandbox.com",
    "creator-otp.sandbox.com",
    "fan-sms.sandbox.com",
];

#[test]
fn sessions_whose_every_step_goes_to_a_random_node_are_completed_once() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("random nodes");
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let both = [nodes.start(0, cluster.url()), nodes.start(1, cluster.url())];
    let sessions = times(60, 1_000);
    let threads = 4;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (both, mut dice) = (&both, dice.fork());
            scope.spawn(move || {
                for number in (thread..sessions).step_by(threads) {
                    let email = format!("p{number}@{}", ACCOUNTS[number % ACCOUNTS.len()]);
                    goes_through(both, &email, &mut dice);
                }
            });
        }
    });
    let count = i64::try_from(sessions).unwrap();
    let ended = "SELECT count(*) FROM link_session WHERE stage = 'completed'";
    assert_eq!(cluster.number(ended), count);
    let terminal = "SELECT count(*) FROM link_session_history WHERE to_stage = 'completed'";
    assert_eq!(cluster.number(terminal), count);
    assert_eq!(cluster.number("SELECT count(*) FROM connection"), count);
    cluster.is_consistent();
    for node in both {
        node.stop();
    }
}

fn any<'a>(both: &'a [Linchpin; 2], dice: &mut Dice) -> &'a Linchpin {
    &both[usize::try_from(dice.below(2)).unwrap()]
}

fn goes_through(both: &[Linchpin; 2], email: &str, dice: &mut Dice) {
    let node = any(both, dice);
    let answer = init(&mut node.client(), &node.key, None).unwrap();
    let promise = Promise::of(&answer, None);
    let mut person = Person::with_link(any(both, dice).address, &promise.path(), email);
    person.begins().unwrap();
    let ending = loop {
        person.moves_to(any(both, dice).address);
        if let Some(ending) = person.takes_a_step().unwrap() {
            break ending;
        }
    };
    let Ending::Returned(url) = ending else {
        panic!("{email}: {ending:?}");
    };
    assert!(url.contains("status=success&connection_id=conn_"), "{url}");
    for node in both {
        let told = status(&mut node.client(), &node.key, &promise.secret).unwrap();
        assert_eq!(told.json()["status"], "completed", "{}", told.text());
    }
}

#[test]
fn a_key_that_is_revoked_on_one_node_is_refused_by_the_other_within_a_second() {
    let _turn = turn();
    let (cluster, nodes) = (Cluster::start(), Nodes::new());
    let (one, other) = (nodes.start(0, cluster.url()), nodes.start(1, cluster.url()));
    for _ in 0..times(3, 20) {
        let key = nodes.key_made_on(0);
        let on = |node: &Linchpin| init(&mut node.client(), &key.secret, None).unwrap().status;
        eventually_within_a_second(|| on(&other) == 200);
        nodes.revoke_on(0, &key);
        let begun = Instant::now();
        while on(&other) != 401 {
            assert!(
                begun.elapsed() < Duration::from_secs(1),
                "still let in after a second"
            );
        }
        assert_eq!(on(&one), 401);
    }
}

fn eventually_within_a_second(holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "not within a second"
        );
    }
}
