//! The URL of an outbound proxy.

use std::{fmt, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use linchpin_provider::Secret;
use percent_encoding::percent_decode_str;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{
    addresses::{Standing, standing},
    target::UrlProblem,
};

/// Characters of a URL at most.
const LENGTH_MAX: usize = 2_048;
/// Bytes of a user name or password at most (RFC 1929).
const CREDENTIAL_MAX: usize = 255;

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTTP, with CONNECT.
    Http,
    /// The same within TLS.
    Https,
    /// SOCKS5 (RFC 1928), which is told names.
    Socks5,
}

/// The schemes, the ports that they have where none is named, and what they mean.
const SCHEMES: [(&str, Kind, u16); 4] = [
    ("http://", Kind::Http, 80),
    ("https://", Kind::Https, 443),
    ("socks5h://", Kind::Socks5, 1080),
    ("socks5://", Kind::Socks5, 1080),
];

/// A user name and a password, as bytes.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) user: Zeroizing<Vec<u8>>,
    pub(super) password: Zeroizing<Vec<u8>>,
}

impl Credentials {
    /// As HTTP writes them (RFC 7617).
    pub(super) fn basic(&self) -> Zeroizing<String> {
        let pair = Zeroizing::new([self.user.as_slice(), b":", &self.password].concat());
        Zeroizing::new(STANDARD.encode(&*pair))
    }
}

/// The URL of an outbound proxy. What is printed of it has no user name and no password.
#[derive(Clone)]
pub struct ProxyUrl {
    pub(super) kind: Kind,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    pub(super) credentials: Option<Credentials>,
    whole: Secret,
    masked: String,
}

impl ProxyUrl {
    /// Reads the URL of an operator's proxy: `http://`, `https://` or `socks5h://`, with a user name and a password where it
    /// wants them. It may be anywhere.
    ///
    /// # Errors
    ///
    /// A sentence that names the remedy and repeats nothing of the URL.
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        match text.starts_with("socks5://") {
            true => Err(UrlProblem(
                "must be written as socks5h://: the proxy is told names, and looks up their addresses itself",
            )),
            false => Self::read(text),
        }
    }

    fn read(text: &str) -> Result<Self, UrlProblem> {
        let problem = |why| Err(UrlProblem(why));
        if text.len() > LENGTH_MAX || text.chars().any(|c| c.is_control() || c == ' ') {
            return problem(
                "must be a URL of at most 2,048 characters without spaces or control characters",
            );
        }
        let known = SCHEMES.iter().find_map(|(scheme, kind, port)| {
            Some((scheme, *kind, *port, text.strip_prefix(scheme)?))
        });
        let Some((scheme, kind, usual, rest)) = known else {
            return problem("must begin with http://, https:// or socks5h://");
        };
        // As HTTP, whatever it is: only then are all spellings of an address read as one.
        let Ok(url) = Url::parse(&format!("http://{rest}")) else {
            return problem("must be a URL such as http://user:password@proxy.example.com:8080");
        };
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return problem(
                "must end with the host or the port: a proxy has no path, query or fragment",
            );
        }
        let Some(host) = url.host().map(|host| host.to_owned()) else {
            return problem("must name a host");
        };
        // The parser leaves out what is usual for HTTP, whatever the scheme.
        let port = match url.port() {
            Some(port) => port,
            None if rest.trim_end_matches('/').ends_with(":80") => 80,
            None => usual,
        };
        let credentials = credentials(kind, &url)?;
        let at = if credentials.is_some() { "***@" } else { "" };
        Ok(Self {
            kind,
            masked: format!("{scheme}{at}{host}:{port}"),
            host,
            port,
            credentials,
            whole: Secret::new(text.to_owned()),
        })
    }

    /// All of it, with its credentials.
    pub fn whole(&self) -> Secret {
        self.whole.clone()
    }
}

impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked)
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked)
    }
}

