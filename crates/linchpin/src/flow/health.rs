//! Whether sessions of providers are alive: looked at now and then, and when a call finds one stale.
//!
//! Of many that find the same session stale at the same moment one asks the provider, the others wait for what it came to:
//! on this node by a lock, among nodes by a lease.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};

use futures_util::StreamExt as _;
use linchpin_provider::{Death, Looked, Provider, Session};

use super::{Engine, Unavailable, random_number};
use crate::{
    domain::{
        audit::{Action, Actor},
        connection::{Connection, ExpiredReason},
        event::EventKind,
        id::ConnectionId,
        time::{MINUTE, SECOND},
    },
    store::{Lease, Operation},
};

/// Time between two rounds of looking.
const EVERY: Duration = Duration::from_secs(5);
const ROUNDS_A_MINUTE: u32 = 12;
/// What the lease of the rounds is called, and for how long it is held.
const LEASE: &str = "health";
const HELD: i64 = 30 * SECOND;
/// Connections of one provider that are looked at at the same time.
const AT_ONCE: usize = 16;
/// When it is looked again after a provider did not answer.
const AGAIN: i64 = 10 * MINUTE;
/// Milliseconds beyond a provider's deadline for which the lease of a look is held.
const MARGIN: i64 = 10 * SECOND;
/// Time between two looks at what another node's look has come to.
const BETWEEN: Duration = Duration::from_millis(100);
/// Times that the outcome is written anew when somebody else changed the connection at the same moment.
const TRIES_MAX: usize = 16;

/// The looks that go on in this process.
pub(super) type Looking = std::sync::Mutex<HashMap<ConnectionId, Arc<tokio::sync::Mutex<()>>>>;

/// What a look at a connection has come to.
pub enum Refreshed {
    /// The session is alive; this is the one to go on with.
    Alive(Connection, Session),
    /// It has to be signed in to again.
    Expired,
    /// The connection is gone.
    Gone,
    /// The provider does not answer.
    Unavailable,
}

