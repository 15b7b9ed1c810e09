//! Sealing bytes for a place: XChaCha20-Poly1305 under a random nonce of 192 bits.
//!
//! A sealed text is the number of its format, the nonce, and the ciphertext with its tag.

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce, aead::AeadInOut as _};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::VaultError;
use crate::domain::sealed::Place;

/// The format of what is sealed.
const FORMAT: u8 = 1;
/// Bytes of a nonce.
const NONCE: usize = 24;

/// A key that seals; overwritten when it is dropped.
#[derive(ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A random key.
    pub fn draw() -> Result<Self, VaultError> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0).map_err(|_| VaultError::Random)?;
        Ok(key)
    }

    /// Takes a key over.
    pub fn of(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    /// Takes a key over; `None` unless it has 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The key itself, to be wrapped.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a sealed secret is bound to: its row, column and owner.
pub fn of_secret(place: &Place) -> Vec<u8> {
    bound_to(b"sealed.sealed", place, None)
}

/// What a wrapped key is bound to: the same, and the version of the master key.
pub fn of_key(place: &Place, version: i64) -> Vec<u8> {
    bound_to(b"sealed.wrapped_key", place, Some(version))
}

/// Every part behind its length, so that no two places are written alike.
fn bound_to(column: &[u8], place: &Place, version: Option<i64>) -> Vec<u8> {
    let number = place.number.to_be_bytes();
    let version = version.map(i64::to_be_bytes);
    let parts: [&[u8]; 7] = [
        column,
        place.kind.name().as_bytes(),
        place.owner.as_bytes(),
        &number,
        place.organisation.as_str().as_bytes(),
        place.environment.as_str().as_bytes(),
        version.as_ref().map_or(&[], |version| version.as_slice()),
    ];
    let mut bound = Vec::with_capacity(160);
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

/// Seals bytes under a nonce that is drawn here.
pub fn seal(key: &SecretKey, bound_to: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| VaultError::Random)?;
    // Sealed in place: the plain bytes are in no other buffer than this one, which becomes the ciphertext.
    let mut sealed = Vec::with_capacity(1 + NONCE + plain.len() + 16);
    sealed.extend_from_slice(plain);
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    cipher
        .encrypt_in_place(&XNonce::from(nonce), bound_to, &mut sealed)
        .map_err(|_| VaultError::TooLarge)?;
    let head = std::iter::once(FORMAT).chain(nonce);
    sealed.splice(0..0, head);
    Ok(sealed)
}

/// Opens what [`seal`] made with the same key for the same place.
pub fn open(
    key: &SecretKey,
    bound_to: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let Some((&FORMAT, rest)) = sealed.split_first() else {
        return Err(VaultError::DoesNotOpen);
    };
    let (nonce, rest) = rest
        .split_first_chunk::<NONCE>()
        .ok_or(VaultError::DoesNotOpen)?;
    let mut plain = Zeroizing::new(rest.to_vec());
    let cipher = XChaCha20Poly1305::new((&key.0).into());
    cipher
        .decrypt_in_place(&XNonce::from(*nonce), bound_to, &mut *plain)
        .map_err(|_| VaultError::DoesNotOpen)?;
    Ok(plain)
}
