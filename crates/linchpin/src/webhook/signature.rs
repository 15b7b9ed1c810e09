//! The headers that a delivery is signed by: three families over the same secrets and the exact bytes of the body.
//!
//! `webhook-*` follows the Standard Webhooks specification 1.0; `svix-*` are the same values under the names that it grew
//! out of; `OFAuth-Signature` is what clients of the existing service check.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::Sha256;

use crate::domain::{hexadecimal, webhook_secret::WebhookSecret};

/// The headers of a delivery of `body`, sent at `seconds` of Unix time. With several secrets, newest first, each signs.
///
/// Headers without a signature come back where there is no secret; nothing is to be sent then.
pub fn headers(secrets: &[WebhookSecret], id: &str, seconds: i64, body: &[u8]) -> HeaderMap {
    let timestamp = seconds.to_string();
    let standard: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
            format!("v1,{}", STANDARD.encode(mac(secret.key(), &parts)))
        })
        .collect();
    let standard = standard.join(" ");
    // Simple readers keep the last of several: that of the secret which they have had for longest.
    let ours: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let parts = [timestamp.as_bytes(), b".", body];
            let mac = mac(secret.reveal().as_bytes(), &parts);
            format!("v1={}", hexadecimal::of(&mac))
        })
        .collect();
    let ours = format!("t={timestamp},{}", ours.join(","));
    let mut headers = HeaderMap::with_capacity(9);
    let mut put = |name: &'static str, value: &str| {
        // Nothing of ours is not a header's value.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    for (family, value) in [
        ("id", id),
        ("timestamp", &timestamp),
        ("signature", &standard),
    ] {
        let (name, older) = match family {
            "id" => ("webhook-id", "svix-id"),
            "timestamp" => ("webhook-timestamp", "svix-timestamp"),
            _ => ("webhook-signature", "svix-signature"),
        };
        put(name, value);
        put(older, value);
    }
    put("ofauth-signature", &ours);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(
        header::USER_AGENT,
        HeaderValue::from_static(concat!("linchpin/", env!("CARGO_PKG_VERSION"))),
    );
    headers
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
        headers[name].to_str().unwrap()
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        // From the Standard Webhooks and Svix documentation.
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let headers = headers(
            &[secret],
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            body,
        );
        let wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(value(&headers, "webhook-signature"), wanted);
        assert_eq!(value(&headers, "svix-signature"), wanted);
        assert_eq!(value(&headers, "webhook-timestamp"), "1614265330");
        assert_eq!(value(&headers, "svix-id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
    }

    #[test]
    fn while_a_secret_is_rotated_both_sign_the_newer_first() {
        let (new, old) = (WebhookSecret::of([1; 32]), WebhookSecret::of([2; 32]));
        let alone =
            |secret: &WebhookSecret| headers(std::slice::from_ref(secret), "evt_1", 5, b"{}");
        let both = headers(&[new.clone(), old.clone()], "evt_1", 5, b"{}");
        let (of_new, of_old) = (alone(&new), alone(&old));
        assert_eq!(
            value(&both, "webhook-signature"),
            format!(
                "{} {}",
                value(&of_new, "webhook-signature"),
                value(&of_old, "webhook-signature")
            )
        );
        let ours = |headers: &HeaderMap| value(headers, "ofauth-signature").to_owned();
        assert_eq!(
            ours(&both),
            format!(
                "{},{}",
                ours(&of_new),
                ours(&of_old).trim_start_matches("t=5,")
            )
        );
    }
}
