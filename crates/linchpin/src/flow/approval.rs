//! Waiting for an approval on another device, on behalf of a page that may have no scripts.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use linchpin_provider::{Answer, Reply};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        id::SessionId,
        link_session::{CodeProblem, LinkSession, Stage, TwoFactor},
        time::SECOND,
    },
    store::Lease,
};

/// Time between two questions to the provider.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// For how long a node holds the right to ask for one session, and how often it renews that.
const HELD: i64 = 15 * SECOND;
const RENEW_EVERY: Duration = Duration::from_secs(5);

impl Engine {
    /// Watches for the approval that the session waits for, where it waits for one and nobody watches yet.
    pub(super) fn watch_approval(self: &Arc<Self>, session: &LinkSession) {
        if waiting(session).is_none() {
            return;
        }
        let id = session.id;
        if !self
            .watched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id)
        {
            return;
        }
        let engine = Arc::clone(self);
        // Not a task that a shutdown waits for: it would wait for the user. The next start watches again.
        tokio::spawn(async move {
            if let Err(error) = engine.watch_alone(id).await {
                tracing::warn!(session = %id, %error, "an approval is not watched for now; the upkeep finds it");
            }
            engine
                .watched
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&id);
        });
    }

    /// Asks until there is nothing to wait for, unless another node does so: the provider is asked by one at a time.
    async fn watch_alone(self: &Arc<Self>, id: SessionId) -> Result<(), Unavailable> {
        let name = format!("approval {id}");
        let now = self.clock.now();
        let claimed = self
            .store
            .claim(&name, &self.node, now, now.plus(HELD))
            .await?;
        let Some(lease) = claimed else {
            return Ok(());
        };
        let watching = async {
            loop {
                tokio::time::sleep(ASK_EVERY).await;
                match self.ask_for_approval(id, &lease).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(session = %id, %error, "an approval could not be asked for");
                    }
                }
            }
        };
        // Held on to beside the question, which may take longer than a lease.
        tokio::select! {
            () = watching => {}
            lost = self.hold_on_to(&lease) => return lost,
        }
        Ok(self.store.release(lease, self.clock.now()).await?)
    }

    /// Renews a lease again and again; ends when it is lost.
    async fn hold_on_to(&self, lease: &Lease) -> Result<(), Unavailable> {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let now = self.clock.now();
            if !self.store.renew(lease, now, now.plus(HELD)).await? {
                return Ok(());
            }
        }
    }

    /// Asks once; `false` when there is nothing to wait for any more. What it writes does not stand once another node
    /// has claimed the lease.
    async fn ask_for_approval(
        self: &Arc<Self>,
        id: SessionId,
        lease: &Lease,
    ) -> Result<bool, Unavailable> {
        let Some(session) = self.store.session(id).await?.map(|made| made.session) else {
            return Ok(false);
        };
        let now = self.clock.now();
        let Some(two_factor) = waiting(&session).filter(|_| now < session.expires_at) else {
            return Ok(false);
        };
        let Some(provider) = self.provider(&two_factor.consent.provider) else {
            return Ok(false);
        };
        let waited = u64::try_from(now.since(two_factor.factor.asked_at)).unwrap_or(0);
        let reply = Reply::Approval {
            waited: Duration::from_millis(waited),
        };
        let pending = self.pending(&session, two_factor).await?;
        let client = self.client_of_session(&session, &provider).await?;
        let asked = provider.second_factor(&client, &pending, reply);
        match self.in_turn(provider.as_ref(), &session, asked).await {
            Answer::NotYet | Answer::Unavailable => Ok(true),
            Answer::SignedIn(signed_in) => {
                let finished = self.finish(&session, signed_in, Some(lease)).await;
                finished.map(|()| true)
            }
            answer => {
                let event = match answer {
                    Answer::Locked => crate::domain::link_session::Event::Locked,
                    _ => crate::domain::link_session::Event::Declined,
                };
                let taken = self.take_under(Some(lease), &session, &event).await;
                taken.map(|_| true)
            }
        }
    }
}

/// The second factor of a session that waits for an approval: one that the provider could ask for.
fn waiting(session: &LinkSession) -> Option<&TwoFactor> {
    match &session.state.stage {
        Stage::TwoFactor(two_factor) if !two_factor.factor.method.is_typed() => {
            let is_asked = two_factor.problem != Some(CodeProblem::CannotResend);
            is_asked.then_some(two_factor)
        }
        _ => None,
    }
}
