//! Where the master keys come from, so that they can be read again when the vault was rotated.

use std::sync::Arc;

use crate::domain::master_keys::MasterKeys;

/// Reads the keys again; the error says what is wrong with their file.
type Again = dyn Fn() -> Result<MasterKeys, String> + Send + Sync;

/// The master keys as they were read first, and how they are read again.
#[derive(Clone)]
pub struct KeySource {
    first: MasterKeys,
    again: Arc<Again>,
}

impl KeySource {
    /// Keys that were read, and how they are read again.
    pub fn new(
        first: MasterKeys,
        again: impl Fn() -> Result<MasterKeys, String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            first,
            again: Arc::new(again),
        }
    }

    /// The keys as they were read first.
    pub fn first(&self) -> &MasterKeys {
        &self.first
    }

    /// The keys as they are now.
    ///
    /// # Errors
    ///
    /// What is wrong with their file, without anything that is in it.
    pub fn read(&self) -> Result<MasterKeys, String> {
        (self.again)()
    }
}

impl From<MasterKeys> for KeySource {
    /// Keys that never change.
    fn from(keys: MasterKeys) -> Self {
        let same = keys.clone();
        Self::new(keys, move || Ok(same.clone()))
    }
}
