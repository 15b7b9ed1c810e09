//! What the test provider's own API answers, by the path that is called, and what it was sent.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use linchpin_provider::{BodyError, Call, CallAnswer, Called, Coverage, Session, whole};

/// A call as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: Method,
    pub path: String,
    pub query: Option<String>,
    pub headers: HeaderMap,
    /// `None` where it broke off.
    pub body: Option<Bytes>,
    pub session: String,
}

/// What a call needs.
pub fn covers(path: &str) -> Coverage {
    match path {
        "/posts" => Coverage::Needs("posts:read".to_owned()),
        "/messages" => Coverage::Needs("messages:write".to_owned()),
        "/wire/posts" => Coverage::Needs("posts:read".to_owned()),
        _ if path.starts_with("/wire/open/") => Coverage::Open,
        _ if path == "/open" || path.starts_with("/open/") => Coverage::Open,
        _ => Coverage::Refused,
    }
}

/// Takes a call in.
pub async fn receive(session: &Session, call: Call) -> Received {
    let body = call.body.collect().await.ok();
    Received {
        method: call.method,
        path: call.path,
        query: call.query,
        headers: call.headers,
        body: body.map(http_body_util::Collected::to_bytes),
        session: session.reveal().to_owned(),
    }
}

/// Answers one.
pub async fn answer(received: &Received) -> Called<CallAnswer> {
    let answer = match received.path.as_str() {
        "/open/down" => return Called::Unreachable,
        "/open/slow" => return Called::TooSlow,
        "/open/hang" => std::future::pending().await,
        "/open/panic" => panic!("the provider breaks"),
        "/open/bare" => Response::builder().status(404).body(whole("")),
        "/open/switch" => Response::builder().status(101).body(whole("")),
        "/open/headers" => with_headers(),
        "/open/elsewhere" => Response::builder()
            .status(302)
            .header("location", "https://elsewhere.example/")
            .body(whole("")),
        "/open/long" => Response::builder()
            .header("content-length", "7")
            .body(whole(vec![b'x'; 2 * 1024 * 1024])),
        "/open/endless" => Response::builder().body(endless()),
        "/open/halting" => Response::builder().body(halting()),
        "/open/renews" => {
            let username = received.session.split(' ').next().unwrap();
            return Called::Answered {
                answer: Response::new(whole("renewed")),
                renewed: Some(Session::new(format!("{username} 1"))),
            };
        }
        _ => Response::builder()
            .status(if received.method == Method::POST {
                201
            } else {
                200
            })
            .header("content-type", "text/plain")
            .body(whole(received.body.clone().unwrap_or_default())),
    };
    Called::Answered {
        answer: answer.unwrap(),
        renewed: None,
    }
}

fn with_headers() -> http::Result<CallAnswer> {
    Response::builder()
        .status(207)
        .header("content-type", "application/x-thing")
        .header("etag", "\"7\"")
        .header("link", "<a>")
        .header("retry-after", "9")
        .header("set-cookie", "session=canary-cookie")
        .header("www-authenticate", "Basic")
        .header("server", "north/1")
        .header("cache-control", "public, max-age=600")
        .header("access-control-allow-origin", "*")
        .header("content-security-policy", "default-src *")
        .header("strict-transport-security", "max-age=1")
        .header("x-ratelimit-remaining", "100000")
        .header("x-request-id", "theirs")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("transfer-encoding", "chunked")
        .header("content-length", "99999")
        .body(whole("thing"))
}

type Piece = Result<Frame<Bytes>, BodyError>;

fn endless() -> linchpin_provider::Body {
    let piece = Bytes::from(vec![b'x'; 64 * 1024]);
    StreamBody::new(stream::repeat_with(move || {
        Piece::Ok(Frame::data(piece.clone()))
    }))
    .boxed_unsync()
}

/// One piece, and then nothing.
fn halting() -> linchpin_provider::Body {
    let pieces = stream::unfold(false, |begun| async move {
        if begun {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        Some((Piece::Ok(Frame::data("piece".into())), true))
    });
    StreamBody::new(pieces).boxed_unsync()
}
