//! The answers that the server gives itself, without a handler.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use bytes::Bytes;
use serde::Serialize;

use super::request_id::RequestId;

/// Why the server answered without, or instead of, a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: the bytes are not one unambiguous HTTP/1 message; the text says what is wrong.
    Malformed(&'static str),
    /// 400: the client has left, or ended its side of the connection, before a call that is passed on was answered.
    Left,
    /// 404: no route has this path.
    RouteNotFound,
    /// 405: the method is switched off (CONNECT) or not one of the route's.
    MethodNotAllowed,
    /// 408: the head took longer than the header timeout.
    SlowHead,
    /// 408: the body came too slowly.
    SlowBody,
    /// 413: the body is longer than this many bytes.
    BodyTooLarge(usize),
    /// 414: the request target is longer than this many bytes.
    UrlTooLong(usize),
    /// 429: the client's address has all the connections it may have.
    TooManyConnections,
    /// 431: the header lines are more than this many, or longer than this many bytes together.
    HeadersTooLarge {
        /// Most header lines.
        count: usize,
        /// Most bytes.
        bytes: usize,
    },
    /// 500: the handler panicked.
    Failed,
    /// 503: too many connections or requests at once.
    Overloaded,
    /// 503: the handler did not answer before the request's deadline.
    DeadlinePassed,
}

impl Refusal {
    /// The status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::Left => StatusCode::BAD_REQUEST,
            Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::SlowHead | Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UrlTooLong(_) => StatusCode::URI_TOO_LONG,
            Self::TooManyConnections => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Overloaded | Self::DeadlinePassed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The public error type. Statuses without a type of their own take the nearest one.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Malformed(_) | Self::Left | Self::SlowHead | Self::SlowBody => "BAD_REQUEST",
            Self::RouteNotFound => "ROUTE_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::BodyTooLarge(_) | Self::UrlTooLong(_) | Self::HeadersTooLarge { .. } => {
                "PAYLOAD_TOO_LARGE"
            }
            Self::TooManyConnections => "RATE_LIMIT_EXCEEDED",
            Self::Failed | Self::Overloaded | Self::DeadlinePassed => "UNKNOWN_ERROR",
        }
    }

    fn message(self) -> Cow<'static, str> {
        match self {
            Self::Malformed(what) => format!("The request is not valid HTTP/1.1: {what}.").into(),
            Self::Left => {
                "The connection was ended before the answer. Keep it open until then.".into()
            }
            Self::RouteNotFound => "No route has this path. See /docs for the API.".into(),
            Self::MethodNotAllowed => "This path does not answer to this method.".into(),
            Self::SlowHead => "The request head did not arrive in time. Send it at once.".into(),
            Self::SlowBody => "The request body came too slowly. Send it at once.".into(),
            Self::BodyTooLarge(most) => {
                format!("The request body is too long. Send at most {most} bytes.").into()
            }
            Self::UrlTooLong(most) => {
                format!("The URL is too long. Send at most {most} bytes.").into()
            }
            Self::TooManyConnections => {
                "Too many connections from your address. Keep connections open and reuse them."
                    .into()
            }
            Self::HeadersTooLarge { count, bytes } => format!(
                "The request headers are too large. \
                 Send at most {count} lines of {bytes} bytes together."
            )
            .into(),
            Self::Failed => "Something failed on our side. Send the request again.".into(),
            Self::Overloaded => "The server is busy. Send the request again in a second.".into(),
            Self::DeadlinePassed => {
                "The answer took too long. Send the request again, with the same Idempotency-Key \
                 if it had one."
                    .into()
            }
        }
    }

    fn retry_after(self) -> Option<HeaderValue> {
        match self {
            Self::TooManyConnections | Self::Overloaded | Self::DeadlinePassed => {
                Some(HeaderValue::from_static("1"))
            }
            _ => None,
        }
    }

    /// After these the rest of the client's bytes cannot be told apart, or are not wanted.
    pub(super) fn closes(self) -> bool {
        !matches!(
            self,
            Self::RouteNotFound
                | Self::MethodNotAllowed
                | Self::Failed
                | Self::Overloaded
                | Self::DeadlinePassed
        )
    }

    /// The answer in the error shape, without the headers that every answer gets.
    pub fn response(self, request_id: &RequestId) -> Response<Body> {
        let body = error_body(self.kind(), &self.message(), request_id);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, seconds);
        }
        if self.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The body alone, for answers that are written without hyper.
    pub(super) fn body(self, request_id: &RequestId) -> Bytes {
        error_body(self.kind(), &self.message(), request_id)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    error: &'a str,
    r#type: &'a str,
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}

/// The error shape as JSON: `error` and `message` are the text, `type` and `code` the kind.
pub fn error_body(kind: &str, message: &str, request_id: &RequestId) -> Bytes {
    let shape = ErrorBody {
        error: message,
        r#type: kind,
        code: kind,
        message,
        request_id: request_id.as_str(),
    };
    // Five strings cannot fail to be written.
    serde_json::to_vec(&shape).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_shape_repeats_type_and_text_for_shipped_clients() {
        let id = RequestId::new();
        let body = error_body("BAD_REQUEST", "say \"please\"", &id);
        let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            json,
            serde_json::json!({
                "error": "say \"please\"", "message": "say \"please\"",
                "type": "BAD_REQUEST", "code": "BAD_REQUEST", "requestId": id.as_str(),
            })
        );
    }
}
