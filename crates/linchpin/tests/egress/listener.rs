//! Whoever listens at every address, and what they answer.

use std::{
    io::{Read, Write},
    net::{IpAddr, TcpListener, TcpStream, ToSocketAddrs},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A connection, encrypted or not.
pub trait Wire: Read + Write {}

impl<T: Read + Write> Wire for T {}

/// What is done with a connection; how it ended goes to the listener's notes.
type Script = dyn Fn(&mut dyn Wire, &Notes) + Send + Sync;

/// What a listener has seen.
#[derive(Default)]
pub struct Notes {
    connections: Mutex<Vec<IpAddr>>,
    sources: Mutex<Vec<IpAddr>>,
    requests: Mutex<Vec<String>>,
    ends: Mutex<Vec<String>>,
    gone: AtomicUsize,
}

impl Notes {
    /// Reads a request, unless the connection ends; its head.
    pub fn request(&self, wire: &mut dyn Wire) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            match wire.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return None,
            }
        }
        let head = String::from_utf8(head).unwrap();
        let lines = head.to_lowercase();
        let length = lines
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |text| text.parse().unwrap())];
        wire.read_exact(&mut body).ok()?;
        self.requests.lock().unwrap().push(head.clone());
        Some(head)
    }

    /// Notes how a connection ended.
    pub fn end(&self, how: impl Into<String>) {
        self.ends.lock().unwrap().push(how.into());
    }
}

/// Somebody who listens, at `::` at a port of every address of both kinds.
pub struct Listener(Arc<Notes>);

impl Listener {
    /// One that answers each request with 200.
    pub fn answering(at: impl ToSocketAddrs, tls: Option<Arc<ServerConfig>>) -> Self {
        Self::with(at, tls, |wire, notes| {
            while notes.request(wire).is_some() {
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                if wire.write_all(answer).is_err() {
                    return;
                }
            }
            notes.end("closed");
        })
    }

    /// One that hangs up on everybody.
    pub fn closing(at: impl ToSocketAddrs) -> Self {
        Self::with(at, None, |_, _| {})
    }

    /// One that does as a script says. A connection whose handshake fails is noted, and that is all.
    pub fn with(
        at: impl ToSocketAddrs,
        tls: Option<Arc<ServerConfig>>,
        script: impl Fn(&mut dyn Wire, &Notes) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(at).unwrap();
        let notes = Arc::new(Notes::default());
        let (seen, script): (_, Arc<Script>) = (Arc::clone(&notes), Arc::new(script));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let at = stream.local_addr().unwrap().ip().to_canonical();
                let from = stream.peer_addr().unwrap().ip().to_canonical();
                seen.connections.lock().unwrap().push(at);
                seen.sources.lock().unwrap().push(from);
                let (seen, script, tls) = (Arc::clone(&seen), Arc::clone(&script), tls.clone());
                thread::spawn(move || {
                    serve(stream, tls, &seen, &*script);
                    seen.gone.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self(notes)
    }

    /// The addresses that were connected to, in their order.
    pub fn connections(&self) -> Vec<IpAddr> {
        self.0.connections.lock().unwrap().clone()
    }

    /// The addresses that were connected from since they were last asked for, each once.
    pub fn sources(&self) -> Vec<IpAddr> {
        let mut sources = std::mem::take(&mut *self.0.sources.lock().unwrap());
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// Forgets the connections so far, as soon as they are so many.
    pub fn forget(&self, count: usize) {
        for _ in 0..500 {
            if self.connections().len() >= count {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(self.connections().len(), count);
        self.0.connections.lock().unwrap().clear();
    }

    /// The heads of the requests that came in.
    pub fn requests(&self) -> Vec<String> {
        self.0.requests.lock().unwrap().clone()
    }

    /// How many connections have been closed from here.
    pub fn gone(&self) -> usize {
        self.0.gone.load(Ordering::SeqCst)
    }

    /// How the first connections have ended, as soon as so many have.
    pub fn ends(&self, count: usize, within: Duration) -> Vec<String> {
        let begun = std::time::Instant::now();
        loop {
            let ends = self.0.ends.lock().unwrap().clone();
            if ends.len() >= count {
                return ends;
            }
            assert!(begun.elapsed() < within, "{ends:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn serve(mut stream: TcpStream, tls: Option<Arc<ServerConfig>>, notes: &Notes, script: &Script) {
    match tls {
        None => script(&mut stream, notes),
        Some(config) => {
            let connection = ServerConnection::new(config).unwrap();
            script(&mut StreamOwned::new(connection, stream), notes);
        }
    }
}

/// Whether somebody can be connected to, which the other listeners see.
pub fn reaches(ip: IpAddr, port: u16) -> bool {
    TcpStream::connect_timeout(&(ip, port).into(), Duration::from_secs(2)).is_ok()
}
