//! How questions and answers are signed: Standard Webhooks 1.0, with HMAC-SHA-256 over `id.timestamp.body`. What is signed of an
//! answer is its status, a point and its body, so that nobody on the way makes one status of another.
//!
//! A question's id is `q_` with 128 random bits, and its answer's is the same with `a_`: so no answer fits another question,
//! and no question passes for an answer.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Seconds that a timestamp may be off, to either side.
pub const TOLERANCE: i64 = 300;

/// Secrets at most that are good at the same time.
const KEYS_MAX: usize = 4;

pub(super) const ID: HeaderName = HeaderName::from_static("webhook-id");
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// What Linchpin and a connector know, and nobody else: one to four keys, newest first.
///
/// Questions are signed with each of them, and an answer may be signed with any.
#[derive(Clone)]
pub struct SharedSecret(Vec<Zeroizing<Vec<u8>>>);

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret")
    }
}

impl SharedSecret {
    /// Reads lines of `whsec_` with the base64 of 24 to 64 bytes.
    ///
    /// # Errors
    ///
    /// A sentence that says what has to be written; it repeats nothing of the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let key = |line: &str| {
            let key = STANDARD.decode(line.strip_prefix("whsec_")?).ok()?;
            (24..=64).contains(&key.len()).then(|| Zeroizing::new(key))
        };
        let keys: Option<Vec<_>> = lines.map(key).collect();
        match keys {
            Some(keys) if (1..=KEYS_MAX).contains(&keys.len()) => Ok(Self(keys)),
            _ => Err(
                "must hold 1 to 4 lines, each whsec_ and the base64 of 24 to 64 random bytes, the newest first; \
                 make one with: echo whsec_$(openssl rand -base64 32)"
                    .to_owned(),
            ),
        }
    }

    /// The headers of a question that is sent at `seconds` of Unix time.
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> HeaderMap {
        self.sign_parts(id, seconds, &[body])
    }

    /// The headers of an answer with this status that is sent at `seconds` of Unix time.
    #[cfg(test)]
    pub(super) fn sign_answer(
        &self,
        id: &str,
        seconds: i64,
        (status, body): (StatusCode, &[u8]),
    ) -> HeaderMap {
        self.sign_parts(id, seconds, &[status.as_str().as_bytes(), b".", body])
    }

    fn sign_parts(&self, id: &str, seconds: i64, parts: &[&[u8]]) -> HeaderMap {
        let signatures: Vec<String> = self
            .0
            .iter()
            .filter_map(|key| Some(mac(key, id, seconds, parts)?.finalize().into_bytes()))
            .map(|mac| format!("v1,{}", STANDARD.encode(mac)))
            .collect();
        let mut headers = HeaderMap::with_capacity(3);
        for (name, value) in [
            (ID, id),
            (TIMESTAMP, &seconds.to_string()),
            (SIGNATURE, &signatures.join(" ")),
        ] {
            // Nothing of ours is not a header's value.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// Whether one of the keys has signed a question with this id, and at most [`TOLERANCE`] from `now`, both in seconds of
    /// Unix time.
    pub fn has_signed(&self, headers: &HeaderMap, id: &str, now: i64, body: &[u8]) -> bool {
        self.has_signed_parts(headers, id, now, &[body])
    }

    /// Whether one of the keys has signed an answer with this id, status and body, and at most [`TOLERANCE`] from `now`, both
    /// in seconds of Unix time.
    pub(super) fn has_signed_answer(
        &self,
        headers: &HeaderMap,
        id: &str,
        now: i64,
        (status, body): (StatusCode, &[u8]),
    ) -> bool {
        let parts = [status.as_str().as_bytes(), b".", body];
        self.has_signed_parts(headers, id, now, &parts)
    }

    fn has_signed_parts(&self, headers: &HeaderMap, id: &str, now: i64, parts: &[&[u8]]) -> bool {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = text(TIMESTAMP).and_then(|text: &str| text.parse::<i64>().ok());
        let (Some(seconds), Some(signatures)) = (seconds, text(SIGNATURE)) else {
            return false;
        };
        if text(ID) != Some(id) || seconds.abs_diff(now) > TOLERANCE.unsigned_abs() {
            return false;
        }
        let given = signatures
            .split(' ')
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok());
        // Compared in constant time.
        let fits = |given: &[u8]| {
            let mut macs = self.0.iter().filter_map(|key| mac(key, id, seconds, parts));
            macs.any(|mac| mac.verify_slice(given).is_ok())
        };
        given.take(2 * KEYS_MAX).any(|given| fits(&given))
    }
}

