//! `webhook …`: endpoints, whoever they belong to.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CommandError, problem};
use crate::{
    domain::{
        audit::Actor,
        delivery::{Attempt, Delivery, DeliveryState},
        environment::Environment,
        event::EventKind,
        field_problem::FieldProblem,
        public_id::EndpointId,
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
        webhook_secret::WebhookSecret,
    },
    flow::{EndpointChange, Engine, Owner},
    store::DeliveryListed,
};

/// Deliveries that one command tells at most.
const DELIVERIES_MAX: i64 = 100;

/// What can be asked for about webhook endpoints.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum WebhookCommand {
    /// `webhook create`
    Create {
        /// Whose endpoint it becomes; may be left out where there is one organisation.
        org: Option<String>,
        /// `sandbox` or `live`.
        environment: String,
        /// Where to.
        url: String,
        /// Names of events; empty for everything about connections.
        events: Vec<String>,
    },
    /// `webhook list`
    List {
        /// Of one organisation only.
        org: Option<String>,
    },
    /// `webhook update`
    Update {
        /// `we_…`
        id: String,
        /// Where to.
        url: Option<String>,
        /// Names of events; empty leaves them as they are.
        events: Vec<String>,
        /// Whether anything is sent.
        enabled: Option<bool>,
    },
    /// `webhook delete`
    Delete {
        /// `we_…`
        id: String,
    },
    /// `webhook rotate`
    Rotate {
        /// `we_…`
        id: String,
    },
    /// `webhook secret`
    Secret {
        /// `we_…`
        id: String,
    },
    /// `webhook test`
    Test {
        /// `we_…`
        id: String,
    },
    /// `webhook deliveries`
    Deliveries {
        /// `we_…`
        id: String,
        /// `pending`, `delivered` or `failed`.
        status: Option<String>,
    },
    /// `webhook replay`
    Replay {
        /// `we_…`
        id: String,
        /// `dlv_…`
        delivery: Option<String>,
        /// An RFC 3339 time or a date.
        since: Option<String>,
    },
}

impl Engine {
    pub(super) async fn webhook(
        &self,
        actor: &Actor,
        command: WebhookCommand,
    ) -> Result<Value, CommandError> {
        match command {
            WebhookCommand::Create {
                org,
                environment,
                url,
                events,
            } => {
                let place = (org, environment.as_str());
                self.webhook_create(actor, place, url, &events).await
            }
            WebhookCommand::List { org } => self.webhook_list(org),
            WebhookCommand::Update {
                id,
                url,
                events,
                enabled,
            } => {
                let change = EndpointChange {
                    url,
                    events: kinds(&events)?,
                    enabled,
                };
                let owner = self.owner_of(&id)?;
                let endpoint = self.endpoint_update(actor, &owner, &id, change).await?;
                Ok(shown(&endpoint))
            }
            WebhookCommand::Delete { id } => {
                let owner = self.owner_of(&id)?;
                let endpoint = self.endpoint_delete(actor, &owner, &id).await?;
                Ok(shown(&endpoint))
            }
            WebhookCommand::Rotate { id } => {
                let owner = self.owner_of(&id)?;
                let (endpoint, secret) = self.endpoint_rotate(actor, &owner, &id).await?;
                Ok(with_secret(&endpoint, &secret))
            }
            WebhookCommand::Secret { id } => {
                let owner = self.owner_of(&id)?;
                let secret = self.endpoint_secret(actor, &owner, &id).await?;
                Ok(json!({ "secret": secret.reveal() }))
            }
            WebhookCommand::Test { id } => {
                let owner = self.owner_of(&id)?;
                let (event, attempt) = self.endpoint_test(actor, &owner, &id).await?;
                let mut told = shown_attempt(&attempt);
                if let Some(fields) = told.as_object_mut() {
                    fields.insert("eventId".to_owned(), event.to_string().into());
                }
                Ok(told)
            }
            WebhookCommand::Deliveries { id, status } => {
                let state = status.as_deref().map(|name| {
                    DeliveryState::parse(name)
                        .ok_or_else(|| problem("status", "must be pending, delivered or failed"))
                });
                let (owner, state) = (self.owner_of(&id)?, state.transpose()?);
                let page = (DELIVERIES_MAX, 0);
                let (list, _) = self.deliveries(&owner, &id, state, page).await?;
                Ok(list.iter().map(shown_delivery).collect())
            }
            WebhookCommand::Replay {
                id,
                delivery,
                since,
            } => self.webhook_replay(actor, &id, delivery, since).await,
        }
    }

