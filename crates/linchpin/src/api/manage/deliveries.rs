//! `/v2/manage/webhooks/{id}/deliveries`: what was sent, and sending it again.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State, rejection::PathRejection},
};

use super::{Id, owner, shapes::DeliveryTold, wanted};
use crate::{
    api::{
        Answer,
        auth::{By, Manage},
        error::ErrorBody,
        page::Page,
    },
    flow::Engine,
};

/// Deliveries to a webhook endpoint, newest first, each with its attempts. They are kept for 7 days.
#[utoipa::path(
    get, path = "/v2/manage/webhooks/{id}/deliveries", operation_id = "listDeliveries", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`."),
        ("status" = Option<String>, Query, description = "Only of this status: `pending`, `delivered` or `failed`."),
        ("limit" = Option<usize>, Query, minimum = 1, description = "How many, 10 where nothing is said; over 100 counts as 100."),
        ("offset" = Option<usize>, Query, minimum = 0, maximum = 2_147_483_647, description = "How many are left out.")),
    responses(
        (status = 200, body = Page<DeliveryTold>, description = "A page."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint."),
        By<Manage>
    )
)]
pub(in crate::api) async fn list(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    Id(id): Id,
    RawQuery(query): RawQuery,
) -> Answer<Page<DeliveryTold>> {
    let (state, paging) = wanted::deliveries(query.as_deref())?;
    let (list, has_more) = engine
        .deliveries(&owner(&caller), &id, state, (paging.limit, paging.offset))
        .await?;
    let list = list.into_iter().map(DeliveryTold::from).collect();
    Ok(Json(Page::read(list, has_more, paging)))
}

/// Makes a delivery again, however it stands. The event keeps its id.
#[utoipa::path(
    post, path = "/v2/manage/webhooks/{id}/deliveries/{deliveryId}/replay", operation_id = "replayDelivery", tag = "Manage",
    security(("apikey" = []), ("bearer" = [])),
    params(("id" = String, Path, description = "The endpoint, `we_…`."),
        ("deliveryId" = String, Path, description = "The delivery, `dlv_…`.")),
    responses(
        (status = 200, body = DeliveryTold, description = "It is on its way."),
        (status = 400, body = ErrorBody, description = "A field or parameter cannot be satisfied; `details` has an entry for each."),
        (status = 404, body = ErrorBody, description = "There is no such endpoint or delivery."),
        (status = 409, body = ErrorBody, description = "It was changed by somebody else at the same moment."),
        By<Manage>
    )
)]
pub(in crate::api) async fn replay(
    State(engine): State<Arc<Engine>>,
    By { caller, .. }: By<Manage>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Answer<DeliveryTold> {
    let (endpoint, delivery) = match path {
        Ok(Path(ids)) => ids,
        Err(_) => Default::default(),
    };
    let delivery = engine
        .delivery_replay(&caller.actor(), &owner(&caller), &endpoint, &delivery)
        .await?;
    Ok(Json(DeliveryTold::from(delivery)))
}
