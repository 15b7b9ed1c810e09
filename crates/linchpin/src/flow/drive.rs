//! The steps that a user takes.

use std::sync::Arc;

use linchpin_provider::{Credentials, Secret};

use super::{Engine, Ticket, Unavailable, verify::Question};
use crate::domain::{
    link_session::{Event, LinkSession, Stage},
    time::{SECOND, Timestamp},
    token::{FlowSecret, LaunchToken},
};

/// Milliseconds beyond a provider's own deadline before a check counts as lost.
const CHECK_MARGIN: i64 = 10 * SECOND;

/// What a step came to.
pub enum Driven {
    /// It was taken; the session as it is now.
    Taken(LinkSession),
    /// It was taken and goes to the provider; the receiver is closed when the check is over.
    Checking(tokio::sync::oneshot::Receiver<()>),
    /// Somebody was faster, or the step is not due: nothing happened. The page shows where the session stands.
    Nothing,
}

/// What the first step on the launch page came to.
pub enum LaunchStep {
    /// This browser owns the session and goes on at its flow.
    Owned(FlowSecret),
    /// The session was left before anything was shown of it.
    Left(LinkSession),
    /// Another browser was faster, or the session has ended.
    Late,
}

impl Engine {
    /// The first browser begins; `provider` is the one that was chosen.
    pub async fn begin(
        &self,
        session: &LinkSession,
        token: &LaunchToken,
        provider: String,
    ) -> Result<LaunchStep, Unavailable> {
        let flow = FlowSecret::of(&self.keyring, session.id, token);
        let flow_hash = *flow.hash(&self.keyring).bytes();
        Ok(
            match self
                .take(
                    session,
                    &Event::Begun {
                        flow_hash,
                        provider,
                    },
                )
                .await?
            {
                Some(_) => LaunchStep::Owned(flow),
                None => LaunchStep::Late,
            },
        )
    }

    /// The user leaves from the launch page.
    pub async fn leave_launch(&self, session: &LinkSession) -> Result<LaunchStep, Unavailable> {
        Ok(self
            .take(session, &Event::Cancelled)
            .await?
            .map_or(LaunchStep::Late, LaunchStep::Left))
    }

    /// The user leaves.
    pub async fn leave(&self, session: &LinkSession) -> Result<Driven, Unavailable> {
        self.step(session, Event::Cancelled).await
    }

    /// The user allows the required permissions and those of `optional`.
    pub async fn allow(
        &self,
        session: &LinkSession,
        optional: Vec<String>,
    ) -> Result<Driven, Unavailable> {
        self.step(session, Event::Allowed { optional }).await
    }

    /// The user submits username and password.
    pub async fn submit_password(
        self: &Arc<Self>,
        session: &LinkSession,
        username: String,
        password: Secret,
    ) -> Result<Driven, Unavailable> {
        let credentials = Credentials { username, password };
        self.submit_password_after(&[], session, credentials, None)
            .await
    }

    /// The same, with what has to happen first, and an answer that is kept with it.
    pub(super) async fn submit_password_after(
        self: &Arc<Self>,
        first: &[Event],
        session: &LinkSession,
        credentials: Credentials,
        kept: Option<(&Ticket, &[u8])>,
    ) -> Result<Driven, Unavailable> {
        let Some(until) = self.check_until(first, session) else {
            return self.step(session, Event::Broke).await;
        };
        let submitted = Event::PasswordSubmitted {
            username: credentials.username.clone(),
            until,
        };
        let taken = self.take_all(first, submitted, session, kept).await?;
        let Some(session) = taken else {
            return Ok(Driven::Nothing);
        };
        Ok(Driven::Checking(
            self.check(session, Question::SignIn(credentials)),
        ))
    }

    /// The session's time is over and somebody posts to it: its end is written now.
    pub async fn expire(&self, session: &LinkSession) -> Result<Option<LinkSession>, Unavailable> {
        self.take(session, &Event::TimePassed).await
    }

    /// The developer deletes the session. `false` where somebody else changed it at that moment for the fifth time.
    pub async fn delete(&self, mut session: LinkSession) -> Result<bool, Unavailable> {
        for _ in 0..5 {
            if self.take(&session, &Event::Deleted).await?.is_some() {
                return Ok(true);
            }
            match self.store.session(session.id).await? {
                Some(made) if !made.session.state.deleted => session = made.session,
                _ => return Ok(true),
            }
        }
        Ok(false)
    }

    pub(super) async fn step(
        &self,
        session: &LinkSession,
        event: Event,
    ) -> Result<Driven, Unavailable> {
        self.steps(&[], event, session).await
    }

    /// Several steps at once: all are taken or none.
    pub(super) async fn steps(
        &self,
        first: &[Event],
        last: Event,
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
        let taken = self.take_all(first, last, session, None).await?;
        Ok(taken.map_or(Driven::Nothing, Driven::Taken))
    }

    /// When a check that begins now counts as lost, once this has happened. `None` where the provider is not there any
    /// more.
    pub(super) fn check_until(&self, first: &[Event], session: &LinkSession) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut session = session.clone();
        for event in first {
            session = session.apply(event, now).ok()?.session;
        }
        let provider = match &session.state.stage {
            Stage::Login(login) => &login.consent.provider,
            Stage::Elsewhere(at) => &at.login.consent.provider,
            Stage::TwoFactor(two_factor) => &two_factor.consent.provider,
            _ => return None,
        };
        let deadline = i64::try_from(self.provider(provider)?.deadline().as_millis()).ok()?;
        Some(self.clock.now().plus(deadline).plus(CHECK_MARGIN))
    }
}
