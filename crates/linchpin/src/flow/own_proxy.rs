//! Outbound proxies that apps with pages of their own name at sign-in. The URL is a secret: it is sealed in the state of the
//! link session, and then beside the session of the connection, whose traffic leaves through it from then on.

use linchpin_provider::{Provider, Secret};

use super::{Engine, NotTaken, Unavailable};
use crate::{
    domain::{
        connection::Connection,
        link_session::LinkSession,
        public_id::AppId,
        sealed::{Place, Sealed, SealedKind},
    },
    egress::{Exit, NoExit, check_proxy_url},
    store::Operation,
    vault::VaultError,
};

impl Engine {
    /// Whether the operator lets an app name proxies of its own, now.
    pub(super) fn allows_own_proxy(&self, app: &AppId) -> bool {
        let directory = self.directory();
        directory
            .app(app)
            .is_some_and(|app| app.dangerous_custom_proxy)
    }

    /// Whether a provider can be reached through a proxy that a developer names.
    pub(super) async fn check_own_proxy(
        &self,
        url: &Secret,
        provider: &dyn Provider,
    ) -> Result<(), NotTaken> {
        let described = provider.describe();
        // Whoever else sends for the provider would be told the URL, and nobody would judge the addresses of its name.
        if !described.reach.direct.is_empty() {
            return Err(refused(format!(
                "{} is reached through a connector, which takes no proxy of your own; leave it out",
                described.id
            )));
        }
        let looked = self.egress.check_developers_proxy(url.reveal()).await;
        looked
            .map(drop)
            .map_err(|problem| refused(problem.to_string()))
    }

    /// Seals the URL for the state of a session.
    pub(super) async fn seal_own_proxy(
        &self,
        session: &LinkSession,
        url: &Secret,
    ) -> Result<Sealed, Unavailable> {
        let place = of_session(session);
        let sealed = self.vault.seal(&place, url.reveal().as_bytes());
        Ok(sealed.await?)
    }

    /// What traffic of a session leaves through that has a proxy of its own.
    pub(super) async fn own_exit_of_session(
        &self,
        session: &LinkSession,
        app: &AppId,
    ) -> Result<Result<Exit, NoExit>, Unavailable> {
        if !self.allows_own_proxy(app) {
            return Ok(Err(NoExit::NotAllowed));
        }
        let reconnect = session.request.reconnect.as_ref();
        match (&session.state.proxy, reconnect) {
            (Some(sealed), _) => self.opened_exit(&of_session(session), sealed).await,
            (None, Some(reconnect)) => {
                let place = Place {
                    owner: reconnect.connection.as_str().to_owned(),
                    ..of_session(session)
                };
                self.stored_exit(&place).await
            }
            (None, None) => Ok(Err(NoExit::Lost)),
        }
    }

    /// What traffic of a connection leaves through that has a proxy of its own.
    pub(super) async fn own_exit_of(
        &self,
        connection: &Connection,
        app: &AppId,
    ) -> Result<Result<Exit, NoExit>, Unavailable> {
        match self.allows_own_proxy(app) {
            true => self.stored_exit(&of_connection(connection)).await,
            false => Ok(Err(NoExit::NotAllowed)),
        }
    }

    async fn stored_exit(&self, place: &Place) -> Result<Result<Exit, NoExit>, Unavailable> {
        match self.store.sealed(place).await? {
            Some(sealed) => self.opened_exit(place, &sealed).await,
            None => Ok(Err(NoExit::Lost)),
        }
    }

    async fn opened_exit(
        &self,
        place: &Place,
        sealed: &Sealed,
    ) -> Result<Result<Exit, NoExit>, Unavailable> {
        let opened = match self.vault.open(place, sealed).await {
            Ok(opened) => Secret::from_bytes(opened),
            Err(VaultError::NoKey(_) | VaultError::OtherKey(_) | VaultError::DoesNotOpen) => None,
            Err(error) => return Err(error.into()),
        };
        let url = opened.and_then(|url| check_proxy_url(url.reveal()).ok());
        Ok(url.map(Exit::through).ok_or(NoExit::Lost))
    }

    /// Ties the proxy that was named in a session to the connection that was signed in to. Where none was named, that of the
    /// connection stays.
    pub(super) async fn keep_own_proxy(
        &self,
        operation: &mut Operation,
        session: &LinkSession,
        connection: &mut Connection,
    ) -> Result<(), Unavailable> {
        let Some(sealed) = &session.state.proxy else {
            return Ok(());
        };
        let url = self.vault.open(&of_session(session), sealed).await?;
        let place = of_connection(connection);
        let sealed = self.vault.seal(&place, &url).await?;
        operation.keep_sealed(&place, sealed, None);
        connection.own_proxy = Some(session.request.app.clone());
        Ok(())
    }
}

/// Whether a session has left through the proxy of a connection that is not the one that was signed in to: nobody could
/// tie that proxy to it.
pub(super) fn is_without_its_proxy(session: &LinkSession, linked: Option<&Connection>) -> bool {
    let reconnect = session.request.reconnect.as_ref();
    let left_through = reconnect.filter(|reconnect| reconnect.own_proxy.is_some());
    session.state.proxy.is_none()
        && left_through
            .is_some_and(|reconnect| linked.is_none_or(|linked| linked.id != reconnect.connection))
}

/// A problem with `proxy.url`.
pub(super) fn refused(message: String) -> NotTaken {
    NotTaken::Field {
        field: "proxy.url",
        message,
    }
}

fn of_session(session: &LinkSession) -> Place {
    Place {
        kind: SealedKind::Proxy,
        owner: session.id.to_string(),
        number: 1,
        organisation: session.request.organisation.clone(),
        environment: session.request.environment,
    }
}

fn of_connection(connection: &Connection) -> Place {
    Place {
        kind: SealedKind::Proxy,
        owner: connection.id.as_str().to_owned(),
        number: 1,
        organisation: connection.organisation.clone(),
        environment: connection.environment,
    }
}
