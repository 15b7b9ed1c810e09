//! Calls through a connection: what they take beside a direct call and beside nginx, how much memory large answers take,
//! and what a thousand sign-ins at once at a slow provider come to.

pub mod bare;
mod calls;
mod nginx;
pub mod platform;
pub mod provider;
mod sign_ins;

use std::{net::SocketAddr, rc::Rc, time::Duration};

use tokio::{net::TcpStream, task::LocalSet};

use self::{
    calls::{Measured, Side},
    nginx::Nginx,
};
use crate::{
    Arguments, Outcome,
    server::Server,
    table::{heading, line, median},
};

const KIB: usize = 1_024;
const MIB: usize = 1_024 * 1_024;
/// What it is compared with first.
const NGINX: &str = "through nginx";
/// Callers at the same time where throughput is measured.
const CALLERS: usize = 32;
/// Large answers at the same time, and how long each is.
const DOWNLOADS: usize = 200;
const DOWNLOAD: usize = 50 * MIB;
/// Connections that they are spread over.
const SPREAD: usize = 8;

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let platform = Server::role("platform", None).await?;
    let upstream = platform.address.to_string();
    let server = Server::role_with("passing", directory.path(), &upstream).await?;
    let mut connections = Vec::new();
    for n in 0..SPREAD {
        let body = format!(r#"{{"accessToken":"user{n}"}}"#);
        let path = "/v2/account/connections/import";
        let made = server.ask("POST", path, &body).await?;
        let id = made.pointer("/id").and_then(|id| id.as_str());
        connections.push(id.ok_or("no connection")?.to_owned());
    }
    let nginx = Nginx::start(&directory.path().canonicalize()?, platform.address).await?;
    let bare = Server::role_of("bare-proxy", &[upstream.as_ref()]).await?;
    let notes = directory.path().join("notes");
    let noting = Server::role_of("bare-proxy", &[upstream.as_ref(), notes.as_os_str()]).await?;
    let first = connections.first().ok_or("no connection")?;
    for (size, name) in [(KIB, "1 KB"), (MIB, "1 MB")] {
        heading(&format!("calls through a connection, answers of {name}"));
        let mut sides = vec![
            side("directly", platform.address, &format!("/{size}"), ""),
            through(&server, first, size),
            side(
                "through a bare proxy",
                bare.address,
                &format!("/{size}"),
                "",
            ),
            side(
                "through one that flushes a line for each call",
                noting.address,
                &format!("/{size}"),
                "",
            ),
        ];
        if let Some(nginx) = &nginx {
            sides.push(side(NGINX, nginx.address, &format!("/{size}"), ""));
        }
        compare(arguments, &sides, 1).await?;
        compare(arguments, &sides, CALLERS).await?;
    }
    if nginx.is_none() {
        line(
            "nginx is not installed, so that nothing is compared with it: apt-get install nginx-light",
        );
    }
    drop(nginx);
    bare.end().await?;
    noting.end().await?;
    downloads(&server, &connections).await?;
    sign_ins::run(&server).await?;
    server.end().await?;
    platform.end().await
}

fn side(name: &'static str, to: SocketAddr, path: &str, headers: &str) -> Side {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n");
    Side {
        name,
        to,
        request: Rc::new(request.into_bytes()),
    }
}

fn through(server: &Server, connection: &str, size: usize) -> Side {
    let headers = format!(
        "apikey: {}\r\nx-connection-id: {connection}\r\n",
        server.key
    );
    let path = format!("/v2/access/proxy/{size}");
    side("through a connection", server.address, &path, &headers)
}

/// Runs the sides in turn, round after round, and prints the medians of the rounds.
async fn compare(arguments: &Arguments, sides: &[Side], connections: usize) -> Outcome<()> {
    let time = Duration::from_secs(arguments.seconds);
    let mut rounds: Vec<Vec<Measured>> = sides.iter().map(|_| Vec::new()).collect();
    for round in 0..=arguments.rounds {
        for (side, measured) in sides.iter().zip(&mut rounds) {
            let one = calls::run(side, connections, time).await?;
            // The first round warms up.
            if round > 0 {
                measured.push(one);
            }
        }
    }
    let middle = |of: usize, what: fn(&Measured) -> f64| {
        rounds.get(of).map_or(f64::NAN, |measured| {
            median(measured.iter().map(what).collect())
        })
    };
    for (at, side) in sides.iter().enumerate() {
        let (rate, took) = (middle(at, |m| m.per_second), middle(at, |m| m.median));
        line(&format!(
            "{rate:>10.0} a second, median {took:.3} ms, {}, {connections} at a time",
            side.name
        ));
    }
    if connections == 1 {
        let added = middle(1, |m| m.median) - middle(0, |m| m.median);
        line(&format!(
            "{added:>10.3} ms added to a direct call (median)   aim: at most 0.3 ms for 1 KB"
        ));
    }
    for (at, side) in sides.iter().enumerate().skip(2) {
        let ratio = middle(1, |m| m.per_second) / middle(at, |m| m.per_second);
        let aim = match side.name {
            NGINX => "   aim: at least 0.6",
            _ => "",
        };
        line(&format!(
            "{ratio:>10.2} of the throughput {}{aim}",
            side.name
        ));
    }
    Ok(())
}

/// Large answers at the same time, and the memory that the server has at most meanwhile.
async fn downloads(server: &Server, connections: &[String]) -> Outcome<()> {
    heading(&format!("{DOWNLOADS} answers of 50 MB at the same time"));
    let before = server.memory()?.0;
    let set = LocalSet::new();
    let most = set
        .run_until(async {
            let tasks: Vec<_> = connections
                .iter()
                .cycle()
                .take(DOWNLOADS)
                .map(|connection| through(server, connection, DOWNLOAD))
                .map(|side| tokio::task::spawn_local(download(side)))
                .collect();
            let mut most = before;
            while tasks.iter().any(|task| !task.is_finished()) {
                most = most.max(server.memory()?.0);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            for task in tasks {
                if task.await?? != DOWNLOAD {
                    return Err("an answer is not whole".into());
                }
            }
            Outcome::Ok(most)
        })
        .await?;
    line(&format!(
        "{most:>10.1} MB resident at most, {before:.1} MB before   aim: below 100 MB"
    ));
    Ok(())
}

async fn download(side: Side) -> Outcome<usize> {
    let mut stream = TcpStream::connect(side.to).await?;
    calls::once(&mut stream, &side.request, &mut vec![0; 64 * KIB]).await
}
