//! The secrets and tokens that a browser carries, and how they are made and recognised.
//!
//! | what | where | kept by the server |
//! |---|---|---|
//! | link secret `cs_…` | the launch URL | a keyed hash |
//! | launch token | the form of one rendering of the launch page | nothing, until it wins |
//! | flow secret | the flow URL `/f/…` of the browser that acted first | a keyed hash |
//! | step token | the form of one step | nothing: it names the session's version |
//! | trip state | the addresses of a provider's own page and of the way back | nothing: it names session and trip |

mod hand_off;
mod trip;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
pub use hand_off::{HandOffCode, HandOffToken, Phrases};
use subtle::ConstantTimeEq as _;
pub use trip::TripState;
use zeroize::ZeroizeOnDrop;

use super::{
    id::SessionId,
    keyring::{Keyring, Purpose},
};

/// A hash that the store keeps in place of a secret.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Takes a hash from the store; `None` unless it is 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes that the store keeps.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in constant time.
    pub fn is(&self, other: &SecretHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// A secret that names its session: the session's id, then 32 secret bytes; 54 URL-safe characters without padding.
#[derive(Clone, ZeroizeOnDrop)]
struct Bearer {
    #[zeroize(skip)]
    session: SessionId,
    secret: [u8; 32],
}

impl Bearer {
    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 40] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, secret) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            session: SessionId::from_number(i64::from_be_bytes(*id)),
            secret: secret.try_into().ok()?,
        })
    }

    fn text(&self) -> String {
        let mut bytes = [0_u8; 40];
        let (id, secret) = bytes.split_at_mut(8);
        id.copy_from_slice(&self.session.number().to_be_bytes());
        secret.copy_from_slice(&self.secret);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn hash(&self, keyring: &Keyring, purpose: Purpose) -> SecretHash {
        SecretHash(keyring.mac(
            purpose,
            &[b"hash", &self.session.number().to_be_bytes(), &self.secret],
        ))
    }
}

/// The secret of a link session, `cs_` and 54 characters, as the developer's backend and the launch URL carry it.
#[derive(Clone)]
pub struct LinkSecret(Bearer);

impl LinkSecret {
    /// What every link secret begins with.
    pub const PREFIX: &'static str = "cs_";

    /// Makes the secret of a session from 256 random bits.
    pub fn new(session: SessionId, random: [u8; 32]) -> Self {
        Self(Bearer {
            session,
            secret: random,
        })
    }

    /// Reads a secret; `None` for anything that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        Bearer::parse(text.strip_prefix(Self::PREFIX)?).map(Self)
    }

    /// The session that it names.
    pub fn session(&self) -> SessionId {
        self.0.session
    }

    /// The secret in clear, for the answer that hands it out and for links within its own page.
    pub fn reveal(&self) -> String {
        format!("{}{}", Self::PREFIX, self.0.text())
    }

    /// What the store keeps.
    pub fn hash(&self, keyring: &Keyring) -> SecretHash {
        self.0.hash(keyring, Purpose::Link)
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSecret")
    }
}

/// The secret of a flow URL: whoever has it drives the session.
///
/// It follows from the session and the launch token that won, so that a repeated first POST finds the same URL
/// although only a hash is stored.
#[derive(Clone)]
pub struct FlowSecret(Bearer);

impl FlowSecret {
    /// The secret that this launch token leads to.
    pub fn of(keyring: &Keyring, session: SessionId, token: &LaunchToken) -> Self {
        let secret = keyring.mac(
            Purpose::Flow,
            &[b"secret", &session.number().to_be_bytes(), &token.0],
        );
        Self(Bearer { session, secret })
    }

    /// Reads a secret; `None` for anything that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        Bearer::parse(text).map(Self)
    }

    /// The session that it names.
    pub fn session(&self) -> SessionId {
        self.0.session
    }

    /// The secret in clear, for the flow URL.
    pub fn reveal(&self) -> String {
        self.0.text()
    }

    /// What the store keeps.
    pub fn hash(&self, keyring: &Keyring) -> SecretHash {
        self.0.hash(keyring, Purpose::Flow)
    }
}

impl fmt::Debug for FlowSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FlowSecret")
    }
}

/// The form token of one rendering of the launch page: a nonce and its authentication code.
#[derive(Clone)]
pub struct LaunchToken([u8; 16]);

impl LaunchToken {
    /// Makes the token of one rendering.
    pub fn new(nonce: [u8; 16]) -> Self {
        Self(nonce)
    }

    /// The token as the form carries it.
    pub fn reveal(&self, keyring: &Keyring, session: SessionId) -> String {
        URL_SAFE_NO_PAD.encode([self.0, Self::code(keyring, session, self.0)].concat())
    }

