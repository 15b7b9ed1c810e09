//! The shapes of the management API.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        delivery::{Attempt, Delivery, DeliveryState},
        event::{EventId, EventKind},
        webhook_endpoint::{DisabledReason, WebhookEndpoint},
        webhook_secret::WebhookSecret,
    },
    store::DeliveryListed,
};

/// What an endpoint is to become.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct EndpointRequest {
    /// Where events are sent: https, without user name and password. Required for a new endpoint.
    #[schema(
        nullable,
        max_length = 2048,
        example = "https://shop.example.com/hooks"
    )]
    url: Option<String>,
    /// What is sent. Omitted for a new endpoint: everything about connections.
    #[schema(nullable, max_items = 20, example = json!(["connection.created"]))]
    events: Option<Vec<String>>,
    /// Whether anything is sent.
    #[schema(nullable)]
    enabled: Option<bool>,
}

/// From when on is sent again.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the request; nothing is made of it")]
pub struct ReplayRequest {
    /// Events of this time and later.
    #[schema(format = DateTime, example = "2027-01-31T10:00:00Z")]
    since: String,
}

/// A webhook endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEndpoint)]
pub struct EndpointTold {
    /// Its identifier, `we_…`.
    id: String,
    /// Where events are sent.
    url: String,
    /// What is sent.
    #[schema(value_type = Vec<String>)]
    events: Vec<EventKind>,
    /// Whether anything is sent.
    enabled: bool,
    /// Why not: `manual`, `gone` (it answered 410) or `failing` (for five days).
    #[schema(value_type = Option<String>)]
    disabled_reason: Option<DisabledReason>,
    /// When it was registered.
    #[schema(format = DateTime)]
    created_at: String,
}

impl EndpointTold {
    /// What is told of an endpoint.
    pub fn of(endpoint: &WebhookEndpoint) -> Self {
        Self {
            id: endpoint.id.as_str().to_owned(),
            url: endpoint.url.clone(),
            events: endpoint.events.clone(),
            enabled: endpoint.enabled,
            disabled_reason: endpoint.disabled_reason,
            created_at: endpoint.created_at.to_string(),
        }
    }
}

/// A webhook endpoint with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointWithSecret)]
pub struct EndpointWithSecret {
    #[serde(flatten)]
    endpoint: EndpointTold,
    /// What deliveries are signed with, `whsec_…`.
    secret: String,
}

impl EndpointWithSecret {
    /// What is told of an endpoint to whoever makes or rotates it.
    pub fn of(endpoint: &WebhookEndpoint, secret: &WebhookSecret) -> Self {
        Self {
            endpoint: EndpointTold::of(endpoint),
            secret: secret.reveal().to_owned(),
        }
    }
}

/// A secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub struct SecretTold {
    /// What deliveries are signed with, `whsec_…`.
    pub secret: String,
}

/// What came of a test event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTest)]
pub struct TestTold {
    /// The event that was sent.
    event_id: String,
    #[serde(flatten)]
    attempt: AttemptTold,
}

impl TestTold {
    /// What is told of a test.
    pub fn of(event: EventId, attempt: Attempt) -> Self {
        Self {
            event_id: event.to_string(),
            attempt: attempt.into(),
        }
    }
}

/// One attempt to deliver an event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub struct AttemptTold {
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// The status of the answer; null where there was none.
    status_code: Option<u16>,
    /// Why there was none.
    error: Option<String>,
    /// How long it took.
    latency_ms: i64,
    /// The first 4 KiB of the answer's body.
    response: String,
    /// Whether somebody has asked for it.
    manual: bool,
}

impl From<Attempt> for AttemptTold {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at.to_string(),
            status_code: attempt.status,
            error: attempt.failure,
            latency_ms: attempt.latency,
            response: attempt.answer,
            manual: attempt.manual,
        }
    }
}

/// An event on its way to an endpoint.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Delivery)]
pub struct DeliveryTold {
    /// Its identifier within its endpoint, `dlv_…`.
    id: String,
    /// The event, `evt_…`.
    event_id: String,
    /// What the event tells of.
    #[schema(value_type = Option<String>)]
    event_type: Option<EventKind>,
    /// `pending`, `delivered` or `failed`.
    #[schema(value_type = String)]
    status: DeliveryState,
    /// When it is attempted next.
    #[schema(format = DateTime)]
    next_attempt_at: Option<String>,
    /// When it was delivered or given up.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// Attempts that were made.
    attempt_count: i64,
    /// The attempts, the latest first, 50 at most.
    attempts: Vec<AttemptTold>,
}

impl From<DeliveryListed> for DeliveryTold {
    fn from(listed: DeliveryListed) -> Self {
        let delivery = listed.delivery;
        Self {
            id: Delivery::id(delivery.event),
            event_id: delivery.event.to_string(),
            event_type: listed.kind,
            status: delivery.state,
            next_attempt_at: delivery.due_at.map(|at| at.to_string()),
            ended_at: delivery.ended_at.map(|at| at.to_string()),
            attempt_count: delivery.attempts,
            attempts: listed.made.into_iter().map(AttemptTold::from).collect(),
        }
    }
}
