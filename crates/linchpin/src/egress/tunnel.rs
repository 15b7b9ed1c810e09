//! Through an outbound proxy to a target: HTTP's CONNECT (RFC 9110) and SOCKS5 (RFC 1928, RFC 1929).

use std::{net::IpAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};
use url::Host;
use zeroize::Zeroizing;

use super::{
    Egress, ProxyUrl,
    exit::Hop,
    proxy_url::{Credentials, Kind, check_proxy_url, is_anybodys},
    target::UrlProblem,
};

/// How long the addresses of a name may take that a developer gives.
const LOOKUP: Duration = Duration::from_secs(5);
/// Bytes of a proxy's answer to CONNECT at most.
const HEAD_MAX: usize = 8_192;

/// A connection, whatever is around it.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

pub(super) type Tunnel = Box<dyn Wire>;

/// Why there is no tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The proxy does not work, in these words.
    Proxy(&'static str),
    /// The proxy works, and says that it does not reach the target.
    Target,
}

/// A connection that broke in the middle of a proxy's answer is the proxy's fault.
impl From<std::io::Error> for Obstacle {
    fn from(_: std::io::Error) -> Self {
        Self::Proxy("it broke off")
    }
}

impl Egress {
    /// Looks at the URL of a proxy that a developer names, and at the addresses of its name. Those are looked at again
    /// whenever it is connected to.
    ///
    /// # Errors
    ///
    /// A sentence that names the remedy and repeats nothing of the URL. It is the same for a name without addresses and for
    /// one with a private address.
    pub async fn check_developers_proxy(&self, text: &str) -> Result<ProxyUrl, UrlProblem> {
        let url = check_proxy_url(text)?;
        if let Host::Domain(name) = &url.host {
            let asked = self.ways.names.resolve(name, url.port);
            let found = tokio::time::timeout(LOOKUP, asked).await;
            let found = found.ok().and_then(Result::ok).unwrap_or_default();
            if found.is_empty() || !found.into_iter().all(is_anybodys) {
                return Err(UrlProblem(
                    "must have a host whose name leads to public addresses and no others",
                ));
            }
        }
        Ok(url)
    }

    /// Where a proxy is. One that a developer has named is nowhere if one of its addresses is not the public's.
    async fn addresses_of(&self, hop: &Hop) -> Option<Vec<IpAddr>> {
        let url = hop.url();
        let found = match &url.host {
            Host::Ipv4(ip) => vec![(*ip).into()],
            Host::Ipv6(ip) => vec![(*ip).into()],
            Host::Domain(name) => self.ways.names.resolve(name, url.port).await.ok()?,
        };
        let may = !hop.is_developers() || found.iter().all(|ip| is_anybodys(*ip));
        may.then_some(found)
    }

    /// Connects to a proxy as far as it needs no target: TLS and, of SOCKS5, the credentials.
    pub(super) async fn reach_proxy(&self, hop: &Hop) -> Result<Tunnel, Obstacle> {
        let url = hop.url();
        let unreachable = Obstacle::Proxy("it cannot be connected to");
        let addresses = self.addresses_of(hop).await.ok_or(unreachable)?;
        let mut connected = Err(unreachable);
        for ip in addresses {
            if let Ok(stream) = TcpStream::connect((ip, url.port)).await {
                connected = Ok(stream);
                break;
            }
        }
        let stream = connected?;
        stream.set_nodelay(true).unwrap_or_default();
        match url.kind {
            Kind::Http => Ok(Box::new(stream)),
            Kind::Https => match self.secured(&url.host, stream).await {
                Ok(stream) => Ok(Box::new(stream)),
                Err(_) => Err(Obstacle::Proxy("its certificate cannot be trusted")),
            },
            Kind::Socks5 => {
                let mut stream: Tunnel = Box::new(stream);
                greet(&mut stream, url.credentials.as_ref()).await?;
                Ok(stream)
            }
        }
    }
}

/// Has a proxy that was reached connect to a target.
pub(super) async fn open(
    url: &ProxyUrl,
    mut stream: Tunnel,
    host: &Host<String>,
    port: u16,
) -> Result<Tunnel, Obstacle> {
    match url.kind {
        Kind::Http | Kind::Https => {
            let status = ask(&mut stream, url.credentials.as_ref(), host, port).await?;
            match status {
                200..=299 => Ok(stream),
                // The first by the book, the second by tinyproxy: no target is there yet that could say so.
                407 | 401 => Err(Obstacle::Proxy("it does not accept its credentials")),
                _ => Err(Obstacle::Target),
            }
        }
        Kind::Socks5 => request(&mut stream, host, port).await.map(|()| stream),
    }
}

