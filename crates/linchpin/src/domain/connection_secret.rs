//! What the end user's own link to a connection carries, and the form token of its pages. Nothing of either is stored.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::{
    id::ConnectionId,
    keyring::{Keyring, Purpose},
    public_id::AppId,
};

/// Characters of a connection's id without its prefix.
const ID_LENGTH: usize = 26;

/// The secret of the link with which an end user sees a connection and ends it: the connection's id without its prefix,
/// then 43 URL-safe characters that authenticate it.
///
/// It follows from the id alone, so it is the same after every new sign-in; and since no other connection ever has this
/// id, it opens nothing any more once the connection is removed.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionSecret(ConnectionId);

impl ConnectionSecret {
    /// The secret of a connection.
    pub fn of(connection: &ConnectionId) -> Self {
        Self(connection.clone())
    }

    /// Reads a secret that this server made; `None` for any other, in a time that does not tell how much of it was right.
    pub fn parse(keyring: &Keyring, text: &str) -> Option<Self> {
        let (id, code) = text.split_at_checked(ID_LENGTH)?;
        let id = ConnectionId::from_text(&format!("{}{id}", ConnectionId::PREFIX));
        let code = URL_SAFE_NO_PAD.decode(code).ok()?;
        let right: bool = Self::code(keyring, &id).as_slice().ct_eq(&code).into();
        right.then_some(Self(id))
    }

    /// The secret in clear, for the link.
    pub fn reveal(&self, keyring: &Keyring) -> String {
        let id = self.0.as_str();
        let id = id.strip_prefix(ConnectionId::PREFIX).unwrap_or(id);
        let code = URL_SAFE_NO_PAD.encode(Self::code(keyring, &self.0));
        format!("{id}{code}")
    }

    /// The connection that it names.
    pub fn connection(&self) -> &ConnectionId {
        &self.0
    }

    fn code(keyring: &Keyring, id: &ConnectionId) -> [u8; 32] {
        keyring.mac(Purpose::Connection, &[b"secret", id.as_str().as_bytes()])
    }
}

impl fmt::Debug for ConnectionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionSecret")
    }
}

/// The form token of the page that asks whether to disconnect: whom the connection joins, authenticated.
///
/// It carries the names that the last page needs, which the store no longer has when the form is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisconnectToken {
    /// The app that has the connection; `None` for an imported one.
    pub app: Option<AppId>,
    /// The provider's id.
    pub provider: String,
}

impl DisconnectToken {
    /// The token as the form carries it.
    pub fn reveal(&self, keyring: &Keyring, secret: &ConnectionSecret) -> String {
        let app = self.app.as_ref().map_or("", AppId::as_str);
        let names = format!("{app} {}", self.provider);
        let code = Self::code(keyring, secret, names.as_bytes());
        URL_SAFE_NO_PAD.encode([code.as_slice(), names.as_bytes()].concat())
    }

    /// Reads a token that this server made for this connection; `None` for any other.
    pub fn parse(keyring: &Keyring, secret: &ConnectionSecret, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (code, names) = bytes.split_first_chunk::<32>()?;
        let right: bool = Self::code(keyring, secret, names).ct_eq(code).into();
        let names = std::str::from_utf8(names).ok().filter(|_| right)?;
        let (app, provider) = names.split_once(' ')?;
        Some(Self {
            app: AppId::parse(app),
            provider: provider.to_owned(),
        })
    }

    fn code(keyring: &Keyring, secret: &ConnectionSecret, names: &[u8]) -> [u8; 32] {
        let id = secret.connection().as_str().as_bytes();
        keyring.mac(Purpose::Token, &[b"disconnect", id, names])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::derive([3; 32])
    }

    fn secret() -> ConnectionSecret {
        ConnectionSecret::of(&ConnectionId::new([0xA7; 16]))
    }

    #[test]
    fn a_secret_names_its_connection_and_prints_nothing() {
        let text = secret().reveal(&ring());
        assert_eq!(text.len(), ID_LENGTH + 43);
        assert_eq!(ConnectionSecret::parse(&ring(), &text), Some(secret()));
        assert_eq!(format!("{:?}", secret()), "ConnectionSecret");
    }

    #[test]
    fn a_secret_that_differs_in_one_character_or_in_its_length_is_none() {
        let text = secret().reveal(&ring());
        for at in 0..text.len() {
            for other in ["A", "b", "7", "-", "_", "=", "é", ""] {
                let altered = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                let read = ConnectionSecret::parse(&ring(), &altered);
                assert_eq!(read.is_some(), altered == text, "{altered}");
            }
            assert!(ConnectionSecret::parse(&ring(), &text[..at]).is_none());
        }
        assert!(ConnectionSecret::parse(&ring(), &format!("{text}A")).is_none());
        assert!(ConnectionSecret::parse(&Keyring::derive([4; 32]), &text).is_none());
    }

    #[test]
    fn a_token_is_read_only_whole_and_for_its_own_connection() {
        let token = DisconnectToken {
            app: AppId::parse("app_1"),
            provider: "sandbox".to_owned(),
        };
        let text = token.reveal(&ring(), &secret());
        assert_eq!(
            DisconnectToken::parse(&ring(), &secret(), &text),
            Some(token.clone())
        );
        let other = ConnectionSecret::of(&ConnectionId::new([0xA6; 16]));
        assert!(DisconnectToken::parse(&ring(), &other, &text).is_none());
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 1;
            let bent = URL_SAFE_NO_PAD.encode(bent);
            assert!(DisconnectToken::parse(&ring(), &secret(), &bent).is_none());
        }
        let imported = DisconnectToken { app: None, ..token };
        let text = imported.reveal(&ring(), &secret());
        assert_eq!(
            DisconnectToken::parse(&ring(), &secret(), &text),
            Some(imported)
        );
    }
}
