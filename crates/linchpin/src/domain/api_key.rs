//! The key that a developer's backend sends.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use super::{base62, environment::Environment};

/// Characters that carry the 256 random bits.
const SECRET_LENGTH: usize = 43;
/// Characters of the checksum.
const CHECKSUM_LENGTH: usize = 6;

/// An API key: `sk_sandbox_` or `sk_live_`, 43 characters of secret, 6 of checksum; all letters and digits.
///
/// The checksum (CRC-32 of everything before it) lets a mistyped key be refused without a look into the store. The key
/// cannot be printed, compared or serialised by accident, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct ApiKey {
    environment: Environment,
    text: Zeroizing<String>,
}

impl ApiKey {
    /// Makes a key from 256 random bits of the operating system's generator.
    pub fn mint(environment: Environment, mut random: [u8; 32]) -> Self {
        let prefix = environment.key_prefix();
        // The whole length at once: a string that grows would leave copies of the secret behind.
        let length = prefix.len() + SECRET_LENGTH + CHECKSUM_LENGTH;
        let mut text = Zeroizing::new(String::with_capacity(length));
        text.push_str(prefix);
        text.push_str(&Zeroizing::new(base62::encode(random, SECRET_LENGTH)));
        random.zeroize();
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self { environment, text }
    }

    /// Takes the text of a key with the right prefix, alphabet, length and checksum.
    ///
    /// `None` for anything else. Whether such a key exists is the store's to say.
    pub fn parse(text: &str) -> Option<Self> {
        let (environment, rest) = Environment::ALL.into_iter().find_map(|environment| {
            let rest = text.strip_prefix(environment.key_prefix())?;
            Some((environment, rest))
        })?;
        if !base62::is_text(rest, SECRET_LENGTH + CHECKSUM_LENGTH) {
            return None;
        }
        let (body, found) = text.split_at_checked(text.len().checked_sub(CHECKSUM_LENGTH)?)?;
        (checksum(body) == found).then(|| Self {
            environment,
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// The environment that the prefix names.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The text of the key; for showing it once, and for hashing it.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

fn checksum(body: &str) -> String {
    base62::encode(
        crc32fast::hash(body.as_bytes()).to_be_bytes(),
        CHECKSUM_LENGTH,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Random bytes that are the same in every run (splitmix64).
    struct Seeded(u64);

    impl Seeded {
        fn bytes(&mut self) -> [u8; 32] {
            let mut bytes = [0; 32];
            for eight in bytes.chunks_exact_mut(8) {
                self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut mixed = self.0;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                eight.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
            }
            bytes
        }
    }

    #[test]
    fn a_hundred_thousand_keys_differ_and_are_well_formed() {
        let (mut seeded, mut seen) = (Seeded(1), HashSet::new());
        for n in 0..100_000 {
            let environment = Environment::ALL[n % 2];
            let key = ApiKey::mint(environment, seeded.bytes());
            let rest = key.reveal().strip_prefix(environment.key_prefix()).unwrap();
            assert!(
                rest.len() == 49 && rest.bytes().all(|b| b.is_ascii_alphanumeric()),
                "{rest}"
            );
            assert_eq!(
                ApiKey::parse(key.reveal()).unwrap().environment(),
                environment
            );
            assert!(seen.insert(key.reveal().to_owned()), "drawn twice");
        }
    }

    #[test]
    fn the_checksum_catches_every_change_of_one_character() {
        let mut seeded = Seeded(2);
        for environment in Environment::ALL {
            for _ in 0..20 {
                let key = ApiKey::mint(environment, seeded.bytes());
                for at in 0..key.reveal().len() {
                    for other in (0_u8..0x80).filter(|other| *other != key.reveal().as_bytes()[at])
                    {
                        let mut bytes = key.reveal().as_bytes().to_vec();
                        bytes[at] = other;
                        let changed = String::from_utf8(bytes).unwrap();
                        assert!(ApiKey::parse(&changed).is_none(), "{other} at {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_of_one_environment_does_not_become_one_of_the_other() {
        let key = ApiKey::mint(Environment::Sandbox, [7; 32]);
        let moved = key.reveal().replace("sk_sandbox_", "sk_live_");
        assert!(ApiKey::parse(&moved).is_none());
    }

    #[test]
    fn text_that_is_not_a_key_is_refused() {
        let key = ApiKey::mint(Environment::Live, [7; 32]);
        let text = key.reveal();
        let wide = format!("sk_live_{}é", "a".repeat(47));
        for wrong in [
            "",
            "sk_live_",
            "sk_",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{text} "),
            &wide,
        ] {
            assert!(ApiKey::parse(wrong).is_none());
        }
    }

    #[test]
    fn debugging_a_key_does_not_show_it() {
        assert_eq!(
            format!("{:?}", ApiKey::mint(Environment::Live, [7; 32])),
            "ApiKey"
        );
    }
}
