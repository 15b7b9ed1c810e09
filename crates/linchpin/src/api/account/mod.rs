//! `/v2/account`: who calls, defaults, connections.

pub mod connections;
pub mod import;
pub mod shapes;
mod wanted;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, patch, post},
};

use self::shapes::{SettingsAnswer, SettingsRequest, SettingsTold, WhoAmI};
use super::{
    Answer,
    auth::{Account, By},
    body::Object,
};
use crate::flow::Engine;

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
        By<Account>
    )
)]
pub(in crate::api) async fn whoami(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
) -> Answer<WhoAmI> {
    let directory = engine.directory();
    let known = directory
        .organisations
        .iter()
        .find(|known| known.id == caller.organisation);
    let name = known.map(|known| known.name.clone());
    Ok(Json(WhoAmI::of(
        &caller,
        name,
        engine.permissions_of(&caller),
    )))
}

/// Defaults for new connections.
#[utoipa::path(
    get, path = "/v2/account/settings", operation_id = "getAccountSettings", tag = "Account",
    security(("apikey" = []), ("bearer" = [])),
    responses(
        (status = 200, body = SettingsTold, description = "The defaults."),
        By<Account>
    )
)]
pub(in crate::api) async fn settings(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
) -> Answer<SettingsTold> {
    let settings = engine.account_settings(&caller).await?;
    Ok(Json(SettingsTold::of(settings, None)))
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
        By<Account>, Object
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Account>,
    Object(object): Object,
) -> Answer<SettingsAnswer> {
    let change = wanted::settings(&object, |place| {
        engine.check_settings_place(&caller, place, None)
    })?;
    let settings = engine
        .set_account(&caller, |settings| change.applied(settings))
        .await?;
    Ok(Json(SettingsAnswer {
        settings: SettingsTold::of(settings, None),
    }))
}
