//! The account is signed in to: a connection is made or renewed, in the operation that completes the session.

use std::sync::Arc;

use linchpin_provider::SignedIn;

use super::{Engine, Unavailable, own_proxy::is_without_its_proxy, random, random_number};
use crate::{
    domain::{
        audit::{Action, Actor},
        connection::{Connection, Origin, Owner},
        event::EventKind,
        id::ConnectionId,
        link_session::{Consent, Event, LinkSession, Stage},
    },
    store::{Lease, Operation, WriteError},
};

/// Times that the account's connection is read anew when somebody else made or changed it at the same moment. Of
/// several sessions that finish with one account at once, one gets through each time.
const TRIES_MAX: usize = 256;

impl Engine {
    /// Completes the session with the account. Does nothing where the session has ended meanwhile, or another node has
    /// claimed the lease.
    pub(super) async fn finish(
        self: &Arc<Self>,
        session: &LinkSession,
        signed_in: SignedIn,
        lease: Option<&Lease>,
    ) -> Result<(), Unavailable> {
        let consent = match &session.state.stage {
            Stage::Verifying { attempt, .. } => attempt.consent(),
            Stage::TwoFactor(two_factor) => &two_factor.consent,
            _ => return Ok(()),
        };
        let had = consent_at_provider(session, consent, &signed_in);
        for _ in 0..TRIES_MAX {
            let now = self.clock.now();
            let mut operation = Operation::new(now);
            let event = match &had {
                Some(had) => self.link(session, had, &signed_in, &mut operation).await?,
                None => Event::Denied,
            };
            let Ok(transition) = session.apply(&event, now) else {
                // Left or deleted meanwhile: nobody is to be left with a session that nobody wants.
                self.sign_out_unused(session, &consent.provider, signed_in.session)
                    .await;
                return Ok(());
            };
            let unused = !matches!(event, Event::Linked { .. });
            operation.save_session(&transition, now)?;
            self.tell_end(&mut operation, &transition)?;
            if let Some(lease) = lease {
                operation.fenced_by(lease);
            }
            if self.commit(operation, vec![transition]).await?.is_some() {
                self.told.send_modify(|count| *count += 1);
                if unused {
                    self.sign_out_unused(session, &consent.provider, signed_in.session)
                        .await;
                }
                return Ok(());
            }
            if self.has_lost(lease).await? {
                return Ok(());
            }
            if self.has_moved(session).await? {
                self.sign_out_unused(session, &consent.provider, signed_in.session)
                    .await;
                return Ok(());
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// What becomes of the account's connection; adds the change to the operation.
    async fn link(
        &self,
        session: &LinkSession,
        consent: &Consent,
        signed_in: &SignedIn,
        operation: &mut Operation,
    ) -> Result<Event, Unavailable> {
        let request = &session.request;
        let (organisation, environment) = (&request.organisation, request.environment);
        let now = self.clock.now();
        let actor = Actor::User(session.id);
        let account = &signed_in.account;
        let linked = self
            .store
            .connection_of_account(
                organisation,
                environment,
                &consent.provider,
                &signed_in.account.id,
            )
            .await?;
        let Some(linked) = linked else {
            if self.renews_another(session).await? {
                return Ok(Event::DifferentAccount);
            }
            if is_without_its_proxy(session, None) {
                return Ok(Event::Unavailable);
            }
            return self
                .link_first(session, consent, signed_in, operation)
                .await;
        };
        let one_reference = self
            .directory()
            .app(&request.app)
            .is_some_and(|app| app.one_reference_per_account);
        // Where the connection that was asked for is gone, what is left is the account that was signed in to.
        if linked.is_not_what(request) && self.renews_another(session).await? {
            return Ok(Event::DifferentAccount);
        }
        if is_without_its_proxy(session, Some(&linked)) {
            return Ok(Event::Unavailable);
        }
        if one_reference && linked.belongs_to_another(request) {
            return Ok(Event::LinkedToAnotherUser);
        }
        let mut renewed = linked.renewed(Origin::of(request, consent), account.clone(), now);
        renewed.plan_check(random_number()?, now);
        self.leave_as(session, &mut renewed);
        self.keep_own_proxy(operation, session, &mut renewed)
            .await?;
        self.seal_session(operation, &renewed, &signed_in.session)
            .await?;
        let action = Action::ConnectionRenew;
        self.record_of(operation, &actor, &renewed, action, &[])?;
        self.tell(
            operation,
            &mut renewed,
            EventKind::ConnectionUpdated,
            Some(&linked),
        )?;
        operation.save_connection(&renewed, &linked, "renewed", Some(session.id))?;
        Ok(Event::Linked {
            connection: renewed.id,
        })
    }

    /// Makes the account's first connection.
    async fn link_first(
        &self,
        session: &LinkSession,
        consent: &Consent,
        signed_in: &SignedIn,
        operation: &mut Operation,
    ) -> Result<Event, Unavailable> {
        let request = &session.request;
        let (organisation, environment) = (&request.organisation, request.environment);
        let now = self.clock.now();
        let owner = Owner {
            organisation,
            environment,
            provider: &consent.provider,
        };
        let mut connection = Connection::new(
            ConnectionId::new(random()?),
            &owner,
            Origin::of(request, consent),
            signed_in.account.clone(),
            self.store
                .account_settings(organisation, environment)
                .await?
                .0,
            now,
        );
        connection.plan_check(random_number()?, now);
        self.leave_as(session, &mut connection);
        self.keep_own_proxy(operation, session, &mut connection)
            .await?;
        self.seal_session(operation, &connection, &signed_in.session)
            .await?;
        let action = Action::ConnectionCreate;
        self.record_of(
            operation,
            &Actor::User(session.id),
            &connection,
            action,
            &[],
        )?;
        self.tell(
            operation,
            &mut connection,
            EventKind::ConnectionCreated,
            None,
        )?;
        operation.insert_connection(&connection, Some(session.id))?;
        Ok(Event::Linked {
            connection: connection.id,
        })
    }

    /// Whether the session is to renew a connection that is there. It is not the signed-in account's when asked.
    async fn renews_another(&self, session: &LinkSession) -> Result<bool, Unavailable> {
        let request = &session.request;
        let Some(reconnect) = &request.reconnect else {
            return Ok(false);
        };
        let found = self
            .store
            .connection(
                &reconnect.connection,
                &request.organisation,
                request.environment,
            )
            .await?;
        Ok(found.is_some())
    }

    async fn has_lost(&self, lease: Option<&Lease>) -> Result<bool, Unavailable> {
        match lease {
            Some(lease) => Ok(!self.store.is_latest(lease).await?),
            None => Ok(false),
        }
    }

    async fn has_moved(&self, session: &LinkSession) -> Result<bool, Unavailable> {
        let now = self.store.session(session.id).await?;
        Ok(now.is_none_or(|made| made.session.version != session.version))
    }
}

/// What is left of the consent where the provider's own page granted less; `None` without a permission that the app cannot do
/// without.
fn consent_at_provider(
    session: &LinkSession,
    consent: &Consent,
    signed_in: &SignedIn,
) -> Option<Consent> {
    let Some(granted) = &signed_in.granted else {
        return Some(consent.clone());
    };
    let (had, missing): (Vec<_>, Vec<_>) = consent
        .granted
        .iter()
        .cloned()
        .partition(|name| granted.contains(name));
    if !missing.is_empty() {
        tracing::info!(
            session = %session.id,
            provider = consent.provider,
            ?missing,
            "a provider has not granted all permissions that its user was asked for"
        );
    }
    let required = &session.request.required;
    let lacks = missing.iter().any(|name| required.contains(name));
    (!lacks).then(|| Consent {
        granted: had,
        ..consent.clone()
    })
}
