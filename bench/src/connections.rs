//! Pages of connections: what one costs at a million rows, beside what it costs at a thousand.

use std::{path::Path, time::Duration};

use linchpin::{
    domain::{
        connection::Connection, keyring::Keyring, public_id::OrganisationId, time::Timestamp,
    },
    store::{Operation, Options, Store},
};
use serde_json::json;

use crate::{
    Arguments, Outcome,
    deliveries::only_organisation,
    fill,
    load::{self, Rate},
    server::Server,
    table::{heading, line},
};

const FEW: usize = 1_000;
/// Operations handed to the writer at once.
const AT_ONCE: usize = 2_000;

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    let directory = || {
        tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(&arguments.directory)
    };
    let (small, large) = (directory()?, directory()?);
    let mut servers = Vec::new();
    for (store, rows) in [(&small, FEW), (&large, arguments.stored)] {
        let data = store.path();
        Server::dev(&arguments.binary, data).await?.end().await?;
        connections(arguments, data, rows).await?;
        servers.push(Server::dev(&arguments.binary, data).await?);
    }
    heading(&format!(
        "pages of 10 connections, 16 keep-alive connections, at {FEW} and at {} stored (medians of {})",
        arguments.stored, arguments.rounds
    ));
    for query in [
        "",
        "&status=expired",
        "&clientReferenceId=user_7",
        "&provider=sandbox&imported=true",
    ] {
        let mut sides: Vec<Vec<Rate>> = vec![Vec::new(), Vec::new()];
        for _ in 0..=arguments.rounds {
            for (server, rates) in servers.iter().zip(&mut sides) {
                let request = format!(
                    "GET /v2/account/connections?limit=10{query} HTTP/1.1\r\nhost: localhost\r\napikey: {}\r\n\r\n",
                    server.key
                );
                let time = Duration::from_secs(1);
                rates.push(load::of(server.address, request.into_bytes(), 16, time).await?);
            }
        }
        let rates: Vec<Rate> = sides.iter().map(|rates| load::middle(rates)).collect();
        let [few, many] = rates.as_slice() else {
            return Err("two sides".into());
        };
        line(&format!(
            "{:>10.0} /s and {:.0} /s: a page costs {:.2} times as much   aim: at most 1.5   {}",
            few.per_second,
            many.per_second,
            few.per_second / many.per_second,
            if query.is_empty() { "(all)" } else { query }
        ));
    }
    for server in servers {
        server.end().await?;
    }
    Ok(())
}

/// A connection as an import makes it: one in ten is expired, one in three imported, each user has twenty.
pub fn connection(organisation: &OrganisationId, number: usize, at: i64) -> Outcome<Connection> {
    let expired = number.is_multiple_of(10);
    Ok(serde_json::from_value(json!({
        "id": format!("conn_{number:020}"),
        "organisation": organisation.as_str(),
        "environment": "sandbox",
        "app": null,
        "provider": "sandbox",
        "account": {
            "id": number.to_string(), "name": "Ada", "username": format!("ada{number}"), "avatar": null
        },
        "status": if expired { "expired" } else { "active" },
        "asked": ["profile:read"],
        "permissions": ["profile:read"],
        "clientReferenceId": format!("user_{}", number / 20),
        "metadata": {},
        "imported": number.is_multiple_of(3),
        "expired": expired.then(|| json!({ "at": at, "reason": "signed_out" })),
        "version": 1,
        "createdAt": at,
        "updatedAt": at,
    }))?)
}

/// Puts connections into a store.
async fn connections(arguments: &Arguments, data: &Path, rows: usize) -> Outcome<()> {
    let organisation = only_organisation(arguments, data).await?;
    let key = std::fs::read_to_string(data.join("master.key"))?;
    let keyring = std::sync::Arc::new(Keyring::derive(fill::master_key(key.trim())?));
    let store = Store::open(&Options::at(data), &keyring).await?;
    let begun = jiff::Timestamp::now().as_millisecond() - 86_400_000;
    let mut row = 0;
    while row < rows {
        let mut waiting = Vec::new();
        for number in row..rows.min(row + AT_ONCE) {
            let at = begun + i64::try_from(number)? * 10;
            let connection = connection(&organisation, number, at)?;
            let mut operation = Operation::new(Timestamp(at));
            operation.insert_connection(&connection, None)?;
            let store = store.clone();
            waiting.push(tokio::spawn(async move { store.write(operation).await }));
        }
        for written in waiting {
            written.await??;
        }
        row += AT_ONCE;
    }
    store.close().await;
    Ok(())
}
