//! Which pages may embed a link.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    environment::Environment,
    site::{self, SiteError},
};

/// An origin whose pages may open an embedded link: scheme, host and, where it is not the default, port.
///
/// Written as a browser sends it in `Origin` (`https://shop.example.com`), so that equal text is the same origin.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AllowedOrigin(String);

/// Why an origin may not be registered, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllowedOriginError {
    /// Not a URL at all.
    #[error("not an origin: write it like `https://shop.example.com`")]
    NotAnOrigin,
    /// A host or scheme that may not be registered.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A path, a default port, upper case, or anything else that a browser does not send.
    #[error(
        "browsers send this origin as `{canonical}`: register exactly that, without path or default port"
    )]
    NotCanonical {
        /// The origin as browsers send it.
        canonical: String,
    },
}

impl AllowedOrigin {
    /// Takes an origin that a developer registers for an app of `environment`.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
    pub fn register(text: &str, environment: Environment) -> Result<Self, AllowedOriginError> {
        if !text.bytes().all(|byte| (0x21..=0x7E).contains(&byte)) {
            return Err(AllowedOriginError::NotAnOrigin);
        }
        if text.contains('*') {
            return Err(SiteError::Wildcard.into());
        }
        site::split_scheme(text)?;
        let url = Url::parse(text).map_err(|_| AllowedOriginError::NotAnOrigin)?;
        site::check(text, &url, environment)?;
        let canonical = url.origin().ascii_serialization();
        if canonical != text {
            return Err(AllowedOriginError::NotCanonical { canonical });
        }
        Ok(Self(canonical))
    }

    /// Takes an origin that was registered before and comes back from the store.
    ///
    /// # Errors
    ///
    /// The text could not have been registered in any environment: the store is damaged.
    pub fn from_stored(text: &str) -> Result<Self, AllowedOriginError> {
        // What the live environment allows, the sandbox allows too.
        Self::register(text, Environment::Sandbox)
    }

    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AllowedOrigin {
    type Error = AllowedOriginError;

    fn try_from(text: String) -> Result<Self, AllowedOriginError> {
        Self::from_stored(&text)
    }
}

impl From<AllowedOrigin> for String {
    fn from(origin: AllowedOrigin) -> Self {
        origin.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_as_browsers_send_it() {
        for text in [
            "https://shop.example.com",
            "https://shop.example.com:8443",
            "https://xn--bcher-kva.example",
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:5173",
        ] {
            let origin = AllowedOrigin::register(text, Environment::Sandbox).unwrap();
            assert_eq!(origin.as_str(), text);
            let json = serde_json::to_string(&origin).unwrap();
            assert_eq!(
                serde_json::from_str::<AllowedOrigin>(&json).unwrap(),
                origin
            );
        }
    }

    #[test]
    fn an_origin_in_another_form_is_refused_with_the_right_one() {
        for text in [
            "https://shop.example.com/",
            "https://shop.example.com:443",
            "https://shop.example.com/path",
            "https://shop.example.com?x",
            "https://shop.example.com#",
            "https://shop.example.com:",
        ] {
            let error = AllowedOrigin::register(text, Environment::Live).unwrap_err();
            assert!(
                error.to_string().contains("`https://shop.example.com`"),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn wildcards_other_schemes_and_plain_http_are_refused() {
        for text in [
            "",
            "*",
            "null",
            "https://*",
            "https://*.example.com",
            "https://SHOP.example.com",
            "http://shop.example.com",
            "file://",
            "ws://shop.example.com",
            "https://10.0.0.1",
            "https://u@shop.example.com",
            "https://shop.example.com ",
        ] {
            assert!(
                AllowedOrigin::register(text, Environment::Sandbox).is_err(),
                "{text}"
            );
            assert!(
                serde_json::from_value::<AllowedOrigin>(text.into()).is_err(),
                "{text}"
            );
        }
        let loopback = AllowedOrigin::register("http://localhost:3000", Environment::Live);
        assert_eq!(loopback, Err(SiteError::LoopbackInLive.into()));
    }
}
