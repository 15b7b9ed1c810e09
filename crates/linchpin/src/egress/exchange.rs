//! One request and the beginning of its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, Version, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;

use super::{Answered, Egress, Failure, Limits, Target, connect::Sender};

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
        let mut last = Failure::Unreachable;
        for address in self.addresses(target).await? {
            let connected = tokio::time::timeout(connect, self.connect(target, address)).await;
            let mut sender = match connected.unwrap_or(Err(Failure::Timeout)) {
                Ok(sender) => sender,
                Err(failure) => {
                    last = failure;
                    continue;
                }
            };
            let mut request = request(target, &headers, &Bytes::new())?;
            *request.method_mut() = Method::GET;
            let response = sender.send_request(request).await;
            let (head, body) = response.map_err(|_| Failure::Broken)?.into_parts();
            return Ok(Streamed {
                status: head.status.as_u16(),
                body,
                _sender: sender,
            });
        }
        Err(last)
    }

    pub(super) async fn exchange(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Answered, Failure> {
        let addresses = self.addresses(target).await?;
        for address in &addresses {
            let way = Self::way(target, *address);
            let Some(mut sender) = self.ways.take(&way) else {
                continue;
            };
            let sent = sender.try_send_request(request(target, &headers, &body)?);
            match sent.await {
                Ok(response) => {
                    let (answered, whole) = read(response, limits.answer).await?;
                    if whole {
                        self.keep(way, sender);
                    }
                    return Ok(answered);
                }
                // The other side has closed it, and nothing of the request has left.
                Err(error) if error.message().is_some() => break,
                // It may have been received: whoever asked decides whether it is sent once more.
                Err(_) => return Err(Failure::Broken),
            }
        }
        let mut last = Failure::Unreachable;
        for address in addresses {
            let connected =
                tokio::time::timeout(limits.connect, self.connect(target, address)).await;
            let mut sender: Sender = match connected.unwrap_or(Err(Failure::Timeout)) {
                Ok(sender) => sender,
                Err(failure) => {
                    last = failure;
                    continue;
                }
            };
            let sent = sender.send_request(request(target, &headers, &body)?).await;
            let response = sent.map_err(|_| Failure::Broken)?;
            let (answered, whole) = read(response, limits.answer).await?;
            if whole {
                self.keep(Self::way(target, address), sender);
            }
            return Ok(answered);
        }
        Err(last)
    }
}

/// A request with our own framing; what the caller gives cannot change where it goes.
fn request(
    target: &Target,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = target.path.parse().map_err(|_| Failure::Unreachable)?;
    let host = HeaderValue::from_str(&target.authority).map_err(|_| Failure::Unreachable)?;
    request.headers_mut().extend(headers.clone());
    request.headers_mut().insert(header::HOST, host);
    Ok(request)
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
