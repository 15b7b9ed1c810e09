//! The master keys that wrap, by version.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{VaultError, envelope::SecretKey};
use crate::domain::{
    known_keys::{KeyCheck, KnownKeys},
    master_keys::{MasterKey, MasterKeys},
};

type Derived = Arc<(SecretKey, KeyCheck)>;

/// The keys of the file, of which one is current. One that the store knows by another check is not among them.
pub struct Ring {
    keys: BTreeMap<i64, Derived>,
    wrong: BTreeSet<i64>,
    known: KnownKeys,
}

impl Ring {
    /// The wrapping keys that follow from master keys, without those that do not fit what the store knows them by.
    pub fn of(keys: &MasterKeys, known: &KnownKeys) -> Self {
        let derived = keys
            .versions()
            .map(|(version, key)| (version, Arc::new(derive(version, key))));
        let fits = |(version, key): &(i64, Derived)| {
            let check = known.checks.get(version);
            check.is_none_or(|check| bool::from(check.ct_eq(&key.1)))
        };
        let (right, wrong): (Vec<_>, Vec<_>) = derived.partition(fits);
        Self {
            keys: right.into_iter().collect(),
            wrong: wrong.into_iter().map(|(version, _)| version).collect(),
            known: known.clone(),
        }
    }

    /// The same keys, of which another is current.
    pub fn turned_to(&self, known: &KnownKeys) -> Self {
        Self {
            keys: self.keys.clone(),
            wrong: self.wrong.clone(),
            known: known.clone(),
        }
    }

    /// What the store knows of the keys.
    pub fn known(&self) -> &KnownKeys {
        &self.known
    }

    /// The version that wraps.
    pub fn current(&self) -> i64 {
        self.known.current
    }

    /// Whether every key is the one that the store knows, and the current one is there.
    pub fn is_right(&self) -> Result<(), VaultError> {
        match self.wrong.first() {
            Some(version) => Err(VaultError::OtherKey(*version)),
            None => self.key(self.current()).map(drop),
        }
    }

    /// The key of a version.
    pub fn key(&self, version: i64) -> Result<&SecretKey, VaultError> {
        match self.keys.get(&version) {
            Some(key) => Ok(&key.0),
            None if self.wrong.contains(&version) => Err(VaultError::OtherKey(version)),
            None => Err(VaultError::NoKey(version)),
        }
    }

    /// The versions whose keys are there, lowest first.
    pub fn versions(&self) -> Vec<i64> {
        self.keys.keys().copied().collect()
    }

    /// What the key of a version is recognised by.
    pub fn check(&self, version: i64) -> Result<KeyCheck, VaultError> {
        self.key(version)?;
        let found = self.keys.get(&version).map(|key| key.1);
        found.ok_or(VaultError::NoKey(version))
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
