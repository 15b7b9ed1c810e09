//! Webhook endpoints: register, change, remove, rotate, test, replay.

use bytes::Bytes;
use serde_json::json;

use super::{
    Engine, Unavailable,
    admin::{CommandError, problem},
    audit::Deed,
    deliveries::secret_place,
    random,
};
use crate::{
    domain::{
        audit::{Action, Actor},
        delivery::{Attempt, Delivery, DeliveryState},
        environment::Environment,
        event::{EventId, EventKind},
        field_problem::FieldProblem,
        public_id::{EndpointId, OrganisationId},
        sealed::SealedKind,
        time::{HOUR, Timestamp},
        webhook_endpoint::{DisabledReason, WebhookEndpoint},
        webhook_secret::WebhookSecret,
    },
    store::{DeliveryListed, Operation},
    webhook::{self, Parcel},
};

/// Endpoints that an organisation may have in one environment.
pub const ENDPOINTS_MAX: usize = 20;
/// For how long the secret before still signs after a rotation, in milliseconds.
const OVERLAP: i64 = 24 * HOUR;
/// Secrets of one endpoint that count at the same time.
const SECRETS_MAX: usize = 10;

/// Whose endpoints they are; any other does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The environment.
    pub environment: Environment,
}

/// What an endpoint is to become; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct EndpointChange {
    /// Where to.
    pub url: Option<String>,
    /// What is sent; at least one kind.
    pub events: Option<Vec<EventKind>>,
    /// Whether anything is sent.
    pub enabled: Option<bool>,
}

/// From when on events are sent again.
pub type Since = Timestamp;

impl Engine {
    /// The endpoints of an owner, oldest first.
    pub fn endpoints(&self, owner: &Owner) -> Vec<WebhookEndpoint> {
        let directory = self.directory();
        directory
            .endpoints_of(&owner.organisation, owner.environment)
            .cloned()
            .collect()
    }

    /// The owner's endpoint of this id, with its version.
    pub fn endpoint_of(
        &self,
        owner: &Owner,
        id: &str,
    ) -> Result<(WebhookEndpoint, i64), CommandError> {
        let directory = self.directory();
        let mut all = directory.endpoints.iter();
        let known = all.find(|(known, _)| {
            known.id.as_str() == id
                && known.organisation == owner.organisation
                && known.environment == owner.environment
        });
        known.cloned().ok_or_else(unknown)
    }

