//! Calls that wait for a whitelabel session to change: what a thousand of them take, and how soon each is answered.

use std::{net::SocketAddr, time::Duration, time::Instant};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Arguments, Outcome,
    server::Server,
    table::{heading, line, median},
};

/// Calls that wait at the same time.
const CALLS: usize = 1_000;
/// Changes that are timed.
const CHANGES: usize = 100;
/// Until everything that is asked for has come to rest.
const REST: Duration = Duration::from_secs(3);

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let server = Server::dev(&arguments.binary, directory.path()).await?;
    let mut secrets = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let made = server
            .ask("POST", "/v2/link/init", r#"{"mode":"whitelabel"}"#)
            .await?;
        let secret = made.pointer("/clientSecret").and_then(|text| text.as_str());
        secrets.push(secret.ok_or("no secret")?.to_owned());
    }
    tokio::time::sleep(REST).await;
    let (before, threads) = (server.memory()?.0, server.threads()?);
    let mut calls = Vec::with_capacity(CALLS);
    for secret in &secrets {
        calls.push(wait(server.address, &server.key, secret).await?);
    }
    tokio::time::sleep(REST).await;
    let (after, threads_then) = (server.memory()?.0, server.threads()?);
    let mut taken = Vec::with_capacity(CHANGES);
    for (secret, call) in secrets.iter().zip(&mut calls).take(CHANGES) {
        let begun = Instant::now();
        let path = format!("/v2/link/{secret}");
        let deleted = server.ask("DELETE", &path, "");
        let (deleted, told) = tokio::join!(deleted, told(call));
        deleted?;
        if !told?.contains("not_found") {
            return Err("a call was answered with something else".into());
        }
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let slowest = taken.iter().copied().fold(0.0, f64::max);
    heading("calls that wait");
    let each = (after - before) * 1_024.0 / f64::from(u32::try_from(CALLS)?);
    line(&format!(
        "{:>10.1} MB more resident for {CALLS} waiting calls, {each:.1} KB each, connections included",
        after - before
    ));
    line(&format!(
        "{threads_then:>10} threads, {threads} without them"
    ));
    line(&format!(
        "{:>10.1} ms from asking for a change to the answer of who waits for it (median of {CHANGES}; slowest {slowest:.1} ms)   aim: at most 100 ms",
        median(taken)
    ));
    let begun = Instant::now();
    let ended = tokio::spawn(server.end());
    for call in calls.iter_mut().skip(CHANGES) {
        told(call).await?;
    }
    line(&format!(
        "{:>10.0} ms from SIGTERM to the answers of the other {}",
        begun.elapsed().as_secs_f64() * 1_000.0,
        CALLS - CHANGES
    ));
    ended.await?
}

/// Asks, and does not read the answer.
async fn wait(to: SocketAddr, key: &str, secret: &str) -> Outcome<TcpStream> {
    let mut stream = TcpStream::connect(to).await?;
    let request = format!(
        "GET /v2/link/{secret}/whitelabel/status?wait=55&after=initialized HTTP/1.1\r\n\
         host: localhost\r\nconnection: close\r\napikey: {key}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

async fn told(call: &mut TcpStream) -> Outcome<String> {
    let mut answer = String::new();
    call.read_to_string(&mut answer).await?;
    match answer.starts_with("HTTP/1.1 200") {
        true => Ok(answer),
        false => Err(format!("a waiting call: {answer}").into()),
    }
}
