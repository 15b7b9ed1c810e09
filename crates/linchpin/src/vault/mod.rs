//! The vault: seals and opens the secrets that are needed again, and is the one place that sees them plain.
//!
//! Each secret has a random key of its own, which seals it, bound to its place. That key is wrapped with the master key of
//! one version. So a row that was moved does not open, a row whose key is destroyed is lost for good, and to exchange the
//! master key only the wrapped keys have to be written anew.

mod envelope;
mod key_source;
mod ring;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use zeroize::Zeroizing;

pub use self::key_source::KeySource;
use self::{
    envelope::{SecretKey, open, seal},
    ring::Ring,
};
use crate::domain::{
    known_keys::{KeyCheck, KnownKeys},
    sealed::{Place, Sealed, WrappedKey},
};

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key file has no master key of this version.
    #[error(
        "the key file has no version {0} of the master key, which this store goes by; copy the key file from where `linchpin vault rotate` ran, or put that version's line back from your copy"
    )]
    NoKey(i64),
    /// The key file has another master key of this version than the one that was rotated to.
    #[error(
        "the key file has another version {0} of the master key than this store goes by; copy the key file from where `linchpin vault rotate` ran"
    )]
    OtherKey(i64),
    /// The key file cannot be read again.
    #[error("{0}")]
    KeyFile(String),
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
    source: KeySource,
    /// Held while the keys are read again: what was read first must not take the place of what was read last.
    reading: Arc<Mutex<()>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// A vault that wraps with the newest of these keys until it is told what the store knows of them.
    pub fn new(source: impl Into<KeySource>) -> Self {
        let source = source.into();
        let newest = KnownKeys::unchecked(source.first().newest());
        let ring = Ring::of(source.first(), &newest);
        Self {
            ring: Arc::new(ArcSwap::from_pointee(ring)),
            source,
            reading: Arc::default(),
        }
    }

    /// Reads the keys again and goes by what the store knows of them: what is sealed from now on is wrapped with its
    /// current version.
    ///
    /// # Errors
    ///
    /// [`VaultError::OtherKey`] and [`VaultError::NoKey`] where the keys are not those of the store. Then nothing is
    /// sealed with a wrong or an older one; what is wrapped with the others still opens. [`VaultError::KeyFile`] where
    /// they cannot be read; then the keys of before stay.
    pub fn go_by(&self, known: &KnownKeys) -> Result<(), VaultError> {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.read(known)
    }

    /// Reads the keys again and goes by what was known.
    fn read_again(&self) {
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.ring.load().known().clone();
        // What is wrong with other versions is not what is asked here.
        let _ = self.read(&known);
    }

    fn read(&self, known: &KnownKeys) -> Result<(), VaultError> {
        let read = self.source.read();
        let ring = match &read {
            Ok(keys) => Ring::of(keys, known),
            Err(_) => self.ring.load().turned_to(known),
        };
        let right = ring.is_right();
        self.ring.store(Arc::new(ring));
        read.map_err(VaultError::KeyFile)?;
        right
    }

    /// The version of the master key that new secrets are wrapped with.
    pub fn current(&self) -> i64 {
        self.ring.load().current()
    }

    /// The versions whose keys are there, lowest first.
    pub fn versions(&self) -> Vec<i64> {
        self.ring.load().versions()
    }

    /// Recognises the master key of a version.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoKey`] and [`VaultError::OtherKey`].
    pub fn check(&self, version: i64) -> Result<KeyCheck, VaultError> {
        self.ring.load().check(version)
    }

    /// Seals a secret for its place, with a new key of its own.
    pub async fn seal(&self, place: &Place, plain: &[u8]) -> Result<Sealed, VaultError> {
        let own = SecretKey::draw()?;
        let bytes = seal(&own, &envelope::of_secret(place), plain)?;
        let WrappedKey {
            version,
            bytes: wrapped_key,
        } = self.wrap(place, &own).await?;
        Ok(Sealed {
            key_version: version,
            wrapped_key,
            bytes,
        })
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
        let own = self
            .unwrap(place, sealed.key_version, &sealed.wrapped_key)
            .await?;
        open(&own, &envelope::of_secret(place), &sealed.bytes)
    }

    /// The key of a secret, wrapped with the current master key. What it seals stays as it is.
    pub async fn rewrap(&self, place: &Place, key: &WrappedKey) -> Result<WrappedKey, VaultError> {
        let own = self.unwrap(place, key.version, &key.bytes).await?;
        self.wrap(place, &own).await
    }

    /// The same secret, sealed anew for its place with a new key of its own. It is seen plain nowhere but here.
    ///
    /// # Errors
    ///
    /// [`VaultError::DoesNotOpen`] where it does not open; then what there is stays as good as it was.
    pub async fn reseal(&self, place: &Place, sealed: &Sealed) -> Result<Sealed, VaultError> {
        let plain = self.open(place, sealed).await?;
        self.seal(place, &plain).await
    }

    #[expect(
        clippy::unused_async,
        reason = "a key service would be waited for here"
    )]
    async fn wrap(&self, place: &Place, own: &SecretKey) -> Result<WrappedKey, VaultError> {
        self.with_keys(|ring| {
            let version = ring.current();
            let bound_to = envelope::of_key(place, version);
            let bytes = seal(ring.key(version)?, &bound_to, own.bytes())?;
            Ok(WrappedKey { version, bytes })
        })
    }

    #[expect(
        clippy::unused_async,
        reason = "a key service would be waited for here"
    )]
    async fn unwrap(
        &self,
        place: &Place,
        version: i64,
        wrapped_key: &[u8],
    ) -> Result<SecretKey, VaultError> {
        self.with_keys(|ring| {
            let bound_to = envelope::of_key(place, version);
            let own = open(ring.key(version)?, &bound_to, wrapped_key)?;
            SecretKey::from_bytes(&own).ok_or(VaultError::DoesNotOpen)
        })
    }

    /// Works with the keys, and reads them again where one is missing: the file may have been copied here only now, or
    /// another node may have gone on to a version that this one has not heard of yet.
    fn with_keys<T>(&self, work: impl Fn(&Ring) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let ring = self.ring.load_full();
        match work(&ring) {
            Err(VaultError::NoKey(_) | VaultError::OtherKey(_)) => {
                self.read_again();
                work(&self.ring.load())
            }
            done => done,
        }
    }
}

#[cfg(test)]
mod tests;
