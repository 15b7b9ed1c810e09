//! A platform on a real socket: it notes every byte that it is sent, and answers well or badly as the path says.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, Once,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Below this, anybody may call; what follows says how it is answered.
pub const OPEN: &str = "/wire/open/";

/// What a gzip bomb looks like before somebody opens it.
pub const PACKED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xed\xc1\x01\x01\x00\x00\x00\x80\x90\xfe\xaf\xee";

#[derive(Debug)]
pub struct Platform {
    listener: TcpListener,
    address: SocketAddr,
    begun: Once,
    heard: Arc<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    requests: Mutex<Vec<Vec<u8>>>,
    hanging: AtomicUsize,
}

/// A request as its bytes came.
pub struct Wire(pub Vec<u8>);

impl Wire {
    fn head(&self) -> &str {
        let end = self.0.windows(4).position(|four| four == b"\r\n\r\n");
        std::str::from_utf8(&self.0[..end.unwrap()]).expect("a head is ASCII")
    }

    /// Its first line's words.
    pub fn line(&self) -> Vec<&str> {
        self.head().lines().next().unwrap().split(' ').collect()
    }

    /// Its headers in their order, names in lower case.
    pub fn headers(&self) -> Vec<(String, String)> {
        let lines = self.head().lines().skip(1);
        lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect()
    }
}

impl Platform {
    /// One that listens once somebody wants to call it.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            listener,
            begun: Once::new(),
            heard: Arc::default(),
        }
    }

    /// Where it is, as a URL without a slash at the end.
    pub fn url(&self) -> String {
        self.begun.call_once(|| {
            let (listener, heard) = (self.listener.try_clone().unwrap(), Arc::clone(&self.heard));
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let heard = Arc::clone(&heard);
                    std::thread::spawn(move || serve(&stream.unwrap(), &heard));
                }
            });
        });
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that it was sent so far, a request each.
    pub fn requests(&self) -> Vec<Wire> {
        let requests = self.heard.requests.lock().unwrap();
        requests.iter().cloned().map(Wire).collect()
    }

    /// Waits until so many callers hang.
    pub fn wait_until_hanging(&self, count: usize) {
        let begun = Instant::now();
        while self.heard.hanging.load(Ordering::SeqCst) != count {
            assert!(begun.elapsed() < Duration::from_secs(20), "{count} hang");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn serve(stream: &TcpStream, heard: &Heard) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let text = String::from_utf8_lossy(&request).into_owned();
        let body = text.split_once("\r\n\r\n").unwrap().1.to_owned();
        heard.requests.lock().unwrap().push(request);
        if answer(stream, heard, &text, &body).is_none() {
            return;
        }
    }
}

/// A request's bytes; `None` where there is no whole one.
fn read(reader: &mut BufReader<&TcpStream>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut length, mut chunked) = (0, false);
    loop {
        let begun = bytes.len();
        if reader.read_until(b'\n', &mut bytes).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&bytes[begun..]).to_ascii_lowercase();
        if let Some(number) = line.strip_prefix("content-length: ") {
            length = number.trim().parse().unwrap();
        }
        chunked |= line.starts_with("transfer-encoding: chunked");
        if line == "\r\n" {
            break;
        }
    }
    while chunked && !bytes.ends_with(b"\r\n0\r\n\r\n") {
        (reader.read_until(b'\n', &mut bytes).ok()? > 0).then_some(())?;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    bytes.extend_from_slice(&body);
    Some(bytes)
}

/// Answers; `None` where the connection is over then.
fn answer(mut stream: &TcpStream, heard: &Heard, request: &str, body: &str) -> Option<()> {
    let path = request.split(' ').nth(1).unwrap();
    let how = path.strip_prefix(OPEN).unwrap_or("echo");
    let mut send = |bytes: &[u8]| stream.write_all(bytes).ok();
    match how.split(['/', '?']).next().unwrap() {
        "hang" => {
            heard.hanging.fetch_add(1, Ordering::SeqCst);
            let gone = stream.read(&mut [0]);
            heard.hanging.fetch_sub(1, Ordering::SeqCst);
            drop(gone);
            return None;
        }
        "reset" | "nothing" => return None,
        "garbage" => send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")?,
        "two-lengths" => send(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!")?,
        "long-head" => send(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(200_000)).as_bytes())?,
        "switch" => send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n")?,
        "short" => {
            send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello")?;
            return None;
        }
        "surplus" => {
            return send(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison");
        }
        "drip" | "halt" => {
            send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")?;
            let pause = if how == "halt" { 60_000 } else { 100 };
            loop {
                std::thread::sleep(Duration::from_millis(pause));
                send(b"1\r\nx\r\n")?;
            }
        }
        "endless" => {
            send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(65_536));
            loop {
                send(chunk.as_bytes())?;
            }
        }
        "too-long" => send(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n")?,
        "early" => {
            return send(b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
        }
        "packed" => {
            let first = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                PACKED.len()
            );
            return send(&[first.as_bytes(), PACKED].concat());
        }
        "html" => {
            return send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 12\r\n\r\n<h1>Off</h1>");
        }
        "elsewhere" => {
            return send(b"HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n");
        }
        "later" => {
            return send(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 77\r\ncontent-length: 0\r\n\r\n");
        }
        _ => {
            let who = request.lines().find_map(|line| line.strip_prefix("authorization: "));
            let told = format!("{}\n{body}", who.unwrap_or_default());
            let first = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", told.len());
            return send(&[first.as_bytes(), told.as_bytes()].concat());
        }
    }
    None
}
