//! One connection from its first byte to its last.

use std::net::IpAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::answer::answer;
use super::client_address::client_of;
use super::gate::Gate;
use super::matched_path::TemplateSlot;
use super::seats::{Seat, Seated};
use super::serve::Server;
use super::socket::Socket;
use super::{ClientAddress, Limits};

/// Room for a head with all it may hold, and for a good piece of a body or an answer.
const BUFFER_BYTES: usize = 64 * 1024;

/// What all requests of one connection share.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) server: Arc<Server>,
    pub(super) seat: Arc<Seat>,
    pub(super) template: TemplateSlot,
    pub(super) socket: Socket,
    peer: IpAddr,
    behind_proxy: bool,
}

impl Connection {
    pub(super) fn client(&self, headers: &axum::http::HeaderMap) -> ClientAddress {
        if self.behind_proxy {
            client_of(self.peer, headers, &self.server.trusted_proxies)
        } else {
            ClientAddress(self.peer)
        }
    }
}

/// How hyper is set up for all connections.
///
/// hyper reads nothing while an answer is being made (`half_close`): the gate relies on it to know
/// that a read after a whole request is for the next one. It keeps no time; the gate does.
pub(super) fn protocol(limits: &Limits) -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .half_close(true)
        .header_read_timeout(None)
        .max_buf_size(BUFFER_BYTES.max(2 * (limits.header_bytes + limits.url_bytes)));
    if limits.header_count > 100 {
        protocol.max_headers(limits.header_count);
    }
    protocol
}

/// Serves the connection until it ends or is told to leave.
pub(super) async fn run(server: Arc<Server>, stream: TcpStream, peer: IpAddr, seated: Seated) {
    // Answers are written whole; waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let socket = Socket::new(stream);
    let gate = Gate::new(
        socket.clone(),
        peer,
        Arc::clone(&server.limits),
        server.strict_transport,
        Arc::clone(seated.seat()),
    );
    let protocol = server.protocol.clone();
    let connection = Arc::new(Connection {
        behind_proxy: server.trusted_proxies.contains(peer),
        seat: Arc::clone(seated.seat()),
        template: TemplateSlot::default(),
        server,
        socket,
        peer,
    });
    let service = service_fn(move |request| answer(Arc::clone(&connection), request));
    let mut serving = std::pin::pin!(protocol.serve_connection(TokioIo::new(gate), service));
    loop {
        tokio::select! {
            biased;
            ended = &mut serving => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            () = seated.seat().woken() => {
                if seated.seat().must_leave() {
                    return;
                }
            }
        }
    }
}
