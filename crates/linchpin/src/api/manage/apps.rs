//! `/v2/manage/apps`: client apps.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, RawQuery, State},
    http::HeaderMap,
    response::Response,
};

use super::{
    PathOf,
    app_shapes::{AppPage, AppRequest, AppTold},
    created, id_of, owner, page_of, wanted,
};
use crate::{
    api::{ApiError, answer, auth, body, error::ErrorBody, told::Deleted},
    domain::{client_app::ClientApp, scope::Scope},
    flow::Engine,
    http::RequestId,
};

/// Client apps of the key's environment, oldest first.
#[utoipa::path(
    get, path = "/v2/manage/apps", operation_id = "listApps", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = AppPage, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let page = page_of(query.as_deref())?;
        let directory = engine.directory();
        let all: Vec<ClientApp> = directory
            .apps_of(&caller.organisation, caller.environment)
            .cloned()
            .collect();
        Ok(AppPage::of(&all, page))
    };
    answer(told.await, &id)
}

/// Registers a client app in the key's environment.
#[utoipa::path(
    post, path = "/v2/manage/apps", operation_id = "createApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<AppRequest>),
    responses(
        (status = 201, body = AppTold, description = "The client app."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn create(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let (settings, logo) =
            wanted::app(&object, caller.environment).map_err(ApiError::fields)?;
        let organisation = caller.organisation.clone();
        let app = engine
            .app_create(&caller.actor(), organisation, settings, logo)
            .await?;
        Ok(AppTold::of(&app))
    };
    created(told.await, &id)
}

/// One client app.
#[utoipa::path(
    get, path = "/v2/manage/apps/{id}", operation_id = "getApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    responses(
        (status = 200, body = AppTold, description = "The client app."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let (app, _) = engine.app_of(Some(&owner(&caller)), &id_of(path))?;
        Ok(AppTold::of(&app))
    };
    answer(told.await, &id)
}

/// Changes a client app. What is not named stays.
#[utoipa::path(
    patch, path = "/v2/manage/apps/{id}", operation_id = "setApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    request_body(content = Option<AppRequest>),
    responses(
        (status = 200, body = AppTold, description = "The whole of it."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        (status = 413, body = ErrorBody, description = "The body is larger than the limit, 64 KiB unless configured otherwise."),
        (status = 415, body = ErrorBody, description = "The body is not JSON by its content type."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
    body: Body,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        let bytes = body::read(body).await?;
        let object = body::object(&headers, &bytes)?;
        let wanted = wanted::app(&object, caller.environment).map_err(ApiError::fields)?;
        let owner = owner(&caller);
        let app = engine
            .app_update(&caller.actor(), Some(&owner), &id_of(path), wanted)
            .await?;
        Ok(AppTold::of(&app))
    };
    answer(told.await, &id)
}

/// Deletes a client app. Its sessions can no longer be finished.
#[utoipa::path(
    delete, path = "/v2/manage/apps/{id}", operation_id = "deleteApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The app is gone."),
        (status = 401, body = ErrorBody, description = "No valid API key."),
        (status = 403, body = ErrorBody, description = "The key lacks the scope MANAGE."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        (status = 503, body = ErrorBody, description = "Overloaded, or the store cannot be used. Repeat after `Retry-After`.")
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    Extension(id): Extension<RequestId>,
    headers: HeaderMap,
    path: PathOf,
) -> Response {
    let told = async {
        let caller = auth::caller(&engine, &headers, Scope::Manage).await?;
        engine
            .app_delete(&caller.actor(), Some(&owner(&caller)), &id_of(path))
            .await?;
        Ok(Deleted { success: true })
    };
    answer(told.await, &id)
}
