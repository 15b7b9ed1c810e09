//! What an export says of each thing. Every field is named, so that nothing gets in by itself: no session of a platform,
//! no hash, no key.

use serde_json::{Value, json};

use crate::{
    domain::{
        connection::Connection,
        delivery::Delivery,
        event::Event,
        id::SessionId,
        link_session::{Attempt, LinkSession, Stage},
        time::Timestamp,
        webhook_endpoint::WebhookEndpoint,
    },
    store::{ConnectionChange, DeliveryListed, SessionStep},
};

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

pub(super) fn shown_connection(connection: &Connection, history: &Value) -> Value {
    json!({
        "id": connection.id.as_str(),
        "clientAppId": connection.app.as_ref().map(|app| app.as_str()),
        "provider": connection.provider,
        "account": {
            "id": connection.account.id,
            "name": connection.account.name,
            "username": connection.account.username,
            "avatar": connection.account.avatar,
        },
        "status": connection.status.name(),
        "asked": connection.asked,
        "permissions": connection.permissions,
        "clientReferenceId": connection.client_reference_id,
        "metadata": connection.metadata,
        "imported": connection.imported,
        "settings": {
            "healthCheck": connection.settings.health_check,
            "egress": connection.settings.egress,
        },
        "expiredAt": time(connection.expired.map(|expired| expired.at)),
        "expiredReason": connection.expired.map(|expired| expired.reason.name()),
        "lastCheckedAt": time(connection.last_checked_at),
        "nextCheckAt": time(connection.next_check_at),
        "createdAt": connection.created_at.to_string(),
        "updatedAt": connection.updated_at.to_string(),
        "history": history,
    })
}

pub(super) fn shown_change(change: &ConnectionChange) -> Value {
    json!({
        "connectionId": change.connection.as_str(),
        "at": change.at.to_string(),
        "event": change.event,
        "linkSessionId": change.session.map(|id: SessionId| id.to_string()),
        "permissions": change.detail.get("permissions"),
        "clientReferenceId": change.detail.get("clientReferenceId"),
        "previousClientReferenceId": change.detail.get("previousClientReferenceId"),
    })
}

pub(super) fn shown_session(session: &LinkSession, steps: &[SessionStep]) -> Value {
    let request = &session.request;
    let steps = steps.iter().map(|step| {
        json!({
            "at": step.at.to_string(),
            "event": step.event,
            "from": step.from,
            "to": step.to,
        })
    });
    let connection = match &session.state.stage {
        Stage::Completed { connection, .. } => Some(connection.as_str()),
        _ => None,
    };
    json!({
        "id": session.id.to_string(),
        "clientAppId": request.app.as_str(),
        "clientReferenceId": request.client_reference_id,
        "reconnects": request.reconnect.as_ref().map(|asked| asked.connection.as_str()),
        "redirectUrl": request.redirect_url,
        "providers": request.providers,
        "permissions": request.required,
        "optionalPermissions": request.optional,
        "locale": request.locale,
        "geolocation": request.geolocation,
        "prefillUsername": request.prefill_username,
        "metadata": request.metadata,
        "returnRawSession": request.return_raw_session,
        "stage": session.state.stage.name(),
        "typedUsername": typed(&session.state.stage),
        "connectionId": connection,
        "deleted": session.state.deleted,
        "createdAt": session.created_at.to_string(),
        "expiresAt": session.expires_at.to_string(),
        "endedAt": time(session.ended_at()),
        "history": steps.collect::<Value>(),
    })
}

/// The username that was typed, as long as the session is signing in.
fn typed(stage: &Stage) -> Option<&str> {
    match stage {
        Stage::Login(login)
        | Stage::Verifying {
            attempt: Attempt::Password(login) | Attempt::Elsewhere(login),
            ..
        } => login.username.as_deref(),
        Stage::TwoFactor(two_factor)
        | Stage::Verifying {
            attempt: Attempt::Code(two_factor),
            ..
        } => Some(&two_factor.username),
        _ => None,
    }
}

/// An event as it was told, with where it went.
pub(super) fn shown_event(event: &Event, deliveries: Value) -> Value {
    let mut told: Value = serde_json::from_slice(&event.body()).unwrap_or_default();
    if let Some(fields) = told.as_object_mut() {
        fields.insert("deliveries".to_owned(), deliveries);
    }
    told
}

/// Where an event went, when, and with which status; not what the receiver answered.
pub(super) fn shown_delivery(listed: &DeliveryListed, to: Option<&WebhookEndpoint>) -> Value {
    let delivery = &listed.delivery;
    let attempts = listed.made.iter().map(|attempt| {
        json!({
            "at": attempt.at.to_string(),
            "statusCode": attempt.status,
            "error": attempt.failure,
        })
    });
    json!({
        "id": Delivery::id(delivery.event),
        "endpointId": delivery.endpoint.as_str(),
        "url": to.map(|endpoint| &endpoint.url),
        "status": delivery.state,
        "attempts": attempts.collect::<Value>(),
        "endedAt": time(delivery.ended_at),
    })
}
