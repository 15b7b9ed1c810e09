//! How traffic of a sign-in is to leave, as a whitelabel app wishes it.

use linchpin_provider::Secret;

use super::{Caller, Engine, NotTaken, Unavailable, own_proxy::refused};
use crate::{
    domain::{
        connection::Connection, environment::Environment, geolocation::Geolocation,
        link_session::LinkSession,
    },
    egress::check_proxy_url,
};

/// How traffic to the provider is to leave.
#[derive(Debug, Default)]
pub struct Leaving {
    /// `proxy.geo`
    pub geolocation: Option<Geolocation>,
    /// `proxy.url`; it may hold a password.
    pub url: Option<Secret>,
}

impl Engine {
    /// Whether traffic can leave as it is wished. In the sandbox nothing leaves, so what is well-formed is taken.
    pub(super) async fn check_leaving(
        &self,
        session: &LinkSession,
        leaving: &Leaving,
        provider: &str,
    ) -> Result<(), NotTaken> {
        let app = &session.request.app;
        if let Some(place) = &leaving.geolocation {
            check_choice(session, leaving)?;
            self.check_place(session.request.environment, place, &[provider])
                .map_err(|places| NotTaken::NoEgress { places })?;
        }
        let Some(url) = &leaving.url else {
            return Ok(());
        };
        if !self.allows_own_proxy(app) {
            return Err(refused(format!(
                "the operator has not allowed {app} proxies of its own; leave it out, or have it allowed with \
                 `linchpin app update {app} --dangerous-custom-proxy=true`"
            )));
        }
        match self.provider(provider) {
            Some(provider) if session.request.environment == Environment::Live => {
                self.check_own_proxy(url, provider.as_ref()).await
            }
            _ => {
                let looked = check_proxy_url(url.reveal());
                looked
                    .map(drop)
                    .map_err(|problem| refused(problem.to_string()))
            }
        }
    }

    /// Whether traffic of one of these providers can leave from a place; in the sandbox, from any.
    ///
    /// # Errors
    ///
    /// The places that there are, for people; empty where there are none.
    pub(super) fn check_place(
        &self,
        environment: Environment,
        place: &Geolocation,
        providers: &[impl AsRef<str>],
    ) -> Result<(), String> {
        let exits = self.egress.exits();
        match environment == Environment::Sandbox || exits.offers(place, providers) {
            true => Ok(()),
            false => Err(exits.places(providers)),
        }
    }

    /// The same for settings: of a connection, or of all that will be.
    ///
    /// # Errors
    ///
    /// The places that there are, for people; empty where there are none.
    pub fn check_settings_place(
        &self,
        caller: &Caller,
        place: &Geolocation,
        connection: Option<&Connection>,
    ) -> Result<(), String> {
        match connection {
            Some(connection) => {
                self.check_place(caller.environment, place, &[&connection.provider])
            }
            None => {
                let known = self.providers_in(caller.environment);
                let ids: Vec<_> = known.iter().map(|known| &known.describe().id).collect();
                self.check_place(caller.environment, place, &ids)
            }
        }
    }

    /// Where traffic of a caller's new connections leaves from where nothing is said.
    pub(super) async fn usual_place(
        &self,
        caller: &Caller,
    ) -> Result<Option<Geolocation>, Unavailable> {
        if self.egress.exits().is_empty() {
            return Ok(None);
        }
        Ok(self.account_settings(caller).await?.egress)
    }
}

/// That a place is wished for only where it decides.
fn check_choice(session: &LinkSession, leaving: &Leaving) -> Result<(), NotTaken> {
    let refused = |message: &str| {
        Err(NotTaken::Field {
            field: "proxy.geo",
            message: message.to_owned(),
        })
    };
    let reconnect = session.request.reconnect.as_ref();
    if leaving.url.is_some() {
        return refused("leave it out: with proxy.url, traffic leaves from wherever that proxy is");
    }
    match reconnect.is_some_and(|reconnect| reconnect.own_proxy.is_some()) {
        true => refused(
            "leave it out: traffic of this connection leaves through the proxy that was named for it; another takes its place by proxy.url",
        ),
        false => Ok(()),
    }
}
