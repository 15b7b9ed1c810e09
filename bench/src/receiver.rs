//! A webhook receiver on a thread of its own: it takes everything and notes when.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::Outcome;

/// What a path that hangs waits for.
const HANG: Duration = Duration::from_hours(1);

/// The receiver.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    count: AtomicUsize,
    /// From the event's timestamp to the arrival, in milliseconds.
    delays: Mutex<Vec<f64>>,
}

impl Receiver {
    /// Starts it.
    pub async fn start() -> Outcome<Self> {
        let seen: Arc<Seen> = Arc::default();
        let (told, heard) = tokio::sync::oneshot::channel();
        let for_thread = Arc::clone(&seen);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let Ok(listener) = TcpListener::bind("127.0.0.1:0").await else {
                    return;
                };
                let _ = told.send(listener.local_addr());
                while let Ok((stream, _)) = listener.accept().await {
                    let seen = Arc::clone(&for_thread);
                    tokio::spawn(async move {
                        // How it ended says nothing.
                        let _ = serve(stream, &seen).await;
                    });
                }
            });
        });
        Ok(Self {
            address: heard.await??,
            seen,
        })
    }

    /// How many requests have come to paths that do not hang.
    pub fn count(&self) -> usize {
        self.seen.count.load(Ordering::Relaxed)
    }

    /// The delays noted since the last call, in milliseconds, sorted.
    pub fn take_delays(&self) -> Vec<f64> {
        let mut delays = self
            .seen
            .delays
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut taken = std::mem::take(&mut *delays);
        taken.sort_by(f64::total_cmp);
        taken
    }
}

async fn serve(mut stream: TcpStream, seen: &Seen) -> Outcome<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::with_capacity(8 * 1024);
    loop {
        let arrived = loop {
            if let Some(length) = whole(&bytes) {
                break length;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        if bytes.starts_with(b"POST /hang") {
            tokio::time::sleep(HANG).await;
        }
        if let Some(at) = timestamp(&bytes) {
            let mut delays = seen.delays.lock().unwrap_or_else(PoisonError::into_inner);
            delays.push(now.as_secs_f64() * 1_000.0 - at);
        }
        bytes.drain(..arrived);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await?;
        seen.count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The length of the request that these bytes begin with, where it is all there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    let length: usize = length.1.trim().parse().ok()?;
    (bytes.len() >= end + 4 + length).then_some(end + 4 + length)
}

/// The event's time, in milliseconds of Unix time.
fn timestamp(bytes: &[u8]) -> Option<f64> {
    let begin = bytes.windows(13).position(|at| at == b"\"timestamp\":\"")? + 13;
    let text = std::str::from_utf8(bytes.get(begin..begin + 24)?).ok()?;
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.as_duration().as_secs_f64() * 1_000.0)
}
