//! One request and the beginning of its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use linchpin_provider::{Body, whole};

use super::{
    Answered, Egress, Failure, Limits, Target,
    connect::{Route, Sender},
    underway::Underway,
};

/// An answer whose body is still to come.
pub struct Streamed {
    /// 100 to 599.
    pub status: u16,
    /// The body, as it comes.
    pub body: Incoming,
    // Dropped, it ends the connection.
    _sender: Sender,
}

impl Egress {
    /// Sends a GET on a connection of its own and answers as soon as the head of the answer is there; the body comes for as
    /// long as it comes.
    pub async fn stream(
        &self,
        target: &Target,
        headers: HeaderMap,
        connect: Duration,
    ) -> Result<Streamed, Failure> {
        let mut connected = Err(Failure::Unreachable);
        for address in self.addresses(target, |ip| self.may(target, ip)).await? {
            let connecting = tokio::time::timeout(connect, self.connect(target, address));
            connected = connecting.await.unwrap_or(Err(Failure::Timeout));
            if connected.is_ok() {
                break;
            }
        }
        let mut sender = connected?;
        let mut request = request(target, headers, Bytes::new())?;
        *request.method_mut() = Method::GET;
        frame(target, &mut request)?;
        let response = sender.send_request(request).await;
        let (head, body) = response.map_err(|_| Failure::Broken)?.into_parts();
        Ok(Streamed {
            status: head.status.as_u16(),
            body,
            _sender: sender,
        })
    }

    pub(super) async fn exchange(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Answered, Failure> {
        let addresses = self.addresses(target, |ip| self.may(target, ip)).await?;
        let request = request(target, headers, body)?;
        let route = Route::Direct(addresses);
        let underway = self.begin(target, &route, request, limits.connect);
        let underway = underway.await?;
        let (answered, whole) = read(underway.response, limits.answer).await?;
        if whole {
            self.keep(underway.way, underway.sender);
        }
        Ok(answered)
    }

    /// Sends a request, whose URI is a path, over a kept connection or a new one, and waits for the head of the answer.
    pub(super) async fn begin(
        &self,
        target: &Target,
        route: &Route<'_>,
        mut request: Request<Body>,
        connect: Duration,
    ) -> Result<Underway, Failure> {
        frame(target, &mut request)?;
        loop {
            let (way, mut sender, new) = self.way_out(target, route, connect).await?;
            match sender.try_send_request(request).await {
                Ok(response) => {
                    return Ok(Underway {
                        response,
                        way,
                        sender,
                    });
                }
                Err(mut error) => match error.take_message() {
                    // The other side has closed a kept connection, and nothing of the request has left.
                    Some(unsent) if !new => request = unsent,
                    // It may have been received: whoever asked decides whether it is sent once more.
                    _ => return Err(Failure::Broken),
                },
            }
        }
    }
}

/// A POST of this body.
fn request(target: &Target, headers: HeaderMap, body: Bytes) -> Result<Request<Body>, Failure> {
    let mut request = Request::new(whole(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target.path.parse().map_err(|_| Failure::Unreachable)?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Headers that belong to the connection, and say where a message ends or goes.
const FRAMING: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Gives a request framing of our own: what the caller gives changes neither where it goes nor where it ends, so that
/// nothing of it is taken for the next request of the connection.
fn frame(target: &Target, request: &mut Request<Body>) -> Result<(), Failure> {
    let host = HeaderValue::from_str(&target.authority).map_err(|_| Failure::Unreachable)?;
    let bare = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::DELETE
    );
    let length = request.body().size_hint().exact();
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    for name in &FRAMING {
        headers.remove(name);
    }
    headers.insert(header::HOST, host);
    match length {
        Some(0) if bare => {}
        Some(length) => {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        None => {
            let chunked = HeaderValue::from_static("chunked");
            headers.insert(header::TRANSFER_ENCODING, chunked);
        }
    }
    Ok(())
}

/// Reads an answer up to so many bytes of its body; says whether that was all of it.
async fn read(response: Response<Incoming>, most: usize) -> Result<(Answered, bool), Failure> {
    let (head, mut body) = response.into_parts();
    let mut read = BytesMut::new();
    let mut whole = true;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::Broken)?;
        let Some(piece) = frame.data_ref() else {
            continue;
        };
        let left = most.saturating_sub(read.len());
        read.extend_from_slice(piece.get(..left).unwrap_or(piece));
        if piece.len() > left {
            whole = false;
            break;
        }
    }
    let answered = Answered {
        status: head.status.as_u16(),
        headers: head.headers,
        body: read.freeze(),
    };
    Ok((answered, whole))
}
