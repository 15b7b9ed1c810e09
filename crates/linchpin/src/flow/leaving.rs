//! How traffic of a sign-in is to leave, as a whitelabel app wishes it.

use linchpin_provider::Secret;

use super::{Engine, NotTaken};
use crate::{
    domain::{environment::Environment, geolocation::Geolocation, link_session::LinkSession},
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
    ) -> Result<(), NotTaken> {
        let is_live = session.request.environment == Environment::Live;
        if leaving.geolocation.is_some() && is_live {
            return Err(NotTaken::NoEgress);
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
}
