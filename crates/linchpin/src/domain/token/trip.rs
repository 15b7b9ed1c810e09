//! What a browser takes to a provider's own page as `state`, and brings back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use super::{
    super::{
        id::SessionId,
        keyring::{Keyring, Purpose},
    },
    half,
};

/// Names a session and one trip of it, with an authentication code: 43 URL-safe characters.
///
/// It is no secret: who sees it can do nothing without the browser that the trip began in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TripState {
    /// The session.
    pub session: SessionId,
    /// The trip; each of a session's has its own number.
    pub trip: i64,
}

impl TripState {
    /// The text that goes along.
    pub fn reveal(self, keyring: &Keyring) -> String {
        let numbers = [self.session.number(), self.trip].map(i64::to_be_bytes);
        let bytes = [&numbers.concat()[..], &self.code(keyring)].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a state that this server has made; `None` for any other text.
    pub fn parse(keyring: &Keyring, text: &str) -> Option<Self> {
        let bytes: [u8; 32] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (session, rest) = bytes.split_first_chunk::<8>()?;
        let (trip, code) = rest.split_first_chunk::<8>()?;
        let state = Self {
            session: SessionId::from_number(i64::from_be_bytes(*session)),
            trip: i64::from_be_bytes(*trip),
        };
        let right: bool = state.code(keyring).as_slice().ct_eq(code).into();
        right.then_some(state)
    }

    fn code(self, keyring: &Keyring) -> [u8; 16] {
        let [session, trip] = [self.session.number(), self.trip].map(i64::to_be_bytes);
        half(keyring.mac(Purpose::Trip, &[&session, &trip]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_names_its_session_and_trip_and_cannot_be_changed() {
        let ring = Keyring::derive([3; 32]);
        let state = TripState {
            session: SessionId::from_number(77),
            trip: 4,
        };
        let text = state.reveal(&ring);
        assert_eq!(text.len(), 43);
        assert_eq!(TripState::parse(&ring, &text), Some(state));
        for at in 0..42 {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(TripState::parse(&ring, &other), None, "{at}");
        }
        assert_eq!(TripState::parse(&Keyring::derive([4; 32]), &text), None);
    }
}
