//! Addresses of an app's own pages, which the hosted page links to.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    environment::Environment,
    site::{self, SiteError},
};

/// The longest address, in bytes.
const LENGTH_MAX: usize = 2_048;

/// The address of a public web page: https, a DNS name, no user info; kept as URL parsers print it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageUrl(String);

/// Where users find support: a web page or a `mailto:` address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SupportAddress(String);

/// Why an address is not taken, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PageUrlError {
    /// Not an absolute https URL.
    #[error(
        "must be an https URL such as `https://example.com/terms`, at most {LENGTH_MAX} bytes long"
    )]
    NotAnHttpsUrl,
    /// A host that may not be named.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A `mailto:` that is not followed by exactly one plain address.
    #[error(
        "`mailto:` must be followed by one address and nothing else, such as `mailto:help@example.com`"
    )]
    NotAnAddress,
}

impl PageUrl {
    /// Takes an https URL.
    ///
    /// # Errors
    ///
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, PageUrlError> {
        if text.len() > LENGTH_MAX || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(PageUrlError::NotAnHttpsUrl);
        }
        let url = Url::parse(text).map_err(|_| PageUrlError::NotAnHttpsUrl)?;
        if url.scheme() != "https" {
            return Err(PageUrlError::NotAnHttpsUrl);
        }
        site::check(url.as_str(), &url, Environment::Live)?;
        Ok(Self(url.into()))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SupportAddress {
    /// Takes an https URL or `mailto:` with one address.
    ///
    /// # Errors
    ///
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, PageUrlError> {
        let Some(address) = text.strip_prefix("mailto:") else {
            return PageUrl::parse(text).map(|url| Self(url.0));
        };
        // Without `?`, `&`, `,` and `%` the link can neither set a subject nor reach a second address.
        let plain = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || b"!#$'*+-/=^_`{|}~.".contains(&byte)
                })
        };
        match address.split_once('@') {
            Some((local, host))
                if text.len() <= 320 && plain(local) && plain(host) && host.contains('.') =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(PageUrlError::NotAnAddress),
        }
    }

    /// The URL, `https:` or `mailto:`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SupportAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for PageUrl {
    type Error = PageUrlError;

    fn try_from(text: String) -> Result<Self, PageUrlError> {
        Self::parse(&text)
    }
}

impl TryFrom<String> for SupportAddress {
    type Error = PageUrlError;

    fn try_from(text: String) -> Result<Self, PageUrlError> {
        Self::parse(&text)
    }
}

impl From<PageUrl> for String {
    fn from(url: PageUrl) -> Self {
        url.0
    }
}

impl From<SupportAddress> for String {
    fn from(address: SupportAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_pages_are_linked_to() {
        let page = PageUrl::parse("https://Example.com/terms#de").unwrap();
        assert_eq!(page.as_str(), "https://example.com/terms#de");
        for text in [
            "http://example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "java\nscript:alert(1)",
            "//example.com",
            "example.com",
            "https://u:p@example.com/",
            "https://127.0.0.1/",
            "",
        ] {
            assert!(PageUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn support_is_a_page_or_one_mail_address() {
        for text in [
            "https://example.com/help",
            "mailto:help@example.com",
            "mailto:a.b+c@example.com",
        ] {
            assert_eq!(SupportAddress::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "help@example.com",
            "mailto:",
            "mailto:help",
            "mailto:a@b@example.com",
            "mailto:a@example.com?bcc=b@example.com",
            "mailto:a@example.com,b@example.com",
            "mailto:a%0ab@example.com",
            "mailto:a@localhost",
            "tel:+123",
        ] {
            assert!(SupportAddress::parse(text).is_err(), "{text:?}");
        }
    }
}
