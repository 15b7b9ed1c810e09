//! A client that names an outbound proxy to whoever sends requests of its own.

use http::{Request, Response};
use linchpin_provider::{Body, Client, Secret, SendError, Transport};

/// The same client, whose connector has to leave through this proxy.
pub(super) fn behind(client: &Client, proxy: Secret) -> Client {
    Client::new(Placed {
        client: client.clone(),
        proxy,
    })
}

struct Placed {
    client: Client,
    proxy: Secret,
}

#[async_trait::async_trait]
impl Transport for Placed {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        self.client.send(request).await
    }

    fn proxy(&self) -> Result<Option<Secret>, SendError> {
        Ok(Some(self.proxy.clone()))
    }
}