/// The id of the answer to a question.
pub(super) fn answer_id(question: &str) -> String {
    format!("a_{}", question.strip_prefix("q_").unwrap_or(question))
}

fn mac(key: &[u8], id: &str, seconds: i64, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OLD: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    fn secret(text: &str) -> SharedSecret {
        SharedSecret::parse(text).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        // From the Standard Webhooks documentation.
        let body = br#"{"test": 2432232314}"#;
        let headers = secret(NEW).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(
            headers[SIGNATURE],
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(headers[TIMESTAMP], "1614265330");
    }

    #[test]
    fn the_vectors_of_the_guide_come_out() {
        let guide = include_str!("../../../../docs/providers/connector.md");
        let question = br#"{"question":"description","withinMs":30000}"#;
        let answer = br#"{"contract":1,"name":"Notebook","version":"1.0.0"}"#;
        let secret = secret(OLD);
        let asked = secret.sign(
            "q_0123456789abcdef0123456789abcdef",
            1_750_000_000,
            question,
        );
        let answered = secret.sign_answer(
            "a_0123456789abcdef0123456789abcdef",
            1_750_000_001,
            (StatusCode::OK, answer),
        );
        for (headers, body) in [(asked, &question[..]), (answered, &answer[..])] {
            let signature = headers[SIGNATURE].to_str().unwrap();
            assert!(guide.contains(std::str::from_utf8(body).unwrap()));
            assert!(guide.contains(signature), "{signature}");
        }
    }

    #[test]
    fn an_answer_is_signed_with_its_status() {
        let secret = secret(NEW);
        let headers = secret.sign_answer("a_1", 1_000, (StatusCode::OK, b"body"));
        let signed =
            |status, body| secret.has_signed_answer(&headers, "a_1", 1_000, (status, body));
        assert!(signed(StatusCode::OK, b"body"));
        assert!(!signed(StatusCode::NOT_FOUND, b"body") && !signed(StatusCode::OK, b"bodY"));
        let without = secret.sign("a_1", 1_000, b"body");
        assert!(!secret.has_signed_answer(&without, "a_1", 1_000, (StatusCode::OK, b"body")));
    }

    #[test]
    fn only_the_same_message_at_about_the_same_time_is_signed() {
        let both = secret(&format!("{NEW}\n{OLD}\n"));
        let headers = both.sign("a_1", 1_000, b"body");
        for alone in [NEW, OLD] {
            assert!(secret(alone).has_signed(&headers, "a_1", 1_000, b"body"));
        }
        let signed = |id, now, body: &str| both.has_signed(&headers, id, now, body.as_bytes());
        assert!(signed("a_1", 1_300, "body") && signed("a_1", 700, "body"));
        assert!(!signed("a_1", 1_301, "body") && !signed("a_1", 699, "body"));
        assert!(!signed("a_2", 1_000, "body") && !signed("a_1", 1_000, "bodY"));
        let other = secret("whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB");
        assert!(!other.has_signed(&headers, "a_1", 1_000, b"body"));
        assert!(!both.has_signed(&HeaderMap::new(), "a_1", 1_000, b"body"));
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_repeating_it() {
        for wrong in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_c2hvcnQ=",
            &format!("{NEW}\n").repeat(5),
        ] {
            let said = SharedSecret::parse(wrong).unwrap_err();
            assert!(!said.contains("MfKQ"), "{said}");
        }
        assert_eq!(format!("{:?}", secret(NEW)), "SharedSecret");
    }
}
