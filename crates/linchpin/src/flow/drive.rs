//! The steps that a user takes.

use std::sync::Arc;

use linchpin_provider::{Credentials, Method, Reply, Secret};

use super::{Engine, Unavailable, verify::Question};
use crate::{
    domain::{
        link_session::{Event, LinkSession, Refused, Stage, Transition, TwoFactor},
        time::{SECOND, Timestamp},
        token::{FlowSecret, LaunchToken},
    },
    store::{Lease, Operation, Refusal, WriteError},
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
        self.step(session, &Event::Cancelled).await
    }

    /// The user allows the required permissions and those of `optional`.
    pub async fn allow(
        &self,
        session: &LinkSession,
        optional: Vec<String>,
    ) -> Result<Driven, Unavailable> {
        self.step(session, &Event::Allowed { optional }).await
    }

    /// The user submits username and password.
    pub async fn submit_password(
        self: &Arc<Self>,
        session: &LinkSession,
        username: String,
        password: Secret,
    ) -> Result<Driven, Unavailable> {
        let Some(until) = self.check_until(session) else {
            return self.step(session, &Event::Broke).await;
        };
        let submitted = Event::PasswordSubmitted {
            username: username.clone(),
            until,
        };
        let Some(session) = self.take(session, &submitted).await? else {
            return Ok(Driven::Nothing);
        };
        let credentials = Credentials { username, password };
        Ok(Driven::Checking(
            self.check(session, Question::SignIn(credentials)),
        ))
    }

    /// The user submits a code; spaces and dashes in it do not count.
    pub async fn submit_code(
        self: &Arc<Self>,
        session: &LinkSession,
        code: &Secret,
    ) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(TwoFactor {
            username, factor, ..
        }) = &session.state.stage
        else {
            return Ok(Driven::Nothing);
        };
        let (username, method) = (username.clone(), factor.method);
        let texted = factor.phone.as_ref().filter(|_| method == Method::Phone);
        if texted.is_some_and(|phone| self.clock.now() >= phone.expires_at()) {
            return self.step(session, &Event::CodeExpired).await;
        }
        let Some(until) = self.check_until(session) else {
            return self.step(session, &Event::Broke).await;
        };
        let Some(session) = self.take(session, &Event::CodeSubmitted { until }).await? else {
            return Ok(Driven::Nothing);
        };
        let typed = Secret::new(
            code.reveal()
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '-')
                .collect(),
        );
        let reply = Reply::Code {
            method,
            code: typed,
        };
        Ok(Driven::Checking(
            self.check(session, Question::SecondFactor(username, reply)),
        ))
    }

    /// The user wants another text.
    pub async fn resend(&self, session: &LinkSession) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(TwoFactor {
            username,
            factor,
            consent,
            ..
        }) = &session.state.stage
        else {
            return Ok(Driven::Nothing);
        };
        let may = factor
            .phone
            .as_ref()
            .is_some_and(|phone| phone.may_send(self.clock.now()));
        if !may {
            return self.step(session, &Event::CodeNotSent).await;
        }
        // Written before it is sent: a crash in between costs the user a text, a second click must not cost two.
        let Some(session) = self.take(session, &Event::CodeSent).await? else {
            return Ok(Driven::Nothing);
        };
        let provider = self.provider(&consent.provider);
        let sent = match provider {
            Some(provider) => {
                tokio::time::timeout(provider.deadline(), provider.send_code(username))
                    .await
                    .unwrap_or(false)
            }
            None => false,
        };
        if sent {
            Ok(Driven::Taken(session))
        } else {
            self.step(&session, &Event::CodeNotSent).await
        }
    }

    /// The user chooses another way to prove the second factor.
    pub async fn another_way(
        self: &Arc<Self>,
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
        let driven = self.step(session, &Event::AnotherWay).await?;
        if let Driven::Taken(session) = &driven {
            self.watch_approval(session);
        }
        Ok(driven)
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
        event: &Event,
    ) -> Result<Driven, Unavailable> {
        Ok(self
            .take(session, event)
            .await?
            .map_or(Driven::Nothing, Driven::Taken))
    }

    /// Applies an event and makes it durable. `None` where it is refused or somebody else was faster.
    pub(super) async fn take(
        &self,
        session: &LinkSession,
        event: &Event,
    ) -> Result<Option<LinkSession>, Unavailable> {
        self.take_under(None, session, event).await
    }

    /// The same under a lease; `None` also where another node has claimed it since.
    pub(super) async fn take_under(
        &self,
        lease: Option<&Lease>,
        session: &LinkSession,
        event: &Event,
    ) -> Result<Option<LinkSession>, Unavailable> {
        let now = self.clock.now();
        let transition = match session.apply(event, now) {
            Ok(transition) => transition,
            Err(Refused::WrongStage | Refused::Over | Refused::TooLate | Refused::TooEarly) => {
                return Ok(None);
            }
        };
        let mut operation = Operation::new(now);
        operation.save_session(&transition, now)?;
        self.tell_end(&mut operation, &transition)?;
        if let Some(lease) = lease {
            operation.fenced_by(lease);
        }
        self.commit(operation, transition).await
    }

    /// Makes a transition durable. `None` where somebody else was faster.
    pub(super) async fn commit(
        &self,
        operation: Operation,
        transition: Transition,
    ) -> Result<Option<LinkSession>, Unavailable> {
        match self.store.write(operation).await {
            Ok(()) => {
                let Transition {
                    session,
                    event,
                    from,
                } = transition;
                tracing::info!(session = %session.id, event, from, to = session.state.stage.name(), "link session moved");
                if session.ended_at().is_some() {
                    self.told.send_modify(|count| *count += 1);
                }
                metrics::counter!("linchpin_session_transitions_total", "event" => event)
                    .increment(1);
                Ok(Some(session))
            }
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// When a check that begins now counts as lost. `None` where the provider is not there any more.
    fn check_until(&self, session: &LinkSession) -> Option<Timestamp> {
        let provider = match &session.state.stage {
            Stage::Login(login) => &login.consent.provider,
            Stage::TwoFactor(two_factor) => &two_factor.consent.provider,
            _ => return None,
        };
        let deadline = i64::try_from(self.provider(provider)?.deadline().as_millis()).ok()?;
        Some(self.clock.now().plus(deadline).plus(CHECK_MARGIN))
    }
}
