//! The listener for machines that watch: `/metrics` and `/readyz`.

use std::net::SocketAddr;

use tokio::task::JoinHandle;

use super::{Refused, running};
use crate::{
    http::{self, Shutdown},
    metrics,
    server::Server,
};

/// The listener, where one is wanted. It outlives the others, so that it can say that the server is ending.
pub struct Private(Option<(Shutdown, JoinHandle<usize>)>);

impl Private {
    /// Starts listening; from here on the process keeps metrics.
    pub async fn start(address: Option<SocketAddr>, server: &Server) -> Result<Self, Refused> {
        let Some(address) = address else {
            return Ok(Self(None));
        };
        let remedy = "Choose another address with --metrics";
        let listener = running::bind(address, remedy).await?;
        tracing::info!(address = %listener.local_addr()?, "metrics and readiness are served");
        let kept = metrics::install()?;
        let routes = metrics::routes(kept, server.engine.clone(), server.shutdown.clone());
        let end = Shutdown::new();
        let serving = http::serve(
            listener,
            routes,
            http::Options::of_a_side_door(),
            end.clone(),
        );
        Ok(Self(Some((end, tokio::spawn(serving)))))
    }

    /// Ends it, after everything else has ended.
    pub async fn end(self) {
        if let Some((end, serving)) = self.0 {
            end.trigger();
            serving.await.unwrap_or_default();
        }
    }
}
