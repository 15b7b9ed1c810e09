//! Secrets of webhook endpoints: rotate, show, and try them out.

use bytes::Bytes;
use serde_json::json;

use super::{
    Engine, Owner, Unavailable,
    admin::{CommandError, problem},
    deliveries::secret_place,
    endpoints::unknown,
    random, random_number,
};
use crate::{
    domain::{
        audit::{Action, Actor},
        delivery::Attempt,
        environment::Environment,
        event::EventId,
        sealed::SealedKind,
        time::HOUR,
        webhook_endpoint::WebhookEndpoint,
        webhook_secret::WebhookSecret,
    },
    store::Operation,
    webhook::{self, Parcel},
};

/// For how long the secret before still signs after a rotation, in milliseconds.
const OVERLAP: i64 = 24 * HOUR;
/// Secrets of one endpoint that count at the same time.
const SECRETS_MAX: usize = 10;

impl Engine {
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
        let event = EventId::next(None, now, random_number()?);
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

    /// Adds the sealed secret of an endpoint to an operation.
    pub(super) async fn seal_secret(
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
}
