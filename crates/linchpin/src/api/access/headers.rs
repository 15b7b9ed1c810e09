//! Which headers go to a provider, and which come back.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

/// Of one connection between two programs, whoever they are.
const HOP_BY_HOP: [&str; 7] = [
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
];

/// What tells of the caller, says how long the body is, or has a server take the request for another one.
const NOT_SENT: [&str; 30] = [
    "apikey",
    "authorization",
    "cookie",
    "cookie2",
    "x-connection-id",
    "x-request-id",
    "x-api-key",
    "host",
    "content-length",
    "expect",
    "http2-settings",
    "max-forwards",
    "forwarded",
    "via",
    "x-real-ip",
    "x-client-ip",
    "client-ip",
    "true-client-ip",
    "x-cluster-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "x-original-url",
    "x-original-host",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-host",
    "x-proxyuser-ip",
    "x-envoy-original-path",
];
const NOT_SENT_PREFIXES: [&str; 2] = ["proxy-", "x-forwarded"];

/// What renews a session, is said to browsers about the provider's own pages, is said by this server itself, or would
/// let a cache between here and the caller hand one connection's answer to another.
const NOT_RETURNED: [&str; 29] = [
    "set-cookie",
    "set-cookie2",
    "www-authenticate",
    "authorization",
    "authentication-info",
    "content-length",
    "content-security-policy",
    "content-security-policy-report-only",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "clear-site-data",
    "service-worker-allowed",
    "refresh",
    "nel",
    "report-to",
    "reporting-endpoints",
    "alt-svc",
    "server",
    "x-powered-by",
    "via",
    "cache-control",
    "expires",
    "pragma",
    "age",
    "x-request-id",
    "timing-allow-origin",
];
const NOT_RETURNED_PREFIXES: [&str; 5] = [
    "proxy-",
    "access-control-",
    "cross-origin-",
    "x-ratelimit-",
    "ratelimit",
];

/// Parameters of a location that are a session by themselves (RFC 6749, OpenID Connect Core 1.0).
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// The headers of a caller without those that a provider must not see.
pub fn sent(from_caller: &HeaderMap) -> HeaderMap {
    without(from_caller, &NOT_SENT, &NOT_SENT_PREFIXES)
}

/// The headers of a provider without those that a caller must not see.
pub fn returned(from_provider: &HeaderMap) -> HeaderMap {
    let mut returned = without(from_provider, &NOT_RETURNED, &NOT_RETURNED_PREFIXES);
    for name in [header::LOCATION, header::CONTENT_LOCATION] {
        if returned.get_all(&name).iter().any(holds_credentials) {
            returned.remove(name);
        }
    }
    returned
}

fn holds_credentials(location: &HeaderValue) -> bool {
    // Relative to some host: `//user:password@host` has credentials, too.
    let base = Url::parse("https://provider.invalid/");
    let joined = base.and_then(|base| base.join(location.to_str().unwrap_or_default()));
    joined.is_ok_and(|url| {
        let fragment = url.fragment().unwrap_or_default();
        let mut parameters = url
            .query_pairs()
            .chain(url::form_urlencoded::parse(fragment.as_bytes()));
        !url.username().is_empty()
            || url.password().is_some()
            || parameters.any(|(name, _)| TOKENS.contains(&name.as_ref()))
    })
}

fn without(headers: &HeaderMap, names: &[&str], prefixes: &[&str]) -> HeaderMap {
    let one_hop = named_by_connection(headers);
    let kept = headers.iter().filter(|(name, _)| {
        // What runs as CGI takes an underscore for a dash.
        let name = match name.as_str().contains('_') {
            true => Cow::Owned(name.as_str().replace('_', "-")),
            false => Cow::Borrowed(name.as_str()),
        };
        !HOP_BY_HOP.contains(&&*name)
            && !names.contains(&&*name)
            && !prefixes.iter().any(|prefix| name.starts_with(prefix))
            && !one_hop.iter().any(|named| *named == name)
    });
    kept.map(|(name, value): (&HeaderName, _)| (name.clone(), value.clone()))
        .collect()
}

/// Headers that `Connection` says are of one connection only.
fn named_by_connection(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::CONNECTION).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase().replace('_', "-"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let parsed = lines.iter().map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        });
        parsed.collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn nothing_of_the_caller_or_of_their_connection_is_sent() {
        for name in NOT_SENT.iter().chain(&HOP_BY_HOP).chain(&[
            "proxy-authorization",
            "proxy-connection",
            "x-forwarded-for",
            "x-forwarded-host",
            "x_forwarded_for",
            "x_http_method_override",
        ]) {
            let cleaned = sent(&headers(&[(name, "value"), ("accept", "text/html")]));
            assert_eq!(names(&cleaned), ["accept"], "{name}");
        }
        let cleaned = sent(&headers(&[
            ("connection", "close, X-Hop , x_other"),
            ("x-hop", "1"),
            ("x-other", "1"),
            ("content-type", "multipart/form-data; boundary=x"),
        ]));
        assert_eq!(names(&cleaned), ["content-type"]);
    }

    #[test]
    fn nothing_of_the_session_or_of_the_providers_own_pages_is_returned() {
        for name in NOT_RETURNED.iter().chain(&HOP_BY_HOP).chain(&[
            "access-control-allow-origin",
            "cross-origin-opener-policy",
            "x-ratelimit-limit",
            "ratelimit-policy",
            "proxy-authenticate",
        ]) {
            let cleaned = returned(&headers(&[(name, "value"), ("etag", "\"1\"")]));
            assert_eq!(names(&cleaned), ["etag"], "{name}");
        }
    }

    #[test]
    fn a_location_is_returned_unless_it_holds_credentials() {
        for (location, kept) in [
            ("/posts/7", true),
            ("https://provider.example/a@b", true),
            ("https://user@provider.example/", false),
            ("//user:password@provider.example/", false),
            ("https://provider.example/a?page=2&token=x", true),
            ("/a?access_token=canary", false),
            ("/a#x=1&id_token=canary", false),
        ] {
            let cleaned = returned(&headers(&[("location", location)]));
            assert_eq!(cleaned.contains_key("location"), kept, "{location}");
        }
    }

    #[test]
    fn headers_that_come_several_times_stay_several() {
        let cleaned = sent(&headers(&[("accept", "a"), ("accept", "b")]));
        assert_eq!(cleaned.get_all("accept").iter().count(), 2);
    }
}