    async fn webhook_create(
        &self,
        actor: &Actor,
        (org, environment): (Option<String>, &str),
        url: String,
        events: &[String],
    ) -> Result<Value, CommandError> {
        let environment = Environment::parse(environment)
            .ok_or_else(|| problem("environment", "must be `sandbox` or `live`"))?;
        let owner = Owner {
            organisation: self.organisation(org)?,
            environment,
        };
        let change = EndpointChange {
            url: Some(url),
            events: kinds(events)?,
            enabled: None,
        };
        let (endpoint, secret) = self.endpoint_create(actor, &owner, change).await?;
        Ok(with_secret(&endpoint, &secret))
    }

    fn webhook_list(&self, org: Option<String>) -> Result<Value, CommandError> {
        let org = org.map(|org| self.organisation(Some(org))).transpose()?;
        let directory = self.directory();
        let endpoints = directory.endpoints.iter().map(|(endpoint, _)| endpoint);
        Ok(endpoints
            .filter(|endpoint| org.as_ref().is_none_or(|org| endpoint.organisation == *org))
            .map(shown)
            .collect())
    }

    async fn webhook_replay(
        &self,
        actor: &Actor,
        id: &str,
        delivery: Option<String>,
        since: Option<String>,
    ) -> Result<Value, CommandError> {
        let owner = self.owner_of(id)?;
        match (delivery, since) {
            (Some(delivery), None) => {
                let again = self.delivery_replay(actor, &owner, id, &delivery).await?;
                Ok(shown_delivery(&again))
            }
            (None, Some(since)) => {
                let since: Timestamp = super::keys::moment("since", &since)?;
                let endpoint = self.endpoint_replay(actor, &owner, id, since).await?;
                Ok(shown(&endpoint))
            }
            _ => Err(problem(
                "since",
                "or a delivery is to be named, and not both",
            )),
        }
    }

    /// Whose an endpoint is.
    fn owner_of(&self, id: &str) -> Result<Owner, CommandError> {
        let found = EndpointId::parse(id).and_then(|id| self.endpoint(&id));
        let endpoint =
            found.ok_or_else(|| CommandError::Unknown(format!("webhook endpoint {id}")))?;
        Ok(Owner {
            organisation: endpoint.organisation,
            environment: endpoint.environment,
        })
    }
}

fn kinds(names: &[String]) -> Result<Option<Vec<EventKind>>, CommandError> {
    let mut kinds = Vec::with_capacity(names.len());
    for name in names {
        let Some(kind) = EventKind::parse(name) else {
            let known: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.name()).collect();
            let message = format!("must be one of these: {}", known.join(", "));
            return Err(CommandError::Fields(vec![FieldProblem::new(
                "event", message,
            )]));
        };
        kinds.push(kind);
    }
    Ok((!kinds.is_empty()).then_some(kinds))
}

fn shown(endpoint: &WebhookEndpoint) -> Value {
    let mut shown = serde_json::to_value(endpoint).unwrap_or_default();
    if let Some(fields) = shown.as_object_mut() {
        let at = endpoint.created_at.to_string();
        fields.insert("createdAt".to_owned(), at.into());
    }
    shown
}

fn with_secret(endpoint: &WebhookEndpoint, secret: &WebhookSecret) -> Value {
    let mut shown = shown(endpoint);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("secret".to_owned(), secret.reveal().into());
    }
    shown
}

fn shown_delivery(listed: &DeliveryListed) -> Value {
    let delivery = &listed.delivery;
    json!({
        "id": Delivery::id(delivery.event),
        "eventId": delivery.event.to_string(),
        "eventType": listed.kind,
        "status": delivery.state,
        "nextAttemptAt": delivery.due_at.map(|at| at.to_string()),
        "endedAt": delivery.ended_at.map(|at| at.to_string()),
        "attemptCount": delivery.attempts,
        "attempts": listed.made.iter().map(shown_attempt).collect::<Value>(),
    })
}

fn shown_attempt(attempt: &Attempt) -> Value {
    json!({
        "at": attempt.at.to_string(),
        "statusCode": attempt.status,
        "error": attempt.failure,
        "latencyMs": attempt.latency,
        "response": attempt.answer,
        "manual": attempt.manual,
    })
}
