//! The second factor of a session whose app draws the pages itself.

use std::sync::Arc;

use linchpin_provider::{Method, Secret};

use super::{Driven, Engine, NotTaken};
use crate::domain::{
    link_session::{CodeProblem, LinkSession, Stage, TwoFactor},
    second_factor::{SecondFactor, WORDS_MAX, can_answer},
    time::SECOND,
};

/// What a code has to be.
pub const CODE_RULE: &str =
    "must be 4 to 12 letters or digits; spaces and dashes in between do not count";

impl Engine {
    /// A code is submitted: one of `method`, or of the way in use.
    pub async fn try_code(
        self: &Arc<Self>,
        session: &LinkSession,
        method: Option<Method>,
        code: &Secret,
    ) -> Result<(), NotTaken> {
        let factor = &self.wanted(session)?.factor;
        let method = match method {
            Some(method) => offered(factor, "method", method)?,
            None => typed_way(factor)?,
        };
        if !can_answer(method, code.reveal()) {
            return Err(NotTaken::Field {
                field: "code",
                message: match method.is_code() {
                    true => CODE_RULE.to_owned(),
                    false => format!("must be 1 to {WORDS_MAX} characters long, on one line"),
                },
            });
        }
        let driven = self.submit_code_of(Some(method), session, code).await?;
        self.taken(session, driven).await.map(|_| ())
    }

    /// Another code is sent, and its way is the one in use from then on: `method`, or the way in use.
    pub async fn send_code(
        self: &Arc<Self>,
        session: &LinkSession,
        method: Option<Method>,
    ) -> Result<LinkSession, NotTaken> {
        let factor = &self.wanted(session)?.factor;
        let method = match method {
            Some(method) => offered(factor, "method", method)?,
            None => sent_way(factor)?,
        };
        if let Some(no_code) = self.no_code(session, factor, method) {
            return Err(no_code);
        }
        let driven = self.send_code_of(method, session).await?;
        self.started(session, driven).await
    }

    /// Another text is sent, and texted codes are the way in use from then on.
    pub async fn text(self: &Arc<Self>, session: &LinkSession) -> Result<LinkSession, NotTaken> {
        offered(&self.wanted(session)?.factor, "", Method::Phone)?;
        self.send_code(session, Some(Method::Phone)).await
    }

    /// Another way is chosen and, where it needs that, started: a code is sent, an approval elsewhere is asked for.
    pub async fn choose(
        self: &Arc<Self>,
        session: &LinkSession,
        method: Method,
    ) -> Result<LinkSession, NotTaken> {
        let TwoFactor {
            factor, problem, ..
        } = self.wanted(session)?;
        let is_chosen = factor.method == method;
        let is_started = is_chosen && *problem != Some(CodeProblem::CannotResend);
        if !is_started {
            offered(factor, "method", method)?;
        }
        if let Some(codes) = factor.sent(method) {
            // Where no code may be sent yet, the one that was sent last may still do.
            let may_do = !is_chosen && codes.is_good(self.clock.now());
            match self.no_code(session, factor, method) {
                Some(no_code) if !may_do => return Err(no_code),
                None if is_chosen => return self.send_code(session, Some(method)).await,
                _ => {}
            }
        } else if is_started {
            self.watch_approval(session);
            return Ok(session.clone());
        }
        let driven = self.choose_way(method, session).await?;
        self.started(session, driven).await
    }

    /// The session after the provider was asked to send or to start something.
    async fn started(&self, before: &LinkSession, driven: Driven) -> Result<LinkSession, NotTaken> {
        let session = self.taken(before, driven).await?;
        match &session.state.stage {
            Stage::TwoFactor(TwoFactor {
                problem: Some(CodeProblem::CannotResend),
                ..
            }) => Err(NotTaken::NotDone),
            _ => Ok(session),
        }
    }

    /// The second factor that is wanted.
    fn wanted<'a>(&self, session: &'a LinkSession) -> Result<&'a TwoFactor, NotTaken> {
        match &session.state.stage {
            Stage::TwoFactor(two_factor) => Ok(two_factor),
            _ => Err(self.not_due(session)),
        }
    }

    /// Why no code of this way may be sent now; `None` where one may.
    fn no_code(
        &self,
        session: &LinkSession,
        factor: &SecondFactor,
        method: Method,
    ) -> Option<NotTaken> {
        let now = self.clock.now();
        let codes = factor.sent(method).filter(|codes| !codes.may_send(now))?;
        let used_up = codes.sends_left == 0;
        let until_over = session.expires_at.since(now).div_euclid(SECOND);
        let seconds = match used_up {
            true => u32::try_from(until_over).unwrap_or(0),
            false => codes.resend_in(now),
        };
        Some(NotTaken::NoCode {
            seconds: seconds.max(1),
            used_up,
        })
    }
}

fn names(methods: impl Iterator<Item = Method>) -> String {
    methods.map(Method::name).collect::<Vec<_>>().join(", ")
}

/// The way, where the account offers it and it is not used up.
fn offered(factor: &SecondFactor, field: &'static str, method: Method) -> Result<Method, NotTaken> {
    if factor.may_choose(method) {
        return Ok(method);
    }
    let left = names(
        factor
            .methods
            .iter()
            .copied()
            .filter(|way| factor.may_choose(*way)),
    );
    let message = match factor.methods.contains(&method) {
        true => format!("this way has been tried as often as it may be; left are: {left}"),
        false if field.is_empty() => {
            format!("the account has no phone factor, so nothing can be texted; it offers: {left}")
        }
        false => format!("the account does not offer this; it offers: {left}"),
    };
    Err(NotTaken::Field { field, message })
}

/// The way that another code without one is of: the one in use, where it sends codes.
fn sent_way(factor: &SecondFactor) -> Result<Method, NotTaken> {
    match factor.method.is_sent() {
        true => Ok(factor.method),
        false => Err(NotTaken::Field {
            field: "method",
            message: format!(
                "required, since the way in use ({}) sends no codes",
                factor.method.name()
            ),
        }),
    }
}

/// The way that a code without one is of: the one in use, or the first that takes codes.
fn typed_way(factor: &SecondFactor) -> Result<Method, NotTaken> {
    if factor.method.is_typed() {
        return Ok(factor.method);
    }
    let mut ways = factor.methods.iter().copied();
    ways.find(|way| way.is_typed() && factor.may_choose(*way))
        .ok_or_else(|| NotTaken::Field {
            field: "code",
            message: format!(
                "the account takes no codes but an approval elsewhere ({}); wait for it with `status`",
                names(factor.methods.iter().copied())
            ),
        })
}
