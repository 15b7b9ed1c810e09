//! What `dev` and `serve` share: listeners, signals, and the end.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use linchpin_provider::Provider;
use linchpin_providers::Sandbox;

use tokio::{
    net::TcpListener,
    runtime::Runtime,
    signal::unix::{Signal, SignalKind, signal},
};

use super::{Refused, complain, provider_file};
use crate::{
    config::Place,
    flow::ProviderFiles,
    http::Shutdown,
    server::{Ended, Server},
    store::make_private,
};

/// The runtime that a server runs on.
pub fn runtime() -> Result<Runtime, Refused> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}

/// The providers that are built in.
pub fn providers() -> Vec<Arc<dyn Provider>> {
    vec![Arc::new(Sandbox::new())]
}

/// The operator's own providers, where they have a directory.
pub fn provider_files(place: &Place) -> Option<ProviderFiles> {
    let directory = place.providers.clone()?;
    Some(ProviderFiles {
        directory,
        reader: provider_file::read,
    })
}

/// All providers, for a command that carries itself out.
pub fn all_providers(place: &Place) -> Result<Vec<Arc<dyn Provider>>, Refused> {
    let built_in = providers();
    let Some(files) = provider_files(place) else {
        return Ok(built_in);
    };
    match files.read(&built_in) {
        Ok(read) => Ok(read.providers),
        Err(problems) => Err(Refused::new(problems.to_string())),
    }
}

/// Makes the data directory where it is missing (0700) and answers its absolute path.
pub fn data_directory(path: &Path) -> Result<PathBuf, Refused> {
    let path = std::path::absolute(path)?;
    make_private(&path).map_err(|error| Refused::new(error.to_string()))?;
    Ok(path)
}

/// Closes a server that cannot go on starting.
pub async fn give_up(server: Server, refused: Refused) -> Refused {
    server.shutdown.trigger();
    server.run().await;
    refused
}

/// Listens. `remedy` ends the sentence about an address that is taken.
pub async fn bind(address: SocketAddr, remedy: &str) -> Result<TcpListener, Refused> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
            _ => error.to_string(),
        };
        Refused::new(format!("cannot listen on {address}: {why}. {remedy}"))
    })
}

/// The URL at which programs on this machine reach a listener.
pub fn local_url(listener: &TcpListener) -> Result<String, Refused> {
    let address = listener.local_addr()?;
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    Ok(format!("http://{}", SocketAddr::new(ip, address.port())))
}

/// The signals that end a server.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes the signals over; from here on they do not end the process by themselves.
    pub fn take() -> Result<Self, Refused> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends the server in order at the first signal, and the process at the second.
    pub async fn obey(mut self, shutdown: Shutdown) {
        self.next().await;
        tracing::info!("shutting down");
        shutdown.trigger();
        let code = self.next().await;
        std::process::exit(code);
    }

    /// Waits for one; answers the exit code of a process that it ends.
    pub async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => 143,
            _ = self.interrupt.recv() => 130,
        }
    }
}

/// The exit code of a server that has ended.
pub fn exit_code(ended: Ended) -> ExitCode {
    match ended {
        Ended::InOrder => ExitCode::SUCCESS,
        Ended::Halted => {
            complain(
                "linchpin: the store has halted because the disk failed to keep what was written. Nothing that was \
                 answered is lost. Look at the disk, then start linchpin again",
            );
            ExitCode::FAILURE
        }
    }
}

/// A configured time as the domain counts it.
pub fn milliseconds(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
