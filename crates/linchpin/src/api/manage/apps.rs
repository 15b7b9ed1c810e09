//! `/v2/manage/apps`: client apps.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::{
    Id,
    app_shapes::{AppRequest, AppTold},
    owner, wanted,
};
use crate::{
    api::{
        Answer, Created,
        auth::{By, Manage},
        body::Object,
        error::ErrorBody,
        page::{Page, Paging},
        told::Deleted,
    },
    flow::Engine,
};

/// Client apps of the key's environment, oldest first.
#[utoipa::path(
    get, path = "/v2/manage/apps", operation_id = "listApps", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = Page<AppTold>, description = "A page."),
        By<Manage>, Paging
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    paging: Paging,
) -> Answer<Page<AppTold>> {
    let directory = engine.directory();
    let apps = directory.apps_of(&caller.organisation, caller.environment);
    Ok(Json(Page::of(apps, paging, AppTold::of)))
}

/// Registers a client app in the key's environment.
#[utoipa::path(
    post, path = "/v2/manage/apps", operation_id = "createApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<AppRequest>),
    responses(
        (status = 201, body = AppTold, description = "The client app."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn create(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Object(object): Object,
) -> Created<AppTold> {
    let (settings, logo) = wanted::app(&object, caller.environment)?;
    let organisation = caller.organisation.clone();
    let app = engine
        .app_create(&caller.actor(), organisation, settings, logo)
        .await?;
    Ok((StatusCode::CREATED, Json(AppTold::of(&app))))
}

/// One client app.
#[utoipa::path(
    get, path = "/v2/manage/apps/{id}", operation_id = "getApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    responses(
        (status = 200, body = AppTold, description = "The client app."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        By<Manage>
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<AppTold> {
    let (app, _) = engine.app_of(Some(&owner(&caller)), &id)?;
    Ok(Json(AppTold::of(&app)))
}

/// Changes a client app. What is not named stays.
#[utoipa::path(
    patch, path = "/v2/manage/apps/{id}", operation_id = "setApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    request_body(content = Option<AppRequest>),
    responses(
        (status = 200, body = AppTold, description = "The whole of it."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
    Object(object): Object,
) -> Answer<AppTold> {
    let wanted = wanted::app(&object, caller.environment)?;
    let owner = owner(&caller);
    let app = engine
        .app_update(&caller.actor(), Some(&owner), &id, wanted)
        .await?;
    Ok(Json(AppTold::of(&app)))
}

/// Deletes a client app. Its sessions can no longer be finished.
#[utoipa::path(
    delete, path = "/v2/manage/apps/{id}", operation_id = "deleteApp", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The client app, `app_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The app is gone."),
        (status = 404, body = ErrorBody, description = "There is no such client app."),
        By<Manage>
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<Deleted> {
    engine
        .app_delete(&caller.actor(), Some(&owner(&caller)), &id)
        .await?;
    Ok(Json(Deleted { success: true }))
}
