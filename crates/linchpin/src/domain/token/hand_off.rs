//! What a hand-off to a phone carries, all of it following from the nonce of one code:
//!
//! | what | where | kept by the server |
//! |---|---|---|
//! | hand-off code | the picture on the first screen, `/h/…` | nothing |
//! | phrases | the first screen, and two others beside it on the phone | nothing |
//! | hand-off token | the form on the phone, one rendering of it | nothing |
//! | flow secret | the flow URL of the phone | a keyed hash |

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

use super::{Bearer, FlowSecret, half};
use crate::domain::{
    id::SessionId,
    keyring::{Keyring, Purpose},
};

/// The secret of one code: the session's id, then 16 secret bytes; 32 URL-safe characters, so that the picture stays
/// coarse enough for any camera.
#[derive(Clone, ZeroizeOnDrop)]
pub struct HandOffCode {
    #[zeroize(skip)]
    session: SessionId,
    secret: [u8; 16],
}

impl HandOffCode {
    /// The code of a nonce.
    pub fn of(keyring: &Keyring, session: SessionId, nonce: [u8; 16]) -> Self {
        Self {
            session,
            secret: half(mac(keyring, session, b"hand-off code", &nonce)),
        }
    }

    /// Reads a code; `None` for anything that cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (id, secret) = bytes.split_first_chunk::<8>()?;
        Some(Self {
            session: SessionId::from_number(i64::from_be_bytes(*id)),
            secret: secret.try_into().ok()?,
        })
    }

    /// The session that it names.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// The code in clear, for the picture.
    pub fn reveal(&self) -> String {
        let id = self.session.number().to_be_bytes();
        URL_SAFE_NO_PAD.encode([id.as_slice(), &self.secret].concat())
    }

    /// Compares in constant time.
    pub fn is(&self, other: &Self) -> bool {
        self.session == other.session && self.secret.ct_eq(&other.secret).into()
    }
}

impl fmt::Debug for HandOffCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandOffCode")
    }
}

/// Which phrases stand beside a code: three different ones of a list, one of them right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phrases {
    /// Places in the list, in the order in which a phone shows them.
    pub shown: [usize; 3],
    /// Which of the three stands on the first screen.
    right: usize,
}

impl Phrases {
    /// How long the list is.
    pub const LIST: usize = 24;

    /// The phrases of a nonce.
    pub fn of(keyring: &Keyring, session: SessionId, nonce: [u8; 16]) -> Self {
        let bytes = mac(keyring, session, b"hand-off phrases", &nonce);
        let number = |at: usize| bytes.chunks_exact(8).nth(at).map_or(0, remainder);
        let first = number(0) % Self::LIST;
        let second = (first + 1 + number(1) % (Self::LIST - 1)) % Self::LIST;
        let mut rest = (0..Self::LIST).filter(|place| *place != first && *place != second);
        let third = rest.nth(number(2) % (Self::LIST - 2)).unwrap_or_default();
        Self {
            shown: [first, second, third],
            right: number(3) % 3,
        }
    }

    /// The place in the list of the phrase that stands on the first screen.
    pub fn right(&self) -> usize {
        self.shown.into_iter().nth(self.right).unwrap_or_default()
    }

    /// Whether the choice of one of the three, 0 to 2, is right.
    pub fn is_right(&self, chosen: usize) -> bool {
        chosen == self.right
    }
}

/// Eight bytes as a number that is far larger than what it is divided by.
fn remainder(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take(4)
        .fold(0, |number, byte| (number << 8) | usize::from(*byte))
}

/// The form token of one rendering on a phone: a nonce of its own and its authentication code, for one code.
#[derive(Clone)]
pub struct HandOffToken([u8; 16]);

impl HandOffToken {
    /// Makes the token of one rendering.
    pub fn new(nonce: [u8; 16]) -> Self {
        Self(nonce)
    }

    /// The token as the form carries it.
    pub fn reveal(&self, keyring: &Keyring, code: &HandOffCode) -> String {
        URL_SAFE_NO_PAD.encode([self.0, Self::code(keyring, code, self.0)].concat())
    }

