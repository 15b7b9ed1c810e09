//! Rotation of the vault's master key: how long it takes for many sealed sessions while sessions are started, and what it
//! takes from those.

use std::{path::Path, time::Duration, time::Instant};

use linchpin::{
    domain::{
        environment::Environment,
        keyring::Keyring,
        master_keys::MasterKeys,
        sealed::{Place, SealedKind},
        time::Timestamp,
    },
    store::{Operation, Options, Store},
    vault::Vault,
};

use crate::{
    Arguments, Outcome,
    connections::connection,
    deliveries::only_organisation,
    fill, load,
    server::{Server, command},
    table::{heading, line},
};

/// Sealed sessions.
const SESSIONS: usize = 100_000;
/// Operations handed to the writer at once.
const AT_ONCE: usize = 2_000;
const CONNECTIONS: usize = 16;

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let data = directory.path();
    Server::dev(&arguments.binary, data).await?.end().await?;
    seal(arguments, data).await?;
    let server = Server::dev(&arguments.binary, data).await?;
    let second = Duration::from_secs(1);
    load::run(&[&server], CONNECTIONS, second).await?;
    let before = load::run(
        &[&server],
        CONNECTIONS,
        Duration::from_secs(arguments.seconds),
    )
    .await?;
    let begun = Instant::now();
    command(&arguments.binary, data, &["vault", "rotate"]).await?;
    let mut meanwhile = Vec::new();
    let taken = loop {
        meanwhile.push(load::run(&[&server], CONNECTIONS, second).await?);
        let status = command(&arguments.binary, data, &["vault", "status"]).await?;
        if status.pointer("/rowsLeft") == Some(&0.into()) {
            break begun.elapsed();
        }
        if begun.elapsed() > Duration::from_mins(10) {
            return Err(format!("not rotated: {status}").into());
        }
    };
    heading(&format!(
        "rotation of {SESSIONS} sealed sessions, {CONNECTIONS} connections that start link sessions"
    ));
    let meanwhile = load::middle(&meanwhile);
    line(&format!(
        "{:>10.1} s   until nothing was wrapped with the older version",
        taken.as_secs_f64()
    ));
    line(&format!(
        "{:>10.0} /s  link sessions started meanwhile, {:.2} of the {:.0}/s before; 99th percentile {:.1} ms, before {:.1} ms",
        meanwhile.per_second,
        meanwhile.per_second / before.per_second,
        before.per_second,
        meanwhile.p99,
        before.p99
    ));
    server.end().await
}

/// Puts connections with sealed sessions into a store.
async fn seal(arguments: &Arguments, data: &Path) -> Outcome<()> {
    let organisation = only_organisation(arguments, data).await?;
    let text = std::fs::read_to_string(data.join("master.key"))?;
    let keyring = std::sync::Arc::new(Keyring::derive(fill::master_key(text.trim())?));
    let keys = MasterKeys::parse(&text).map_err(|line| format!("line {line}"))?;
    let vault = Vault::new(keys);
    let store = Store::open(&Options::at(data), &keyring).await?;
    let at = jiff::Timestamp::now().as_millisecond() - 60_000;
    let mut number = 0;
    while number < SESSIONS {
        let mut waiting = Vec::new();
        for number in number..number + AT_ONCE {
            let connection = connection(&organisation, number, at)?;
            let place = Place {
                kind: SealedKind::Session,
                owner: connection.id.as_str().to_owned(),
                number: 1,
                organisation: organisation.clone(),
                environment: Environment::Sandbox,
            };
            let mut operation = Operation::new(Timestamp(at));
            operation.insert_connection(&connection, None)?;
            let sealed = vault.seal(&place, b"sandbox=ada@fan.sandbox.com").await?;
            operation.keep_sealed(&place, sealed, None);
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.write(operation).await }));
        }
        for written in waiting {
            written.await??;
        }
        number += AT_ONCE;
    }
    store.close().await;
    Ok(())
}
