//! The accept loop.

use std::io::{self, Write};
use std::net::{self, IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt;
use hyper::server::conn::http1;
use tokio::net::{TcpListener, TcpStream};

use super::address_prefix::TrustedProxies;
use super::client_address::ClientAddress;
use super::connection;
use super::limits::Limits;
use super::matched_path::NoteTemplate;
use super::raw_answer::RawAnswer;
use super::refusal::Refusal;
use super::seats::Seats;
use super::shutdown::Shutdown;

/// Pause after a failed accept: without descriptors or memory the next one would fail too.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(20);
/// How long cut connections may take to be dropped.
const AFTER_CUT: Duration = Duration::from_secs(1);

/// How a server treats its clients.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How much of anything a client may take.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether answers carry `Strict-Transport-Security` (one year): set it when
    /// the public URL of this server is https.
    pub strict_transport: bool,
}

impl Options {
    /// For a listener that few use, beside the public one.
    pub fn of_a_side_door() -> Self {
        Self {
            limits: Limits::of_a_side_door(),
            ..Self::default()
        }
    }
}

/// What all connections of one server share.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) router: Router,
    pub(super) protocol: http1::Builder,
    pub(super) limits: Arc<Limits>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) strict_transport: bool,
    pub(super) seats: Arc<Seats>,
    pub(super) in_flight: AtomicUsize,
}

/// Serves the router on the listener until the shutdown is triggered and all connections are done.
///
/// After the trigger the listener is closed, idle connections end at once, requests in hand get
/// their answers with `Connection: close`, and what is left after [`Limits::drain_timeout`] is
/// cut. Returns how many connections were cut. Dropping the future instead stops accepting, but
/// leaves open connections to themselves.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    options: Options,
    shutdown: Shutdown,
) -> usize {
    let limits = Arc::new(options.limits);
    let server = Arc::new(Server {
        router: router.layer(NoteTemplate).with_state(()),
        protocol: connection::protocol(&limits),
        trusted_proxies: options.trusted_proxies,
        strict_transport: options.strict_transport,
        seats: Seats::new(limits.connections, limits.connections_per_address),
        in_flight: AtomicUsize::new(0),
        limits,
    });
    accept_until(&server, &listener, &shutdown).await;
    // Whoever completed the handshake before the listener closes is still served.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        server.admit(stream, peer);
    }
    drop(listener);
    drain(&server).await
}

async fn accept_until(server: &Arc<Server>, listener: &TcpListener, shutdown: &Shutdown) {
    let mut triggered = std::pin::pin!(shutdown.triggered());
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut triggered => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => server.admit(stream, peer),
            Err(error) if is_about_the_client(&error) => {}
            Err(error) => {
                // Out of descriptors, most likely: a slow client gives its own up.
                let evicted = server.seats.evict_one();
                tracing::warn!(%error, evicted, "a connection could not be accepted");
                tokio::select! {
                    () = &mut triggered => return,
                    () = tokio::time::sleep(AFTER_FAILED_ACCEPT) => {}
                }
            }
        }
    }
}

async fn drain(server: &Server) -> usize {
    let seats = &server.seats;
    seats.drain();
    let emptied = tokio::time::timeout(server.limits.drain_timeout, seats.emptied()).await;
    if emptied.is_ok() {
        return 0;
    }
    let cut = seats.cut();
    tracing::warn!(
        connections = cut,
        "connections were cut: their answers took too long"
    );
    let _ = tokio::time::timeout(AFTER_CUT, seats.emptied()).await;
    cut
}

/// The client gave up between its handshake and the accept; the listener is as good as before.
fn is_about_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

impl Server {
    fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let peer = peer.ip().to_canonical();
        match self.seats.take(self.counted(peer)) {
            Ok(seated) => {
                let running = connection::run(Arc::clone(self), stream, peer, seated);
                tokio::spawn(running);
            }
            Err(refusal) => self.turn_away(stream, peer, refusal),
        }
    }

    fn counted(&self, peer: IpAddr) -> Option<super::AddressBucket> {
        let client = ClientAddress(peer);
        let exempt = client.is_loopback() || self.trusted_proxies.contains(peer);
        (!exempt).then(|| client.bucket())
    }

    /// One write into an empty send buffer, and no waiting for what the client wants to say: a
    /// client that speaks first may see a reset instead of the answer.
    fn turn_away(&self, stream: TcpStream, peer: IpAddr, refusal: Refusal) {
        let answer = RawAnswer::new(refusal, self.strict_transport);
        answer.log(peer);
        // The runtime does not know yet that a new socket can be written to; the system does.
        if let Ok(stream) = stream.into_std() {
            let _ = (&stream).write(&answer.into_bytes());
            let _ = stream.shutdown(net::Shutdown::Write);
        }
    }
}