fn credentials(kind: Kind, url: &Url) -> Result<Option<Credentials>, UrlProblem> {
    let password = url.password();
    if url.username().is_empty() && password.is_none() {
        return Ok(None);
    }
    let decoded = |text: &str| Zeroizing::new(percent_decode_str(text).collect::<Vec<u8>>());
    let credentials = Credentials {
        user: decoded(url.username()),
        password: decoded(password.unwrap_or_default()),
    };
    let of_length = |bytes: &[u8]| (1..=CREDENTIAL_MAX).contains(&bytes.len());
    if !of_length(&credentials.user) || !of_length(&credentials.password) {
        return Err(UrlProblem(
            "must have a user name and a password of 1 to 255 bytes each, or neither",
        ));
    }
    if kind != Kind::Socks5 && credentials.user.contains(&b':') {
        return Err(UrlProblem(
            "must have a user name without a colon: HTTP cannot tell it from the password",
        ));
    }
    Ok(Some(credentials))
}

/// Looks at the URL of a proxy that a developer names: HTTP or SOCKS5, with a user name and password where it wants them,
/// and never at a private address, whatever else the operator allows. Of a name that can be said only once its addresses
/// are known.
///
/// # Errors
///
/// A sentence that names the remedy and repeats nothing of the URL.
pub fn check_proxy_url(text: &str) -> Result<ProxyUrl, UrlProblem> {
    let url = ProxyUrl::read(text)?;
    let ip = match &url.host {
        Host::Ipv4(ip) => IpAddr::V4(*ip),
        Host::Ipv6(ip) => IpAddr::V6(*ip),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            return match name == "localhost" || name.ends_with(".localhost") {
                true => Err(UrlProblem("must not be this machine")),
                false => Ok(url),
            };
        }
    };
    match is_anybodys(ip) {
        true => Ok(url),
        false => Err(UrlProblem(
            "must not be an address of a private or reserved network",
        )),
    }
}

/// Whether a proxy that a developer names may be at an address: only at a public one, whatever the operator has allowed.
pub(super) fn is_anybodys(ip: IpAddr) -> bool {
    standing(ip, &[]) == Standing::Public
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_of_three_kinds_and_never_at_a_private_address() {
        for good in [
            "http://proxy.example.com:8080",
            "http://user:pass%20word@proxy.example.com:8080/",
            "https://93.184.216.34",
            "socks5://user:pass@[2606:2800:220:1::1]:1080",
        ] {
            let read = check_proxy_url(good);
            assert!(read.is_ok_and(|url| url.whole().reveal() == good), "{good}");
        }
        for bad in [
            "",
            "proxy.example.com:8080",
            "socks4://proxy.example.com",
            "ftp://proxy.example.com",
            "http://",
            "http://proxy.example.com/path",
            "http://proxy.example.com/?a=b",
            "http://localhost:8080",
            "http://LOCALHOST.:8080",
            "http://a.localhost",
            "socks5://127.0.0.1:1080",
            "socks5://127.1",
            "socks5://2130706433",
            "socks5://0x7f000001",
            "socks5://0177.0.0.1",
            "http://user:pass@10.0.0.1",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
            "http://169.254.169.254",
            "http://proxy.example.com\r\nhost: other",
        ] {
            assert!(check_proxy_url(bad).is_err(), "{bad}");
        }
    }
    #[test]
    fn what_is_printed_of_a_proxy_has_no_credentials() {
        let url = ProxyUrl::parse("socks5h://user:p%40ss@proxy.example.com").unwrap();
        assert_eq!(url.to_string(), "socks5h://***@proxy.example.com:1080");
        assert_eq!(format!("{url:?}"), url.to_string());
        let credentials = url.credentials.unwrap();
        assert_eq!(*credentials.user, b"user");
        assert_eq!(*credentials.password, b"p@ss");
        assert_eq!(*credentials.basic(), "dXNlcjpwQHNz");
    }

    #[test]
    fn an_operators_proxy_may_be_anywhere_and_is_told_names() {
        for (good, port) in [
            ("http://10.0.0.1", 80),
            ("https://localhost", 443),
            ("https://proxy.example.com:80", 80),
            ("socks5h://[::1]:1081", 1081),
        ] {
            assert_eq!(ProxyUrl::parse(good).unwrap().port, port, "{good}");
        }
        for bad in [
            "socks5://proxy.example.com",
            "http://user@proxy.example.com",
            "http://:pass@proxy.example.com",
            "http://us%3Aer:pass@proxy.example.com",
            &format!("http://{}:b@proxy.example.com", "a".repeat(256)),
        ] {
            assert!(ProxyUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
