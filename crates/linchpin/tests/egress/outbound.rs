//! Real outbound proxies in several countries, each of which platforms see at an address of its own.

use std::{
    fs,
    net::{IpAddr, SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use linchpin::{
    domain::geolocation::Geolocation,
    egress::{Proxy, ProxyUrl},
};
use tempfile::TempDir;

/// The user name and the password that all of them want.
pub const CREDENTIALS: &str = "user:hunter2";

/// A proxy that runs.
pub struct Outbound {
    child: Child,
    scheme: &'static str,
    at: SocketAddr,
    name: &'static str,
    country: &'static str,
    /// Where its connections come from.
    pub source: IpAddr,
    _room: TempDir,
}

impl Outbound {
    /// A SOCKS5 proxy.
    pub fn microsocks(name: &'static str, country: &'static str, at: &str, source: &str) -> Self {
        let at: SocketAddr = at.parse().unwrap();
        let (user, password) = CREDENTIALS.split_once(':').unwrap();
        let mut command = Command::new("microsocks");
        command.args(["-i", &at.ip().to_string(), "-p", &at.port().to_string()]);
        command.args(["-u", user, "-P", password, "-b", source]);
        Self::run(
            command,
            "socks5h",
            (name, country),
            (at, source),
            TempDir::new().unwrap(),
        )
    }

    /// An HTTP proxy.
    pub fn tinyproxy(name: &'static str, country: &'static str, at: &str, source: &str) -> Self {
        let at: SocketAddr = at.parse().unwrap();
        let room = TempDir::new().unwrap();
        let config = room.path().join("config");
        let text = format!(
            "Listen {}\nPort {}\nBind {source}\nBasicAuth {}\nTimeout 60\nMaxClients 50\nLogLevel Error\n",
            at.ip(),
            at.port(),
            CREDENTIALS.replace(':', " "),
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new("tinyproxy");
        command.arg("-d").arg("-c").arg(&config);
        Self::run(command, "http", (name, country), (at, source), room)
    }

    fn run(
        mut command: Command,
        scheme: &'static str,
        (name, country): (&'static str, &'static str),
        (at, source): (SocketAddr, &str),
        room: TempDir,
    ) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().expect("./check installs it");
        let outbound = Self {
            child,
            scheme,
            at,
            name,
            country,
            source: source.parse().unwrap(),
            _room: room,
        };
        for _ in 0..500 {
            if TcpStream::connect(at).is_ok() {
                return outbound;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{name} does not listen");
    }

    /// As an operator names it.
    pub fn proxy(&self) -> Proxy {
        self.proxy_with(CREDENTIALS)
    }

    /// The same with other credentials.
    pub fn proxy_with(&self, credentials: &str) -> Proxy {
        let url = format!("{}://{credentials}@{}", self.scheme, self.at);
        Proxy {
            name: self.name.to_owned(),
            url: ProxyUrl::parse(&url).unwrap(),
            url_file: None,
            place: Geolocation::check(Some(self.country), None, None).unwrap(),
            providers: Vec::new(),
        }
    }

    /// Where it listens.
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// The URL that a developer names it by.
    pub fn url(&self) -> String {
        format!("{}://{CREDENTIALS}@{}", self.scheme, self.at)
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.child.kill().unwrap_or_default();
        self.child.wait().unwrap();
    }
}

impl Drop for Outbound {
    fn drop(&mut self) {
        self.stop();
    }
}
