//! Names to addresses that may be gone to, and connections to those.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use linchpin_provider::Body;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::Host;

use super::{
    Egress, Exit, Failure, Target,
    addresses::{Standing, standing},
    exit::Hop,
    names::Names,
    tunnel::{Obstacle, Wire, open},
};

/// For how long an idle connection is kept.
const IDLE_FOR: Duration = Duration::from_secs(20);
/// How long a kept connection may take until a request can be sent over it; a moment, unless its last answer came early.
const READY: Duration = Duration::from_millis(100);
/// How often idle connections are looked through.
const IDLE_LOOK: Duration = Duration::from_secs(5);
/// Idle connections to one address that are kept at most.
const IDLE_MAX: usize = 128;
/// Addresses of names to which connections are kept at most.
const WAYS_MAX: usize = 1_024;
/// Bytes of an answer's head at most, and of its body that are read ahead.
const BUFFER_MAX: usize = 32_768;

/// The way to send over one connection.
pub type Sender = SendRequest<Body>;

/// What connections are kept by. The judged address is part of it, so that a name that has moved does not find them, and
/// whose they are, so that no answer of one account can be taken for one of another, whatever a platform sends.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Way {
    tls: bool,
    authority: String,
    whose: Option<Arc<str>>,
    leads: Leads,
}

/// Where a connection itself goes.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Leads {
    To(SocketAddr),
    Through(Hop),
}

/// How a target is reached.
pub(super) enum Route<'a> {
    /// At one of these judged addresses.
    Direct(Vec<SocketAddr>),
    /// Through a proxy.
    Through(&'a Exit),
}

/// What the process remembers of the ways out.
pub struct Ways {
    tls: TlsConnector,
    pub(super) names: Names,
    idle: Mutex<Idle>,
}

/// Connections that nothing is sent over at the moment.
#[derive(Default)]
struct Idle {
    kept: HashMap<Way, Vec<(Instant, Sender)>>,
    /// Whether somebody looks through them now and then.
    watched: bool,
}

impl Ways {
    /// Reads the certificate authorities: those of the system, and those of a file.
    pub fn new(ca_file: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        if let Some(file) = ca_file {
            let told = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
            let certificates = CertificateDer::pem_file_iter(file).map_err(|e| told(&e))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|e| told(&e))?;
                roots.add(certificate).map_err(|e| told(&e))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            names: Names::default(),
            idle: Mutex::default(),
        })
    }

    /// A kept connection that was not closed yet.
    fn take(&self, way: &Way) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.kept.get_mut(way)?;
        while let Some((since, sender)) = kept.pop() {
            if since.elapsed() < IDLE_FOR && !sender.is_closed() {
                return Some(sender);
            }
        }
        idle.kept.remove(way);
        None
    }

    /// Keeps a connection for the next request. Says whether nobody looks through those that are kept yet.
    fn keep(&self, way: Way, sender: Sender) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.kept.len() < WAYS_MAX || idle.kept.contains_key(&way) {
            let kept = idle.kept.entry(way).or_default();
            if kept.len() < IDLE_MAX {
                kept.push((Instant::now(), sender));
            }
        }
        !std::mem::replace(&mut idle.watched, true)
    }

    /// Ends what has been idle for long enough or was closed by the other side. Says whether anything is kept still.
    fn let_go(&self) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.kept.retain(|_, kept| {
            kept.retain(|(since, sender)| since.elapsed() < IDLE_FOR && !sender.is_closed());
            !kept.is_empty()
        });
        idle.watched = !idle.kept.is_empty();
        idle.watched
    }
}

impl Egress {
    /// The addresses that a target may be reached at; all of them, or none: one that is not allowed refuses the name.
    pub(super) async fn addresses(
        &self,
        target: &Target,
        may: impl Fn(IpAddr) -> bool,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let found = match (&target.host, target.literal()) {
            (_, Some(ip)) => vec![ip],
            (Host::Domain(name), None) => self.ways.names.resolve(name, target.port).await?,
            (_, None) => Vec::new(),
        };
        if found.is_empty() {
            return Err(Failure::Unreachable);
        }
        if !found.iter().all(|ip| may(*ip)) {
            let host = &target.authority;
            tracing::debug!(%host, "an outgoing request was refused: an address is not allowed");
            return Err(Failure::Unreachable);
        }
        let addresses = found
            .into_iter()
            .map(|ip| SocketAddr::new(ip.to_canonical(), target.port));
        Ok(addresses.collect())
    }

    /// Whether an address may be gone to with what the operator has allowed.
    pub(super) fn may(&self, target: &Target, ip: IpAddr) -> bool {
        match standing(ip, &self.rules.allow) {
            Standing::Allowed => true,
            Standing::Public => target.tls && self.rules.ports.contains(&target.port),
            Standing::Forbidden => false,
        }
    }

