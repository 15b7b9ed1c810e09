//! The secret that an endpoint's deliveries are signed with.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// `whsec_` and the base64 of the key, as the Standard Webhooks specification has it. What is printed of it is its kind.
#[derive(Clone)]
pub struct WebhookSecret {
    text: Zeroizing<String>,
    key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// What every secret begins with.
    pub const PREFIX: &'static str = "whsec_";

    /// The secret whose key are these random bytes.
    pub fn of(key: [u8; 32]) -> Self {
        let key = Zeroizing::new(key.to_vec());
        let encoded = Zeroizing::new(STANDARD.encode(&*key));
        let mut text = Zeroizing::new(String::with_capacity(64));
        text.push_str(Self::PREFIX);
        text.push_str(&encoded);
        Self { text, key }
    }

    /// Reads a secret: the prefix and the base64 of 24 to 64 bytes; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
        let key = Zeroizing::new(key);
        (24..=64).contains(&key.len()).then(|| Self {
            text: Zeroizing::new(text.to_owned()),
            key,
        })
    }

    /// The secret as its owner writes it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The key of the signatures.
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_back_from_its_text_and_is_not_printed() {
        let secret = WebhookSecret::of([7; 32]);
        let read = WebhookSecret::parse(secret.reveal()).unwrap();
        assert_eq!(read.key(), secret.key());
        assert_eq!(format!("{read:?}"), "WebhookSecret");
    }

    #[test]
    fn keys_of_24_to_64_bytes_are_taken() {
        for (bytes, taken) in [(23, false), (24, true), (64, true), (65, false)] {
            let text = format!("whsec_{}", STANDARD.encode(vec![1; bytes]));
            assert_eq!(WebhookSecret::parse(&text).is_some(), taken, "{bytes}");
        }
        for wrong in ["", "whsec_", "whsec_!", "sk_AAAA"] {
            assert!(WebhookSecret::parse(wrong).is_none(), "{wrong}");
        }
    }
}
