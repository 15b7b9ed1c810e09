//! What a user does about a second factor: an answer, another code, another way.

use std::sync::Arc;

use linchpin_provider::{Asked, Method, Reply, Secret};

use super::{Driven, Engine, Unavailable, verify::Question};
use crate::domain::{
    link_session::{Event, LinkSession, Stage, TwoFactor},
    second_factor::SecondFactor,
};

impl Engine {
    /// The user submits a code, in which spaces and dashes do not count, or words.
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
        let Stage::TwoFactor(two_factor) = &session.state.stage else {
            return Ok(Driven::Nothing);
        };
        let factor = &two_factor.factor;
        let method = method.unwrap_or(factor.method);
        let pending = self.pending(session, two_factor).await?;
        let first = chosen(factor, method);
        let now = self.clock.now();
        if factor
            .sent(method)
            .is_some_and(|codes| codes.is_too_old(now))
        {
            return self.steps(&first, Event::CodeExpired, session).await;
        }
        let Some(until) = self.check_until(&first, session) else {
            return self.step(session, Event::Broke).await;
        };
        let submitted = Event::CodeSubmitted { until };
        let Some(session) = self.take_all(&first, submitted, session, None).await? else {
            return Ok(Driven::Nothing);
        };
        let code = typed(method, code);
        let reply = Reply::Code { method, code };
        Ok(Driven::Checking(
            self.check(session, Question::SecondFactor(pending, reply)),
        ))
    }

    /// The user wants another code of the way in use.
    pub async fn resend(&self, session: &LinkSession) -> Result<Driven, Unavailable> {
        match &session.state.stage {
            Stage::TwoFactor(TwoFactor { factor, .. }) if factor.method.is_sent() => {
                self.send_code_of(factor.method, session).await
            }
            _ => Ok(Driven::Nothing),
        }
    }

    /// A code of this way is sent, which is the chosen one from then on.
    pub(super) async fn send_code_of(
        &self,
        method: Method,
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(TwoFactor { factor, .. }) = &session.state.stage else {
            return Ok(Driven::Nothing);
        };
        let first = chosen(factor, method);
        let codes = factor.sent(method);
        if !codes.is_some_and(|codes| codes.may_send(self.clock.now())) {
            return self.steps(&first, Event::CodeNotSent, session).await;
        }
        // Written before it is sent: a crash in between costs the user a code, a second click must not cost two.
        let Some(session) = self
            .take_all(&first, Event::CodeSent, session, None)
            .await?
        else {
            return Ok(Driven::Nothing);
        };
        self.ask(session, method).await
    }

    /// The user chooses this way in place of the one in use: its code is sent, unless the last one is still good and no
    /// other may be sent, or the provider is asked to start it.
    pub async fn choose_way(
        self: &Arc<Self>,
        method: Method,
        session: &LinkSession,
    ) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(TwoFactor { factor, .. }) = &session.state.stage else {
            return Ok(Driven::Nothing);
        };
        let now = self.clock.now();
        let chosen = Event::MethodChosen { method };
        match factor.sent(method) {
            Some(codes) if !codes.may_send(now) && codes.is_good(now) => {
                return self.step(session, chosen).await;
            }
            Some(_) => return self.send_code_of(method, session).await,
            None => {}
        }
        let Some(session) = self.take(session, &chosen).await? else {
            return Ok(Driven::Nothing);
        };
        let driven = self.ask(session, method).await?;
        if let Driven::Taken(session) = &driven {
            self.watch_approval(session);
        }
        Ok(driven)
    }

    /// Has the provider ask for a second factor of a session that waits for it, and writes what it keeps since.
    async fn ask(&self, session: LinkSession, method: Method) -> Result<Driven, Unavailable> {
        let Stage::TwoFactor(two_factor) = &session.state.stage else {
            return Ok(Driven::Nothing);
        };
        let asked = match self.provider(&two_factor.consent.provider) {
            Some(provider) => {
                let pending = self.pending(&session, two_factor).await?;
                let client = self.client_of_session(&session, &provider).await?;
                let turn = self.turn(provider.as_ref(), &session.id.to_string()).await;
                let asked = provider.ask(&client, &pending, method);
                match turn {
                    Ok(_turn) => tokio::time::timeout(provider.deadline(), asked)
                        .await
                        .unwrap_or(Asked::NotNow),
                    Err(_) => Asked::NotNow,
                }
            }
            None => Asked::NotNow,
        };
        match asked {
            Asked::NotNow => self.step(&session, Event::CodeNotSent).await,
            Asked::Done { progress } => {
                match self.seal_progress(&session, progress.as_ref()).await? {
                    Some(progress) => self.step(&session, Event::Progressed { progress }).await,
                    None => Ok(Driven::Taken(session)),
                }
            }
        }
    }
}

/// What was typed, as it goes to the provider.
fn typed(method: Method, text: &Secret) -> Secret {
    let text = text.reveal();
    Secret::new(match method.is_code() {
        true => text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect(),
        false => text.trim().to_owned(),
    })
}

/// What makes this way the one in use.
fn chosen(factor: &SecondFactor, method: Method) -> Vec<Event> {
    match factor.method == method {
        true => Vec::new(),
        false => vec![Event::MethodChosen { method }],
    }
}
