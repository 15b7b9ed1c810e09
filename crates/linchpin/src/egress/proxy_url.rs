//! A proxy that traffic to a provider is to go through, as a developer names it.

use std::net::IpAddr;

use url::{Host, Url};

use super::{
    addresses::{Standing, standing},
    target::UrlProblem,
};

/// Characters of a URL at most.
const LENGTH_MAX: usize = 2_048;

/// The kinds of proxies.
const SCHEMES: [&str; 3] = ["http://", "https://", "socks5://"];

/// Looks at the URL of a proxy: HTTP or SOCKS5, with a user name and password where it wants them, and never at a private
/// address, whatever else the operator allows. Of a name that can be said only once its addresses are known.
///
/// # Errors
///
/// A sentence that names the remedy and repeats nothing of the URL.
pub fn check_proxy_url(text: &str) -> Result<(), UrlProblem> {
    let problem = |why| Err(UrlProblem(why));
    if text.len() > LENGTH_MAX || text.chars().any(|c| c.is_control() || c == ' ') {
        return problem(
            "must be a URL of at most 2,048 characters without spaces or control characters",
        );
    }
    let Some(rest) = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)) else {
        return problem("must begin with http://, https:// or socks5://");
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
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            return match name == "localhost" || name.ends_with(".localhost") {
                true => problem("must not be this machine"),
                false => Ok(()),
            };
        }
        None => return problem("must name a host"),
    };
    match standing(ip, &[]) {
        Standing::Public => Ok(()),
        Standing::Allowed | Standing::Forbidden => {
            problem("must not be an address of a private or reserved network")
        }
    }
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
            assert_eq!(check_proxy_url(good), Ok(()), "{good}");
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
}
