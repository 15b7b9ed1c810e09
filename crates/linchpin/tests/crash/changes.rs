//! Load that changes connections, and a book of which changes were acknowledged.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    client::{Client, NoAnswer},
    process::{Linchpin, without_ours},
    receiver::{Hit, Receiver, Reply, reply},
    run::Dice,
};

/// Longest until everything has arrived.
const ARRIVAL: Duration = Duration::from_mins(3);

/// For an answer to a webhook. A receiver that hangs holds places of its endpoint for as long as this, and the places
/// limit how fast what waits behind drains.
pub const TIMEOUT: &str = "1s";

/// Changes of each connection that were acknowledged.
pub type Acknowledged = BTreeMap<String, u64>;

/// Clients that change connections until they are told to stop or lose their server.
pub struct Changes {
    stopping: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Acknowledged>>,
}

impl Changes {
    pub fn on(server: &Linchpin, clients: usize) -> Self {
        let stopping = Arc::new(AtomicBool::new(false));
        let clients = (0..clients).map(|_| {
            let (address, key) = (server.address, server.key.clone());
            let stopping = Arc::clone(&stopping);
            thread::spawn(move || {
                let mut book = Acknowledged::new();
                let mut client = Client::new(address);
                while !stopping.load(Ordering::Relaxed) {
                    if one_life(&mut client, &key, &mut book).is_err() {
                        break;
                    }
                }
                book
            })
        });
        Self {
            clients: clients.collect(),
            stopping,
        }
    }

    /// Lets every client finish, or waits until it has lost its server.
    pub fn stop(self, into: &mut Acknowledged) {
        self.stopping.store(true, Ordering::Relaxed);
        for client in self.clients {
            into.extend(client.join().unwrap());
        }
    }
}

/// A connection is imported, invalidated, imported again and removed.
fn one_life(client: &mut Client, key: &str, book: &mut Acknowledged) -> Result<(), NoAnswer> {
    static PEOPLE: AtomicU64 = AtomicU64::new(0);
    let person = PEOPLE.fetch_add(1, Ordering::Relaxed);
    let session =
        format!(r#"{{"cookie":"sandbox=p{person}@fan.sandbox.com","userAgent":"Test/1"}}"#);
    let import = "/v2/account/connections/import";
    let Some(made) = change(client, key, ("POST", import), &session)? else {
        return Ok(());
    };
    let id = made["id"].as_str().unwrap().to_owned();
    book.insert(id.clone(), 1);
    let path = format!("/v2/account/connections/{id}");
    for (method, path, body) in [
        ("POST", format!("{path}/invalidate"), ""),
        ("PATCH", format!("{import}/{id}"), session.as_str()),
        ("DELETE", path, ""),
    ] {
        if change(client, key, (method, &path), body)?.is_none() {
            return Ok(());
        }
        *book.get_mut(&id).unwrap() += 1;
    }
    Ok(())
}

/// `None` where the server refused cleanly.
fn change(
    client: &mut Client,
    key: &str,
    (method, path): (&str, &str),
    body: &str,
) -> Result<Option<Value>, NoAnswer> {
    let headers = [("apikey", key), ("content-type", "application/json")];
    let answer = client.request(method, path, &headers, body.as_bytes())?;
    match answer.status {
        200 => Ok(Some(answer.json())),
        503 => Ok(None),
        status => panic!("{method} {path}: {status} {}", answer.text()),
    }
}

/// A receiver that fails three times of ten: it refuses, hangs, resets and lies about lengths.
pub fn unreliable(dice: &mut Dice) -> Receiver {
    let drawn = AtomicU64::new(dice.below(u64::MAX / 2));
    Receiver::with(move |_, _| {
        let number = drawn.fetch_add(1, Ordering::Relaxed);
        match number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32 {
            draw if draw % 10 > 2 => reply(200, &[], "taken"),
            draw => match draw / 10 % 5 {
                0 => reply(500, &[], "out of order"),
                1 => Reply::CutOff,
                2 => Reply::Silence(Duration::from_millis(300)),
                3 => Reply::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nshort".to_vec()),
                _ => reply(429, &[], ""),
            },
        }
    })
}

/// Registers a receiver for everything about connections.
pub fn register(data: &std::path::Path, receiver: &Receiver) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
    let output = without_ours(&mut command)
        .args([
            "webhook",
            "create",
            "--json",
            "--url",
            &receiver.url,
            "--data",
        ])
        .arg(data)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

/// Every event that is listed: its id, connection and sequence, in the order of the list.
pub fn listed(server: &Linchpin) -> Vec<(String, String, u64)> {
    let mut client = server.client();
    let mut events = Vec::new();
    let mut query = "?limit=100".to_owned();
    loop {
        let path = format!("/v2/events{query}");
        let page = client.get(&path, &[("apikey", &server.key)]).unwrap();
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        for event in page["list"].as_array().unwrap() {
            let connection = &event["data"]["connection"];
            events.push((
                event["id"].as_str().unwrap().to_owned(),
                connection["id"].as_str().unwrap().to_owned(),
                connection["sequence"].as_u64().unwrap(),
            ));
        }
        if page["hasMore"] == false {
            return events;
        }
        query = format!("?limit=100&after={}", page["nextAfter"].as_str().unwrap());
    }
}

/// Waits until everything that is listed has come to the receiver, and checks: nothing else has, each connection's
/// events came in order, and every acknowledged change has its event. Answers how many events there are, and how many
/// came more than once.
pub fn all_arrive(
    server: &Linchpin,
    receiver: &Receiver,
    acknowledged: &Acknowledged,
) -> (usize, usize) {
    let (hits, events) = wait_for_all(server, receiver);
    let known: BTreeSet<&String> = events.iter().map(|(id, ..)| id).collect();
    let mut first = Vec::new();
    let mut seen = BTreeSet::new();
    for hit in &hits {
        let id = hit.id();
        assert!(
            known.contains(&id),
            "{id} tells of a change that was not made"
        );
        if seen.insert(id.clone()) {
            first.push(id);
        }
    }
    let mut sequences: BTreeMap<&String, Vec<u64>> = BTreeMap::new();
    let places: BTreeMap<&String, (&String, u64)> = events
        .iter()
        .map(|(id, connection, sequence)| (id, (connection, *sequence)))
        .collect();
    for id in &first {
        let (connection, sequence) = places[id];
        sequences.entry(connection).or_default().push(sequence);
    }
    for (connection, came) in &sequences {
        let in_order: Vec<u64> = (1..=came.len() as u64).collect();
        assert_eq!(*came, in_order, "{connection}");
    }
    for (connection, changes) in acknowledged {
        let told = sequences.get(connection).map_or(0, Vec::len) as u64;
        assert!(
            told >= *changes,
            "{connection}: {told} of {changes} changes were told"
        );
    }
    (events.len(), hits.len() - first.len())
}

/// Waits until what is listed has come, and nothing new is listed meanwhile.
fn wait_for_all(server: &Linchpin, receiver: &Receiver) -> (Vec<Hit>, Vec<(String, String, u64)>) {
    let begun = Instant::now();
    let mut events = listed(server);
    loop {
        let hits = receiver.hits();
        let came: BTreeSet<String> = hits.iter().map(Hit::id).collect();
        let missing = events.iter().filter(|(id, ..)| !came.contains(id)).count();
        if missing == 0 {
            let now = listed(server);
            if now.len() == events.len() {
                return (hits, events);
            }
            events = now;
            continue;
        }
        assert!(
            begun.elapsed() < ARRIVAL,
            "{missing} of {} never came",
            events.len()
        );
        thread::sleep(Duration::from_millis(500));
    }
}
