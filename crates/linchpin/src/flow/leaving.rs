//! How traffic of a sign-in is to leave, as a whitelabel app wishes it.

use linchpin_provider::Secret;

use super::{Caller, Engine, NotTaken, Unavailable};
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
    pub(super) fn check_leaving(
        &self,
        session: &LinkSession,
        leaving: &Leaving,
        providers: &[String],
    ) -> Result<(), NotTaken> {
        let is_live = session.request.environment == Environment::Live;
        if let Some(place) = &leaving.geolocation {
            self.check_place(session.request.environment, place, providers)
                .map_err(|places| NotTaken::NoEgress { places })?;
        }
        let Some(url) = &leaving.url else {
            return Ok(());
        };
        let refused = |message: String| NotTaken::Field {
            field: "proxy.url",
            message,
        };
        let app = &session.request.app;
        let directory = self.directory();
        if !directory
            .app(app)
            .is_some_and(|app| app.dangerous_custom_proxy)
        {
            return Err(refused(format!(
                "the operator has not allowed {app} proxies of its own; leave it out, or have it allowed with \
                 `linchpin app update {app} --dangerous-custom-proxy=true`"
            )));
        }
        check_proxy_url(url.reveal()).map_err(|problem| refused(problem.to_string()))?;
        match is_live {
            true => Err(refused(
                "no provider of this server can be reached through a proxy of your own yet; leave it out".to_owned(),
            )),
            false => Ok(()),
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
