//! Which sites a registered address may name: public DNS names over https, or this machine in the sandbox.

use unicode_script::{Script, ScriptExtension, UnicodeScript as _};
use url::{Host, Url};

use super::environment::Environment;

/// The hosts that `http` may name, in the sandbox environment only.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why a site may not be registered, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// The scheme is neither of the two, or is not written in lower case with two slashes.
    #[error(
        "the scheme must be https: begin with `https://`, in lower case and with exactly two slashes"
    )]
    Scheme,
    /// `http` for a host that is not this machine.
    #[error("http is only for `localhost`, `127.0.0.1` and `[::1]`: use https for any other host")]
    PlainHttp,
    /// A loopback address in the live environment.
    #[error(
        "http to this machine is only for the sandbox environment: use https and a public host name in live"
    )]
    LoopbackInLive,
    /// A user name or password before the host.
    #[error(
        "user info is not allowed: remove everything up to and including the `@` before the host"
    )]
    UserInfo,
    /// A wildcard.
    #[error(
        "`*` is not allowed: addresses are compared as exact text, so register each one by itself"
    )]
    Wildcard,
    /// An IP address, in whatever spelling.
    #[error("the host is an IP address: use a DNS name")]
    IpAddress,
    /// A dot after the last label.
    #[error("the host ends with a dot, which makes it another origin: remove the dot")]
    TrailingDot,
    /// A single label.
    #[error("the host has no dot: use the full DNS name, such as `app.example.com`")]
    NoDot,
    /// Upper case, an underscore, an empty or too long label, or anything else that a DNS name cannot have.
    #[error(
        "the host is not a lower-case DNS name: use letters a-z, digits, hyphens and dots, and punycode (`xn--…`) for anything else"
    )]
    NotDnsName,
    /// A punycode label that does not decode.
    #[error(
        "the label `{label}` of the host is not valid punycode: write the name as its registry does"
    )]
    Punycode {
        /// The label as written.
        label: String,
    },
    /// A punycode label with letters of several scripts, as look-alikes have.
    #[error(
        "the label `{label}` of the host mixes scripts, as look-alike names do: use a name in one script"
    )]
    MixedScripts {
        /// The label as written.
        label: String,
    },
}

/// Checks the scheme and the authority of `text`, which `url` is parsed from, against the environment's rules.
pub(super) fn check(text: &str, url: &Url, environment: Environment) -> Result<(), SiteError> {
    let (scheme, rest) = split_scheme(text)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(SiteError::UserInfo);
    }
    let host = host_of(authority);
    if scheme == "http" {
        return match environment {
            _ if !LOOPBACK.contains(&host) => Err(SiteError::PlainHttp),
            Environment::Live => Err(SiteError::LoopbackInLive),
            Environment::Sandbox => Ok(()),
        };
    }
    if let Some(Host::Ipv4(_) | Host::Ipv6(_)) = url.host() {
        return Err(SiteError::IpAddress);
    }
    check_dns_name(host)
}

/// The scheme and what follows `://`; the spelling is checked before any parser can repair it.
pub(super) fn split_scheme(text: &str) -> Result<(&str, &str), SiteError> {
    match text.split_once("://") {
        Some((scheme @ ("https" | "http"), rest)) if !rest.starts_with('/') => Ok((scheme, rest)),
        _ => Err(SiteError::Scheme),
    }
}

