//! The one way out of the process: for webhooks, and for providers.
//!
//! Names are resolved here, every address is judged, and the connection goes to an address that was judged: there is no
//! second look-up. Redirects are not followed, proxies of the environment are not used, and nothing is decompressed.

mod addresses;
mod client;
mod connect;
mod exchange;
mod exit;
mod names;
mod probe;
mod proxy_url;
mod target;
mod tunnel;
mod underway;

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use url::Host;

pub use self::{
    addresses::Network,
    exchange::Streamed,
    exit::{Exit, Exits, NoExit, Proxy},
    proxy_url::{ProxyUrl, check_proxy_url},
    target::{Target, UrlProblem},
};
use self::{
    addresses::{Standing, standing},
    connect::Ways,
};

/// What the operator has allowed.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Networks beyond the public ones.
    pub allow: Vec<Network>,
    /// Ports at public addresses.
    pub ports: Vec<u16>,
    /// A file of further certificate authorities, PEM.
    pub ca_file: Option<PathBuf>,
    /// Outbound proxies.
    pub proxies: Vec<Proxy>,
}

impl Rules {
    /// Nothing but public addresses, at ports 443 and 80.
    pub fn strict() -> Self {
        Self {
            allow: Vec::new(),
            ports: vec![80, 443],
            ca_file: None,
            proxies: Vec::new(),
        }
    }

    /// This machine as well, at any port and without TLS: for development.
    pub fn loopback() -> Self {
        let this_machine = ["127.0.0.0/8", "::1/128"];
        Self {
            allow: this_machine
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
            ..Self::strict()
        }
    }

    /// Anywhere but to clouds' own services: for a command that a person starts on their own machine.
    pub fn anywhere() -> Self {
        let everything = ["0.0.0.0/0", "::/0"];
        Self {
            allow: everything
                .iter()
                .filter_map(|text| text.parse().ok())
                .collect(),
            ..Self::strict()
        }
    }

    /// How a host that is an address stands; `None` for a name.
    fn literal(&self, host: &Host<String>) -> Option<Standing> {
        let ip = match host {
            Host::Ipv4(ip) => IpAddr::V4(*ip),
            Host::Ipv6(ip) => IpAddr::V6(*ip),
            Host::Domain(_) => return None,
        };
        Some(standing(ip, &self.allow))
    }

    /// Whether a host is a name of this machine, and this machine is allowed.
    fn is_local(&self, host: &Host<String>) -> bool {
        let Host::Domain(name) = host else {
            return false;
        };
        let name = name.trim_end_matches('.');
        let local = name == "localhost" || name.ends_with(".localhost");
        local && standing(std::net::Ipv4Addr::LOCALHOST.into(), &self.allow) == Standing::Allowed
    }
}

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For connecting, TLS included.
    pub connect: Duration,
    /// For the whole exchange, the answer's body included.
    pub total: Duration,
    /// Bytes of the answer's body that are read at most; then the connection is dropped.
    pub answer: usize,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// 100 to 599.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The beginning of its body.
    pub body: Bytes,
}

/// Why there is no answer. What is told of it outside is the same for an address that is not allowed, a name that does
/// not resolve, and a connection that is refused, so that nobody can look at what is inside by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There was no connection.
    #[error("could not be reached")]
    Unreachable,
    /// It took too long.
    #[error("did not answer in time")]
    Timeout,
    /// The connection broke, or what came was no HTTP.
    #[error("broke off or did not answer with HTTP")]
    Broken,
    /// The certificate is not to be trusted, or TLS failed otherwise.
    #[error("has no certificate that can be trusted")]
    Tls,
    /// None of the outbound proxies that it could have gone through works.
    #[error("could not be reached: no outbound proxy works")]
    NoProxy,
}

impl Failure {
    /// Counts a request that came to this.
    fn count(failure: Option<Self>) {
        let name = match failure {
            None => "answered",
            Some(Self::Unreachable) => "unreachable",
            Some(Self::Timeout) => "timeout",
            Some(Self::Broken) => "broken",
            Some(Self::Tls) => "tls",
            Some(Self::NoProxy) => "no_proxy",
        };
        metrics::counter!("linchpin_egress_requests_total", "outcome" => name).increment(1);
    }
}

/// Why there is no way out at all.
#[derive(Debug, thiserror::Error)]
#[error("egress.ca_file: {0}")]
pub struct EgressError(String);

/// A handle on the way out; cheap to clone.
#[derive(Clone)]
pub struct Egress {
    rules: Arc<Rules>,
    ways: Arc<Ways>,
    exits: Arc<Exits>,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Egress")
    }
}

impl Egress {
    /// A way out under these rules.
    ///
    /// # Errors
    ///
    /// Where the file of certificate authorities cannot be read.
    pub fn new(rules: Rules) -> Result<Self, EgressError> {
        let ways = Ways::new(rules.ca_file.as_deref()).map_err(EgressError)?;
        Ok(Self {
            exits: Arc::new(Exits::new(rules.proxies.clone())),
            rules: Arc::new(rules),
            ways: Arc::new(ways),
        })
    }

    /// The outbound proxies.
    pub fn exits(&self) -> &Exits {
        &self.exits
    }

    /// Looks at a URL, as far as that is possible without asking for its addresses.
    pub fn check_url(&self, url: &str) -> Result<Target, UrlProblem> {
        Target::parse(url, &self.rules)
    }

    /// Sends a POST and reads the beginning of the answer.
    pub async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
        limits: Limits,
    ) -> Result<Answered, Failure> {
        let exchange = self.exchange(target, headers, body, limits);
        let outcome = tokio::time::timeout(limits.total, exchange).await;
        let outcome = outcome.unwrap_or(Err(Failure::Timeout));
        Failure::count(outcome.as_ref().err().copied());
        outcome
    }
}
