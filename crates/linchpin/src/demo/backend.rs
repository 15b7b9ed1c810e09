//! The demo's backend: the two calls that a developer's server makes.

use std::{net::SocketAddr, time::Duration};

use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::pages::Words;

/// Longest time of one call.
const CALL_TIME: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_MAX: usize = 256 * 1024;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// What was given as the API's URL is not an address of this machine.
    #[error("the API's URL is not http:// with an IP address and a port")]
    Address,
    /// No connection, or it broke.
    #[error("the API cannot be reached: {0}")]
    Unreachable(String),
    /// The API said no.
    #[error("the API answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The `error` of the body.
        message: String,
    },
    /// The answer is not what the API promises.
    #[error("the API's answer cannot be read")]
    Unexpected,
    /// No random bytes.
    #[error("the system's random generator failed")]
    Random,
}

/// The connected account, as the API tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct UserData {
    /// Display name.
    pub name: String,
    /// Without `@`.
    pub username: String,
    /// A picture's address.
    pub avatar: Option<String>,
}

/// What the API says about a link.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its status.
    pub status: String,
    /// The account, once it is connected.
    pub user: Option<UserData>,
    /// The answer as it came, set out for reading.
    pub json: String,
}

/// Calls the API with the key, over HTTP, as a developer's server does.
pub struct Backend {
    address: SocketAddr,
    host: HeaderValue,
    key: HeaderValue,
}

impl Backend {
    /// A backend for the API at this URL.
    pub fn new(api_url: &str, api_key: &str) -> Result<Self, BackendError> {
        let host = api_url
            .strip_prefix("http://")
            .ok_or(BackendError::Address)?;
        let mut key = HeaderValue::from_str(api_key).map_err(|_| BackendError::Address)?;
        key.set_sensitive(true);
        Ok(Self {
            address: host.parse().map_err(|_| BackendError::Address)?,
            host: HeaderValue::from_str(host).map_err(|_| BackendError::Address)?,
            key,
        })
    }

    /// Starts a link; answers the URL to which the user is sent.
    pub async fn init(&self, words: &Words, reference: &str) -> Result<String, BackendError> {
        let body = json!({
            "clientAppId": words.app,
            "redirectUrl": words.callback,
            "clientReferenceId": reference,
        });
        let answer = self
            .call(Method::POST, "/v2/link/init", body.to_string())
            .await?;
        let url = answer.get("url").and_then(Value::as_str);
        url.map(str::to_owned).ok_or(BackendError::Unexpected)
    }

    /// Asks where a link stands.
    pub async fn status(&self, secret: &str) -> Result<Told, BackendError> {
        let path = format!("/v2/link/{secret}");
        let answer = self.call(Method::GET, &path, String::new()).await?;
        let status = answer.get("status").and_then(Value::as_str);
        let user = answer
            .pointer("/data/userData")
            .and_then(|user| UserData::deserialize(user).ok());
        Ok(Told {
            status: status.ok_or(BackendError::Unexpected)?.to_owned(),
            user,
            json: serde_json::to_string_pretty(&answer).unwrap_or_default(),
        })
    }

    async fn call(&self, method: Method, path: &str, body: String) -> Result<Value, BackendError> {
        let talk = tokio::time::timeout(CALL_TIME, self.talk(method, path, body));
        let (status, bytes) = talk
            .await
            .map_err(|_| BackendError::Unreachable("it took too long".to_owned()))??;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| BackendError::Unexpected)?;
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let message = answer.get("error").and_then(Value::as_str);
        Err(BackendError::Refused {
            status,
            message: message.unwrap_or_default().to_owned(),
        })
    }

    async fn talk(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<(StatusCode, Bytes), BackendError> {
        let broken = |error: &dyn std::error::Error| BackendError::Unreachable(error.to_string());
        let stream = TcpStream::connect(self.address)
            .await
            .map_err(|e| broken(&e))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|e| broken(&e))?;
        // The connection's own errors reach the caller through the sender.
        tokio::spawn(async { connection.await.unwrap_or_default() });
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.host.clone())
            .header("apikey", self.key.clone());
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| BackendError::Unexpected)?;
        let answer = sender.send_request(request).await.map_err(|e| broken(&e))?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_MAX);
        let body = body
            .collect()
            .await
            .map_err(|error| BackendError::Unreachable(error.to_string()))?;
        Ok((status, body.to_bytes()))
    }
}
