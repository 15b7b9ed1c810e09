//! `/v2/account`: who calls, defaults, connections.

pub mod connections;
pub mod import;
pub mod shapes;
mod wanted;

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Extension, State},
    http::HeaderMap,
    response::Response,
    routing::{get, patch, post},
};

use self::shapes::{SettingsAnswer, SettingsRequest, SettingsTold, WhoAmI};
use super::{ApiError, answer, auth, body, error::ErrorBody};
use crate::{domain::scope::Scope, flow::Engine, http::RequestId};

/// The routes.
pub fn routes() -> Router<Arc<Engine>> {
    Router::new()
        .route("/v2/account/whoami", get(whoami))
        .route("/v2/account/settings", get(settings).patch(set))
        .route("/v2/account/connections", get(connections::list))
        .route("/v2/account/connections/import", post(import::import))
        .route(
            "/v2/account/connections/import/{id}",
            patch(import::import_again),
        )
        .route(
            "/v2/account/connections/{id}",
            get(connections::one).delete(connections::delete),
        )
        .route(
            "/v2/account/connections/{id}/invalidate",
            post(connections::invalidate),
        )
        .route(
            "/v2/account/connections/{id}/settings",
            get(connections::settings).patch(connections::set),
        )
}

/// Whose key it is.
#[utoipa::path(
    get, path = "/v2/account/whoami", operation_id = "whoami", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    responses(
        (status = 200, body = WhoAmI, description = "The organisation, and what the key may do."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn whoami(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let directory = engine.directory();
        let known = directory
            .organisations
            .iter()
            .find(|known| known.id == caller.organisation);
        let name = known.map(|known| known.name.clone());
        Ok(WhoAmI::of(&caller, name, engine.permissions_of(&caller)))
    };
    answer(told.await, &id)
}

/// Defaults for new connections.
#[utoipa::path(
    get, path = "/v2/account/settings", operation_id = "getAccountSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    responses(
        (status = 200, body = SettingsTold, description = "The defaults."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn settings(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let settings = engine.account_settings(&caller).await?;
        Ok(SettingsTold::of(settings, None))
    };
    answer(told.await, &id)
}

/// Changes defaults for new connections.
///
/// Connections that are there keep their settings.
#[utoipa::path(
    patch, path = "/v2/account/settings", operation_id = "setAccountSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<SettingsRequest>),
    responses(
        (status = 200, body = SettingsAnswer, description = "The whole of them."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope ACCOUNT."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Account).await?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let change = wanted::settings(&object, caller.environment).map_err(ApiError::fields)?;
        let settings = engine
            .set_account(&caller, |settings| change.applied(settings))
            .await?;
        Ok(SettingsAnswer {
            settings: SettingsTold::of(settings, None),
        })
    };
    answer(told.await, &id)
}