impl Engine {
    /// Looks at due connections for ever. Of the nodes that share a store, the one that holds the lease does it.
    pub async fn keep_healthy(self: Arc<Self>) {
        let mut held = None;
        loop {
            if let Err(error) = self.look_round(&mut held).await {
                tracing::warn!(%error, "a round over the connections failed; the next one follows");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Looks at everything that is due, once.
    pub async fn look_at_due(self: &Arc<Self>) -> Result<(), Unavailable> {
        self.look_round(&mut None).await
    }

    async fn look_round(self: &Arc<Self>, held: &mut Option<Lease>) -> Result<(), Unavailable> {
        if !self.hold_lease(LEASE, HELD, held).await? {
            return Ok(());
        }
        // Side by side: one that is slow, or has much to be looked at, holds up no other.
        let providers = self.providers();
        let rounds = providers
            .iter()
            .map(|provider| self.look_round_at(provider.as_ref()));
        futures_util::future::try_join_all(rounds).await.map(drop)
    }

    async fn look_round_at(self: &Arc<Self>, provider: &dyn Provider) -> Result<(), Unavailable> {
        let most = provider.looks_a_minute().div_ceil(ROUNDS_A_MINUTE).max(1);
        let id = &provider.describe().id;
        let due = self
            .store
            .due_connections(id, self.clock.now(), most)
            .await?;
        let looks = due.into_iter().map(|connection| async move {
            // It stays due where there is no turn now.
            let Ok(_turn) = self.turn(provider, connection.id.as_str()).await else {
                return;
            };
            // A renewed session must be kept, also where a shutdown ends the rounds meanwhile.
            let (engine, id) = (Arc::clone(self), connection.id.clone());
            let looked = self.see_through(async move { engine.refresh(&connection).await });
            if let Some(Err(error)) = looked.await {
                tracing::warn!(connection = %id, %error, "a connection could not be looked at");
            }
        });
        let mut looks = futures_util::stream::iter(looks).buffer_unordered(AT_ONCE);
        while looks.next().await.is_some() {}
        Ok(())
    }

    /// Looks whether the session that the connection had when it was read is alive. Where somebody else has looked
    /// since, it is what that came to.
    pub async fn refresh(
        self: &Arc<Self>,
        connection: &Connection,
    ) -> Result<Refreshed, Unavailable> {
        let turn = {
            let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(looking.entry(connection.id.clone()).or_default())
        };
        let outcome = {
            let _turn = turn.lock().await;
            self.refresh_here(connection).await
        };
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::strong_count(&turn) <= 2 {
            looking.remove(&connection.id);
        }
        outcome
    }

    async fn refresh_here(&self, seen: &Connection) -> Result<Refreshed, Unavailable> {
        let Some(provider) = self.provider(&seen.provider) else {
            return Ok(Refreshed::Unavailable);
        };
        let most = i64::try_from(provider.deadline().as_millis()).unwrap_or(MINUTE) + MARGIN;
        let name = format!("look:{}", seen.id);
        let until = self.clock.now().plus(most);
        loop {
            let Some(connection) = self.read_again(seen).await? else {
                return Ok(Refreshed::Gone);
            };
            if !connection.is_active() {
                return Ok(Refreshed::Expired);
            }
            let looked_since = connection.session_version != seen.session_version
                || connection.last_checked_at != seen.last_checked_at;
            if looked_since {
                let session = self.open_session(&connection).await?;
                return Ok(session.map_or(Refreshed::Expired, |session| {
                    Refreshed::Alive(connection, session)
                }));
            }
            let now = self.clock.now();
            let lease = self
                .store
                .claim(&name, &self.node, now, now.plus(most))
                .await?;
            if let Some(lease) = lease {
                let looked = self.look_once(&provider, connection, &lease).await;
                self.store.release(lease, self.clock.now()).await?;
                return looked;
            }
            if self.clock.now() > until {
                return Ok(Refreshed::Unavailable);
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    async fn look_once(
        &self,
        provider: &Arc<dyn Provider>,
        connection: Connection,
        lease: &Lease,
    ) -> Result<Refreshed, Unavailable> {
        let Some(session) = self.open_session(&connection).await? else {
            self.expire_connection(&connection, ExpiredReason::SignedOut)
                .await?;
            return Ok(Refreshed::Expired);
        };
        let client = self.client_of(&connection, provider).await?;
        let asked = provider.look(&client, &session);
        let asked = tokio::time::timeout(provider.deadline(), asked).await;
        match asked.unwrap_or(Looked::Unavailable) {
            Looked::Unavailable => {
                self.look_later(&connection).await?;
                Ok(Refreshed::Unavailable)
            }
            Looked::Dead(death) => {
                let reason = match death {
                    Death::SignedOut => ExpiredReason::SignedOut,
                    Death::Revoked => ExpiredReason::Revoked,
                    Death::Locked => ExpiredReason::Locked,
                };
                self.expire_connection(&connection, reason).await?;
                Ok(Refreshed::Expired)
            }
            // A session that has become another account's is not this connection's.
            Looked::Alive { account, .. } if account.id != connection.account.id => {
                tracing::error!(connection = %connection.id, "a session has become another account's");
                self.expire_connection(&connection, ExpiredReason::SignedOut)
                    .await?;
                Ok(Refreshed::Expired)
            }
            Looked::Alive { account, renewed } => {
                let session_now = renewed.clone().unwrap_or(session);
                let mut known = connection;
                for _ in 0..TRIES_MAX {
                    let now = self.clock.now();
                    let mut operation = Operation::new(now);
                    let mut seen = known.seen(account.clone(), now);
                    seen.plan_check(random_number()?, now);
                    if let Some(renewed) = &renewed {
                        seen.session_version += 1;
                        self.seal_session(&mut operation, &seen, renewed).await?;
                        let (actor, action) = (Actor::System, Action::ConnectionRefresh);
                        self.record_of(&mut operation, &actor, &seen, action, &[])?;
                    }
                    if seen.account != known.account {
                        let kind = EventKind::ConnectionUpdated;
                        self.tell(&mut operation, &mut seen, kind, Some(&known))?;
                    }
                    operation.save_unremembered(&seen, &known)?;
                    operation.fenced_by(lease);
                    if self.written(operation).await? {
                        return Ok(Refreshed::Alive(seen, session_now));
                    }
                    let Some(again) = self.read_again(&known).await? else {
                        return Ok(Refreshed::Gone);
                    };
                    // Signed in to again meanwhile: that session counts.
                    if !again.is_active() || again.session_version != known.session_version {
                        return Ok(Refreshed::Unavailable);
                    }
                    known = again;
                }
                Ok(Refreshed::Unavailable)
            }
        }
    }

    /// Plans the next look for later: nobody could say anything about the session.
    async fn look_later(&self, connection: &Connection) -> Result<(), Unavailable> {
        let now = self.clock.now();
        let later = connection.put_off(now.plus(AGAIN));
        let mut operation = Operation::new(now);
        operation.save_unremembered(&later, connection)?;
        self.written(operation).await.map(drop)
    }

    /// Keeps the session that a provider has put in the place of the one that `connection` had when it was read. Where
    /// the connection has got another since, that one stays.
    pub async fn renew_session(
        &self,
        connection: &Connection,
        session: &Session,
    ) -> Result<(), Unavailable> {
        let mut known = connection.clone();
        for _ in 0..TRIES_MAX {
            let mut operation = Operation::new(self.clock.now());
            let renewed = known.rolled_over();
            self.seal_session(&mut operation, &renewed, session).await?;
            let (actor, action) = (Actor::System, Action::ConnectionRefresh);
            self.record_of(&mut operation, &actor, &renewed, action, &[])?;
            operation.save_unremembered(&renewed, &known)?;
            if self.written(operation).await? {
                return Ok(());
            }
            match self.read_again(&known).await? {
                Some(again)
                    if again.is_active() && again.session_version == connection.session_version =>
                {
                    known = again;
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }
}
