//! `/v2/account/connections/import`: sessions that were made elsewhere.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};

use super::{
    connections::{named, unknown},
    shapes::{ConnectionTold, ImportAgainRequest, ImportRequest},
    wanted,
};
use crate::{
    api::{
        ActionRequired, ApiError, DetailCode, Details, Kind, answer, auth, body, error::ErrorBody,
    },
    domain::scope::Scope,
    flow::{Engine, ImportError},
    http::RequestId,
};

/// Takes over a session that was made elsewhere.
///
/// It is checked with the provider first. An expired connection of the same account is renewed in place.
#[utoipa::path(
    post, path = "/v2/account/connections/import", operation_id = "importConnection", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<ImportRequest>),
    responses(
        (status = 200, body = ConnectionTold, description = "The connection."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 409, body = ErrorBody, description = "The account has an active connection, which `details.connectionId` names."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 502, body = ErrorBody, description = "The provider does not answer; try again."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn import(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let bytes = body::read(body).await?;
        let takeover =
            wanted::import(&body::object(&headers, &bytes)?).map_err(ApiError::fields)?;
        let connection = engine.import(&caller, takeover).await?;
        Ok(ConnectionTold::from(connection))
    };
    answer(told.await, &id)
}

/// Puts another session into an imported connection.
#[utoipa::path(
    patch, path = "/v2/account/connections/import/{id}", operation_id = "importConnectionAgain", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    request_body(content = Option<ImportAgainRequest>),
    responses(
        (status = 200, body = ConnectionTold, description = "The connection."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 409, body = ErrorBody, description = "The session is of another account than the connection."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 502, body = ErrorBody, description = "The provider does not answer; try again."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn import_again(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let connection = named(path)?;
        let bytes = body::read(body).await?;
        let import = body::object(&headers, &bytes)?;
        let import = wanted::import_again(&import).map_err(ApiError::fields)?;
        let connection = engine.import_again(&caller, &connection, import).await?;
        Ok(ConnectionTold::from(connection))
    };
    answer(told.await, &id)
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Field { field, message } => {
                Self::fields(Details::one(field, DetailCode::InvalidValue, message))
            }
            ImportError::Unknown => unknown(),
            ImportError::Conflict {
                connection,
                message,
            } => Self::conflict(message, &connection),
            ImportError::ProviderUnavailable => Self::new(
                Kind::ProxyError,
                "the provider does not answer, so nobody can say whether the session works; nothing was changed",
            )
            .action(ActionRequired::TryAgain),
            ImportError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}
