//! The clients that providers get: each leaves from the place of its link session or connection, or through the proxy that
//! was named for it.

use std::sync::Arc;

use linchpin_provider::{Client, Provider};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        connection::Connection, environment::Environment, geolocation::Geolocation,
        link_session::LinkSession,
    },
    egress::{Exit, NoExit},
};

/// What says where traffic leaves from, and through which outbound proxy.
#[derive(Clone, Copy)]
pub(super) struct Leaves<'a> {
    pub(super) environment: Environment,
    pub(super) place: Option<&'a Geolocation>,
    /// The proxy that was used before.
    pub(super) pinned: Option<&'a str>,
    /// What a proxy is drawn by among equals.
    pub(super) seed: &'a str,
}

impl Engine {
    /// The client for a question about a session that is being linked.
    pub(super) async fn client_of_session(
        &self,
        session: &LinkSession,
        provider: &Arc<dyn Provider>,
    ) -> Result<Client, Unavailable> {
        let own = match session.own_proxy() {
            Some(app) => Some(self.own_exit_of_session(session, app).await?),
            None => None,
        };
        let whose = session.id.to_string();
        Ok(self.client_leaving(provider, &whose, |provider| match own {
            Some(own) => own.map(Some),
            None => self.exit_of_session(session, provider),
        }))
    }

    /// The client for a question about a connection, or a call with it.
    pub(super) async fn client_of(
        &self,
        connection: &Connection,
        provider: &Arc<dyn Provider>,
    ) -> Result<Client, Unavailable> {
        self.way_of(connection, provider)
            .await
            .map(|(client, _)| client)
    }

    /// The same, and the proxy that was named for the connection, where it leaves through that.
    pub(super) async fn way_of(
        &self,
        connection: &Connection,
        provider: &Arc<dyn Provider>,
    ) -> Result<(Client, Option<Exit>), Unavailable> {
        let exit = match &connection.own_proxy {
            // Boxed, as what is rare is: calls would carry its room along.
            Some(app) => Box::pin(self.own_exit_of(connection, app)).await?.map(Some),
            None => self.exit_of(connection),
        };
        let own = connection.own_proxy.as_ref().and(exit.clone().ok());
        let client = self.client_leaving(provider, connection.id.as_str(), |_| exit);
        Ok((client, own.flatten()))
    }

    /// A client of this connection or link session that leaves so; one that reaches nothing where it cannot, so that nothing leaves directly that is not to.
    pub(super) fn client_leaving(
        &self,
        provider: &Arc<dyn Provider>,
        whose: &str,
        exit: impl FnOnce(&str) -> Result<Option<Exit>, NoExit>,
    ) -> Client {
        let described = provider.describe();
        match exit(&described.id) {
            Ok(exit) => self.egress.client(&described.reach, exit, whose),
            Err(why) => {
                tracing::warn!(provider = described.id, %why, "a request to a provider has no way out");
                Client::nowhere()
            }
        }
    }

    /// What traffic of a session that is being linked leaves through by its place.
    pub(super) fn exit_of_session(
        &self,
        session: &LinkSession,
        provider: &str,
    ) -> Result<Option<Exit>, NoExit> {
        let reconnect = session.request.reconnect.as_ref();
        let leaves = Leaves {
            environment: session.request.environment,
            place: session.place(),
            pinned: reconnect.and_then(|reconnect| reconnect.exit.as_deref()),
            seed: &session.id.to_string(),
        };
        self.exit(leaves, provider)
    }

    /// What traffic of a connection leaves through by its place.
    pub(super) fn exit_of(&self, connection: &Connection) -> Result<Option<Exit>, NoExit> {
        let leaves = Leaves {
            environment: connection.environment,
            place: connection.settings.egress.as_ref(),
            pinned: connection.exit.as_deref(),
            seed: connection.id.as_str(),
        };
        self.exit(leaves, &connection.provider)
    }

    /// `None` where it leaves directly. In the sandbox nothing leaves, so that every place will do.
    pub(super) fn exit(&self, leaves: Leaves<'_>, provider: &str) -> Result<Option<Exit>, NoExit> {
        let Some(place) = leaves.place else {
            return Ok(None);
        };
        if leaves.environment == Environment::Sandbox {
            return Ok(None);
        }
        let exits = self.egress.exits();
        exits
            .choose(place, provider, leaves.pinned, leaves.seed)
            .map(Some)
    }

    /// Ties a connection that was signed in to in a session to the place and the proxy that were used for it.
    pub(super) fn leave_as(&self, session: &LinkSession, connection: &mut Connection) {
        let exit = match session.own_proxy() {
            Some(_) => None,
            None => name_of(self.exit_of_session(session, &connection.provider)),
        };
        connection.leave_from(session.place(), exit);
    }
}

/// The name of the proxy that is kept with a connection.
pub(super) fn name_of(exit: Result<Option<Exit>, NoExit>) -> Option<String> {
    exit.ok().flatten()?.name().map(str::to_owned)
}
