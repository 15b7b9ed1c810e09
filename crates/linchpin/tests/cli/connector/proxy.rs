//! An outbound proxy of the tests, for whoever knows its password.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The platform's origin, which only the proxy knows.
pub const INSIDE: &str = "http://platform.invalid";

/// `user:pass`, as a proxy is told, in lower case.
const AUTHORIZATION: &str = "basic dxnlcjpwyxnz";

/// A proxy that sends what is for [`INSIDE`] to a platform, and opens ways to this machine.
pub struct Proxy {
    /// With name and password.
    pub url: String,
    /// Of each request that was let through its first line.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn start(platform: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://user:pass@{}", listener.local_addr().unwrap());
        let platform = platform.strip_prefix("http://").unwrap().to_owned();
        let asked = Arc::default();
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (platform, kept) = (platform.clone(), Arc::clone(&kept));
                // A test fails by what then is not answered.
                thread::spawn(move || pass_on(stream.unwrap(), &platform, &kept).unwrap_or(()));
            }
        });
        Self { url, asked }
    }

    /// The first lines of what was let through, and what they have in common.
    pub fn asked(&self, what: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|line| line.contains(what)).count()
    }
}

/// A request without what is meant for the proxy.
struct Request {
    first: String,
    headers: String,
    body: Vec<u8>,
    is_known: bool,
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Request> {
    let mut request = Request {
        first: String::new(),
        headers: String::new(),
        body: Vec::new(),
        is_known: false,
    };
    reader.read_line(&mut request.first)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let low = line.to_lowercase();
        match low.trim_end().split_once(": ") {
            Some(("proxy-authorization", value)) => request.is_known = value == AUTHORIZATION,
            Some(("connection", _)) => {}
            Some((name, value)) => {
                if name == "content-length" {
                    length = value.parse().map_err(io::Error::other)?;
                }
                request.headers += &line;
            }
            None => break,
        }
    }
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body)?;
    Ok(request)
}

fn pass_on(mut stream: TcpStream, platform: &str, kept: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let request = read(&mut reader)?;
    let target = request.first.split(' ').nth(1).unwrap_or_default();
    let mut answer = |status: &str| {
        let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes())
    };
    if !request.is_known {
        return answer("407 Who are you");
    }
    if request.first.starts_with("CONNECT ") {
        if !target.starts_with("127.0.0.1:") {
            return answer("502 No such host");
        }
        kept.lock().unwrap().push(request.first.clone());
        let onward = TcpStream::connect(target)?;
        stream.write_all(b"HTTP/1.1 200 There it is\r\n\r\n")?;
        return join(&stream, &onward);
    }
    let Some(path) = target.strip_prefix(INSIDE) else {
        return answer("502 No such host");
    };
    kept.lock().unwrap().push(request.first.clone());
    let first = request.first.replacen(target, path, 1);
    let mut onward = TcpStream::connect(platform)?;
    let head = format!("{first}{}connection: close\r\n\r\n", request.headers);
    onward.write_all(head.as_bytes())?;
    onward.write_all(&request.body)?;
    io::copy(&mut onward, &mut stream)?;
    Ok(())
}

/// Passes on in both directions until one side ends.
fn join(one: &TcpStream, other: &TcpStream) -> io::Result<()> {
    let (mut from, mut to) = (one.try_clone()?, other.try_clone()?);
    thread::spawn(move || {
        io::copy(&mut from, &mut to).unwrap_or_default();
        to.shutdown(Shutdown::Both).unwrap_or_default();
    });
    let (mut from, mut to) = (other, one);
    io::copy(&mut from, &mut to)?;
    one.shutdown(Shutdown::Both)
}
