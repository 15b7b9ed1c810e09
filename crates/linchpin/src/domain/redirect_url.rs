//! Where a person may be sent back to.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Url, form_urlencoded};

use super::{
    environment::Environment,
    site::{self, SiteError},
};

/// The longest redirect URL, in bytes.
pub const LENGTH_MAX: usize = 2_048;

/// Names of query parameters that a redirect carries and that a registered URL therefore may not use.
pub const RESERVED_PARAMETERS: [&str; 5] = [
    "status",
    "connection_id",
    "client_reference_id",
    "step",
    "error_code",
];

/// A registered redirect URL: exactly the bytes that the developer wrote.
///
/// Two of them are equal when their bytes are; nothing is ever normalised. Every value has passed
/// [`RedirectUrl::register`], so it is printable ASCII, parses, and has neither user info nor a fragment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUrl(String);

/// Why a redirect URL may not be registered, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUrlError {
    /// Over 2,048 bytes.
    #[error("a redirect URL has at most {LENGTH_MAX} bytes: shorten it")]
    TooLong,
    /// A byte outside 0x21–0x7E.
    #[error(
        "only printable ASCII without spaces is allowed: percent-encode other characters in the path and query, and write the host in punycode"
    )]
    ForbiddenByte,
    /// A backslash, which some parsers read as a slash.
    #[error("a backslash is not allowed: use `/`")]
    Backslash,
    /// A fragment, also an empty one.
    #[error("a fragment is not allowed, not even an empty one: remove the `#` and what follows it")]
    Fragment,
    /// Not an absolute URL.
    #[error("not an absolute URL: write it like `https://app.example.com/callback`")]
    NotAUrl,
    /// A host or scheme that may not be registered.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// `;` in the path.
    #[error(
        "`;` is not allowed in the path: servers disagree on what follows it; use another path"
    )]
    Semicolon,
    /// `//` in the path.
    #[error("`//` is not allowed in the path: write a single `/`")]
    DoubleSlash,
    /// `.` or `..` as a part of the path.
    #[error("`.` and `..` are not allowed as parts of the path: write the path that is meant")]
    DotSegment,
    /// A character percent-encoded in the path that needs none, or that must not hide there.
    #[error(
        "the path may not percent-encode letters, digits, `-._~`, `%`, `/`, `\\` or control characters: write the character itself or use another path"
    )]
    Encoding,
    /// A question mark with nothing after it.
    #[error("an empty query is not allowed: remove the `?`")]
    EmptyQuery,
    /// A parameter name that the redirect itself carries.
    #[error("the query may not use `{0}`, which we add to the redirect: rename that parameter")]
    ReservedParameter(&'static str),
    /// A URL parser writes it differently.
    #[error(
        "URL parsers read this as `{canonical}`: register it in the one form that all agree on"
    )]
    NotCanonical {
        /// The text that the WHATWG parser prints.
        canonical: String,
    },
}

