//! Whether outbound proxies work.

use std::time::Duration;

use futures_util::future::join_all;
use url::Host;

use super::{
    Egress,
    exit::Hop,
    proxy_url::Kind,
    tunnel::{Obstacle, open},
};

/// How often those that did not work are looked at.
const DOWN_EVERY: Duration = Duration::from_secs(2);
/// Looks at those until all are looked at.
const LOOKS: u32 = 5;
/// How long a proxy may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// What HTTP proxies are asked for: a name that no resolver has (RFC 6761), so that nobody is connected to.
const NOBODY: &str = "probe.invalid";

impl Egress {
    /// Looks at all outbound proxies every ten seconds, and every two at those that did not work; without an end, unless
    /// there are none.
    pub async fn keep_probing(self) {
        while !self.exits.is_empty() {
            for look in 0..LOOKS {
                let due = self.exits.hops();
                let due = due.filter(|hop| look == 0 || !hop.is_up());
                join_all(due.map(|hop| self.probe(hop))).await;
                tokio::time::sleep(DOWN_EVERY).await;
            }
        }
    }

    async fn probe(&self, hop: &Hop) {
        let answered = tokio::time::timeout(ANSWER, self.answers(hop)).await;
        hop.found(match answered {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Obstacle::Proxy(why))) => Err(why),
            Ok(Err(Obstacle::Target)) => Ok(()),
            Err(_) => Err("it does not answer in time"),
        });
    }

    /// Has a proxy check its credentials. Of SOCKS5 that comes before everything else; an HTTP proxy has to be asked for
    /// something.
    async fn answers(&self, hop: &Hop) -> Result<(), Obstacle> {
        let url = hop.url();
        let stream = self.reach_proxy(hop).await?;
        if url.kind == Kind::Socks5 {
            return Ok(());
        }
        let nobody = Host::Domain(NOBODY.to_owned());
        open(url, stream, &nobody, 443).await.map(|_| ())
    }
}
