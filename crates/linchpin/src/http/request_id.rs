//! The name of one request in answers and logs.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const PREFIX: &[u8; 4] = b"req_";
const RANDOM: usize = 16;
const LENGTH: usize = PREFIX.len() + 22;
/// Random bytes are fetched for 64 ids at once: a system call for each id shows in a profile.
const BATCH: usize = 64 * RANDOM;

/// `req_` and 22 random URL-safe characters. Made by the server for each request, found in the
/// request's extensions; what a client sends as `x-request-id` is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId([u8; LENGTH]);

impl RequestId {
    /// A new random id.
    pub fn new() -> Self {
        let mut text = *b"req_0000000000000000000000";
        if let Some(rest) = text.get_mut(PREFIX.len()..) {
            // 16 bytes are exactly 22 characters, so this cannot fail.
            let _ = URL_SAFE_NO_PAD.encode_slice(random_bytes(), rest);
        }
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn header_value(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static("req_"))
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

struct Batch {
    bytes: [u8; BATCH],
    used: usize,
}

thread_local! {
    static RANDOM_BYTES: RefCell<Batch> = const {
        RefCell::new(Batch { bytes: [0; BATCH], used: BATCH })
    };
}

fn random_bytes() -> [u8; RANDOM] {
    RANDOM_BYTES.with_borrow_mut(|batch| {
        if batch.used >= BATCH {
            if getrandom::fill(&mut batch.bytes).is_err() {
                return counted_bytes();
            }
            batch.used = 0;
        }
        let taken = batch
            .bytes
            .get(batch.used..batch.used + RANDOM)
            .and_then(|bytes| bytes.try_into().ok());
        batch.used += RANDOM;
        taken.unwrap_or_else(counted_bytes)
    })
}

/// A request id is no secret: without a random source it still has to differ from the others.
fn counted_bytes() -> [u8; RANDOM] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    u128::from(COUNT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_and_are_safe_in_a_url() {
        let ids: HashSet<_> = (0..10_000).map(|_| RequestId::new()).collect();
        assert_eq!(ids.len(), 10_000);
        for id in ids {
            let random = id.as_str().strip_prefix("req_").expect("a prefix");
            assert_eq!(random.len(), 22);
            assert!(
                random
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            );
        }
    }
}
