//! The keys that everything secret is hashed, authenticated or sealed with, all derived from one master key.

use std::fmt;

use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce, aead::AeadInOut as _};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// The derived keys of one installation.
///
/// The master key stands in a file of its own, never in the store: who has only the store can neither find a
/// session by guessing nor make a token.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Keyring {
    api_key: [u8; 64],
    link: [u8; 64],
    flow: [u8; 64],
    token: [u8; 64],
    connection: [u8; 64],
    answer: [u8; 64],
    check: [u8; 64],
    ledger: [u8; 64],
    backup_name: [u8; 64],
    audit: [u8; 64],
    trip: [u8; 64],
    seal: [u8; 32],
    backup: [u8; 32],
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

/// What a hash or an authentication code is for; each purpose has a key of its own.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    /// The look-up key of an API key.
    ApiKey,
    /// The stored hash of a session's secret.
    Link,
    /// The secret of a flow URL, and its stored hash.
    Flow,
    /// Form and step tokens.
    Token,
    /// The link with which end users see their connection.
    Connection,
    /// The scope and body of an idempotent request.
    Answer,
    /// Recognising that the store belongs to this master key.
    Check,
    /// A line of the ledger of what was revoked.
    Ledger,
    /// Recognising that a backup belongs to this master key.
    Backup,
    /// An entry of the audit log, and the chain over them.
    Audit,
    /// The `state` that a browser takes to a provider's own page and brings back.
    Trip,
}

impl Keyring {
    /// Derives the keys from a master key of 32 random bytes (HKDF-SHA256, RFC 5869).
    pub fn derive(mut master: [u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(Some(b"linchpin keyring 1"), &master);
        let expand = |label: &str, key: &mut [u8]| {
            // This is always within what HKDF-SHA256 can give, so it cannot fail; were it to, the key would be all
            // zeros, and the check value would keep an existing store from opening.
            hkdf.expand(label.as_bytes(), key).unwrap_or_default();
        };
        let key = |label: &str| {
            let mut key = [0_u8; 64];
            expand(label, &mut key);
            key
        };
        let mut seal = [0_u8; 32];
        expand("sealed answer", &mut seal);
        let mut backup = [0_u8; 32];
        expand("backup", &mut backup);
        let ring = Self {
            api_key: key("api key"),
            link: key("link secret"),
            flow: key("flow secret"),
            token: key("form token"),
            connection: key("connection link"),
            answer: key("kept answer"),
            check: key("key check"),
            ledger: key("revocation ledger"),
            backup_name: key("backup key check"),
            audit: key("audit log"),
            trip: key("trip state"),
            seal,
            backup,
        };
        master.zeroize();
        ring
    }

    /// HMAC-SHA256 over the parts, each preceded by its length, so that no two lists of parts collide.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let key = match purpose {
            Purpose::ApiKey => &self.api_key,
            Purpose::Link => &self.link,
            Purpose::Flow => &self.flow,
            Purpose::Token => &self.token,
            Purpose::Connection => &self.connection,
            Purpose::Answer => &self.answer,
            Purpose::Check => &self.check,
            Purpose::Ledger => &self.ledger,
            Purpose::Backup => &self.backup_name,
            Purpose::Audit => &self.audit,
            Purpose::Trip => &self.trip,
        };
        let mut mac = Hmac::<Sha256>::new(key.into());
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// Seals an answer that is kept for a repeated request (XChaCha20-Poly1305): nonce, then ciphertext.
    ///
    /// `place` says where the sealed bytes belong; they do not open anywhere else. `None` only for an answer of
    /// more than 256 GiB.
    pub fn seal(&self, place: &[u8], nonce: [u8; 24], plain: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = plain.to_vec();
        let cipher = XChaCha20Poly1305::new((&self.seal).into());
        cipher
            .encrypt_in_place(&XNonce::from(nonce), place, &mut sealed)
            .ok()?;
        let mut out = nonce.to_vec();
        out.extend_from_slice(&sealed);
        Some(out)
    }

    /// Opens what [`Keyring::seal`] made for the same place; `None` for anything else.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<24>()?;
        let mut plain = rest.to_vec();
        let cipher = XChaCha20Poly1305::new((&self.seal).into());
        cipher
            .decrypt_in_place(&XNonce::from(*nonce), place, &mut plain)
            .ok()?;
        Some(plain)
    }

    /// Seals one piece of a backup in its place (XChaCha20-Poly1305); it grows by 16 bytes.
    ///
    /// A nonce must never be used twice: it holds random bytes of the file and the number of the piece. `None` only
    /// for a piece of more than 256 GiB.
    pub fn seal_backup(&self, place: &[u8], nonce: [u8; 24], piece: &mut Vec<u8>) -> Option<()> {
        let cipher = XChaCha20Poly1305::new((&self.backup).into());
        cipher
            .encrypt_in_place(&XNonce::from(nonce), place, piece)
            .ok()
    }

    /// Opens what [`Keyring::seal_backup`] made with the same nonce for the same place; `None` for anything else.
    pub fn open_backup(&self, place: &[u8], nonce: [u8; 24], piece: &mut Vec<u8>) -> Option<()> {
        let cipher = XChaCha20Poly1305::new((&self.backup).into());
        cipher
            .decrypt_in_place(&XNonce::from(nonce), place, piece)
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_moved_into_one_another() {
        let ring = Keyring::derive([7; 32]);
        assert_ne!(
            ring.mac(Purpose::Token, &[b"ab", b"c"]),
            ring.mac(Purpose::Token, &[b"a", b"bc"])
        );
        assert_ne!(
            ring.mac(Purpose::Token, &[b"ab"]),
            ring.mac(Purpose::Flow, &[b"ab"])
        );
        assert_ne!(
            ring.mac(Purpose::Token, &[b"ab"]),
            Keyring::derive([8; 32]).mac(Purpose::Token, &[b"ab"])
        );
    }

    #[test]
    fn a_sealed_answer_opens_only_at_its_place_and_only_whole() {
        let ring = Keyring::derive([7; 32]);
        let sealed = ring.seal(b"here", [1; 24], b"the answer").unwrap();
        assert_eq!(ring.open(b"here", &sealed).unwrap(), b"the answer");
        assert!(ring.open(b"there", &sealed).is_none());
        assert!(Keyring::derive([8; 32]).open(b"here", &sealed).is_none());
        for cut in 0..sealed.len() {
            assert!(ring.open(b"here", &sealed[..cut]).is_none());
        }
        for bit in 0..sealed.len() * 8 {
            let mut bent = sealed.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(ring.open(b"here", &bent).is_none());
        }
    }
}
