//! The body of a request: bytes, then a JSON object.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};
use utoipa::{
    IntoResponses,
    openapi::{RefOr, Response},
};

use super::{ApiError, Kind, error};

/// The JSON object that a request brings.
pub struct Object(pub Map<String, Value>);

impl<S: Sync> FromRequest<S> for Object {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let bytes = read(body).await?;
        object(&head.headers, &bytes).map(Self)
    }
}

impl IntoResponses for Object {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        error::described([
            (400, error::FIELDS),
            (
                413,
                "The body is larger than the limit, 64 KiB unless configured otherwise.",
            ),
            (415, "The body is not JSON by its content type."),
        ])
    }
}

/// Reads the whole body. How large it may be is the server's limit, which has refused a larger one before.
pub async fn read(body: Body) -> Result<Bytes, ApiError> {
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(_) => Err(ApiError::new(
            Kind::BadRequest,
            "the body could not be read to its end",
        )),
    }
}

/// The JSON object of a body; no bytes at all count as an empty one and need no content type.
pub fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    if !is_json(headers) {
        let message = "the body must be sent with `Content-Type: application/json`";
        return Err(ApiError::new(Kind::UnsupportedMediaType, message));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::new(
            Kind::BadRequest,
            "the body must be a JSON object, such as {}",
        )),
        Err(error) => {
            let message = format!(
                "the body is not valid JSON: line {}, column {}",
                error.line(),
                error.column()
            );
            Err(ApiError::new(Kind::BadRequest, message))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(content_type)) = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str())
    else {
        return false;
    };
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let charset = parameters
        .split(';')
        .filter_map(|p| p.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    essence.trim().eq_ignore_ascii_case("application/json")
        && charset
            .is_none_or(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}
