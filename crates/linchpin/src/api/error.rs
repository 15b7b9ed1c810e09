//! The one shape of an error.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::details::Details;
use crate::{
    domain::id::ConnectionId,
    flow::Unavailable,
    http::RequestId,
    store::{ReadError, WriteError},
};

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

/// An error on its way to the caller.
#[derive(Debug)]
pub struct ApiError {
    kind: Kind,
    status: StatusCode,
    message: String,
    details: Option<ErrorDetails>,
    action_required: Option<ActionRequired>,
    retry_after: Option<u32>,
}

/// What there is to say beyond the message.
#[derive(Debug, Serialize, ToSchema)]
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

impl From<Unavailable> for ApiError {
    /// Says what the caller can do; what went wrong inside goes to the log only.
    fn from(unavailable: Unavailable) -> Self {
        let repeat = |message: &str, seconds| Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new(Kind::UnknownError, message).retry_after(seconds)
        };
        match &unavailable {
            Unavailable::Write(WriteError::Busy) | Unavailable::Read(ReadError::Busy) => repeat(
                "the server is busy; nothing was changed, repeat the request",
                1,
            ),
            Unavailable::Write(WriteError::Full) => {
                tracing::error!("storage_full: the disk that holds the data directory is full");
                repeat(
                    "storage_full: the server's disk is full; nothing was changed, repeat the request later",
                    10,
                )
            }
            Unavailable::Read(ReadError::Corrupt(corrupt)) => {
                tracing::error!(%corrupt, "a stored row cannot be read; see docs/operations/damage.md");
                Self::new(
                    Kind::UnknownError,
                    "the server cannot read what it has stored; its log says more",
                )
            }
            Unavailable::Write(WriteError::Unreachable) => {
                tracing::error!("the database cannot be reached");
                repeat(
                    "the server cannot reach its database; nothing was changed, repeat the request",
                    2,
                )
            }
            // After a failed flush only the log knows, and it is read at the next start; after a lost commit only the
            // database, which nobody could ask in time.
            Unavailable::Write(WriteError::Halted | WriteError::Unknown) => repeat(
                "the server could not store the change, and it is not known whether it was kept; repeat the request, \
                 with the same Idempotency-Key where it had one",
                5,
            ),
            Unavailable::Write(WriteError::Damaged) => repeat(
                "the server's store is damaged and is only read; nothing was changed, whoever runs it has to look at it",
                60,
            ),
            Unavailable::Write(error) => {
                tracing::error!(%error, "the store could not be written");
                repeat(
                    "the server could not store the change; nothing was changed, repeat the request",
                    5,
                )
            }
            Unavailable::Read(error) => {
                tracing::error!(%error, "the store could not be read");
                repeat("the server could not read its store; repeat the request", 5)
            }
            Unavailable::Vault(error) => {
                tracing::error!(%error, "a secret could not be sealed or opened");
                Self::new(
                    Kind::UnknownError,
                    "the server cannot open a session that it has stored; its log says more",
                )
            }
            Unavailable::Random => {
                tracing::error!("the system's random generator failed");
                repeat(
                    "the server could not make a secret; nothing was changed, repeat the request",
                    5,
                )
            }
        }
    }
}
