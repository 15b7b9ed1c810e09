//! The steps of a session whose app draws the pages itself. They are those of the page, with the page's limits; what
//! comes when it is not due is refused and changes nothing.

use std::sync::Arc;

use linchpin_provider::{Credentials, Method, Secret};

use super::{Caller, Driven, Engine, Leaving, Ticket, Unavailable, drive::chosen};
use crate::domain::{
    client_app::AppType,
    link_session::{CodeProblem, Event, LinkSession, Stage, Status, TwoFactor},
    second_factor::SecondFactor,
    time::SECOND,
    token::LinkSecret,
};

/// Why a call was not carried out; nothing was changed but where it is said.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// No session of this secret.
    #[error("no such session")]
    Unknown,
    /// The session has a page of its own.
    #[error("a hosted session")]
    Hosted,
    /// The call is not due, or another one was faster.
    #[error("not due")]
    NotDue(Status),
    /// A field cannot be satisfied; `field` in the wire's spelling.
    #[error("{message}")]
    Field {
        /// The field; empty for the call as a whole.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// The live environment has no egress that leaves from there.
    #[error("no egress for the geolocation")]
    NoEgress,
    /// No text may be sent for so many seconds.
    #[error("no text may be sent")]
    NoText {
        /// Seconds until one may be sent, or until a new session can be had.
        seconds: u32,
        /// Whether the session may send none at all.
        used_up: bool,
    },
    /// The provider did not send the text. It counts all the same.
    #[error("the provider did not send the text")]
    NotSent,
    /// The store could not be asked or written.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Engine {
    /// The whitelabel session of a secret, as its owner may see it; also one that has ended or expired.
    ///
    /// # Errors
    ///
    /// [`NotTaken::Hosted`] for one that has a page.
    pub async fn whitelabel_session(
        &self,
        caller: &Caller,
        secret: &LinkSecret,
    ) -> Result<Option<(Status, LinkSession)>, NotTaken> {
        let (status, session) = self.status(secret).await?;
        let Some(session) = session.filter(|session| caller.owns(session)) else {
            return Ok(None);
        };
        match session.request.app_type == AppType::Whitelabel {
            true => Ok(Some((status, session))),
            false => Err(NotTaken::Hosted),
        }
    }

    /// Username and password are submitted, and an answer is kept for repetitions with that. The permissions are the
    /// app's: it has shown them itself.
    pub async fn log_in(
        self: &Arc<Self>,
        session: &LinkSession,
        provider: Option<&str>,
        leaving: &Leaving,
        credentials: Credentials,
        kept: Option<(&Ticket, &[u8])>,
    ) -> Result<(), NotTaken> {
        let first = match &session.state.stage {
            Stage::Initialized => vec![Event::BegunByApp {
                provider: one_of(&session.request.providers, provider)?,
            }],
            Stage::Login(login) => {
                one_of(std::slice::from_ref(&login.consent.provider), provider)?;
                Vec::new()
            }
            _ => return Err(self.not_due(session)),
        };
        self.check_leaving(session, leaving)?;
        let driven = self.submit_password_after(&first, session, credentials, kept);
        let driven = driven.await?;
        self.taken(session, driven).await.map(|_| ())
    }

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
            None => takes_code(factor)?,
        };
        let driven = self.submit_code_of(Some(method), session, code).await?;
        self.taken(session, driven).await.map(|_| ())
    }

    /// Another text is sent, and texted codes are the way in use from then on.
    pub async fn text(self: &Arc<Self>, session: &LinkSession) -> Result<LinkSession, NotTaken> {
        let factor = &self.wanted(session)?.factor;
        offered(factor, "", Method::Phone)?;
        if let Some(no_text) = self.no_text(session, factor) {
            return Err(no_text);
        }
        let first = chosen(factor, Method::Phone);
        let driven = self.send_text_after(&first, session).await?;
        let session = self.taken(session, driven).await?;
        match &session.state.stage {
            Stage::TwoFactor(TwoFactor {
                problem: Some(CodeProblem::CannotResend),
                ..
            }) => Err(NotTaken::NotSent),
            _ => Ok(session),
        }
    }

    /// Another way is chosen and, where it needs that, started: a text is sent, an approval elsewhere is watched for.
    pub async fn choose(
        self: &Arc<Self>,
        session: &LinkSession,
        method: Method,
    ) -> Result<LinkSession, NotTaken> {
        let factor = &self.wanted(session)?.factor;
        offered(factor, "method", method)?;
        let first = chosen(factor, method);
        if method == Method::Phone {
            // Where no text may be sent yet, the one that was sent last may still do.
            let is_good = |factor: &SecondFactor| {
                let phone = factor.phone.as_ref();
                phone.is_some_and(|phone| self.clock.now() < phone.expires_at())
            };
            match self.no_text(session, factor) {
                None => return self.text(session).await,
                Some(no_text) if first.is_empty() || !is_good(factor) => return Err(no_text),
                Some(_) => {}
            }
        }
        let Some(event) = first.into_iter().next() else {
            self.watch_approval(session);
            return Ok(session.clone());
        };
        let driven = self.steps(&[], event, session).await?;
        let session = self.taken(session, driven).await?;
        self.watch_approval(&session);
        Ok(session)
    }

    /// The second factor that is wanted.
    fn wanted<'a>(&self, session: &'a LinkSession) -> Result<&'a TwoFactor, NotTaken> {
        match &session.state.stage {
            Stage::TwoFactor(two_factor) => Ok(two_factor),
            _ => Err(self.not_due(session)),
        }
    }

    fn not_due(&self, session: &LinkSession) -> NotTaken {
        NotTaken::NotDue(self.status_of(Some(session)))
    }

    /// The session after a step that was taken.
    async fn taken(&self, before: &LinkSession, driven: Driven) -> Result<LinkSession, NotTaken> {
        match driven {
            Driven::Taken(session) => Ok(session),
            Driven::Checking(_) => Ok(before.clone()),
            Driven::Nothing => {
                let now = self
                    .store
                    .session(before.id)
                    .await
                    .map_err(Unavailable::from)?;
                Err(NotTaken::NotDue(
                    self.status_of(now.map(|made| made.session).as_ref()),
                ))
            }
        }
    }

    /// Why no text may be sent now; `None` where one may.
    fn no_text(&self, session: &LinkSession, factor: &SecondFactor) -> Option<NotTaken> {
        let now = self.clock.now();
        let phone = factor.phone.as_ref().filter(|phone| !phone.may_send(now))?;
        let used_up = phone.sends_left == 0;
        let until_over = session.expires_at.since(now).div_euclid(SECOND);
        let seconds = match used_up {
            true => u32::try_from(until_over).unwrap_or(0),
            false => phone.resend_in(now),
        };
        Some(NotTaken::NoText {
            seconds: seconds.max(1),
            used_up,
        })
    }
}

