//! A small HTTP/1.1 client that tells an answer from half of one.

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Long enough for anything that a busy machine does, short enough to be noticed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A keep-alive connection, opened when it is needed.
pub struct Client {
    server: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came instead of a whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nobody listens.
    Refused,
    /// The connection ended before the first byte of an answer.
    Closed,
    /// The connection ended within an answer.
    Cut,
    /// Nothing came within the patience of a test.
    Late,
}

impl Client {
    pub fn new(server: SocketAddr) -> Self {
        Self {
            server,
            stream: None,
        }
    }

    pub fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        self.request("GET", path, headers, b"")
    }

    /// Asks, and reads the whole answer.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, NoAnswer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.server);
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        // Where sending fails, an answer may still be there to be read.
        stream.get_mut().write_all(&bytes).unwrap_or_default();
        let answer = read_answer(&mut stream)?;
        if answer.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    fn connect(&self) -> Result<BufReader<TcpStream>, NoAnswer> {
        let stream = TcpStream::connect(self.server).map_err(|_| NoAnswer::Refused)?;
        stream.set_nodelay(true).map_err(|_| NoAnswer::Closed)?;
        stream
            .set_read_timeout(Some(PATIENCE))
            .map_err(|_| NoAnswer::Closed)?;
        stream
            .set_write_timeout(Some(PATIENCE))
            .map_err(|_| NoAnswer::Closed)?;
        Ok(BufReader::new(stream))
    }
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> Result<Answer, NoAnswer> {
    let first = line(stream, NoAnswer::Closed)?;
    let status = first
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .unwrap_or_else(|| panic!("not the first line of an answer: {first:?}"));
    let mut headers = Vec::new();
    loop {
        let next = line(stream, NoAnswer::Cut)?;
        let Some((name, value)) = next.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = usize::from_str_radix(&line(stream, NoAnswer::Cut)?, 16).unwrap();
            exactly(stream, size, &mut answer.body)?;
            line(stream, NoAnswer::Cut)?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let length = answer
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    exactly(stream, length, &mut answer.body)?;
    Ok(answer)
}

/// A line without its end; `ended` where the connection ends before its first byte.
fn line(stream: &mut BufReader<TcpStream>, ended: NoAnswer) -> Result<String, NoAnswer> {
    let mut line = Vec::new();
    match stream.read_until(b'\n', &mut line) {
        Ok(_) if line.is_empty() => return Err(ended),
        Ok(_) if line.ends_with(b"\r\n") => {}
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            return Err(NoAnswer::Late);
        }
        Err(_) if line.is_empty() => return Err(ended),
        Ok(_) | Err(_) => return Err(NoAnswer::Cut),
    }
    line.truncate(line.len() - 2);
    Ok(String::from_utf8(line).unwrap())
}

fn exactly(
    stream: &mut BufReader<TcpStream>,
    length: usize,
    into: &mut Vec<u8>,
) -> Result<(), NoAnswer> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).map_err(|_| NoAnswer::Cut)?;
    into.extend(bytes);
    Ok(())
}

impl Answer {
    /// A header's value, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(&self.body)))
    }

    /// Whether this is the 503 that the specification describes: one shape, a request id, and when to come back.
    pub fn is_clean_refusal(&self) -> bool {
        let body = self.json();
        self.status == 503
            && self
                .header("retry-after")
                .is_some_and(|seconds| seconds.parse::<u32>().is_ok())
            && body["type"] == "UNKNOWN_ERROR"
            && body["code"] == body["type"]
            && body["message"] == body["error"]
            && body["requestId"].as_str() == self.header("x-request-id")
            && !self.text().contains("sqlite")
    }
}
