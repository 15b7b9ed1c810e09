//! Durable init: the shipped server against its ceiling, against one commit a request, and against itself with a
//! large store; all in the same run, in turn, so that a machine whose speed drifts drifts for all.

use tempfile::TempDir;

use crate::{
    Arguments, Outcome, fill,
    load::{self, Rate},
    server::Server,
    table::{heading, line},
};

/// What is compared.
const NAMES: [&str; 5] = [
    "bare hyper",
    "ceiling",
    "durable",
    "one commit a request",
    "durable, large store",
];

/// Measures and prints.
pub async fn run(arguments: &Arguments, flush: f64) -> Outcome<()> {
    let directory = || {
        tempfile::Builder::new()
            .prefix("bench-")
            .tempdir_in(&arguments.directory)
    };
    let (ceiling, single, empty, large) = (directory()?, directory()?, directory()?, directory()?);
    prepare(arguments, &large).await?;
    let servers = [
        Server::role("bare", None).await?,
        Server::role("ceiling", Some(ceiling.path())).await?,
        Server::dev(&arguments.binary, empty.path()).await?,
        Server::role("single", Some(single.path())).await?,
        Server::dev(&arguments.binary, large.path()).await?,
    ];
    for connections in [64, 256] {
        heading(&format!(
            "durable init, {connections} keep-alive connections (medians of {})",
            arguments.rounds
        ));
        let sides: Vec<Vec<&Server>> = servers.iter().map(|server| vec![server]).collect();
        let rounds = load::in_turn(arguments, &sides, connections).await?;
        let rates: Vec<Rate> = rounds.iter().map(|rates| load::middle(rates)).collect();
        print(&rates, connections, flush);
    }
    let (anonymous, files) = servers.get(2).ok_or("no server")?.memory()?;
    heading("resident memory after the run");
    line(&format!(
        "{anonymous:>10.1} MB of its own, {files:.1} MB of files (binary and store pages)   aim: at most 40 MB"
    ));
    for server in servers {
        server.end().await?;
    }
    Ok(())
}

async fn prepare(arguments: &Arguments, large: &TempDir) -> Outcome<()> {
    Server::dev(&arguments.binary, large.path())
        .await?
        .end()
        .await?;
    fill::fill(large.path(), arguments.stored).await
}

fn print(rates: &[Rate], connections: usize, flush: f64) {
    let rate = |at: usize| rates.get(at).map_or(f64::NAN, |rate| rate.per_second);
    for (name, Rate { per_second, p99 }) in NAMES.iter().zip(rates) {
        let of_ceiling = per_second / rate(1);
        line(&format!(
            "{name:>22}  {per_second:>9.0}/s   p99 {p99:>7.2} ms   {of_ceiling:>5.2} of the ceiling"
        ));
    }
    if connections > 64 {
        return;
    }
    line(&format!(
        "{:>22}  {:>5.2}   aim: at least 0.6",
        "ceiling / bare hyper",
        rate(1) / rate(0)
    ));
    let note = if flush < 0.000_3 {
        "aim: at least 0.35, better 0.6"
    } else {
        "no aim on so slow a disk"
    };
    line(&format!(
        "{:>22}  {:>5.2}   {note}",
        "durable / ceiling",
        rate(2) / rate(1)
    ));
    line(&format!(
        "{:>22}  {:>5.2}   aim: at least 5",
        "durable / one commit",
        rate(2) / rate(3)
    ));
    line(&format!(
        "{:>22}  {:>5.2}   aim: at least 0.9",
        "large store / empty",
        rate(4) / rate(2)
    ));
}