    /// Registers an endpoint. Its secret is told here and by [`Engine::endpoint_secret`].
    pub async fn endpoint_create(
        &self,
        actor: &Actor,
        owner: &Owner,
        change: EndpointChange,
    ) -> Result<(WebhookEndpoint, WebhookSecret), CommandError> {
        let now = self.clock.now();
        let mut endpoint = WebhookEndpoint {
            id: EndpointId::new(random()?),
            organisation: owner.organisation.clone(),
            environment: owner.environment,
            url: String::new(),
            events: EventKind::USUAL.to_vec(),
            enabled: true,
            disabled_reason: None,
            created_at: now,
        };
        if change.url.is_none() {
            return Err(problem("url", "is required: where events are sent"));
        }
        self.changed(&mut endpoint, change)?;
        if self.endpoints(owner).len() >= ENDPOINTS_MAX {
            return Err(problem(
                "url",
                format!(
                    "there are {ENDPOINTS_MAX} endpoints in this environment already; delete one"
                ),
            ));
        }
        let secret = WebhookSecret::of(random()?);
        let mut operation = Operation::new(now);
        operation
            .insert_endpoint(&endpoint)
            .map_err(Unavailable::from)?;
        self.seal_secret(&mut operation, &endpoint, &secret, 1)
            .await?;
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointCreate)?;
        self.carry_out(operation).await?;
        Ok((endpoint, secret))
    }

    /// Changes an endpoint.
    pub async fn endpoint_update(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
        change: EndpointChange,
    ) -> Result<WebhookEndpoint, CommandError> {
        let (before, version) = self.endpoint_of(owner, id)?;
        let mut endpoint = before.clone();
        self.changed(&mut endpoint, change)?;
        if endpoint == before {
            return Ok(endpoint);
        }
        let mut operation = Operation::new(self.clock.now());
        operation
            .save_endpoint(&endpoint, version)
            .map_err(Unavailable::from)?;
        match (before.enabled, endpoint.enabled) {
            (true, false) => operation.give_up_all(&endpoint.id),
            // It begins anew.
            (false, true) => operation.endpoint_is_fine(&endpoint.id),
            _ => {}
        }
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointUpdate)?;
        self.carry_out(operation).await?;
        Ok(endpoint)
    }

    /// Removes an endpoint with its secrets and everything that was on its way to it.
    pub async fn endpoint_delete(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
    ) -> Result<WebhookEndpoint, CommandError> {
        let (endpoint, _) = self.endpoint_of(owner, id)?;
        let mut operation = Operation::new(self.clock.now());
        operation.delete_endpoint(&endpoint.id);
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointDelete)?;
        match self.carry_out(operation).await {
            // Somebody else was faster.
            Err(CommandError::Overtaken) => Err(unknown()),
            Err(error) => Err(error),
            Ok(()) => Ok(endpoint),
        }
    }

    /// Gives an endpoint a new secret; for 24 hours deliveries are signed with the one before as well.
    pub async fn endpoint_rotate(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
    ) -> Result<(WebhookEndpoint, WebhookSecret), CommandError> {
        let (endpoint, _) = self.endpoint_of(owner, id)?;
        let now = self.clock.now();
        let kind = SealedKind::WebhookSecret;
        let known = self.store.sealed_of(kind, endpoint.id.as_str()).await;
        let known = known.map_err(Unavailable::from)?;
        let counting = known
            .iter()
            .filter(|row| row.until.is_none_or(|at| at > now));
        if counting.count() >= SECRETS_MAX {
            return Err(problem(
                "secret",
                format!(
                    "was rotated {} times within 24 hours; wait until the oldest has ended",
                    SECRETS_MAX - 1
                ),
            ));
        }
        let number = known.first().map_or(1, |row| row.number + 1);
        let secret = WebhookSecret::of(random()?);
        let mut operation = Operation::new(now);
        operation.end_sealed(kind, endpoint.id.as_str(), now.plus(OVERLAP));
        self.seal_secret(&mut operation, &endpoint, &secret, number)
            .await?;
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointRotate)?;
        self.carry_out(operation).await?;
        Ok((endpoint, secret))
    }

    /// Tells the newest secret of an endpoint, which is written in the audit log.
    pub async fn endpoint_secret(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
    ) -> Result<WebhookSecret, CommandError> {
        let (endpoint, _) = self.endpoint_of(owner, id)?;
        let newest = self.signing_secrets(&endpoint).await?.into_iter().next();
        let mut operation = Operation::new(self.clock.now());
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointReveal)?;
        self.store
            .write(operation)
            .await
            .map_err(Unavailable::from)?;
        newest.ok_or_else(unknown)
    }

    /// Sends a test event to an endpoint, whether it is enabled or not, and tells what came of it.
    pub async fn endpoint_test(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
    ) -> Result<(EventId, Attempt), CommandError> {
        let (endpoint, _) = self.endpoint_of(owner, id)?;
        let now = self.clock.now();
        let secrets = self.signing_secrets(&endpoint).await?;
        let mut operation = Operation::new(now);
        self.record_endpoint(&mut operation, actor, &endpoint, Action::EndpointTest)?;
        self.store
            .write(operation)
            .await
            .map_err(Unavailable::from)?;
        let event = EventId::next(None, now, super::random_number()?);
        let body = json!({
            "id": event.to_string(),
            "type": "webhook.test",
            "eventType": "webhook.test",
            "timestamp": now.to_string(),
            "live": endpoint.environment == Environment::Live,
            "data": { "endpointId": endpoint.id.as_str() },
        });
        let parcel = Parcel {
            url: &endpoint.url,
            secrets: &secrets,
            id: &event.to_string(),
            body: Bytes::from(body.to_string()),
        };
        let total = self.settings.webhooks.timeout;
        let (mut attempt, _) = webhook::send(&self.egress, parcel, total, now).await;
        attempt.manual = true;
        Ok((event, attempt))
    }

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
        since: Since,
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

    fn changed(
        &self,
        endpoint: &mut WebhookEndpoint,
        change: EndpointChange,
    ) -> Result<(), CommandError> {
        let mut problems = Vec::new();
        if let Some(url) = change.url {
            if let Err(wrong) = self.egress.check_url(&url) {
                problems.push(FieldProblem::new("url", wrong.0));
            }
            endpoint.url = url;
        }
        if let Some(mut events) = change.events {
            events.sort_unstable();
            events.dedup();
            if events.is_empty() {
                problems.push(FieldProblem::new("events", "must name at least one event"));
            }
            endpoint.events = events;
        }
        match change.enabled {
            Some(true) => {
                endpoint.enabled = true;
                endpoint.disabled_reason = None;
            }
            Some(false) if endpoint.enabled => {
                endpoint.enabled = false;
                endpoint.disabled_reason = Some(DisabledReason::Manual);
            }
            _ => {}
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(CommandError::Fields(problems)),
        }
    }

    async fn seal_secret(
        &self,
        operation: &mut Operation,
        endpoint: &WebhookEndpoint,
        secret: &WebhookSecret,
        number: i64,
    ) -> Result<(), Unavailable> {
        let place = secret_place(endpoint, number);
        let sealed = self.vault.seal(&place, secret.reveal().as_bytes()).await?;
        operation.keep_sealed(&place, sealed, None);
        Ok(())
    }

    fn record_endpoint(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        endpoint: &WebhookEndpoint,
        action: Action,
    ) -> Result<(), Unavailable> {
        let deed = Deed {
            whose: Some((&endpoint.organisation, endpoint.environment)),
            action,
            object: endpoint.id.as_str(),
            detail: &[],
        };
        self.record(operation, actor, &deed)
    }
}

fn unknown() -> CommandError {
    CommandError::Unknown("webhook endpoint of this id in this environment".to_owned())
}

fn unknown_delivery() -> CommandError {
    CommandError::Unknown("delivery of this id to this endpoint".to_owned())
}
