//! The load generator: keep-alive connections, each with one request after the other, and as little work as possible
//! between an answer and the next request.

use std::{
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
};

use crate::{Arguments, Outcome, server::Server, table::median};

/// What came of a run.
#[derive(Clone, Copy)]
pub struct Rate {
    /// Answers a second.
    pub per_second: f64,
    /// The 99th percentile of the time to an answer, in milliseconds.
    pub p99: f64,
}

/// Sends init over and over on so many connections, which are shared out among the servers. Any answer that is not 200
/// is an error.
pub async fn run(servers: &[&Server], connections: usize, time: Duration) -> Outcome<Rate> {
    let requests: Vec<(SocketAddr, Rc<Vec<u8>>)> = servers
        .iter()
        .map(|server| {
            (
                server.address,
                Rc::new(init_request(&server.key, &server.app)),
            )
        })
        .collect();
    rate(&requests, connections, time).await
}

async fn rate(
    requests: &[(SocketAddr, Rc<Vec<u8>>)],
    connections: usize,
    time: Duration,
) -> Outcome<Rate> {
    let set = LocalSet::new();
    let all = set.run_until(async {
        let start = Instant::now();
        let tasks: Vec<_> = requests
            .iter()
            .cycle()
            .take(connections)
            .map(|(to, request)| {
                tokio::task::spawn_local(one(*to, Rc::clone(request), start + time))
            })
            .collect();
        let mut taken = Vec::new();
        for task in tasks {
            taken.extend(task.await??);
        }
        Outcome::Ok((taken, start.elapsed()))
    });
    let (mut taken, lasted) = all.await?;
    taken.sort_unstable();
    let p99 = taken
        .get(taken.len() * 99 / 100)
        .copied()
        .unwrap_or_default();
    let answers = u32::try_from(taken.len())?;
    Ok(Rate {
        per_second: f64::from(answers) / lasted.as_secs_f64(),
        p99: p99.as_secs_f64() * 1_000.0,
    })
}

/// Sends the same request over and over on so many connections.
pub async fn of(
    to: SocketAddr,
    request: Vec<u8>,
    connections: usize,
    time: Duration,
) -> Outcome<Rate> {
    rate(&[(to, Rc::new(request))], connections, time).await
}

/// Runs each side in turn, round after round, so that a machine whose speed drifts drifts for all. Answers the rates of
/// each round, side by side.
pub async fn in_turn(
    arguments: &Arguments,
    sides: &[Vec<&Server>],
    connections: usize,
) -> Outcome<Vec<Vec<Rate>>> {
    let time = Duration::from_secs(arguments.seconds);
    let mut rounds: Vec<Vec<Rate>> = sides.iter().map(|_| Vec::new()).collect();
    for round in 0..=arguments.rounds {
        let mut order: Vec<(&Vec<&Server>, &mut Vec<Rate>)> =
            sides.iter().zip(&mut rounds).collect();
        // To and fro, so that nobody always runs after the same one.
        if round % 2 == 1 {
            order.reverse();
        }
        for (servers, rates) in order {
            let rate = run(servers, connections, time).await?;
            // The first round warms up: caches, allocators, and the log grows to its size.
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    Ok(rounds)
}

/// The middle rate and the middle 99th percentile.
pub fn middle(rates: &[Rate]) -> Rate {
    let of = |what: fn(&Rate) -> f64| median(rates.iter().map(what).collect());
    Rate {
        per_second: of(|rate| rate.per_second),
        p99: of(|rate| rate.p99),
    }
}

async fn one(to: SocketAddr, request: Rc<Vec<u8>>, until: Instant) -> Outcome<Vec<Duration>> {
    let mut stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let mut taken = Vec::new();
    let mut buffer = vec![0_u8; 8 * 1024];
    loop {
        let sent = Instant::now();
        if sent >= until {
            return Ok(taken);
        }
        stream.write_all(&request).await?;
        let mut filled = 0;
        while !is_whole(buffer.get(..filled).unwrap_or_default())? {
            let free = buffer.get_mut(filled..).unwrap_or_default();
            match stream.read(free).await? {
                0 => {
                    return Err(
                        "the server closed the connection, or its answer is over 8 KiB".into(),
                    );
                }
                read => filled += read,
            }
        }
        taken.push(sent.elapsed());
    }
}

/// Whether these bytes are a whole answer.
fn is_whole(bytes: &[u8]) -> Outcome<bool> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(false);
    };
    let head = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!(
            "an answer was not 200: {}",
            head.lines().next().unwrap_or_default()
        )
        .into());
    }
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length
        .ok_or("an answer has no content-length")?
        .1
        .trim()
        .parse()?;
    Ok(bytes.len() >= end + 4 + length)
}

/// The request that is measured: the example of the README, with three fields.
fn init_request(key: &str, app: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"clientAppId":"{app}","redirectUrl":"http://localhost:3000/callback","clientReferenceId":"user_123"}}"#
    );
    format!(
        "POST /v2/link/init HTTP/1.1\r\nhost: localhost\r\napikey: {key}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
