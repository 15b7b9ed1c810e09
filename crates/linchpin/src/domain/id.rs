//! Identifiers that this server hands out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// 2024-01-01 00:00 UTC, where the time inside a [`SessionId`] starts.
const EPOCH: i64 = 1_704_067_200_000;
/// Bits below the time: a random start for each millisecond, then counted up.
const LOW_BITS: u32 = 22;

/// Identifier of a link session: 41 bits of milliseconds since 2024, 22 bits below. Not a secret.
///
/// Ordered by time, so that a new session is written at the end of the store's tree instead of at a random place
/// in it. Two nodes can draw the same one; the store refuses the second and init draws again.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct SessionId(i64);

impl SessionId {
    /// The next identifier after `last`, for a session made at `now`; `random` chooses the start within a millisecond.
    pub fn next(last: Option<SessionId>, now: Timestamp, random: u32) -> Self {
        Self(next_number(last.map(|last| last.0), now, random))
    }

    /// The lowest identifier of a session made at `at` or later.
    pub fn first_at(at: Timestamp) -> Self {
        Self(at.since(Timestamp(EPOCH)).max(0) << LOW_BITS)
    }

    /// When the session was made, as its identifier says; a little later where many were made in one millisecond.
    pub fn made_at(self) -> Timestamp {
        Timestamp(EPOCH).plus(self.0 >> LOW_BITS)
    }

    /// The number that the store keeps.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Takes a number from the store or from a secret.
    pub fn from_number(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ls_{:016x}", self.0)
    }
}

/// The next number after `last` that grows with time: 41 bits of milliseconds since 2024, 22 bits below, of which
/// `random` chooses where they start within a millisecond.
pub(super) fn next_number(last: Option<i64>, now: Timestamp, random: u32) -> i64 {
    let low = i64::from(random) & ((1 << (LOW_BITS - 1)) - 1);
    let drawn = (now.since(Timestamp(EPOCH)).max(0) << LOW_BITS) | low;
    last.map_or(drawn, |last| drawn.max(last.saturating_add(1)))
}

/// Identifier of a connection: `conn_` and 26 lower-case letters and digits that carry 128 random bits.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// What every connection's identifier begins with.
    pub const PREFIX: &'static str = "conn_";

    /// Makes an identifier from 128 random bits.
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("{}{}", Self::PREFIX, base32(&random)))
    }

    /// Takes an identifier as a client or the store wrote it; whether it is known is the store's to say.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The identifier as on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case base 32 (`0-9a-v`), five bits a character, the last one filled with zeros.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: [char; 32] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h',
        'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v',
    ];
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.extend(ALPHABET.get(((held >> bits) & 31) as usize));
        }
    }
    if bits > 0 {
        text.extend(ALPHABET.get(((held << (5 - bits)) & 31) as usize));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_ids_grow_even_when_the_clock_does_not() {
        let now = Timestamp(EPOCH + 5);
        let first = SessionId::next(None, now, u32::MAX);
        let second = SessionId::next(Some(first), now, 0);
        let third = SessionId::next(Some(second), now.plus(-1_000), 7);
        assert!(first < second && second < third);
        assert!(SessionId::next(Some(third), now.plus(1), 0) > third);
    }

    #[test]
    fn a_session_id_tells_when_it_was_made() {
        let now = Timestamp(EPOCH + 86_400_000 * 400 + 7);
        assert_eq!(SessionId::next(None, now, u32::MAX).made_at(), now);
        assert_eq!(SessionId::first_at(now).made_at(), now);
    }

    #[test]
    fn a_connection_id_carries_all_of_its_random_bits() {
        let zero = ConnectionId::new([0; 16]);
        assert_eq!(zero.as_str().len(), 5 + 26);
        for bit in 0..128 {
            let mut random = [0_u8; 16];
            random[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(ConnectionId::new(random), zero, "bit {bit} is lost");
        }
    }
}
