//! How a session's traffic leaves.

use super::LinkSession;
use crate::domain::{geolocation::Geolocation, public_id::AppId};

impl LinkSession {
    /// Where traffic to the provider is to leave from; `None` is from here.
    pub fn place(&self) -> Option<&Geolocation> {
        self.state
            .place
            .as_ref()
            .or(self.request.geolocation.as_ref())
    }

    /// The app that has named the proxy that traffic to the provider is to leave through, at this sign-in or at that of the
    /// connection that is signed in to again; `None` where none has.
    pub fn own_proxy(&self) -> Option<&AppId> {
        let reconnect = self.request.reconnect.as_ref();
        let before = reconnect.and_then(|reconnect| reconnect.own_proxy.as_ref());
        match &self.state.proxy {
            Some(_) => Some(&self.request.app),
            None => before,
        }
    }
}
