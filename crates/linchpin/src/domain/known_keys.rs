//! What a store knows of the vault's master keys: which version is current, and what each is recognised by.

use std::collections::BTreeMap;

use super::time::Timestamp;

/// What a master key of a version is recognised by; tells nothing of the key.
pub type KeyCheck = [u8; 32];

/// The versions that the vault was rotated to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownKeys {
    /// The version that wraps new secrets, from 1.
    pub current: i64,
    /// Each version from 2 on that was ever current, also those that were taken out since.
    pub checks: BTreeMap<i64, KeyCheck>,
    /// When the current version became so; 0 where the vault was never rotated.
    pub since: Timestamp,
}

impl KnownKeys {
    /// A vault that was never rotated, or wraps with this version and knows no checks.
    pub fn unchecked(current: i64) -> Self {
        Self {
            current,
            checks: BTreeMap::new(),
            since: Timestamp(0),
        }
    }
}
