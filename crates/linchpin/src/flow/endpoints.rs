//! Webhook endpoints: register, change, remove.

use super::{
    Engine, Unavailable,
    admin::{CommandError, problem},
    audit::Deed,
    random,
};
use crate::{
    domain::{
        audit::{Action, Actor},
        environment::Environment,
        event::EventKind,
        field_problem::FieldProblem,
        public_id::{EndpointId, OrganisationId},
        webhook_endpoint::{DisabledReason, WebhookEndpoint},
        webhook_secret::WebhookSecret,
    },
    store::Operation,
};

/// Endpoints that an organisation may have in one environment.
pub const ENDPOINTS_MAX: usize = 20;

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

    pub(super) fn record_endpoint(
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

pub(super) fn unknown() -> CommandError {
    CommandError::Unknown("webhook endpoint of this id in this environment".to_owned())
}
