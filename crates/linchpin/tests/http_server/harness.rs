//! A server with a handful of routes, and a client that sends exactly the bytes it is given.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, body::Bytes};
use linchpin::http::{ClientAddress, Limits, Options, RequestId, Shutdown, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Far more than any step of a test takes; reaching it means that the server hangs.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct TestServer {
    pub address: SocketAddr,
    pub shutdown: Shutdown,
    pub served: JoinHandle<usize>,
}

fn routes() -> Router {
    Router::new()
        .route("/healthz", get(async || "ok"))
        .route("/echo", post(async |body: Bytes| body))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route(
            "/who",
            get(async |Extension(who): Extension<ClientAddress>| who.to_string()),
        )
        .route(
            "/id",
            get(async |Extension(id): Extension<RequestId>| id.to_string()),
        )
        .route("/l/{secret}", get(async |Path(_): Path<String>| "page"))
        .route("/panic", get(panics))
        .route("/slow/{ms}", get(slow))
        .route("/big", get(async || vec![b'x'; 32 * 1024 * 1024]))
        .route("/own", get(own_headers))
}

async fn panics() -> &'static str {
    panic!("canary-in-a-panic")
}

async fn slow(Path(ms): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    "done"
}

async fn own_headers() -> impl IntoResponse {
    let policy = "default-src 'self'; frame-ancestors https://shop.example";
    [
        (CACHE_CONTROL, "max-age=60"),
        (CONTENT_SECURITY_POLICY, policy),
    ]
}

/// Everything logged by this process. One log for all tests: a subscriber for one thread alone
/// misses lines whose level was first asked for on another.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn keep_log() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(|| Log)
            .init();
    });
}

pub fn log_so_far() -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8(log.clone()).expect("text")
}

/// Starts a server with the default limits as changed by `change`.
pub async fn start(change: impl FnOnce(&mut Limits)) -> TestServer {
    start_with(|options| change(&mut options.limits)).await
}

pub async fn start_with(change: impl FnOnce(&mut Options)) -> TestServer {
    keep_log();
    let mut options = Options::default();
    change(&mut options);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = Shutdown::new();
    let served = tokio::spawn(serve(listener, routes(), options, shutdown.clone()));
    TestServer {
        address,
        shutdown,
        served,
    }
}

impl TestServer {
    pub async fn connect(&self) -> Client {
        Client {
            stream: TcpStream::connect(self.address)
                .await
                .expect("a connection"),
            unread: Vec::new(),
        }
    }

    /// Sends the bytes on a new connection and reads one answer.
    pub async fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect().await;
        client.send(request).await;
        client.answer().await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(get_request(path)).await
    }
}

pub fn get_request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

pub struct Client {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("sent");
    }

    /// Sends without minding that the server may have closed already.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    async fn more(&mut self) -> usize {
        let mut buffer = vec![0; 64 * 1024];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer));
        let count = read
            .await
            .expect("the server answers or closes")
            .unwrap_or(0);
        self.unread.extend_from_slice(&buffer[..count]);
        count
    }

    /// The next answer; `None` when the connection ends first.
    pub async fn try_answer(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.more().await == 0 {
                return None;
            }
        };
        let head: Vec<u8> = self.unread.drain(..end).collect();
        let mut answer = Answer::of_head(&String::from_utf8(head).expect("text"));
        let length = answer
            .header("content-length")
            .map_or(0, |l| l.parse().expect("a length"));
        while self.unread.len() < length {
            assert!(self.more().await > 0, "the answer is cut");
        }
        answer.body = self.unread.drain(..length).collect();
        Some(answer)
    }

    pub async fn answer(&mut self) -> Answer {
        self.try_answer().await.expect("an answer")
    }

    /// Whether the server closes the connection without saying anything more.
    pub async fn is_closed(&mut self) -> bool {
        self.unread.is_empty() && self.more().await == 0
    }

    /// Whether the server neither spoke nor closed for a moment.
    pub async fn is_open(&mut self) -> bool {
        let mut byte = [0];
        let peeked = self.stream.peek(&mut byte);
        tokio::time::timeout(Duration::from_millis(50), peeked)
            .await
            .is_err()
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn of_head(head: &str) -> Self {
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1))
            .expect("a status");
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status: status.parse().expect("a number"),
            headers,
            body: Vec::new(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// What must hold of every answer of the server, whatever it is.
    #[track_caller]
    pub fn assert_complete(&self) {
        let id = self.header("x-request-id").expect("a request id");
        assert_eq!(id.len(), 26, "{id}");
        assert!(id.starts_with("req_"), "{id}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(self.header(name), Some(value), "{name}");
        }
        let features = self.header("permissions-policy").expect("a policy");
        assert!(
            features.contains("camera=()") && !features.contains("self"),
            "{features}"
        );
        for name in ["cache-control", "content-security-policy", "date"] {
            assert!(self.header(name).is_some(), "{name} is missing");
        }
        let cors = self
            .headers
            .iter()
            .find(|(name, _)| name.starts_with("access-control"));
        assert_eq!(cors, None);
    }

    /// An error made by the server: complete, and in the one shape.
    #[track_caller]
    pub fn assert_error(&self, status: u16, kind: &str) {
        self.assert_complete();
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("x-frame-options"), Some("DENY"));
        let json = self.json();
        assert_eq!(json["type"], kind);
        assert_eq!(json["code"], kind);
        assert_eq!(json["error"], json["message"]);
        assert_eq!(
            json["requestId"],
            self.header("x-request-id").expect("an id")
        );
    }
}
