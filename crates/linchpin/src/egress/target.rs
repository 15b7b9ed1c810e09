//! Where a request goes: a URL that was looked at before anybody is asked for its address.

use std::{net::IpAddr, sync::Arc};

use url::{Host, Url};

use super::{Rules, addresses::Standing};

/// Characters of a URL at most.
const LENGTH_MAX: usize = 2_048;

/// A URL that may be asked for, as far as can be said without its addresses.
#[derive(Debug, Clone)]
pub struct Target {
    pub(super) tls: bool,
    /// As it is resolved, and as TLS knows it.
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// What the `Host` header says.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    /// Whose connections to it may be used again; of a webhook endpoint it is everybody's.
    pub(super) whose: Option<Arc<str>>,
}

/// Why a URL cannot be asked for: a sentence that names the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UrlProblem(pub &'static str);

impl Target {
    /// Reads a URL under the rules.
    pub fn parse(text: &str, rules: &Rules) -> Result<Self, UrlProblem> {
        let problem = |why| Err(UrlProblem(why));
        if text.len() > LENGTH_MAX || text.chars().any(|c| c.is_control() || c == ' ') {
            return problem(
                "must be a URL of at most 2,048 characters without spaces or control characters",
            );
        }
        let Ok(url) = Url::parse(text) else {
            return problem("must be a URL such as https://example.com/hooks");
        };
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return problem("must begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return problem(
                "must not hold a user name or password; what is sent is signed instead",
            );
        }
        if url.fragment().is_some() {
            return problem("must not have a part after #, which is never sent");
        }
        let Some(host) = url.host().map(|host| host.to_owned()) else {
            return problem("must name a host");
        };
        let Some(port) = url.port_or_known_default() else {
            return problem("must name a port");
        };
        let standing = rules.literal(&host);
        if standing == Some(Standing::Forbidden) {
            return problem(
                "must not be an address of a private or reserved network, unless the operator has allowed that network",
            );
        }
        let allowed = standing == Some(Standing::Allowed);
        let here = allowed || rules.is_local(&host);
        if !tls && !here {
            return problem(
                "must begin with https://; http is only for this machine in development",
            );
        }
        if !here && !rules.ports.contains(&port) {
            return problem(
                "must use one of the ports that the operator has allowed: 443 and 80 unless configured otherwise",
            );
        }
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(query);
        }
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        Ok(Self {
            tls,
            host,
            port,
            authority,
            path,
            whose: None,
        })
    }

    /// Where requests to a host go; `None` where that is none.
    pub(super) fn of_host(tls: bool, host: &str, port: u16, whose: &Arc<str>) -> Option<Self> {
        let host = Host::parse(host).ok()?;
        let authority = match port == if tls { 443 } else { 80 } {
            true => host.to_string(),
            false => format!("{host}:{port}"),
        };
        Some(Self {
            tls,
            host,
            port,
            authority,
            path: String::new(),
            whose: Some(Arc::clone(whose)),
        })
    }

    /// The address, where the URL names one.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        match &self.host {
            Host::Ipv4(ip) => Some(IpAddr::V4(*ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(*ip)),
            Host::Domain(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_urls_of_the_public_are_taken() {
        let rules = Rules::strict();
        for good in [
            "https://example.com",
            "https://example.com/hooks?a=b",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1::1]/",
            "https://example.com:443/",
        ] {
            assert!(Target::parse(good, &rules).is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "http://example.com/",
            "http://127.0.0.1/",
            "http://localhost/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "unix:/run/x.sock",
            "gopher://example.com/",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "https://example.com/#part",
            "https://example.com:22/",
            "https://example.com:6379/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:7f00:1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1%25eth0]/",
            "https://169.254.169.254/latest/meta-data",
            "https://exa mple.com/",
            "https://example.com/\r\nhost: other",
        ] {
            assert!(Target::parse(bad, &rules).is_err(), "{bad}");
        }
    }

    #[test]
    fn in_development_this_machine_is_taken_with_any_port_and_without_tls() {
        let rules = Rules::loopback();
        for good in [
            "http://127.0.0.1:3000/hooks",
            "http://localhost:3000/hooks",
            "http://[::1]:8080/",
            "https://localhost:8443/",
        ] {
            assert!(Target::parse(good, &rules).is_ok(), "{good}");
        }
        for bad in [
            "http://10.0.0.1/",
            "http://example.com/",
            "https://10.0.0.1/",
        ] {
            assert!(Target::parse(bad, &rules).is_err(), "{bad}");
        }
    }
}
