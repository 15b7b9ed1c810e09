//! The way to a provider's hosts. The server opens it; a provider has no other.

use std::{fmt, sync::Arc};

use http::{Request, Response};

use crate::Body;

/// Sends requests of a provider for one link session or one connection.
///
/// What is sent leaves from that session's place in the world, goes only to hosts that the provider's
/// [`Reach`](crate::Reach) names, and only to addresses that the operator allows. Redirects are not followed, nothing is
/// decompressed, no cookie is kept, and environment proxies are not used. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<dyn Transport>);

/// What carries out the requests of a [`Client`].
#[async_trait::async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends one request; its URI is absolute, with scheme `https` or `http`. Answers as soon as the head of the answer is
    /// there.
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError>;

    /// The outbound proxy that requests leave through, for a provider whose requests another program sends
    /// (`http://`, `https://` or `socks5h://`, with its credentials); `None` is directly.
    ///
    /// [`SendError::Unreachable`] where there should be one and none works: nothing may be sent then, directly least of
    /// all.
    fn proxy(&self) -> Result<Option<crate::Secret>, SendError> {
        Ok(None)
    }
}

/// Why a request got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendError {
    /// No connection came about, so that nothing was sent: no such host, refused, an address that is not allowed, a
    /// certificate that is not to be trusted, no proxy for the place.
    Unreachable,
    /// It took too long.
    TooSlow,
    /// The connection broke, or what came is no HTTP; what was sent may have had its effect.
    Broken,
}

impl Client {
    /// A client whose requests this carries out.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }

    /// A client that reaches nothing: for providers that need no network, and for tests.
    pub fn nowhere() -> Self {
        Self::new(Nowhere)
    }

    /// Sends one request; see [`Transport::send`].
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>, SendError> {
        self.0.send(request).await
    }

    /// The outbound proxy that requests leave through; see [`Transport::proxy`].
    pub fn proxy(&self) -> Result<Option<crate::Secret>, SendError> {
        self.0.proxy()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

struct Nowhere;

#[async_trait::async_trait]
impl Transport for Nowhere {
    async fn send(&self, _request: Request<Body>) -> Result<Response<Body>, SendError> {
        Err(SendError::Unreachable)
    }

    fn proxy(&self) -> Result<Option<crate::Secret>, SendError> {
        Err(SendError::Unreachable)
    }
}
