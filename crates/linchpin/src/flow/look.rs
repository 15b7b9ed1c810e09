//! Looking at a session: by its link secret, or by the flow secret of the browser that owns it or of the phone that it
//! went to.

use super::{Engine, Seat, Unavailable};
use crate::domain::{
    connection::Connection,
    link_session::{LinkSession, SAME_TOKEN_WINDOW, Stage, Status},
    token::{FlowSecret, LaunchToken, LinkSecret},
};

/// What someone who opens the launch URL finds.
pub enum Launch {
    /// Nobody has acted yet.
    Free(LinkSession),
    /// A browser owns it.
    InUse(LinkSession),
    /// It has ended, or its time is over.
    Ended(LinkSession),
    /// The developer deleted it: it looks as if there were none, but who may embed its page is known.
    Deleted(LinkSession),
    /// No such session.
    Unknown,
}

impl Engine {
    /// The session of a link secret; `None` for an unknown, deleted or wrong one.
    ///
    /// What the app allows is known here as of a second ago at most, as for every session that this module finds.
    pub async fn session(&self, secret: &LinkSecret) -> Result<Option<LinkSession>, Unavailable> {
        let found = self.any_session(secret).await?;
        Ok(found.filter(|session| !session.state.deleted))
    }

    /// The same, deleted ones included.
    async fn any_session(&self, secret: &LinkSecret) -> Result<Option<LinkSession>, Unavailable> {
        self.stay_fresh().await?;
        let found = self.store.session(secret.session()).await?;
        let hash = secret.hash(&self.keyring);
        Ok(found
            .filter(|made| made.secret_hash.is(&hash))
            .map(|made| made.session))
    }

    /// The session that a flow secret drives, and which browser has it; `None` for an unknown, deleted or wrong one.
    pub async fn flow_session(
        &self,
        secret: &FlowSecret,
    ) -> Result<Option<(LinkSession, Seat)>, Unavailable> {
        self.stay_fresh().await?;
        let found = self
            .store
            .session(secret.session())
            .await?
            .map(|made| made.session);
        let hash = secret.hash(&self.keyring);
        let found = found.filter(|session| !session.state.deleted);
        Ok(found.and_then(|session| {
            let seat = Self::seat(&session, &hash)?;
            Some((session, seat))
        }))
    }

    /// What the launch URL shows.
    pub async fn launch(&self, secret: &LinkSecret) -> Result<Launch, Unavailable> {
        let now = self.clock.now();
        Ok(match self.any_session(secret).await? {
            None => Launch::Unknown,
            Some(session) if session.state.deleted => Launch::Deleted(session),
            Some(session) if session.is_over(now) => Launch::Ended(session),
            Some(session) if session.state.owner.is_some() => Launch::InUse(session),
            Some(session) => Launch::Free(session),
        })
    }

    /// The flow secret that this launch token led to, where it is the one that won, less than a minute ago.
    pub fn same_launch(&self, session: &LinkSession, token: &LaunchToken) -> Option<FlowSecret> {
        let flow = FlowSecret::of(&self.keyring, session.id, token);
        let recent = session.state.owner.as_ref()?.since.plus(SAME_TOKEN_WINDOW) > self.clock.now();
        (recent && Self::seat(session, &flow.hash(&self.keyring)) == Some(Seat::Owner))
            .then_some(flow)
    }

    /// Where an ended session sends the user: the redirect URL with the outcome, as long as the app still has it
    /// registered. Never a URL that came with a request.
    pub fn way_back(&self, session: &LinkSession) -> Option<String> {
        let outcome = session.outcome_at(self.clock.now())?;
        let url = self.registered_url(session)?;
        Some(
            url.with_parameters(
                &outcome.parameters(session.request.client_reference_id.as_deref()),
            ),
        )
    }

    /// The session's redirect URL, as long as its app is there and has it registered.
    pub fn registered_url<'a>(
        &self,
        session: &'a LinkSession,
    ) -> Option<&'a crate::domain::redirect_url::RedirectUrl> {
        let url = session.request.redirect_url.as_ref()?;
        let directory = self.directory();
        directory
            .app(&session.request.app)?
            .redirect_url(url.as_str())?;
        Some(url)
    }

    /// The status as the API tells it, with the session where there is one to tell of.
    pub async fn status(
        &self,
        secret: &LinkSecret,
    ) -> Result<(Status, Option<LinkSession>), Unavailable> {
        let session = self.session(secret).await?;
        Ok((self.status_of(session.as_ref()), session))
    }

    /// The connection that a session has made or renewed; `None` where it has not, or the connection is gone.
    pub async fn connection_made(
        &self,
        session: &LinkSession,
    ) -> Result<Option<Connection>, Unavailable> {
        let Stage::Completed { connection, .. } = &session.state.stage else {
            return Ok(None);
        };
        let request = &session.request;
        let found = self
            .store
            .connection(connection, &request.organisation, request.environment)
            .await?;
        Ok(found)
    }

    /// The status of a session that was read just now.
    pub(super) fn status_of(&self, session: Option<&LinkSession>) -> Status {
        let now = self.clock.now();
        session.map_or(Status::NotFound, |s| {
            s.status(now, self.settings.finished_sessions)
        })
    }
}
