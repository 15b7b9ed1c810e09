//! Puts a question to a connector and takes only the answer that belongs to it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, Client, Secret, SendError, whole};
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    answers::Means,
    questions::{Asked, Asks, millis},
    signature::{SharedSecret, answer_id},
};
use crate::wiped::Wiped;

/// Bytes of a question or an answer at most.
pub(super) const MESSAGE_MAX: usize = 256 * 1024;

/// Where a connector is, and what it shares with Linchpin.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The provider's id, for the log.
    pub(super) provider: String,
    /// What `/v1/…` is put behind.
    pub(super) url: Url,
    pub(super) secret: SharedSecret,
    pub(super) deadline: Duration,
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It was not sent, or nothing came.
    Send(SendError),
    /// The connector does not know the question.
    Unknown,
    /// What came does not count.
    Unsound(&'static str),
}

/// What is sent with a question, ready to be signed.
pub(super) struct Written {
    pub(super) id: String,
    pub(super) path: String,
    pub(super) body: Bytes,
}

impl Line {
    /// Asks, and reads what the answer means. What goes wrong is logged without what was asked or answered.
    pub(super) async fn ask<Q, A, T>(&self, client: &Client, asked: Q) -> Result<T, Unanswered>
    where
        Q: Asks + Sync,
        A: DeserializeOwned + Means<T>,
    {
        let answered = self.answered::<Q, A, T>(client, asked).await;
        if let Err(unanswered) = &answered {
            let why = match unanswered {
                Unanswered::Send(SendError::Unreachable) => "it cannot be reached",
                Unanswered::Send(SendError::TooSlow) => "it took too long",
                Unanswered::Send(SendError::Broken) => "the connection broke",
                Unanswered::Unsound(why) => *why,
                Unanswered::Unknown => return answered,
            };
            tracing::warn!(
                provider = self.provider,
                question = Q::QUESTION,
                "a connector gave no answer that counts: {why}"
            );
        }
        answered
    }

    async fn answered<Q, A, T>(&self, client: &Client, asked: Q) -> Result<T, Unanswered>
    where
        Q: Asks + Sync,
        A: DeserializeOwned + Means<T>,
    {
        let proxy = client.proxy().map_err(Unanswered::Send)?;
        let written = self
            .write(proxy.as_ref(), asked)
            .ok_or(Unanswered::Unsound(
                "what was to be asked is larger than 256 KiB, or there is no randomness",
            ))?;
        let asking = self.exchange(client, &written);
        let answer = tokio::time::timeout(self.deadline, asking).await;
        let body = answer.unwrap_or(Err(Unanswered::Send(SendError::TooSlow)))?;
        let answer: A = serde_json::from_slice(&body)
            .map_err(|_| Unanswered::Unsound("the answer is not of the contract"))?;
        answer.means().map_err(Unanswered::Unsound)
    }

    /// Writes a question down, with the proxy that requests to the platform have to leave through.
    fn write<Q: Asks>(&self, proxy: Option<&Secret>, asked: Q) -> Option<Written> {
        let asked = Asked {
            question: Q::QUESTION,
            within_ms: millis(self.deadline),
            proxy: proxy.map(Secret::reveal),
            own: asked,
        };
        // There may be a password in it.
        let mut body = Wiped::default();
        serde_json::to_writer(&mut body, &asked).ok()?;
        let body = body.bytes();
        (body.len() <= MESSAGE_MAX).then_some(())?;
        Some(Written {
            id: new_id()?,
            path: format!("/v1/{}", Q::QUESTION),
            body,
        })
    }

    async fn exchange(&self, client: &Client, written: &Written) -> Result<Bytes, Unanswered> {
        let headers = self.secret.sign(&written.id, now(), &written.body);
        let response = self.send(client, written, headers).await;
        let response = response.map_err(Unanswered::Send)?;
        let status = response.status();
        let (head, body) = read(response).await?;
        let id = answer_id(&written.id);
        let answer = (status, &body[..]);
        if !self.secret.has_signed_answer(&head, &id, now(), answer) {
            return Err(Unanswered::Unsound(match status {
                StatusCode::UNAUTHORIZED => {
                    "it does not take our signature: are secret and clock the same?"
                }
                _ => {
                    "the answer is not signed for the question and with its status, or at another time"
                }
            }));
        }
        match status {
            StatusCode::OK => Ok(body),
            StatusCode::NOT_FOUND => Err(Unanswered::Unknown),
            _ => Err(Unanswered::Unsound("it says that something is wrong")),
        }
    }

    /// Sends what was written, with the headers that sign it.
    pub(super) async fn send(
        &self,
        client: &Client,
        written: &Written,
        signature: HeaderMap,
    ) -> Result<Response<Body>, SendError> {
        let mut request = Request::new(whole(written.body.clone()));
        *request.method_mut() = Method::POST;
        let base = self.url.as_str().trim_end_matches('/');
        let uri = format!("{base}{}", written.path).parse();
        *request.uri_mut() = uri.map_err(|_| SendError::Unreachable)?;
        *request.headers_mut() = signature;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        client.send(request).await
    }
}

/// Reads a whole answer of at most [`MESSAGE_MAX`] bytes.
pub(super) async fn read(response: Response<Body>) -> Result<(HeaderMap, Bytes), Unanswered> {
    let (head, mut body) = response.into_parts();
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unanswered::Send(SendError::Broken))?;
        let Some(piece) = frame.data_ref() else {
            continue;
        };
        if read.len() + piece.len() > MESSAGE_MAX {
            return Err(Unanswered::Unsound("the answer is larger than 256 KiB"));
        }
        read.extend_from_slice(piece);
    }
    Ok((head.headers, read.freeze()))
}

/// `q_` and 32 hexadecimal digits.
pub(super) fn new_id() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("q_{:032x}", u128::from_be_bytes(bytes)))
}

/// Seconds of Unix time.
pub(super) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
