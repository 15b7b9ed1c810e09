//! Deliveries: how many a second, how soon after the change, and what one endpoint that hangs does to the others.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use linchpin::{
    domain::{
        environment::Environment,
        event::{Event, EventId, EventKind, Told},
        id::ConnectionId,
        keyring::Keyring,
        public_id::OrganisationId,
        time::Timestamp,
    },
    store::{Operation, Options, Store},
};

use crate::{
    Arguments, Outcome, fill, load,
    receiver::Receiver,
    server::{Server, command},
    table::{heading, line, median},
};

/// Deliveries of the run that counts them.
const MANY: usize = 30_000;
/// Organisations, and endpoints of each, of the run that looks at delays: a hundred endpoints.
const ORGANISATIONS: usize = 5;
const ENDPOINTS: usize = 20;
/// Changes of that run, and the time between two of them.
const CHANGES: usize = 200;
const BETWEEN: Duration = Duration::from_millis(50);

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    many(arguments).await?;
    soon(arguments).await
}

async fn many(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let data = directory.path();
    Server::dev(&arguments.binary, data).await?.end().await?;
    let organisation = only_organisation(arguments, data).await?;
    events(data, &organisation).await?;
    let receiver = Receiver::start().await?;
    let server = Server::dev(&arguments.binary, data).await?;
    // Until what was put in has its place in the list.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let url = format!("http://{}/hooks", receiver.address);
    let made = ["webhook", "create", "--url", &url];
    let endpoint = command(&arguments.binary, data, &made).await?;
    let id = text(&endpoint, "/id")?;
    let ceiling = load::of(
        receiver.address,
        example(&receiver),
        64,
        Duration::from_secs(arguments.seconds),
    )
    .await?;
    let before = receiver.count();
    let begun = Instant::now();
    let replay = ["webhook", "replay", &id, "--since", "2020-01-01"];
    command(&arguments.binary, data, &replay).await?;
    while receiver.count() < before + MANY {
        if begun.elapsed() > Duration::from_mins(2) {
            return Err(format!("only {} arrived", receiver.count() - before).into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let rate = f64::from(u32::try_from(MANY)?) / begun.elapsed().as_secs_f64();
    heading(&format!("{MANY} deliveries to one endpoint"));
    line(&format!(
        "{:>10.0} /s  the receiver's own limit",
        ceiling.per_second
    ));
    line(&format!(
        "{rate:>10.0} /s  deliveries, {:.2} of that   aim: 5,000/s or the receiver's limit",
        rate / ceiling.per_second
    ));
    server.end().await
}

async fn soon(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let data = directory.path();
    let mut server = Server::dev(&arguments.binary, data).await?;
    let receiver = Receiver::start().await?;
    let (keys, org) = most_endpoints(arguments, data, &receiver).await?;
    heading(&format!(
        "from the change to the first byte at the receiver, {} endpoints ({CHANGES} changes, {} ms between two, medians of {})",
        ORGANISATIONS * ENDPOINTS,
        BETWEEN.as_millis(),
        arguments.rounds
    ));
    let mut person = 0;
    let mut sides: [Vec<Vec<f64>>; 2] = Default::default();
    for round in 0..=arguments.rounds {
        for (path, rounds) in ["hooks", "hang"].into_iter().zip(&mut sides) {
            let url = format!("http://{}/{path}", receiver.address);
            let made = ["webhook", "create", "--org", &org, "--url", &url];
            let last = text(&command(&arguments.binary, data, &made).await?, "/id")?;
            let noted = delays(&mut server, &receiver, &keys, &mut person).await?;
            command(&arguments.binary, data, &["webhook", "delete", &last]).await?;
            // The first round warms up.
            if round > 0 {
                rounds.push(noted);
            }
        }
    }
    let [healthy, with_one] = &sides;
    tell("all are well", healthy);
    tell("one of them hangs", with_one);
    line(&format!(
        "{:>10.2}     99th percentile with one that hangs, of that without   aim: under 1.2",
        middle(with_one, 99) / middle(healthy, 99)
    ));
    server.end().await
}

/// Five organisations, each with a key and twenty endpoints, but for the last one, which has nineteen; the keys, and the
/// last organisation.
async fn most_endpoints(
    arguments: &Arguments,
    data: &Path,
    receiver: &Receiver,
) -> Outcome<(Vec<String>, String)> {
    let url = format!("http://{}/hooks", receiver.address);
    let (mut keys, mut last) = (Vec::new(), String::new());
    for number in 0..ORGANISATIONS {
        let name = format!("Bench {number}");
        let made = ["org", "create", "--name", &name];
        let org = command(&arguments.binary, data, &made).await?;
        let org = text(&org, "/id")?;
        let words = [
            "key", "create", "--org", &org, "--name", "bench", "--scope", "ACCOUNT",
        ];
        let words = [&words[..], &["--environment", "sandbox"]].concat();
        let key = command(&arguments.binary, data, &words).await?;
        keys.push(text(&key, "/key")?);
        let missing = usize::from(number + 1 == ORGANISATIONS);
        for _ in missing..ENDPOINTS {
            let words = ["webhook", "create", "--org", &org, "--url", &url];
            command(&arguments.binary, data, &words).await?;
        }
        last = org;
    }
    Ok((keys, last))
}

async fn delays(
    server: &mut Server,
    receiver: &Receiver,
    keys: &[String],
    person: &mut usize,
) -> Outcome<Vec<f64>> {
    receiver.take_delays();
    for key in keys.iter().cycle().take(CHANGES) {
        *person += 1;
        server.key.clone_from(key);
        let body =
            format!(r#"{{"cookie":"sandbox=b{person}@fan.sandbox.com","userAgent":"Bench/1"}}"#);
        let path = "/v2/account/connections/import";
        server.ask("POST", path, &body).await?;
        tokio::time::sleep(BETWEEN).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(receiver.take_delays())
}

fn tell(what: &str, rounds: &[Vec<f64>]) {
    line(&format!(
        "{:>10.1} ms  median, {:.1} ms 99th percentile of {} deliveries, {what}   aim: median under 20 ms",
        middle(rounds, 50),
        middle(rounds, 99),
        rounds.first().map_or(0, Vec::len)
    ));
}

/// The middle one of what so many percent of each round are below.
fn middle(rounds: &[Vec<f64>], percent: usize) -> f64 {
    median(rounds.iter().map(|delays| at(delays, percent)).collect())
}

fn at(sorted: &[f64], percent: usize) -> f64 {
    let place = sorted.len() * percent / 100;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

fn text(told: &serde_json::Value, pointer: &str) -> Outcome<String> {
    let found = told.pointer(pointer).and_then(serde_json::Value::as_str);
    Ok(found
        .ok_or("the answer says less than it should")?
        .to_owned())
}

/// The organisation that `linchpin dev` has made.
pub async fn only_organisation(arguments: &Arguments, data: &Path) -> Outcome<OrganisationId> {
    let all = command(&arguments.binary, data, &["org", "list"]).await?;
    OrganisationId::parse(&text(&all, "/0/id")?).ok_or_else(|| "no id".into())
}

/// Puts events into a store, each of a connection of its own.
async fn events(data: &Path, organisation: &OrganisationId) -> Outcome<()> {
    let key = std::fs::read_to_string(data.join("master.key"))?;
    let keyring = std::sync::Arc::new(Keyring::derive(fill::master_key(key.trim())?));
    let store = Store::open(&Options::at(data), &keyring).await?;
    let at = Timestamp(jiff::Timestamp::now().as_millisecond() - 60_000);
    let mut last = None;
    for _ in 0..MANY / 1_000 {
        let mut operation = Operation::new(at);
        for _ in 0..1_000 {
            let id = EventId::next(last, at, 1);
            last = Some(id);
            let event = Event {
                id,
                organisation: organisation.clone(),
                environment: Environment::Sandbox,
                kind: EventKind::ConnectionCreated,
                connection: Some(ConnectionId::from_text(&format!(
                    "conn_{:016x}",
                    id.number()
                ))),
                sequence: Some(1),
                at,
                told: Told::erased("sandbox"),
            };
            operation.tell(&event, [])?;
        }
        store.write(operation).await?;
    }
    store.close().await;
    Ok(())
}

/// A request like those of deliveries.
fn example(receiver: &Receiver) -> Vec<u8> {
    let body = r#"{"id":"evt_0000000000000001","type":"connection.created","eventType":"connection.created","timestamp":"2026-01-31T10:00:00.000Z","live":false,"data":{"clientReferenceId":null,"connection":{"id":"conn_0000000000000001","sequence":1,"provider":"sandbox"}}}"#;
    let signature = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=";
    format!(
        "POST /hooks HTTP/1.1\r\nwebhook-id: evt_0000000000000001\r\nsvix-id: evt_0000000000000001\r\n\
         webhook-timestamp: 1674087231\r\nsvix-timestamp: 1674087231\r\nwebhook-signature: {signature}\r\n\
         svix-signature: {signature}\r\ncontent-type: application/json\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
        receiver.address,
        body.len()
    )
    .into_bytes()
}
