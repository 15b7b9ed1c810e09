//! One question to the provider and its whole answer, within limits.

use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use linchpin_provider::{Body, Client, SendError, whole};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use crate::wiped::Wiped;

/// Bytes of an answer that are read at most.
const ANSWER_MAX: usize = 256 * 1024;

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The body as JSON; `None` where it is none.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body itself.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether trying again later may help.
    pub(super) fn is_down(&self) -> bool {
        self.status.is_server_error()
            || matches!(
                self.status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            )
    }
}

/// Reads a JSON document, with an access token where one is given.
pub(super) async fn get(
    client: &Client,
    url: &Url,
    token: Option<&str>,
) -> Result<Reply, SendError> {
    let mut request = Request::get(url.as_str()).header(header::ACCEPT, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, bearer(token));
    }
    send(client, url, request.body(whole(""))).await
}

/// Posts a form.
pub(super) async fn post(
    client: &Client,
    url: &Url,
    authorization: Option<HeaderValue>,
    fields: &[(&str, &str)],
) -> Result<Reply, SendError> {
    let mut form = Wiped::default();
    for (name, value) in fields {
        form.push_field(name, value);
    }
    let mut request = Request::post(url.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    send(client, url, request.body(whole(form.bytes()))).await
}

/// `Bearer …`; empty for a token that cannot be in a header, which the provider then refuses.
pub(super) fn bearer(token: &str) -> HeaderValue {
    let text = Zeroizing::new(format!("Bearer {token}"));
    let mut value =
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
    value.set_sensitive(true);
    value
}

async fn send(
    client: &Client,
    url: &Url,
    request: http::Result<Request<Body>>,
) -> Result<Reply, SendError> {
    let host = url.host_str().unwrap_or_default();
    let request = request.map_err(|_| SendError::Unreachable)?;
    let answer = client
        .send(request)
        .await
        .inspect_err(|error| tracing::warn!(host, ?error, "a provider did not answer"))?;
    let status = answer.status();
    let Some(body) = read(answer.into_body()).await else {
        tracing::warn!(
            host,
            "a provider's answer broke off, or is longer than 256 KiB"
        );
        return Err(SendError::Broken);
    };
    Ok(Reply { status, body })
}

async fn read(mut body: Body) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    while let Some(frame) = body.frame().await {
        if let Some(piece) = frame.ok()?.data_ref() {
            if bytes.len() + piece.len() > ANSWER_MAX {
                return None;
            }
            bytes.extend_from_slice(piece);
        }
    }
    Some(bytes)
}
