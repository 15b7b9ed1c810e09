//! The cookies of one account.

use cookie_store::{Cookie, CookieExpiration, CookieStore};
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::Url;

/// Bytes of one cookie with its attributes.
const COOKIE_MAX: usize = 8 * 1024;

/// The cookies of one account, each sent only where RFC 6265 says: by host, path, scheme and age.
#[derive(Clone, Default)]
pub(crate) struct Jar(CookieStore);

impl Jar {
    /// What a browser sends to a host as its `Cookie` header, taken over as cookies of that host.
    pub(crate) fn of_header(text: &str, url: &Url) -> Self {
        let mut jar = Self::default();
        for pair in text
            .split(';')
            .map(str::trim)
            .filter(|pair| pair.contains('='))
        {
            jar.put(&format!("{pair}; Path=/"), url);
        }
        jar
    }

    /// Keeps the cookies of an answer; whether any came.
    pub(crate) fn keep(&mut self, headers: &HeaderMap, url: &Url) -> bool {
        let mut any = false;
        for value in headers.get_all(header::SET_COOKIE) {
            if let Ok(text) = std::str::from_utf8(value.as_bytes()) {
                self.put(text, url);
                any = true;
            }
        }
        any
    }

    fn put(&mut self, text: &str, url: &Url) {
        if text.len() <= COOKIE_MAX {
            // A cookie that is not this host's to set is none.
            drop(self.0.parse(text, url));
        }
    }

    /// The `Cookie` header for a URL; `None` where none is to be sent.
    pub(crate) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let mut cookies = self.0.matches(url);
        // Those of longer paths come first (RFC 6265, 5.4).
        cookies.sort_by_key(|cookie| std::cmp::Reverse(String::from(&cookie.path).len()));
        let pairs: Vec<String> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
            .collect();
        if pairs.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_str(&pairs.join("; ")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether another jar has other cookies, or has some for at least a minute longer.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let (mine, others) = (self.listed(), other.listed());
        mine.len() != others.len() || !mine.iter().zip(&others).all(|(a, b)| a.is_near(b))
    }

    fn listed(&self) -> Vec<Listed<'_>> {
        let cookies = self.0.iter_unexpired();
        let listed = cookies.map(|cookie| Listed {
            place: [String::from(&cookie.domain), String::from(&cookie.path)],
            name: cookie.name(),
            value: cookie.value(),
            ends: match &cookie.expires {
                CookieExpiration::AtUtc(time) => Some(time.unix_timestamp()),
                CookieExpiration::SessionEnd => None,
            },
        });
        let mut listed: Vec<_> = listed.collect();
        listed.sort();
        listed
    }

    /// The value of the cookie that would be sent to a URL.
    pub(crate) fn value(&self, url: &Url, name: &str) -> Option<String> {
        let cookies = self.0.get_request_values(url);
        let mut named = cookies.filter(|(found, _)| *found == name);
        named.next().map(|(_, value)| value.to_owned())
    }
}

/// What two jars are compared by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Listed<'a> {
    place: [String; 2],
    name: &'a str,
    value: &'a str,
    /// In seconds since 1970.
    ends: Option<i64>,
}

impl Listed<'_> {
    fn is_near(&self, other: &Self) -> bool {
        let ends_near = match (self.ends, other.ends) {
            (Some(one), Some(other)) => one.abs_diff(other) < 60,
            (one, other) => one == other,
        };
        (&self.place, self.name, self.value) == (&other.place, other.name, other.value) && ends_near
    }
}

impl Serialize for Jar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter_unexpired())
    }
}

impl<'de> Deserialize<'de> for Jar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let cookies = Vec::<Cookie<'static>>::deserialize(deserializer)?;
        let kept = cookies.into_iter().map(Ok::<_, std::convert::Infallible>);
        let store = CookieStore::from_cookies(kept, false);
        store.map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn sent(jar: &Jar, to: &str) -> Option<String> {
        let value = jar.header(&url(to))?;
        Some(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_only_where_it_may() {
        let mut headers = HeaderMap::new();
        for cookie in [
            "a=1; Path=/; HttpOnly",
            "b=2; Path=/deep; Secure",
            "c=3; Domain=example.com",
            "d=4; Domain=other.com",
            "e=5; Max-Age=0",
            "f=6; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ] {
            headers.append(header::SET_COOKIE, cookie.parse().unwrap());
        }
        let mut jar = Jar::default();
        assert!(jar.keep(&headers, &url("https://www.example.com/log/in")));
        let written = serde_json::to_string(&jar).unwrap();
        let jar: Jar = serde_json::from_str(&written).unwrap();
        let at = |to| sent(&jar, to);
        assert_eq!(
            at("https://www.example.com/deep/x").as_deref(),
            Some("b=2; a=1")
        );
        assert_eq!(at("http://www.example.com/deep/x").as_deref(), Some("a=1"));
        assert_eq!(
            at("https://www.example.com/log/out").as_deref(),
            Some("c=3; a=1")
        );
        assert_eq!(at("https://api.example.com/log/").as_deref(), Some("c=3"));
        assert_eq!(at("https://example.org/"), None);
    }
}
