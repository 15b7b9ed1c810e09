//! The steps of a session whose app draws the pages itself. They are those of the page, with the page's limits; what
//! comes when it is not due is refused and changes nothing.

use std::sync::Arc;

use linchpin_provider::Credentials;

use super::{Caller, Driven, Engine, Leaving, Ticket, Unavailable};
use crate::domain::{
    client_app::AppType,
    environment::Environment,
    link_session::{Event, LinkSession, Stage, Status},
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
    NoEgress {
        /// The places that there are, for people; empty where there are none.
        places: String,
    },
    /// No code may be sent for so many seconds.
    #[error("no code may be sent")]
    NoCode {
        /// Seconds until one may be sent, or until a new session can be had.
        seconds: u32,
        /// Whether the session may send none at all.
        used_up: bool,
    },
    /// The provider did not send the code, which counts all the same, or did not start the way that was chosen.
    #[error("the provider did not do what it was asked")]
    NotDone,
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
        let (provider, mut first) = match &session.state.stage {
            Stage::Initialized => {
                let provider = one_of(&session.request.providers, provider)?;
                (provider.clone(), vec![Event::BegunByApp { provider }])
            }
            Stage::Login(login) => {
                let known = std::slice::from_ref(&login.consent.provider);
                (one_of(known, provider)?, Vec::new())
            }
            _ => return Err(self.not_due(session)),
        };
        self.check_typed_here(session, &first)?;
        self.check_leaving(session, leaving, &provider).await?;
        let place = leaving.geolocation.clone();
        first.extend(place.map(|place| Event::PlaceChosen { place }));
        let is_live = session.request.environment == Environment::Live;
        if let Some(url) = leaving.url.as_ref().filter(|_| is_live) {
            let proxy = self.seal_own_proxy(session, url).await?;
            first.push(Event::ProxyChosen { proxy });
        }
        let driven = self.submit_password_after(&first, session, credentials, kept);
        let driven = driven.await?;
        self.taken(session, driven).await.map(|_| ())
    }

    /// That nobody has to go to the provider's own page, where no app can send a password.
    fn check_typed_here(&self, session: &LinkSession, first: &[Event]) -> Result<(), NotTaken> {
        let provider = match (first, &session.state.stage) {
            ([Event::BegunByApp { provider }], _) => provider,
            (_, Stage::Login(login)) => &login.consent.provider,
            _ => return Ok(()),
        };
        match self.signs_in_elsewhere(provider) {
            false => Ok(()),
            true => Err(NotTaken::Field {
                field: "provider",
                message: format!(
                    "users of {provider} sign in on its own page, which takes a browser: begin a hosted session with an app of type redirect or embed"
                ),
            }),
        }
    }

    pub(super) fn not_due(&self, session: &LinkSession) -> NotTaken {
        NotTaken::NotDue(self.status_of(Some(session)))
    }

    /// The session after a step that was taken.
    pub(super) async fn taken(
        &self,
        before: &LinkSession,
        driven: Driven,
    ) -> Result<LinkSession, NotTaken> {
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