/// The provider to sign in with.
fn one_of(known: &[String], wanted: Option<&str>) -> Result<String, NotTaken> {
    let refused = |message: String| {
        Err(NotTaken::Field {
            field: "provider",
            message,
        })
    };
    match (wanted, known) {
        (None, [only]) => Ok(only.clone()),
        (None, _) => refused(format!(
            "required, since this session has several: {}",
            known.join(", ")
        )),
        (Some(wanted), _) if known.iter().any(|id| id == wanted) => Ok(wanted.to_owned()),
        (Some(_), _) => refused(format!(
            "this session does not have this provider; it has: {}",
            known.join(", ")
        )),
    }
}

fn names(methods: impl Iterator<Item = Method>) -> String {
    let name = |method| match method {
        Method::Phone => "phone",
        Method::App => "app",
        Method::Face => "face",
        Method::ForceFace => "forceFace",
    };
    methods.map(name).collect::<Vec<_>>().join(", ")
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
        true => format!("this way has had as many wrong codes as it allows; left are: {left}"),
        false if field.is_empty() => {
            format!("the account has no phone factor, so nothing can be texted; it offers: {left}")
        }
        false => format!("the account does not offer this; it offers: {left}"),
    };
    Err(NotTaken::Field { field, message })
}

/// The way that a code without one is of: the one in use, or the first that takes codes.
fn takes_code(factor: &SecondFactor) -> Result<Method, NotTaken> {
    if factor.method.takes_code() {
        return Ok(factor.method);
    }
    let mut ways = factor.methods.iter().copied();
    ways.find(|way| way.takes_code() && factor.may_choose(*way))
        .ok_or_else(|| NotTaken::Field {
            field: "code",
            message: format!(
                "the account takes no codes but an approval elsewhere ({}); wait for it with `status`",
                names(factor.methods.iter().copied())
            ),
        })
}
