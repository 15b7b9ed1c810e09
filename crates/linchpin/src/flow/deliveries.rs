//! What is delivered to webhook endpoints: what is due, and what an attempt has come to.

use super::{Engine, Unavailable, admin::CommandError, audit::Deed, random_number};
use crate::{
    domain::{
        audit::{Action, Actor},
        delivery::{Attempt, Outcome},
        public_id::EndpointId,
        retry_schedule::Wish,
        sealed::{Place, SealedKind},
        time::{HOUR, MINUTE, Timestamp},
        webhook_endpoint::{DisabledReason, WebhookEndpoint},
        webhook_secret::WebhookSecret,
    },
    store::{Due, Operation, WriteError},
    vault::VaultError,
};

/// For how long an endpoint may do nothing but fail before it is disabled, in milliseconds: five days.
const FAILING_MAX: i64 = 5 * 24 * HOUR;
/// For how long a success speaks for an endpoint that fails now and then: since when it fails is not written meanwhile, or
/// its row would be changed with every other delivery.
const FINE_FOR: i64 = MINUTE;
/// Times that an endpoint is disabled anew when somebody else changed it at the same moment.
const TRIES_MAX: usize = 16;

/// How deliveries to an endpoint have gone, as far as is known here.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Since when it has done nothing but fail, as it is written.
    pub failing_since: Option<Timestamp>,
    /// When it took something last.
    pub fine_at: Option<Timestamp>,
}

impl Standing {
    /// Whether a failure is to be written as the first one.
    fn begins_to_fail(&self, now: Timestamp) -> bool {
        let fine = self.fine_at.is_some_and(|at| now.since(at) < FINE_FOR);
        self.failing_since.is_none() && !fine
    }
}

impl Engine {
    /// Where events are sent: the endpoint of this id, whoever it belongs to.
    pub fn endpoint(&self, id: &EndpointId) -> Option<WebhookEndpoint> {
        let directory = self.directory();
        let mut endpoints = directory.endpoints.iter().map(|(endpoint, _)| endpoint);
        endpoints.find(|endpoint| endpoint.id == *id).cloned()
    }

    /// Lets go of what is on its way to an endpoint that takes nothing: given up where it is disabled, removed where it is
    /// gone. `false` where it is there and enabled after all.
    pub async fn clear_endpoint(&self, id: &EndpointId) -> Result<bool, Unavailable> {
        // One that another node has just made may not be known here yet.
        self.reload().await?;
        let mut operation = Operation::new(self.clock.now());
        match self.endpoint(id) {
            Some(endpoint) if endpoint.enabled => return Ok(false),
            Some(_) => operation.give_up_all(id),
            None => operation.drop_orphans(id),
        }
        self.written(operation).await
    }

    /// The secrets that deliveries to an endpoint are signed with, newest first; more than one while one is rotated.
    pub async fn signing_secrets(
        &self,
        endpoint: &WebhookEndpoint,
    ) -> Result<Vec<WebhookSecret>, Unavailable> {
        let now = self.clock.now();
        let kind = SealedKind::WebhookSecret;
        let rows = self.store.sealed_of(kind, endpoint.id.as_str()).await?;
        let mut secrets = Vec::with_capacity(rows.len());
        for row in rows {
            if row.until.is_some_and(|until| until <= now) {
                continue;
            }
            let place = secret_place(endpoint, row.number);
            let plain = self.vault.open(&place, &row.sealed).await?;
            let text = std::str::from_utf8(&plain).map_err(|_| VaultError::DoesNotOpen)?;
            secrets.push(WebhookSecret::parse(text).ok_or(VaultError::DoesNotOpen)?);
        }
        Ok(secrets)
    }