    /// Reads a token that this server made for this session; `None` for any other.
    pub fn parse(keyring: &Keyring, session: SessionId, text: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (nonce, code) = bytes.split_first_chunk::<16>()?;
        let right: bool = Self::code(keyring, session, *nonce)
            .as_slice()
            .ct_eq(code)
            .into();
        right.then_some(Self(*nonce))
    }

    fn code(keyring: &Keyring, session: SessionId, nonce: [u8; 16]) -> [u8; 16] {
        half(keyring.mac(
            Purpose::Token,
            &[b"launch", &session.number().to_be_bytes(), &nonce],
        ))
    }
}

impl fmt::Debug for LaunchToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LaunchToken")
    }
}

/// The form token of one step: the session's version and its authentication code.
///
/// Every transition raises the version, and so spends the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepToken {
    /// The version of the session that the page showed.
    pub version: i64,
}

impl StepToken {
    /// The token as the form carries it.
    pub fn reveal(self, keyring: &Keyring, session: SessionId) -> String {
        let mut bytes = [0_u8; 24];
        let (version, code) = bytes.split_at_mut(8);
        version.copy_from_slice(&self.version.to_be_bytes());
        code.copy_from_slice(&self.code(keyring, session));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token that this server made for this session; `None` for any other.
    pub fn parse(keyring: &Keyring, session: SessionId, text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (version, code) = bytes.split_first_chunk::<8>()?;
        let token = Self {
            version: i64::from_be_bytes(*version),
        };
        let right: bool = token.code(keyring, session).as_slice().ct_eq(code).into();
        right.then_some(token)
    }

    fn code(self, keyring: &Keyring, session: SessionId) -> [u8; 16] {
        let parts: [&[u8]; 3] = [
            b"step",
            &session.number().to_be_bytes(),
            &self.version.to_be_bytes(),
        ];
        half(keyring.mac(Purpose::Token, &parts))
    }
}

fn half(mac: [u8; 32]) -> [u8; 16] {
    let mut first = [0_u8; 16];
    first.copy_from_slice(mac.split_at(16).0);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::derive([3; 32])
    }

    #[test]
    fn a_link_secret_comes_back_from_its_text_and_prints_nothing() {
        let secret = LinkSecret::new(SessionId::from_number(77), [9; 32]);
        let text = secret.reveal();
        assert_eq!(text.len(), 3 + 54);
        let read = LinkSecret::parse(&text).unwrap();
        assert_eq!(read.session(), secret.session());
        assert!(read.hash(&ring()).is(&secret.hash(&ring())));
        assert_eq!(format!("{secret:?}"), "LinkSecret");
    }

    #[test]
    fn no_other_spelling_of_a_secret_is_read() {
        let text = LinkSecret::new(SessionId::from_number(77), [9; 32]).reveal();
        for other in [
            "",
            "cs_",
            &text[3..],
            &text[..text.len() - 1],
            &format!("{text}="),
            &format!("{text}A"),
        ] {
            assert!(LinkSecret::parse(other).is_none(), "{other}");
        }
        // The last character carries four unused bits, which must be zero.
        let mut last = text.clone();
        let end = last.pop().unwrap();
        last.push(char::from_u32(end as u32 + 1).unwrap());
        let same_hash = LinkSecret::parse(&last).is_some_and(|s| s.reveal() == text);
        assert!(!same_hash);
    }

    #[test]
    fn a_token_is_read_only_for_its_own_session() {
        let (here, there) = (SessionId::from_number(1), SessionId::from_number(2));
        let launch = LaunchToken::new([5; 16]).reveal(&ring(), here);
        assert!(LaunchToken::parse(&ring(), here, &launch).is_some());
        assert!(LaunchToken::parse(&ring(), there, &launch).is_none());
        let step = StepToken { version: 4 }.reveal(&ring(), here);
        assert_eq!(
            StepToken::parse(&ring(), here, &step),
            Some(StepToken { version: 4 })
        );
        assert!(StepToken::parse(&ring(), there, &step).is_none());
        assert!(StepToken::parse(&ring(), here, &launch).is_none());
    }

    #[test]
    fn the_same_launch_token_leads_to_the_same_flow_and_another_to_another() {
        let session = SessionId::from_number(1);
        let flow = |nonce| FlowSecret::of(&ring(), session, &LaunchToken::new(nonce)).reveal();
        assert_eq!(flow([1; 16]), flow([1; 16]));
        assert_ne!(flow([1; 16]), flow([2; 16]));
    }
}
