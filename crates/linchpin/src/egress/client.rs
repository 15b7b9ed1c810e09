//! The client of a provider: only to its own hosts, from the place that was chosen.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use http::{
    Request, Response, StatusCode, Uri,
    uri::{Authority, Scheme},
};
use linchpin_provider::{Body, Client, Reach, Secret, SendError, Transport};
use url::Host;

use super::{
    Egress, Exit, Failure, Network, Target,
    addresses::{Standing, standing},
    connect::Route,
};

/// How long connecting may take, names and TLS included, at each address.
const CONNECT: Duration = Duration::from_secs(5);

/// Ends of names that mean something within a network only.
const INSIDE: [&str; 5] = ["home.arpa", "internal", "lan", "local", "localdomain"];

impl Egress {
    /// A client for a provider that reaches these hosts and nothing else; through an outbound proxy, but for those that are
    /// always reached directly, or directly.
    ///
    /// Its requests go to public addresses, those of `egress.allow`, and those of the private networks of `reach`; only
    /// within the last are they sent without TLS. Hosts and networks that cannot be read are left out.
    ///
    /// `whose` names the connection or link session that asks: kept connections are used again by nobody else.
    pub fn client(&self, reach: &Reach, exit: Option<Exit>, whose: &str) -> Client {
        let networks = reach.private_networks.iter();
        let read = |hosts: &[String]| hosts.iter().filter_map(|host| host.parse().ok()).collect();
        Client::new(ProviderClient {
            egress: self.clone(),
            hosts: read(&reach.hosts),
            direct: read(&reach.direct),
            networks: networks.filter_map(|text| text.parse().ok()).collect(),
            exit,
            whose: whose.into(),
        })
    }
}

struct ProviderClient {
    egress: Egress,
    hosts: Vec<Authority>,
    /// Those of them that no proxy is used for.
    direct: Vec<Authority>,
    networks: Vec<Network>,
    exit: Option<Exit>,
    whose: Arc<str>,
}

#[async_trait::async_trait]
impl Transport for ProviderClient {
    async fn send(&self, mut request: Request<Body>) -> Result<Response<Body>, SendError> {
        let (target, exit) = self.target(request.uri()).ok_or(SendError::Unreachable)?;
        *request.uri_mut() = without_host(std::mem::take(request.uri_mut()));
        let outcome = self.exchange(&target, exit, request).await;
        Failure::count(outcome.as_ref().err().copied());
        outcome.map_err(|failure| match failure {
            // Connecting has a limit, and nothing else here has one.
            Failure::Unreachable | Failure::Tls | Failure::Timeout | Failure::NoProxy => {
                SendError::Unreachable
            }
            Failure::Broken => SendError::Broken,
        })
    }

    fn proxy(&self) -> Result<Option<Secret>, SendError> {
        let Some(exit) = &self.exit else {
            return Ok(None);
        };
        // While none works nobody may take that for leave to go directly.
        let hop = exit.working().next().ok_or(SendError::Unreachable)?;
        // Whoever is told it would look up its name without judging the addresses.
        if hop.is_developers() {
            return Err(SendError::Unreachable);
        }
        Ok(Some(hop.url().whole()))
    }
}

impl ProviderClient {
    async fn exchange(
        &self,
        target: &Target,
        exit: Option<&Exit>,
        request: Request<Body>,
    ) -> Result<Response<Body>, Failure> {
        let route = match exit {
            Some(exit) if self.may_through(exit, target) => Route::Through(exit),
            Some(_) => return Err(Failure::Unreachable),
            None => {
                let judged = self.egress.addresses(target, |ip| self.may(target, ip));
                let judged = tokio::time::timeout(CONNECT, judged).await;
                Route::Direct(judged.unwrap_or(Err(Failure::Timeout))?)
            }
        };
        let underway = self.egress.begin(target, &route, request, CONNECT);
        let underway = underway.await?;
        match underway.response.status() {
            // Nobody asks for another protocol.
            StatusCode::SWITCHING_PROTOCOLS => Err(Failure::Broken),
            _ => Ok(self.egress.streaming(underway)),
        }
    }

    /// Where a request goes and through what; `None` where that is none of the provider's hosts.
    fn target(&self, uri: &Uri) -> Option<(Target, Option<&Exit>)> {
        let tls = uri.scheme() == Some(&Scheme::HTTPS);
        if !tls && uri.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        let usual = if tls { 443 } else { 80 };
        let authority = uri.authority()?;
        let port = authority.port_u16().unwrap_or(usual);
        let is = |host: &Authority| {
            host.host().eq_ignore_ascii_case(authority.host())
                && host.port_u16().unwrap_or(usual) == port
        };
        if !self.hosts.iter().any(is) || authority.as_str().contains('@') {
            tracing::debug!("a provider asked for a host that it does not name");
            return None;
        }
        let exit = self.exit.as_ref().filter(|_| !self.direct.iter().any(is));
        Some((
            Target::of_host(tls, authority.host(), port, &self.whose)?,
            exit,
        ))
    }

    fn may(&self, target: &Target, ip: IpAddr) -> bool {
        let own = standing(ip, &self.networks) == Standing::Allowed;
        own || (target.tls && standing(ip, &self.egress.rules.allow) != Standing::Forbidden)
    }

    /// Whether a proxy may be asked for a target. It looks up names itself, so that of them only those can be judged that
    /// are of no public network. What goes through a developer's proxy is never sent in clear.
    fn may_through(&self, exit: &Exit, target: &Target) -> bool {
        if exit.is_developers() && !target.tls {
            return false;
        }
        let Host::Domain(name) = &target.host else {
            return target.literal().is_some_and(|ip| self.may(target, ip));
        };
        let name = name.trim_end_matches('.');
        let is_below = |top: &str| {
            let rest = name.strip_suffix(top);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if is_below("localhost") {
            return self.may(target, Ipv4Addr::LOCALHOST.into());
        }
        let inside = !name.contains('.') || INSIDE.iter().any(|top| is_below(top));
        target.tls && (!inside || !self.networks.is_empty())
    }
}

/// A URI as it is sent to the host itself: path and query.
fn without_host(uri: Uri) -> Uri {
    let path = uri.into_parts().path_and_query;
    path.map(Uri::from).unwrap_or_default()
}
