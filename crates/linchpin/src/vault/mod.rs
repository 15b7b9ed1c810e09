//! The vault: seals and opens the secrets that are needed again, and is the one place that sees them plain.
//!
//! Each secret has a random key of its own, which seals it, bound to its place. That key is wrapped with the master key of
//! one version. So a row that was moved does not open, a row whose key is destroyed is lost for good, and to exchange the
//! master key only the wrapped keys have to be written anew.

mod envelope;
mod ring;

use std::sync::Arc;

use arc_swap::ArcSwap;
use zeroize::Zeroizing;

pub use self::ring::KeyCheck;
use self::{
    envelope::{SecretKey, open, seal},
    ring::Ring,
};
use crate::domain::{
    master_keys::MasterKeys,
    sealed::{Place, Sealed},
};

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key file has no master key of this version.
    #[error(
        "a secret is wrapped with version {0} of the master key, which is not in the key file; copy the file from where `linchpin vault rotate` ran"
    )]
    NoKey(i64),
    /// The bytes are not what was sealed at this place.
    #[error(
        "a sealed secret does not open: it was changed or moved, or belongs to another master key"
    )]
    DoesNotOpen,
    /// It is larger than can be sealed.
    #[error("a secret is too large to be sealed")]
    TooLarge,
    /// The operating system gave no random bytes.
    #[error("the system's random generator failed")]
    Random,
}

/// A handle on the vault; cheap to clone.
///
/// Its calls can wait, so that a key service on the network could take the place of the file.
#[derive(Clone)]
pub struct Vault {
    ring: Arc<ArcSwap<Ring>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault that wraps with the newest of these keys.
    pub fn new(keys: &MasterKeys) -> Self {
        Self {
            ring: Arc::new(ArcSwap::from_pointee(Ring::of(keys, keys.newest()))),
        }
    }

    /// Has these keys take the place of those before; what is sealed from now on is wrapped with version `current`.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoKey`] where `current` is not among them.
    pub fn go_by(&self, keys: &MasterKeys, current: i64) -> Result<(), VaultError> {
        let ring = Ring::of(keys, current);
        ring.key(current)?;
        self.ring.store(Arc::new(ring));
        Ok(())
    }

    /// The version of the master key that new secrets are wrapped with.
    pub fn current(&self) -> i64 {
        self.ring.load().current()
    }

    /// Recognises the master key of a version; `None` where it is not there.
    pub fn check(&self, version: i64) -> Option<KeyCheck> {
        self.ring.load().check(version)
    }

    /// Seals a secret for its place, with a new key of its own.
    pub async fn seal(&self, place: &Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        let own = SecretKey::draw()?;
        let bytes = seal(&own, &envelope::of_secret(place), plain)?;
        self.wrap(place, &own, bytes).await
    }

    /// Opens what was sealed at this place.
    ///
    /// # Errors
    ///
    /// [`VaultError::DoesNotOpen`] for anything else: changed, cut or moved bytes, another key.
    pub async fn open(
        &self,
        place: &Place,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let own = self.unwrap(place, sealed).await?;
        open(&own, &envelope::of_secret(place), &sealed.bytes)
    }

    /// The same secret, its key wrapped with the current master key. The sealed bytes stay as they are.
    pub async fn rewrap(&self, place: &Place, sealed: &Sealed) -> Result<Sealed, VaultError> {
        let own = self.unwrap(place, sealed).await?;
        self.wrap(place, &own, sealed.bytes.clone()).await
    }

    #[expect(
        clippy::unused_async,
        reason = "a key service would be waited for here"
    )]
    async fn wrap(
        &self,
        place: &Place,
        own: &SecretKey,
        bytes: Vec<u8>,
    ) -> Result<Sealed, VaultError> {
        let ring = self.ring.load();
        let key_version = ring.current();
        let bound_to = envelope::of_key(place, key_version);
        let wrapped_key = seal(ring.key(key_version)?, &bound_to, own.bytes())?;
        Ok(Sealed {
            key_version,
            wrapped_key,
            bytes,
        })
    }

    #[expect(
        clippy::unused_async,
        reason = "a key service would be waited for here"
    )]
    async fn unwrap(&self, place: &Place, sealed: &Sealed) -> Result<SecretKey, VaultError> {
        let ring = self.ring.load();
        let bound_to = envelope::of_key(place, sealed.key_version);
        let own = open(
            ring.key(sealed.key_version)?,
            &bound_to,
            &sealed.wrapped_key,
        )?;
        SecretKey::from_bytes(&own).ok_or(VaultError::DoesNotOpen)
    }
}

#[cfg(test)]
mod tests;
