//! A webhook receiver: a real HTTP server that notes what it gets and answers as it is told.

#![allow(
    dead_code,
    reason = "each test that includes this file needs another part of it"
)]

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;

/// A request that came in.
#[derive(Debug, Clone)]
pub struct Hit {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Hit {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no header {name}")).1
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `evt_…`
    pub fn id(&self) -> String {
        self.header("webhook-id").to_owned()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

/// What is answered: raw bytes after the status line is written by [`reply`], or the connection is cut off.
#[derive(Clone)]
pub enum Reply {
    Bytes(Vec<u8>),
    CutOff,
    /// Says nothing for so long, then cuts off.
    Silence(Duration),
}

/// An answer with a status, further headers and a body.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    text.push_str(body);
    Reply::Bytes(text.into_bytes())
}

type Script = dyn Fn(&Hit, usize) -> Reply + Send + Sync;

pub struct Receiver {
    pub url: String,
    hits: Arc<(Mutex<Vec<Hit>>, Condvar)>,
    over: Arc<AtomicBool>,
}

impl Receiver {
    /// One that takes everything.
    pub fn start() -> Self {
        Self::with(|_, _| reply(200, &[], "ok"))
    }

    /// One that answers its `n`-th request, from 0, as the script says.
    pub fn with(script: impl Fn(&Hit, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let hits: Arc<(Mutex<Vec<Hit>>, Condvar)> = Arc::default();
        let over: Arc<AtomicBool> = Arc::default();
        let script: Arc<Script> = Arc::new(script);
        let (known, ended) = (Arc::clone(&hits), Arc::clone(&over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (hits, script) = (Arc::clone(&known), Arc::clone(&script));
                std::thread::spawn(move || serve(&stream, &hits, &*script));
            }
        });
        Self { url, hits, over }
    }

    pub fn hits(&self) -> Vec<Hit> {
        self.hits.0.lock().unwrap().clone()
    }

    /// Waits until something new comes.
    pub fn wait_for_more(&self) {
        let known = self.hits.0.lock().unwrap().len();
        self.wait_for(known + 1);
    }

    /// Waits until so many have come, and gives all of them.
    pub fn wait_for(&self, count: usize) -> Vec<Hit> {
        let begun = Instant::now();
        let mut hits = self.hits.0.lock().unwrap();
        while hits.len() < count {
            let left = Duration::from_secs(30).saturating_sub(begun.elapsed());
            assert!(!left.is_zero(), "{} of {count} came", hits.len());
            hits = self.hits.1.wait_timeout(hits, left).unwrap().0;
        }
        hits.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let address = self.url.trim_start_matches("http://");
        let _ = TcpStream::connect(address.trim_end_matches("/hooks"));
    }
}

fn serve(stream: &TcpStream, hits: &(Mutex<Vec<Hit>>, Condvar), script: &Script) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(hit) = read(&mut reader) {
        let number = {
            let mut all = hits.0.lock().unwrap();
            all.push(hit.clone());
            hits.1.notify_all();
            all.len() - 1
        };
        let mut writer = stream;
        match script(&hit, number) {
            Reply::Bytes(bytes) => {
                if writer.write_all(&bytes).is_err() {
                    return;
                }
            }
            Reply::CutOff => return,
            Reply::Silence(pause) => {
                std::thread::sleep(pause);
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Hit> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Hit {
        path,
        headers,
        body,
    })
}
