//! Calls over kept connections, one after the other on each, with answers of any length.

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

use crate::{Outcome, table::median};

/// Where calls go, and the bytes of one.
#[derive(Clone)]
pub struct Side {
    pub name: &'static str,
    pub to: SocketAddr,
    pub request: Rc<Vec<u8>>,
}

/// What came of a run.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub median: f64,
}

/// Calls over so many connections for a time.
pub async fn run(side: &Side, connections: usize, time: Duration) -> Outcome<Measured> {
    let set = LocalSet::new();
    let all = set.run_until(async {
        let start = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|_| tokio::task::spawn_local(over_one(side.clone(), start + time)))
            .collect();
        let mut taken = Vec::new();
        for task in tasks {
            taken.extend(task.await??);
        }
        Outcome::Ok((taken, start.elapsed()))
    });
    let (taken, lasted) = all.await?;
    let answers = f64::from(u32::try_from(taken.len())?);
    Ok(Measured {
        per_second: answers / lasted.as_secs_f64(),
        median: median(taken),
    })
}

async fn over_one(side: Side, until: Instant) -> Outcome<Vec<f64>> {
    let mut stream = TcpStream::connect(side.to).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 256 * 1_024];
    let mut taken = Vec::new();
    loop {
        let sent = Instant::now();
        if sent >= until {
            return Ok(taken);
        }
        once(&mut stream, &side.request, &mut buffer).await?;
        taken.push(sent.elapsed().as_secs_f64() * 1_000.0);
    }
}

/// One call; the bytes of its answer's body.
pub async fn once(stream: &mut TcpStream, request: &[u8], buffer: &mut [u8]) -> Outcome<usize> {
    stream.write_all(request).await?;
    let mut filled = 0;
    let end = loop {
        let read = stream
            .read(buffer.get_mut(filled..).unwrap_or_default())
            .await?;
        if read == 0 {
            return Err("cut off within a head".into());
        }
        filled += read;
        let bytes = buffer.get(..filled).unwrap_or_default();
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?.to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        let body = String::from_utf8_lossy(buffer.get(end..filled).unwrap_or_default());
        return Err(format!("an answer was not 200: {head}{body}").into());
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.ok_or("no content-length")?.trim().parse()?;
    let mut left = (end + 4 + length).saturating_sub(filled);
    while left > 0 {
        let read = stream.read(buffer).await?;
        if read == 0 {
            return Err("cut off within a body".into());
        }
        left = left.saturating_sub(read);
    }
    Ok(length)
}
