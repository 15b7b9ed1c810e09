//! The one shape of an error.

use std::collections::BTreeMap;

use axum::{
    extract::{Extension, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder},
};

use super::details::Details;
use crate::{domain::id::ConnectionId, http::RequestId};

/// The closed list of error types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ErrorType)]
pub enum Kind {
    /// 400: the request cannot be carried out as it is.
    BadRequest,
    /// 401: no valid key.
    Unauthorized,
    /// 401: no connection was named that can be used.
    SessionNotProvided,
    /// 401: the connection has to be signed in to again.
    SessionExpired,
    /// 403: the key lacks the scope.
    Forbidden,
    /// 404: no such thing.
    ResourceNotFound,
    /// 404: no such route.
    RouteNotFound,
    /// 405: the route does not take the method.
    MethodNotAllowed,
    /// 409: something stands against it at the moment.
    Conflict,
    /// 413: the body is too large.
    PayloadTooLarge,
    /// 415: the body is not JSON by its content type.
    UnsupportedMediaType,
    /// 422: the idempotency key was used with another body.
    IdempotencyMismatch,
    /// 429: too many requests.
    RateLimitExceeded,
    /// 502: the provider cannot be reached.
    ProxyError,
    /// 504: the provider did not answer in time.
    NetworkError,
    /// 500, or 503 when the request can be repeated as it is.
    UnknownError,
}

/// What a 400 with fields says in the API's description, and what a 503.
pub const FIELDS: &str =
    "A field or parameter cannot be satisfied; `details` has an entry for each.";
pub const UNAVAILABLE: &str =
    "Overloaded, or the store cannot be used. Repeat after `Retry-After`.";

/// Errors as the API's description has them.
pub fn described<const N: usize>(
    errors: [(u16, &str); N],
) -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
    let described = errors.map(|(status, description)| {
        let shape = Ref::from_schema_name("Error");
        let content = ContentBuilder::new().schema(Some(shape)).build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content);
        (status.to_string(), RefOr::T(response.build()))
    });
    described.into()
}

/// An error on its way to the caller.
#[derive(Debug, Clone)]
pub struct ApiError {
    kind: Kind,
    status: StatusCode,
    message: String,
    details: Option<ErrorDetails>,
    action_required: Option<ActionRequired>,
    retry_after: Option<u32>,
}

/// What there is to say beyond the message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ErrorDetails {
    /// Of a 400: one entry a field.
    Fields(Details),
    /// Of a 409: what stands against it.
    #[serde(rename_all = "camelCase")]
    Conflict {
        /// The connection.
        connection_id: String,
    },
}

/// What helps, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionRequired {
    /// Have the user sign in again: `POST /v2/link/init` with `connectionId`.
    RelinkConnection,
    /// Repeat the request.
    TryAgain,
}

/// An error as it stands in a body.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub struct ErrorBody {
    /// What went wrong, for a developer, naming field and remedy.
    error: String,
    /// The type of the error.
    #[serde(rename = "type")]
    kind: Kind,
    /// The same as `type`.
    code: Kind,
    /// The same as `error`.
    message: String,
    /// The request's id, also in the `x-request-id` header and in the server's log.
    request_id: String,
    /// What helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_required: Option<ActionRequired>,
    /// Of a 400 a list with an entry a field, of a 409 an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<ErrorDetails>,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized | Self::SessionNotProvided | Self::SessionExpired => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::ResourceNotFound | Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::IdempotencyMismatch => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimitExceeded => StatusCode::TOO_MANY_REQUESTS,
            Self::ProxyError => StatusCode::BAD_GATEWAY,
            Self::NetworkError => StatusCode::GATEWAY_TIMEOUT,
            Self::UnknownError => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl ApiError {
    /// An error with the status of its type.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: kind.status(),
            message: message.into(),
            details: None,
            action_required: None,
            retry_after: None,
        }
    }

    /// A 409 against which a connection stands.
    pub fn conflict(message: impl Into<String>, connection: &ConnectionId) -> Self {
        Self {
            details: Some(ErrorDetails::Conflict {
                connection_id: connection.as_str().to_owned(),
            }),
            ..Self::new(Kind::Conflict, message)
        }
    }

    /// The same, with what helps.
    #[must_use]
    pub fn action(self, action: ActionRequired) -> Self {
        Self {
            action_required: Some(action),
            ..self
        }
    }

    /// A 400 with an entry a field; the first entry's message is the error's.
    pub fn fields(details: Details) -> Self {
        let message = details.summary();
        Self {
            details: Some(ErrorDetails::Fields(details)),
            ..Self::new(Kind::BadRequest, message)
        }
    }

    /// The same, to be repeated after this many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// A 503, to be repeated as it is after this many seconds.
    pub(super) fn unavailable(message: &str, seconds: u32) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new(Kind::UnknownError, message).retry_after(seconds)
        }
    }

    /// The answer.
    pub fn respond(self, id: &RequestId) -> Response {
        let body = ErrorBody {
            error: self.message.clone(),
            kind: self.kind,
            code: self.kind,
            message: self.message,
            request_id: id.as_str().to_owned(),
            action_required: self.action_required,
            details: self.details,
        };
        let mut response = super::json(self.status, serde_json::to_vec(&body).unwrap_or_default());
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for ApiError {
    /// What [`with_request_id`] makes the answer of.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives the errors of handlers their body, in which the request's id is.
pub async fn with_request_id(
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error.respond(&id),
        None => response,
    }
}

impl From<Details> for ApiError {
    fn from(details: Details) -> Self {
        Self::fields(details)
    }
}