    /// Reads a token that this server made for this code; `None` for any other.
    pub fn parse(keyring: &Keyring, code: &HandOffCode, text: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<16>()?;
        let right: bool = Self::code(keyring, code, *nonce)
            .as_slice()
            .ct_eq(rest)
            .into();
        right.then_some(Self(*nonce))
    }

    /// The flow secret of the phone that takes the code with this form.
    pub fn flow(&self, keyring: &Keyring, code: &HandOffCode) -> FlowSecret {
        let parts: [&[u8]; 4] = [
            b"hand-off",
            &code.session.number().to_be_bytes(),
            &code.secret,
            &self.0,
        ];
        FlowSecret(Bearer {
            session: code.session,
            secret: keyring.mac(Purpose::Flow, &parts),
        })
    }

    fn code(keyring: &Keyring, code: &HandOffCode, nonce: [u8; 16]) -> [u8; 16] {
        let both = [code.secret, nonce].concat();
        half(mac(keyring, code.session, b"hand-off token", &both))
    }
}

impl fmt::Debug for HandOffToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandOffToken")
    }
}

fn mac(keyring: &Keyring, session: SessionId, label: &[u8], rest: &[u8]) -> [u8; 32] {
    let number = session.number().to_be_bytes();
    keyring.mac(Purpose::Token, &[label, &number, rest])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Keyring {
        Keyring::derive([3; 32])
    }

    fn session() -> SessionId {
        SessionId::from_number(77)
    }

    #[test]
    fn a_code_comes_back_from_its_text_and_prints_nothing() {
        let code = HandOffCode::of(&ring(), session(), [1; 16]);
        let text = code.reveal();
        assert_eq!(text.len(), 32);
        let read = HandOffCode::parse(&text).unwrap();
        assert_eq!(read.session(), session());
        assert!(read.is(&code));
        assert!(!read.is(&HandOffCode::of(&ring(), session(), [2; 16])));
        assert!(!read.is(&HandOffCode::of(
            &ring(),
            SessionId::from_number(78),
            [1; 16]
        )));
        assert_eq!(format!("{code:?}"), "HandOffCode");
        for other in ["", &text[1..], &format!("{text}A"), &format!("{text}=")] {
            assert!(HandOffCode::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn three_different_phrases_are_shown_and_one_is_right() {
        let (mut places, mut rights) = ([0; Phrases::LIST], [0; 3]);
        for nonce in 0..=255_u8 {
            let phrases = Phrases::of(&ring(), session(), [nonce; 16]);
            assert_eq!(phrases, Phrases::of(&ring(), session(), [nonce; 16]));
            let [a, b, c] = phrases.shown;
            assert!(a != b && b != c && a != c, "{phrases:?}");
            for place in phrases.shown {
                places[place] += 1;
            }
            let right: Vec<usize> = (0..3).filter(|&chosen| phrases.is_right(chosen)).collect();
            assert_eq!(right.len(), 1);
            assert_eq!(phrases.shown[right[0]], phrases.right());
            rights[right[0]] += 1;
            assert!(!phrases.is_right(3));
        }
        assert!(places.iter().all(|count| *count > 0), "{places:?}");
        assert!(rights.iter().all(|count| *count > 40), "{rights:?}");
    }

    #[test]
    fn a_token_is_read_only_for_its_own_code_and_leads_to_a_flow_of_its_own() {
        let (here, there) = (
            HandOffCode::of(&ring(), session(), [1; 16]),
            HandOffCode::of(&ring(), session(), [2; 16]),
        );
        let token = HandOffToken::new([5; 16]);
        let text = token.reveal(&ring(), &here);
        assert!(HandOffToken::parse(&ring(), &here, &text).is_some());
        assert!(HandOffToken::parse(&ring(), &there, &text).is_none());
        let flow = |nonce, code| HandOffToken::new(nonce).flow(&ring(), code).reveal();
        assert_eq!(flow([5; 16], &here), flow([5; 16], &here));
        assert_ne!(flow([5; 16], &here), flow([6; 16], &here));
        assert_ne!(flow([5; 16], &here), flow([5; 16], &there));
    }
}