    /// Writes what an attempt has come to, unless the delivery was settled, removed or replayed meanwhile. `standing` is
    /// brought up to date.
    pub(super) async fn settle(
        &self,
        endpoint: &WebhookEndpoint,
        due: &Due,
        attempt: &Attempt,
        outcome: Outcome,
        standing: &std::sync::Mutex<Standing>,
    ) -> Result<(), Unavailable> {
        let now = self.clock.now();
        let id = &endpoint.id;
        let known = || {
            let known = standing.lock();
            known.unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        let mut operation = Operation::new(now);
        let (mut disabled, mut begins_to_fail) = (None, false);
        match outcome {
            Outcome::Delivered => {
                operation.delivered(id, due, attempt)?;
                if known().failing_since.is_some() {
                    operation.endpoint_is_fine(id);
                }
            }
            Outcome::Gone => {
                operation.give_up(id, due, attempt)?;
                disabled = Some(DisabledReason::Gone);
            }
            Outcome::Failed(wish) => {
                self.again_or_never(&mut operation, id, due, attempt, wish)?;
                begins_to_fail = known().begins_to_fail(now);
                if begins_to_fail {
                    operation.endpoint_fails(id);
                }
                let since = known().failing_since;
                let long = since.is_some_and(|since| now.since(since) >= FAILING_MAX);
                disabled = long.then_some(DisabledReason::Failing);
            }
        }
        // Wakes nobody: the errand looks by itself what comes next.
        match self.store.write(operation).await {
            Ok(()) => {}
            Err(WriteError::Refused(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if begins_to_fail {
            known().failing_since.get_or_insert(now);
        }
        if outcome == Outcome::Delivered {
            *known() = Standing {
                failing_since: None,
                fine_at: Some(now),
            };
        }
        match disabled {
            Some(reason) => self.disable(id, reason).await,
            None => Ok(()),
        }
    }

    /// Puts a delivery that failed off to its next attempt, or gives it up after its last one.
    fn again_or_never(
        &self,
        operation: &mut Operation,
        id: &EndpointId,
        due: &Due,
        attempt: &Attempt,
        wish: Wish,
    ) -> Result<(), Unavailable> {
        let (tries, random) = (due.tries + 1, random_number()?);
        let schedule = &self.settings.webhooks.schedule;
        match schedule.next(tries, operation.at(), wish, random) {
            Some(next) => operation.put_off(id, due, attempt, next)?,
            None => operation.give_up(id, due, attempt)?,
        }
        Ok(())
    }

    /// Disables an endpoint and gives up what is on its way to it.
    async fn disable(&self, id: &EndpointId, reason: DisabledReason) -> Result<(), Unavailable> {
        for _ in 0..TRIES_MAX {
            let directory = self.directory();
            let mut known = directory.endpoints.iter();
            let Some((endpoint, version)) = known.find(|(endpoint, _)| endpoint.id == *id) else {
                return Ok(());
            };
            if !endpoint.enabled {
                return Ok(());
            }
            let mut disabled = endpoint.clone();
            disabled.enabled = false;
            disabled.disabled_reason = Some(reason);
            let mut operation = Operation::new(self.clock.now());
            operation.save_endpoint(&disabled, *version)?;
            operation.give_up_all(id);
            let deed = Deed {
                whose: Some((&disabled.organisation, disabled.environment)),
                action: Action::EndpointDisable,
                object: id.as_str(),
                detail: &[("reason", reason.name())],
            };
            self.record(&mut operation, &Actor::System, &deed)?;
            match self.carry_out(operation).await {
                Err(CommandError::Unavailable(error)) => return Err(error),
                Err(CommandError::Overtaken) => {}
                _ => {
                    tracing::warn!(endpoint = %id, reason = reason.name(), "a webhook endpoint was disabled");
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Where a secret of an endpoint is sealed.
pub(super) fn secret_place(endpoint: &WebhookEndpoint, number: i64) -> Place {
    Place {
        kind: SealedKind::WebhookSecret,
        owner: endpoint.id.as_str().to_owned(),
        number,
        organisation: endpoint.organisation.clone(),
        environment: endpoint.environment,
    }
}
