//! `/v2/account/connections/import`: sessions that were made elsewhere.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{
    connections::{Named, unknown},
    shapes::{ConnectionTold, ImportAgainRequest, ImportRequest},
    wanted,
};
use crate::{
    api::{
        ActionRequired, Answer, ApiError, DetailCode, Details, Kind,
        auth::{Account, By},
        body::Object,
        error::ErrorBody,
    },
    flow::{Engine, ImportError},
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
        (status = 409, body = ErrorBody, description = "The account has an active connection, which `details.connectionId` names."),
        (status = 502, body = ErrorBody, description = "The provider does not answer; try again."),
        By<Account>, Object
    )
)]
pub(in crate::api) async fn import(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Object(object): Object,
) -> Answer<ConnectionTold> {
    let takeover = wanted::import(&object)?;
    let connection = engine.import(&caller, takeover).await?;
    Ok(Json(ConnectionTold::from(connection)))
}

/// Puts another session into an imported connection.
#[utoipa::path(
    patch, path = "/v2/account/connections/import/{id}", operation_id = "importConnectionAgain", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The connection, `conn_…`.")),
    request_body(content = Option<ImportAgainRequest>),
    responses(
        (status = 200, body = ConnectionTold, description = "The connection."),
        (status = 404, body = ErrorBody, description = "There is no such connection."),
        (status = 409, body = ErrorBody, description = "The session is of another account than the connection."),
        (status = 502, body = ErrorBody, description = "The provider does not answer; try again."),
        By<Account>, Object
    )
)]
pub(in crate::api) async fn import_again(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Named(connection): Named,
    Object(object): Object,
) -> Answer<ConnectionTold> {
    let import = wanted::import_again(&object)?;
    let connection = engine.import_again(&caller, &connection, import).await?;
    Ok(Json(ConnectionTold::from(connection)))
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