    /// A connection to a target, and what it is kept by: a kept one, or a new one, which may take so long at each address
    /// and proxy. Says whether it is a new one.
    pub(super) async fn way_out(
        &self,
        target: &Target,
        route: &Route<'_>,
        most: Duration,
    ) -> Result<(Way, Sender, bool), Failure> {
        let way = |leads| Way {
            tls: target.tls,
            authority: target.authority.clone(),
            whose: target.whose.clone(),
            leads,
        };
        let mut last = Failure::Unreachable;
        match route {
            Route::Direct(addresses) => {
                for address in addresses {
                    let way = way(Leads::To(*address));
                    if let Some(sender) = self.kept(&way).await {
                        return Ok((way, sender, false));
                    }
                }
                for address in addresses {
                    // Boxed: who uses a kept connection does not carry the room of this along.
                    match Box::pin(within(most, self.connect(target, *address))).await {
                        Ok(sender) => return Ok((way(Leads::To(*address)), sender, true)),
                        Err(failure) => last = failure,
                    }
                }
            }
            Route::Through(exit) => {
                last = Failure::NoProxy;
                for hop in exit.working() {
                    let way = way(Leads::Through(hop.clone()));
                    if let Some(sender) = self.kept(&way).await {
                        return Ok((way, sender, false));
                    }
                    match Box::pin(self.connect_through(hop, target, most)).await {
                        Ok(sender) => return Ok((way, sender, true)),
                        Err(Failure::NoProxy) => {}
                        Err(failure) => return Err(failure),
                    }
                }
            }
        }
        Err(last)
    }

    /// A kept connection of this way.
    async fn kept(&self, way: &Way) -> Option<Sender> {
        while let Some(mut sender) = self.ways.take(way) {
            if sender.is_ready() {
                return Some(sender);
            }
            // Its task may not have seen yet that the answer before is over.
            let ready = tokio::time::timeout(READY, sender.ready()).await;
            if matches!(ready, Ok(Ok(()))) {
                return Some(sender);
            }
        }
        None
    }

    /// Keeps a connection for the next request, and sees to it that it ends when there is none.
    pub(super) fn keep(&self, way: Way, sender: Sender) {
        if self.ways.keep(way, sender) {
            let ways = Arc::clone(&self.ways);
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(IDLE_LOOK).await;
                    if !ways.let_go() {
                        return;
                    }
                }
            });
        }
    }

    /// Connects to an address that was judged.
    pub(super) async fn connect(
        &self,
        target: &Target,
        address: SocketAddr,
    ) -> Result<Sender, Failure> {
        let stream = TcpStream::connect(address)
            .await
            .map_err(|_| Failure::Unreachable)?;
        stream.set_nodelay(true).unwrap_or_default();
        match target.tls {
            true => over(TokioIo::new(self.secured(&target.host, stream).await?)).await,
            false => over(TokioIo::new(stream)).await,
        }
    }

    /// Connects through a proxy. What of that the proxy alone has to do with is [`Failure::NoProxy`], and the proxy is left
    /// out from then on.
    async fn connect_through(
        &self,
        hop: &Hop,
        target: &Target,
        most: Duration,
    ) -> Result<Sender, Failure> {
        let left_out = |why| {
            hop.found(Err(why));
            Failure::NoProxy
        };
        let url = hop.url();
        let reached = tokio::time::timeout(most, self.reach_proxy(hop)).await;
        let stream = match reached.unwrap_or(Err(Obstacle::Proxy("it does not answer in time"))) {
            Ok(stream) => stream,
            Err(Obstacle::Proxy(why)) => return Err(left_out(why)),
            Err(Obstacle::Target) => return Err(Failure::Unreachable),
        };
        within(most, async {
            let stream = open(url, stream, &target.host, target.port).await;
            let stream = stream.map_err(|obstacle| match obstacle {
                Obstacle::Proxy(why) => left_out(why),
                Obstacle::Target => Failure::Unreachable,
            })?;
            match target.tls {
                true => over(TokioIo::new(self.secured(&target.host, stream).await?)).await,
                false => over(TokioIo::new(stream)).await,
            }
        })
        .await
    }

    /// TLS with a host, whose certificate must be good for its name or address.
    pub(super) async fn secured<S: Wire>(
        &self,
        host: &Host<String>,
        stream: S,
    ) -> Result<TlsStream<S>, Failure> {
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned()),
            Host::Ipv4(ip) => Ok(ServerName::from(IpAddr::V4(*ip))),
            Host::Ipv6(ip) => Ok(ServerName::from(IpAddr::V6(*ip))),
        };
        let name = name.map_err(|_| Failure::Tls)?;
        let connected = self.ways.tls.connect(name, stream).await;
        connected.map_err(|_| Failure::Tls)
    }
}

/// Does something within a time.
async fn within<T>(
    most: Duration,
    what: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let done = tokio::time::timeout(most, what).await;
    done.unwrap_or(Err(Failure::Timeout))
}

/// Speaks HTTP/1.1 over a stream, which a task of its own drives until the sender is dropped.
async fn over<S>(stream: S) -> Result<Sender, Failure>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let handshake = Builder::new().max_buf_size(BUFFER_MAX).handshake(stream);
    let (sender, connection) = handshake.await.map_err(|_| Failure::Broken)?;
    tokio::spawn(async move {
        // How it ended is told to whoever waits for an answer.
        connection.await.unwrap_or_default();
    });
    Ok(sender)
}