impl RedirectUrl {
    /// Takes a URL that a developer registers for an app of `environment`.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub fn register(text: &str, environment: Environment) -> Result<Self, RedirectUrlError> {
        check_bytes(text)?;
        site::split_scheme(text)?;
        let url = Url::parse(text).map_err(|_| RedirectUrlError::NotAUrl)?;
        site::check(text, &url, environment)?;
        check_path_and_query(text)?;
        if url.as_str() != text {
            return Err(RedirectUrlError::NotCanonical {
                canonical: url.into(),
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a URL that was registered before and comes back from the store.
    ///
    /// The store keeps it with its app, whose environment was checked at registration and is not checked again.
    ///
    /// # Errors
    ///
    /// The text could not have been registered in any environment: the store is damaged.
    pub fn from_stored(text: &str) -> Result<Self, RedirectUrlError> {
        // What the live environment allows, the sandbox allows too.
        Self::register(text, Environment::Sandbox)
    }

    /// The registered bytes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL with these parameters after its own query, in this order; the registered bytes stay as they are.
    ///
    /// Everything but ASCII letters, digits and `*-._` is percent-encoded as UTF-8, a space as `%20`, so the result
    /// is printable ASCII and both form and RFC 3986 decoders read the values back.
    pub fn with_parameters(&self, parameters: &[(&str, &str)]) -> String {
        let mut text = self.0.clone();
        let mut separator = if text.contains('?') { '&' } else { '?' };
        for (name, value) in parameters {
            text.push(separator);
            push_encoded(&mut text, name);
            text.push('=');
            push_encoded(&mut text, value);
            separator = '&';
        }
        text
    }

    /// Scheme, host and port where one is written (`https://app.example.com`), as a security policy names them.
    ///
    /// For `http://[::1]:5173/cb` it is `http://[::1]:5173`, which the grammar of CSP sources does not cover.
    pub fn origin(&self) -> String {
        self.0.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    /// The host as people write it (`bücher.example`), where that differs from the registered punycode.
    pub fn unicode_host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        let (host, _) = idna::domain_to_unicode(url.domain()?);
        (!host.is_ascii()).then_some(host)
    }
}

fn push_encoded(text: &mut String, value: &str) {
    for part in form_urlencoded::byte_serialize(value.as_bytes()) {
        // A form decoder reads `%20` as a space like `+`, a plain percent decoder reads only `%20` so.
        text.push_str(if part == "+" { "%20" } else { part });
    }
}

fn check_bytes(text: &str) -> Result<(), RedirectUrlError> {
    if text.len() > LENGTH_MAX {
        return Err(RedirectUrlError::TooLong);
    }
    if !text.bytes().all(|byte| (0x21..=0x7E).contains(&byte)) {
        return Err(RedirectUrlError::ForbiddenByte);
    }
    if text.contains('\\') {
        return Err(RedirectUrlError::Backslash);
    }
    if text.contains('#') {
        return Err(RedirectUrlError::Fragment);
    }
    if text.contains('*') {
        return Err(SiteError::Wildcard.into());
    }
    Ok(())
}

fn check_path_and_query(text: &str) -> Result<(), RedirectUrlError> {
    let (_, rest) = site::split_scheme(text)?;
    let (before, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    let path = before
        .find('/')
        .map_or("", |start| before.split_at(start).1);
    check_path(path)?;
    query.map_or(Ok(()), check_query)
}

fn check_path(path: &str) -> Result<(), RedirectUrlError> {
    if path.contains(';') {
        return Err(RedirectUrlError::Semicolon);
    }
    if path.contains("//") {
        return Err(RedirectUrlError::DoubleSlash);
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err(RedirectUrlError::DotSegment);
    }
    if hides_a_character(path) {
        return Err(RedirectUrlError::Encoding);
    }
    if path.contains('^') {
        // The standard has had `^` encoded in paths since 2024, the parser we use leaves it.
        return Err(RedirectUrlError::NotCanonical {
            canonical: path.replace('^', "%5E"),
        });
    }
    Ok(())
}

/// Whether a percent-encoding stands for a character that needs none or that would be a hidden separator.
fn hides_a_character(path: &str) -> bool {
    let mut parts = path.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let byte = part.get(..2).and_then(|hex| {
            let all_hex = hex.bytes().all(|digit| digit.is_ascii_hexdigit());
            u8::from_str_radix(hex, 16).ok().filter(|_| all_hex)
        });
        match byte {
            Some(b'-' | b'.' | b'_' | b'~' | b'%' | b'/' | b'\\') => return true,
            Some(byte) if byte.is_ascii_alphanumeric() => return true,
            Some(byte) => {
                decoded.push(byte);
                decoded.extend(part.bytes().skip(2));
            }
            None => decoded.extend(part.bytes()),
        }
    }
    // Decoded as a whole, so that the control characters above ASCII count too.
    String::from_utf8_lossy(&decoded)
        .chars()
        .any(char::is_control)
}

fn check_query(query: &str) -> Result<(), RedirectUrlError> {
    if query.is_empty() {
        return Err(RedirectUrlError::EmptyQuery);
    }
    // Some servers still separate parameters at `;`, so a name behind one counts as well.
    for pairs in query.split(';') {
        for (name, _) in form_urlencoded::parse(pairs.as_bytes()) {
            if let Some(reserved) = RESERVED_PARAMETERS
                .into_iter()
                .find(|reserved| name == *reserved)
            {
                return Err(RedirectUrlError::ReservedParameter(reserved));
            }
        }
    }
    Ok(())
}

impl fmt::Display for RedirectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RedirectUrl {
    type Error = RedirectUrlError;

    fn try_from(text: String) -> Result<Self, RedirectUrlError> {
        Self::from_stored(&text)
    }
}

impl From<RedirectUrl> for String {
    fn from(url: RedirectUrl) -> Self {
        url.0
    }
}
