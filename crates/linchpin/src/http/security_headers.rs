//! Headers that every answer carries, whoever made it.

use axum::http::header::Entry;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::request_id::RequestId;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

// Statics: made for each answer, their characters would be checked for each, which shows in a profile.

static ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (PERMISSIONS_POLICY, HeaderValue::from_static(NO_FEATURES)),
    (OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

static DENY: HeaderValue = HeaderValue::from_static("DENY");

static NO_CONTENT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Without the subdomains: whose they are, and what runs there, is not ours to know.
static A_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Every feature that a browser of today asks this header about.
const NO_FEATURES: &str = "accelerometer=(), ambient-light-sensor=(), attribution-reporting=(), \
    autoplay=(), bluetooth=(), browsing-topics=(), camera=(), clipboard-read=(), \
    clipboard-write=(), compute-pressure=(), cross-origin-isolated=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), \
    identity-credentials-get=(), idle-detection=(), keyboard-map=(), local-fonts=(), \
    magnetometer=(), microphone=(), midi=(), otp-credentials=(), payment=(), \
    picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), \
    screen-wake-lock=(), serial=(), storage-access=(), sync-xhr=(), unload=(), usb=(), \
    web-share=(), window-management=(), xr-spatial-tracking=()";

/// Adds what the handler has not set itself, and the request id in any case.
///
/// A handler whose policy names other frame ancestors than `'none'` gets no `X-Frame-Options`,
/// which has no word for a list of origins.
pub(super) fn complete(headers: &mut HeaderMap, request_id: &RequestId, strict_transport: bool) {
    headers.reserve(10);
    headers.insert(REQUEST_ID, request_id.header_value());
    for (name, value) in &ALWAYS {
        default(headers, name, value);
    }
    if !may_be_framed(headers) {
        default(headers, &X_FRAME_OPTIONS, &DENY);
    }
    default(headers, &CONTENT_SECURITY_POLICY, &NO_CONTENT);
    if strict_transport {
        default(headers, &STRICT_TRANSPORT_SECURITY, &A_YEAR);
    }
}

fn default(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    if let Entry::Vacant(vacant) = headers.entry(name) {
        vacant.insert(value.clone());
    }
}

/// Several policies hold together, so that one `'none'` is enough to forbid framing.
fn may_be_framed(headers: &HeaderMap) -> bool {
    let mut ancestors = headers
        .get_all(CONTENT_SECURITY_POLICY)
        .iter()
        .filter_map(|policy| policy.to_str().ok())
        .flat_map(|policies| policies.split([';', ',']))
        .filter_map(|directive| directive.trim().strip_prefix("frame-ancestors"))
        .map(str::trim)
        .peekable();
    ancestors.peek().is_some() && ancestors.all(|sources| sources != "'none'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(policy: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(policy) = policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        complete(&mut headers, &RequestId::new(), false);
        headers
    }

    #[test]
    fn only_a_policy_with_other_frame_ancestors_lifts_x_frame_options() {
        assert_eq!(completed(None)[X_FRAME_OPTIONS], "DENY");
        assert_eq!(
            completed(Some("default-src 'self'"))[X_FRAME_OPTIONS],
            "DENY"
        );
        assert_eq!(
            completed(Some("frame-ancestors 'none'; form-action 'self'"))[X_FRAME_OPTIONS],
            "DENY"
        );
        let framed = completed(Some(
            "default-src 'none'; frame-ancestors https://shop.example",
        ));
        assert!(!framed.contains_key(X_FRAME_OPTIONS));
    }

    #[test]
    fn what_a_handler_set_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
        headers.insert(OPENER_POLICY, HeaderValue::from_static("unsafe-none"));
        complete(&mut headers, &RequestId::new(), true);
        assert_eq!(headers[CACHE_CONTROL], "max-age=60");
        assert_eq!(headers[OPENER_POLICY], "unsafe-none");
        assert!(
            headers[STRICT_TRANSPORT_SECURITY]
                .to_str()
                .unwrap()
                .contains("31536000")
        );
    }
}
