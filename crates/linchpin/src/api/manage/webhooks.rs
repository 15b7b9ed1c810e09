//! `/v2/manage/webhooks`: endpoints and their secrets.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use super::{
    Id, owner,
    shapes::{
        EndpointRequest, EndpointTold, EndpointWithSecret, ReplayRequest, SecretTold, TestTold,
    },
    wanted,
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

/// Webhook endpoints, oldest first.
#[utoipa::path(
    get, path = "/v2/manage/webhooks", operation_id = "listWebhooks", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = Page<EndpointTold>, description = "A page."),
        By<Manage>, Paging
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    paging: Paging,
) -> Answer<Page<EndpointTold>> {
    let all = engine.endpoints(&owner(&caller));
    Ok(Json(Page::of(&all, paging, EndpointTold::of)))
}

/// Registers a webhook endpoint.
///
/// Its secret is in this answer, and in no listing.
#[utoipa::path(
    post, path = "/v2/manage/webhooks", operation_id = "createWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    request_body(content = Option<EndpointRequest>),
    responses(
        (status = 201, body = EndpointWithSecret, description = "The endpoint with its secret."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn create(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Object(object): Object,
) -> Created<EndpointWithSecret> {
    let change = wanted::endpoint(&object)?;
    let made = engine
        .endpoint_create(&caller.actor(), &owner(&caller), change)
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(EndpointWithSecret::of(&made.0, &made.1)),
    ))
}

/// One webhook endpoint.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}", operation_id = "getWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = EndpointTold, description = "The endpoint."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        By<Manage>
    )
)]
pub(in crate::api) async fn one(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<EndpointTold> {
    let (endpoint, _) = engine.endpoint_of(&owner(&caller), &id)?;
    Ok(Json(EndpointTold::of(&endpoint)))
}

/// Changes a webhook endpoint.
///
/// Disabling it gives up what is on its way; enabling it sends what is told from then on.
#[utoipa::path(
    patch, path = "/v2/manage/webhooks/{id}", operation_id = "setWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    request_body(content = Option<EndpointRequest>),
    responses(
        (status = 200, body = EndpointTold, description = "The whole of it."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn set(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
    Object(object): Object,
) -> Answer<EndpointTold> {
    let change = wanted::endpoint(&object)?;
    let endpoint = engine
        .endpoint_update(&caller.actor(), &owner(&caller), &id, change)
        .await?;
    Ok(Json(EndpointTold::of(&endpoint)))
}

/// Removes a webhook endpoint, its secrets, and everything that was on its way to it.
#[utoipa::path(
    delete, path = "/v2/manage/webhooks/{id}", operation_id = "deleteWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = Deleted, description = "The endpoint is gone."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        By<Manage>
    )
)]
pub(in crate::api) async fn delete(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<Deleted> {
    engine
        .endpoint_delete(&caller.actor(), &owner(&caller), &id)
        .await?;
    Ok(Json(Deleted { success: true }))
}

/// Gives a webhook endpoint a new secret.
///
/// For 24 hours deliveries are signed with the one before as well.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/rotate", operation_id = "rotateWebhookSecret", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = EndpointWithSecret, description = "The endpoint with its new secret."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>
    )
)]
pub(in crate::api) async fn rotate(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<EndpointWithSecret> {
    let rotated = engine
        .endpoint_rotate(&caller.actor(), &owner(&caller), &id)
        .await?;
    Ok(Json(EndpointWithSecret::of(&rotated.0, &rotated.1)))
}

/// The secret of a webhook endpoint. That it was told is written in the audit log.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}/secret", operation_id = "getWebhookSecret", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = SecretTold, description = "The newest secret."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        By<Manage>
    )
)]
pub(in crate::api) async fn secret(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<SecretTold> {
    let secret = engine
        .endpoint_secret(&caller.actor(), &owner(&caller), &id)
        .await?;
    Ok(Json(SecretTold {
        secret: secret.reveal().to_owned(),
    }))
}

/// Sends a test event, `webhook.test`, and tells what came of it.
///
/// It is sent once, whether the endpoint is enabled or not.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/test", operation_id = "testWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    responses(
        (status = 200, body = TestTold, description = "What came of it."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        By<Manage>
    )
)]
pub(in crate::api) async fn test(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
) -> Answer<TestTold> {
    let (event, attempt) = engine
        .endpoint_test(&caller.actor(), &owner(&caller), &id)
        .await?;
    Ok(Json(TestTold::of(event, attempt)))
}

/// Sends again everything since a time that has not arrived.
///
/// That is what was given up, and what was told while the endpoint was disabled.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/replay", operation_id = "replayWebhook", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`.")),
    request_body(content = Option<ReplayRequest>),
    responses(
        (status = 200, body = EndpointTold, description = "It is on its way."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>, Object
    )
)]
pub(in crate::api) async fn replay(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
    Object(object): Object,
) -> Answer<EndpointTold> {
    let since = wanted::since(&object)?;
    let endpoint = engine
        .endpoint_replay(&caller.actor(), &owner(&caller), &id, since)
        .await?;
    Ok(Json(EndpointTold::of(&endpoint)))
}
