//! Answers written to the socket without hyper, for requests that hyper never sees.

use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE};
use axum::http::{HeaderValue, StatusCode};
use bytes::{BufMut, BytesMut};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::client_address::ClientAddress;
use super::refusal::Refusal;
use super::request_id::RequestId;
use super::security_headers;

/// A refusal as bytes of HTTP/1.1; the connection is closed after it.
#[derive(Debug)]
pub(super) struct RawAnswer {
    id: RequestId,
    status: StatusCode,
    bytes: BytesMut,
}

impl RawAnswer {
    pub(super) fn new(refusal: Refusal, strict_transport: bool) -> Self {
        let id = RequestId::new();
        let status = refusal.status();
        let body = refusal.body(&id);
        let (mut head, _) = refusal.response(&id).into_parts();
        let headers = &mut head.headers;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CONTENT_LENGTH, body.len().into());
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now());
        if let Some(date) = date.ok().and_then(|date| date.try_into().ok()) {
            headers.insert(DATE, date);
        }
        security_headers::complete(headers, &id, strict_transport);

        let mut bytes = BytesMut::with_capacity(3072);
        bytes.put_slice(b"HTTP/1.1 ");
        bytes.put_slice(status.as_str().as_bytes());
        bytes.put_u8(b' ');
        bytes.put_slice(status.canonical_reason().unwrap_or_default().as_bytes());
        bytes.put_slice(b"\r\n");
        for (name, value) in headers.iter() {
            bytes.put_slice(name.as_str().as_bytes());
            bytes.put_slice(b": ");
            bytes.put_slice(value.as_bytes());
            bytes.put_slice(b"\r\n");
        }
        bytes.put_slice(b"\r\n");
        bytes.put_slice(&body);
        Self { id, status, bytes }
    }

    /// The access-log line of a request whose method and path were never read.
    pub(super) fn log(&self, peer: std::net::IpAddr) {
        tracing::info!(
            method = "-",
            path = "-",
            status = self.status.as_u16(),
            micros = 0_u64,
            requestId = self.id.as_str(),
            client = %ClientAddress(peer.to_canonical()),
            "request"
        );
    }

    pub(super) fn into_bytes(self) -> BytesMut {
        self.bytes
    }
}
