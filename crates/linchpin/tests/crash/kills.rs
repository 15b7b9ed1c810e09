//! Killed with SIGKILL at any instant: what was answered is there, and nothing is stuck.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    database,
    ledger::{AfterEnd, Ledger, Load, Promise, init},
    person::{Ending, Person},
    process::{Linchpin, Start},
    run::{Dice, note, times, turn},
};

/// Addresses whose sign-ins take every way there is; the slow one is being checked when the kill comes.
const ACCOUNTS: [&str; 4] = [
    "slow.sandbox.com",
    "creator.sandbox.com",
    "creator-otp.sandbox.com",
    "fan-sms.sandbox.com",
];

#[test]
fn no_answered_session_is_lost_and_none_is_stuck_however_often_the_server_is_killed() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("kills under load");
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let mut all = Ledger::default();
    let mut linked = 0;
    for kill in 0..times(10, 1_000) {
        let server = Start::on(&directory).go();
        let clients = 8 + usize::try_from(dice.below(25)).unwrap();
        let load = Load::on(&server, clients, &mut dice, AfterEnd::Stop);
        let people = send_people(&server, kill, &mut dice);
        thread::sleep(Duration::from_millis(dice.below(600)));
        server.kill();
        let round = load.until_it_ends();
        let people: Vec<Person> = people.join();

        let server = Start::on(&directory).go();
        assert!(round.refusals.is_empty(), "{:?}", round.refusals);
        round.is_kept_by(&server);
        linked += people.len();
        all_get_there(people, &server);
        all.take(round);
        // What is left of the round is for the next kill: the start that follows finds work to do.
        server.kill();
    }
    let server = Start::on(&directory).go();
    all.is_kept_by(&server);
    server.kill();
    let sessions = database::is_consistent(&directory);
    note(&format!(
        "{} sessions were promised, {linked} linked, {sessions} stored\n",
        all.promises.len()
    ));
    assert!(sessions >= u64::try_from(all.promises.len()).unwrap());
}

#[test]
fn a_check_that_was_cut_off_leaves_the_user_at_the_login() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let promise = promised_on(&server);
    let mut person = Person::with_link(server.address, &promise.path(), "late@slow.sandbox.com");
    person.begins().unwrap();
    while crate::ledger::status_on(&server, &promise.secret) != "pending" {
        assert_eq!(person.takes_a_step().unwrap(), None);
    }
    server.kill();

    let server = Start::on(&directory).go();
    assert_eq!(
        crate::ledger::status_on(&server, &promise.secret),
        "initialized"
    );
    person.moves_to(server.address);
    let begun = Instant::now();
    assert_linked(&person.goes_to_the_end().unwrap());
    assert!(
        begun.elapsed() > Duration::from_secs(4),
        "the account was not checked again"
    );
    assert_eq!(
        crate::ledger::status_on(&server, &promise.secret),
        "completed"
    );
}

#[test]
fn a_first_start_that_was_cut_off_anywhere_is_finished_by_the_next_one() {
    let _turn = turn();
    let mut dice = Dice::thrown_for("kills during the first start");
    for _ in 0..times(12, 300) {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("data");
        let start = Start::on(&directory);
        let mut child = start.spawn(&home.path().join("data.log"));
        thread::sleep(Duration::from_millis(dice.below(150)));
        child.kill().unwrap();
        child.wait().unwrap();
        let server = start.go();
        promised_on(&server);
        server.kill();
        database::is_consistent(&directory);
    }
}

/// People who link accounts until they are told to stop or the server is gone.
struct People {
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Person>>>,
}

impl People {
    /// Those who did not get there.
    fn join(self) -> Vec<Person> {
        self.stopping.store(true, Ordering::Relaxed);
        self.threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    }
}

fn send_people(server: &Linchpin, kill: usize, dice: &mut Dice) -> People {
    let stopping = Arc::new(AtomicBool::new(false));
    let threads = ACCOUNTS.iter().enumerate().map(|(number, domain)| {
        let (address, key) = (server.address, server.key.clone());
        let mut dice = dice.fork();
        let stopping = Arc::clone(&stopping);
        thread::spawn(move || {
            let mut under_way = Vec::new();
            let mut client = crate::client::Client::new(address);
            while !stopping.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(dice.below(50)));
                let Ok(answer) = init(&mut client, &key, None) else {
                    break;
                };
                let promise = Promise::of(&answer, None);
                let email = format!("p{number}-{kill}-{}@{domain}", dice.below(1_000));
                let mut person = Person::with_link(address, &promise.path(), &email);
                match person.goes_to_the_end() {
                    Ok(ending) => assert_linked(&ending),
                    Err(_) => under_way.push(person),
                }
            }
            under_way
        })
    });
    People {
        threads: threads.collect(),
        stopping,
    }
}

/// After the restart everybody gets there, in one sitting each.
fn all_get_there(people: Vec<Person>, server: &Linchpin) {
    for mut person in people {
        person.moves_to(server.address);
        // The slow account would be as slow again for each of them.
        person.email = person.email.replace("slow.", "creator.");
        let ending = person.goes_to_the_end().unwrap();
        assert_linked(&ending);
    }
}

/// The user was sent back with a connection.
pub fn assert_linked(ending: &Ending) {
    let Ending::Returned(url) = ending else {
        panic!("stuck: {ending:?}");
    };
    let expected = "http://localhost:3000/callback?status=success&connection_id=conn_";
    assert!(url.starts_with(expected), "{url}");
    assert!(url.contains("&client_reference_id="), "{url}");
}

/// A new session that the server has answered.
pub fn promised_on(server: &Linchpin) -> Promise {
    let answer = init(&mut server.client(), &server.key, None).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    Promise::of(&answer, None)
}

/// A data directory that a server has been started on and ended in order.
pub fn prepared(home: &Path) -> std::path::PathBuf {
    let directory = home.join("data");
    Start::on(&directory).go().stop();
    directory
}