/// Sends CONNECT; the status of its answer, of which nothing is left on the stream.
async fn ask(
    stream: &mut Tunnel,
    credentials: Option<&Credentials>,
    host: &Host<String>,
    port: u16,
) -> Result<u16, Obstacle> {
    let authority = format!("{host}:{port}");
    let mut head = Zeroizing::new(format!(
        "CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n"
    ));
    if let Some(credentials) = credentials {
        head.push_str("proxy-authorization: Basic ");
        head.push_str(&credentials.basic());
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    let no_http = Obstacle::Proxy("it does not answer as an HTTP proxy does");
    let mut answer = Vec::with_capacity(512);
    // Nobody speaks before us in the tunnel, so that nothing can come after the answer.
    while !answer.ends_with(b"\r\n\r\n") {
        let read = stream.read_buf(&mut answer).await?;
        if read == 0 || answer.len() > HEAD_MAX {
            return Err(no_http);
        }
        let status = status(&answer);
        // What follows the head of a refusal is of no interest.
        if let Some(status @ 300..) = status
            && answer.windows(4).any(|end| end == b"\r\n\r\n")
        {
            return Ok(status);
        }
    }
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n");
    match (status(&answer), end.map(|end| end + 4 == answer.len())) {
        (Some(status @ 200..), Some(true)) => Ok(status),
        _ => Err(no_http),
    }
}

/// The status in the first line of an answer, as far as that is there.
fn status(answer: &[u8]) -> Option<u16> {
    let line = answer.split(|byte| *byte == b'\r').next()?;
    let line = std::str::from_utf8(line).ok()?;
    let rest = line.strip_prefix("HTTP/1.")?;
    let status = rest.split(' ').nth(1)?;
    status
        .parse()
        .ok()
        .filter(|status| (100..=599).contains(status))
}

/// The version of SOCKS, and of its credentials.
const SOCKS: u8 = 5;
const CREDENTIALS: u8 = 1;
const NO_CREDENTIALS_NEEDED: u8 = 0;
const USER_AND_PASSWORD: u8 = 2;

/// Agrees on credentials.
async fn greet(stream: &mut Tunnel, credentials: Option<&Credentials>) -> Result<(), Obstacle> {
    let refused = Obstacle::Proxy("it does not accept its credentials");
    let methods: &[u8] = match credentials {
        Some(_) => &[SOCKS, 2, NO_CREDENTIALS_NEEDED, USER_AND_PASSWORD],
        None => &[SOCKS, 1, NO_CREDENTIALS_NEEDED],
    };
    stream.write_all(methods).await?;
    stream.flush().await?;
    match (read(stream).await?, credentials) {
        ([SOCKS, NO_CREDENTIALS_NEEDED], _) => Ok(()),
        ([SOCKS, USER_AND_PASSWORD], Some(credentials)) => {
            let mut message = Zeroizing::new(vec![CREDENTIALS]);
            for part in [&credentials.user, &credentials.password] {
                message.push(u8::try_from(part.len()).map_err(|_| refused)?);
                message.extend_from_slice(part);
            }
            stream.write_all(&message).await?;
            stream.flush().await?;
            match read(stream).await {
                Ok([_, 0]) => Ok(()),
                // Some hang up on whom they do not know.
                _ => Err(refused),
            }
        }
        ([SOCKS, _], _) => Err(refused),
        _ => Err(Obstacle::Proxy("it does not answer as a SOCKS5 proxy does")),
    }
}

/// Asks for a connection; a name is sent as it is.
async fn request(stream: &mut Tunnel, host: &Host<String>, port: u16) -> Result<(), Obstacle> {
    const CONNECT: u8 = 1;
    let mut message = vec![SOCKS, CONNECT, 0];
    match host {
        Host::Ipv4(ip) => {
            message.push(1);
            message.extend(ip.octets());
        }
        Host::Ipv6(ip) => {
            message.push(4);
            message.extend(ip.octets());
        }
        Host::Domain(name) => {
            message.push(3);
            message.push(u8::try_from(name.len()).map_err(|_| Obstacle::Target)?);
            message.extend(name.as_bytes());
        }
    }
    message.extend(port.to_be_bytes());
    stream.write_all(&message).await?;
    stream.flush().await?;
    let no_socks = Obstacle::Proxy("it does not answer as a SOCKS5 proxy does");
    let [version, reply, _, kind] = read(stream).await?;
    match (version, reply) {
        (SOCKS, 0) => {}
        // Failures of the network, of the target, and what the proxy's rules say of it.
        (SOCKS, 1..=6) => return Err(Obstacle::Target),
        (SOCKS, 7..) => {
            return Err(Obstacle::Proxy(
                "it does not connect to addresses of this kind",
            ));
        }
        _ => return Err(no_socks),
    }
    // Where it connected from is of no interest, and has to be read.
    let length = match kind {
        1 => 4,
        3 => usize::from(read::<1>(stream).await?[0]),
        4 => 16,
        _ => return Err(no_socks),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

async fn read<const N: usize>(stream: &mut Tunnel) -> Result<[u8; N], Obstacle> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
