//! The steps that a user takes.

use std::sync::Arc;

use linchpin_provider::{Credentials, Method, Reply, Secret};

use super::{Engine, Ticket, Unavailable, verify::Question};
use crate::domain::{
    link_session::{Event, LinkSession, Stage, TwoFactor},
    second_factor::SecondFactor,
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

    /// The user submits a code; spaces and dashes in it do not count.
    pub async fn submit_code(
        self: &Arc<Self>,
        session: &LinkSession,
        code: &Secret,
    ) -> Result<Driven, Unavailable> {
        self.submit_code_of(None, session, code).await
    }

    /// The same with a code of this way, which is the chosen one from then on.
    pub(super) async fn submit_code_of(
        self: &Arc<Self>,
        method: Option<Method>,
        session: &LinkSession,
        code: &Secret,
    ) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(TwoFactor {
            username, factor, ..
        }) = &session.state.stage
        else {
            return Ok(Driven::Nothing);
        };
        let (username, method) = (username.clone(), method.unwrap_or(factor.method));
        let first = chosen(factor, method);
        let texted = factor.phone.as_ref().filter(|_| method == Method::Phone);
        if texted.is_some_and(|phone| self.clock.now() >= phone.expires_at()) {
            return self.steps(&first, Event::CodeExpired, session).await;
        }
        let Some(until) = self.check_until(&first, session) else {
            return self.step(session, Event::Broke).await;
        };
        let submitted = Event::CodeSubmitted { until };
        let Some(session) = self.take_all(&first, submitted, session, None).await? else {
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
        self.send_text_after(&[], session).await
    }

    /// The same, with what has to happen first.
    pub(super) async fn send_text_after(
        &self,
        first: &[Event],
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
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
            return self.step(session, Event::CodeNotSent).await;
        }
        // Written before it is sent: a crash in between costs the user a text, a second click must not cost two.
        let Some(session) = self.take_all(first, Event::CodeSent, session, None).await? else {
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
            self.step(&session, Event::CodeNotSent).await
        }
    }

    /// The user chooses another way to prove the second factor.
    pub async fn another_way(
        self: &Arc<Self>,
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
        let driven = self.step(session, Event::AnotherWay).await?;
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
    fn check_until(&self, first: &[Event], session: &LinkSession) -> Option<Timestamp> {
        let now = self.clock.now();
        let mut session = session.clone();
        for event in first {
            session = session.apply(event, now).ok()?.session;
        }
        let provider = match &session.state.stage {
            Stage::Login(login) => &login.consent.provider,
            Stage::TwoFactor(two_factor) => &two_factor.consent.provider,
            _ => return None,
        };
        let deadline = i64::try_from(self.provider(provider)?.deadline().as_millis()).ok()?;
        Some(self.clock.now().plus(deadline).plus(CHECK_MARGIN))
    }
}

/// What makes this way the one in use.
pub(super) fn chosen(factor: &SecondFactor, method: Method) -> Vec<Event> {
    match factor.method == method {
        true => Vec::new(),
        false => vec![Event::MethodChosen { method }],
    }
}