/// The host of an authority without user info: what stands before the port.
fn host_of(authority: &str) -> &str {
    match authority.find(']') {
        Some(end) => authority.split_at(end + 1).0,
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn check_dns_name(host: &str) -> Result<(), SiteError> {
    if host.contains('*') {
        return Err(SiteError::Wildcard);
    }
    if host.ends_with('.') {
        return Err(SiteError::TrailingDot);
    }
    if host.len() > 253 || !host.split('.').all(is_dns_label) {
        return Err(SiteError::NotDnsName);
    }
    if !host.contains('.') {
        return Err(SiteError::NoDot);
    }
    host.split('.').try_for_each(check_scripts)
}

fn is_dns_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn check_scripts(label: &str) -> Result<(), SiteError> {
    let Some(encoded) = label.strip_prefix("xn--") else {
        return Ok(());
    };
    let Some(decoded) = idna::punycode::decode_to_string(encoded) else {
        return Err(SiteError::Punycode {
            label: label.to_owned(),
        });
    };
    if is_of_one_script(&decoded) {
        Ok(())
    } else {
        Err(SiteError::MixedScripts {
            label: label.to_owned(),
        })
    }
}

/// Whether all letters can belong to one script, or to one of the writing systems that use several together:
/// Japanese (Han, Hiragana, Katakana), Korean (Han, Hangul), Chinese with phonetics (Han, Bopomofo).
///
/// A name in one script that looks like a name in another passes; telling those apart takes a table of look-alikes.
fn is_of_one_script(label: &str) -> bool {
    const SYSTEMS: [&[Script]; 3] = [
        &[Script::Han, Script::Hiragana, Script::Katakana],
        &[Script::Han, Script::Hangul],
        &[Script::Han, Script::Bopomofo],
    ];
    !ScriptExtension::for_str(label).is_empty()
        || SYSTEMS.iter().any(|system| {
            label.chars().all(|letter| {
                let scripts = letter.script_extension();
                system.iter().any(|script| scripts.contains_script(*script))
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Result<(), SiteError> {
        check(text, &Url::parse(text).unwrap(), Environment::Sandbox)
    }

    fn named(label: &str) -> Result<(), SiteError> {
        site(&format!(
            "https://{}.example/",
            idna::domain_to_ascii(label).unwrap()
        ))
    }

    #[test]
    fn a_name_in_one_writing_system_is_taken() {
        for label in [
            "bücher",
            "пример",
            "例え",
            "日本語ひらがなカタカナ",
            "한국漢字",
            "ελλάδα",
            "東京タワー",
            "क्षेत्र",
            "☃",
        ] {
            assert_eq!(named(label), Ok(()), "{label}");
        }
        assert_eq!(named("münchen-2024"), Ok(()));
    }

    #[test]
    fn a_label_that_mixes_scripts_is_refused() {
        for label in ["аpp", "pаypal", "gοοgle", "ひらгана", "한국ひら", "app漢字"]
        {
            assert!(
                matches!(named(label), Err(SiteError::MixedScripts { .. })),
                "{label}"
            );
        }
    }

    #[test]
    fn each_label_may_have_a_script_of_its_own() {
        assert_eq!(site("https://xn--e1afmkfd.xn--bcher-kva.example/"), Ok(()));
    }

    #[test]
    fn hosts_that_are_no_dns_names_are_refused_by_name_of_the_rule() {
        let long = format!("https://{}.example/", "a".repeat(64));
        for (text, error) in [
            ("https://localhost/", SiteError::NoDot),
            ("https://a_b.example/", SiteError::NotDnsName),
            ("https://-a.example/", SiteError::NotDnsName),
            ("https://a-.example/", SiteError::NotDnsName),
            ("https://a..example/", SiteError::NotDnsName),
            ("https://App.example/", SiteError::NotDnsName),
            (long.as_str(), SiteError::NotDnsName),
            ("https://a.example./", SiteError::TrailingDot),
            ("https://*.a.example/", SiteError::Wildcard),
            ("https://0300.0250.1/", SiteError::IpAddress),
            ("https://1.2.3.4:444/", SiteError::IpAddress),
            ("https://[2001:db8::1]/", SiteError::IpAddress),
            ("https://u:p@a.example/", SiteError::UserInfo),
            ("http://localhost.a.example/", SiteError::PlainHttp),
            ("http://127.0.0.2/", SiteError::PlainHttp),
            ("http:///localhost/", SiteError::Scheme),
            ("ftp://a.example/", SiteError::Scheme),
        ] {
            assert_eq!(site(text), Err(error), "{text}");
        }
    }
}
