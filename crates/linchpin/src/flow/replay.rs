//! Deliveries as a developer sees them: listed, and made again.

use super::{
    Engine, Owner, Unavailable,
    admin::{CommandError, problem},
};
use crate::{
    domain::{
        audit::{Action, Actor},
        delivery::{Delivery, DeliveryState},
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
    },
    store::{DeliveryListed, Operation},
};

impl Engine {
    /// A page of an endpoint's deliveries, newest first, and whether there are more.
    pub async fn deliveries(
        &self,
        owner: &Owner,
        id: &str,
        state: Option<DeliveryState>,
        (limit, offset): (i64, i64),
    ) -> Result<(Vec<DeliveryListed>, bool), CommandError> {
        let (endpoint, _) = self.endpoint_of(owner, id)?;
        let found = self
            .store
            .deliveries(&endpoint.id, state, limit + 1, offset);
        let mut found = found.await.map_err(Unavailable::from)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// Has a delivery made again, however it stands; the event keeps its id.
    pub async fn delivery_replay(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
        delivery: &str,
    ) -> Result<DeliveryListed, CommandError> {
        let (endpoint, _) = self.enabled_endpoint(owner, id)?;
        let event = Delivery::event_of(delivery).ok_or_else(unknown_delivery)?;
        let mut operation = Operation::new(self.clock.now());
        operation.replay(&endpoint.id, event);
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointReplay)?;
        if !self.written(operation).await? {
            return Err(unknown_delivery());
        }
        let found = self.store.delivery(&endpoint.id, event).await;
        found
            .map_err(Unavailable::from)?
            .ok_or_else(unknown_delivery)
    }

    /// Has everything of `since` and later sent again that has not arrived: what was given up, and what was told while the
    /// endpoint was disabled.
    pub async fn endpoint_replay(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
        since: Timestamp,
    ) -> Result<WebhookEndpoint, CommandError> {
        let (endpoint, _) = self.enabled_endpoint(owner, id)?;
        let mut operation = Operation::new(self.clock.now());
        operation.replay_since(&endpoint, since);
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointReplay)?;
        if !self.written(operation).await? {
            return Err(CommandError::Overtaken);
        }
        Ok(endpoint)
    }

    fn enabled_endpoint(
        &self,
        owner: &Owner,
        id: &str,
    ) -> Result<(WebhookEndpoint, i64), CommandError> {
        let found = self.endpoint_of(owner, id)?;
        if found.0.enabled {
            return Ok(found);
        }
        Err(problem(
            "enabled",
            "the endpoint is disabled; set enabled to true first",
        ))
    }
}

fn unknown_delivery() -> CommandError {
    CommandError::Unknown("delivery of this id to this endpoint".to_owned())
}
