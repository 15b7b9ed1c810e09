//! The master keys that wrap, by version.

use std::collections::BTreeMap;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{VaultError, envelope::SecretKey};
use crate::domain::master_keys::{MasterKey, MasterKeys};

/// What a master key of a version is recognised by; tells nothing of the key.
pub type KeyCheck = [u8; 32];

/// The keys of the file, of which one is current.
pub struct Ring {
    keys: BTreeMap<i64, (SecretKey, KeyCheck)>,
    current: i64,
}

impl Ring {
    /// The wrapping keys that follow from master keys.
    pub fn of(keys: &MasterKeys, current: i64) -> Self {
        let derived = keys
            .versions()
            .map(|(version, key)| (version, derive(version, key)));
        Self {
            keys: derived.collect(),
            current,
        }
    }

    /// The version that wraps.
    pub fn current(&self) -> i64 {
        self.current
    }

    /// The key of a version.
    pub fn key(&self, version: i64) -> Result<&SecretKey, VaultError> {
        let found = self.keys.get(&version).map(|(key, _)| key);
        found.ok_or(VaultError::NoKey(version))
    }

    /// What the key of a version is recognised by.
    pub fn check(&self, version: i64) -> Option<KeyCheck> {
        self.keys.get(&version).map(|(_, check)| *check)
    }
}

/// The wrapping key and the check of a master key (HKDF-SHA256, RFC 5869), apart from everything else that follows from it.
fn derive(version: i64, master: &MasterKey) -> (SecretKey, KeyCheck) {
    let hkdf = Hkdf::<Sha256>::new(Some(b"linchpin vault 1"), master.as_slice());
    let mut key = Zeroizing::new([0_u8; 32]);
    let mut checking = Zeroizing::new([0_u8; 64]);
    // Always within what HKDF-SHA256 can give, so it cannot fail.
    hkdf.expand(b"wrap", key.as_mut()).unwrap_or_default();
    hkdf.expand(b"check", checking.as_mut()).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new((&*checking).into());
    mac.update(&version.to_be_bytes());
    let check = mac.finalize().into_bytes().into();
    (SecretKey::of(&key), check)
}
