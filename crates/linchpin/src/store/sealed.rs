//! A sealed stream: what a backup file is.
//!
//! A header, then pieces of 64 KiB, each sealed under a nonce that holds random bytes of the file, the number of the
//! piece, and whether it is the last. So a piece that was changed, moved, left out or cut off does not open.

use std::io::{self, Read, Write};

use subtle::ConstantTimeEq as _;

use crate::domain::keyring::{Keyring, Purpose};

const NAME: &[u8; 18] = b"linchpin backup 1\n";
const CHECK: usize = 16;
const RANDOM: usize = 19;
const HEADER: usize = NAME.len() + CHECK + RANDOM;
/// Bytes of a piece before it is sealed.
const PIECE: usize = 64 * 1024;
/// Bytes that sealing adds.
const TAG: usize = 16;

/// Why a stream does not open.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// It does not begin as one.
    #[error("is not a backup of linchpin, or of a newer one")]
    Other,
    /// Another master key made it.
    #[error(
        "was made with another master key. Give the key file of the server that was backed up; without it the backup cannot be opened by anybody"
    )]
    OtherKey,
    /// It is not as it was written.
    #[error(
        "is not whole: it was changed or cut off around byte {0}. Copy it again, or take another backup"
    )]
    Changed(u64),
    /// The file system refused.
    #[error("cannot be read or written out: {0}")]
    Failed(#[from] io::Error),
}

/// Seals everything that `plain` gives.
pub fn seal(keyring: &Keyring, plain: &mut impl Read, sealed: &mut impl Write) -> io::Result<()> {
    let mut random = [0_u8; RANDOM];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(NAME);
    header.extend_from_slice(&key_check(keyring));
    header.extend_from_slice(&random);
    sealed.write_all(&header)?;
    each_piece(plain, PIECE, |number, last, piece| {
        let nonce = nonce(&random, number, last)?;
        let done = keyring.seal_backup(&header, nonce, piece);
        done.ok_or_else(|| io::Error::other("a piece could not be sealed"))?;
        sealed.write_all(piece)
    })
}

/// Opens what [`seal`] wrote. What `plain` was given is worth nothing before this has returned.
pub fn open(
    keyring: &Keyring,
    sealed: &mut impl Read,
    plain: &mut impl Write,
) -> Result<(), SealedError> {
    let mut header = Vec::with_capacity(HEADER);
    sealed.take(HEADER as u64).read_to_end(&mut header)?;
    let rest = header.strip_prefix(NAME).ok_or(SealedError::Other)?;
    let (check, random) = rest
        .split_first_chunk::<CHECK>()
        .ok_or(SealedError::Changed(0))?;
    let random: [u8; RANDOM] = random.try_into().map_err(|_| SealedError::Changed(0))?;
    if !bool::from(check.ct_eq(&key_check(keyring))) {
        return Err(SealedError::OtherKey);
    }
    let mut changed = None;
    let done = each_piece(sealed, PIECE + TAG, |number, last, piece| {
        let nonce = nonce(&random, number, last)?;
        if keyring.open_backup(&header, nonce, piece).is_none() {
            let at = HEADER as u64 + u64::from(number) * (PIECE + TAG) as u64;
            changed = Some(at);
            return Err(io::ErrorKind::InvalidData.into());
        }
        plain.write_all(piece)
    });
    match (changed, done) {
        (Some(at), _) => Err(SealedError::Changed(at)),
        (None, done) => Ok(done?),
    }
}

/// Tells a wrong key from a damaged file.
fn key_check(keyring: &Keyring) -> [u8; CHECK] {
    let mac = keyring.mac(Purpose::Backup, &[b"linchpin backup"]);
    let mut check = [0; CHECK];
    check.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
    check
}

fn nonce(random: &[u8; RANDOM], number: u32, last: bool) -> io::Result<[u8; 24]> {
    let mut nonce = random.to_vec();
    nonce.extend_from_slice(&number.to_be_bytes());
    nonce.push(u8::from(last));
    nonce.try_into().map_err(|_| io::Error::other("a nonce"))
}

/// Reads pieces of a size and hands each on with its number and whether it is the last, which is known only after
/// the next one has been looked for. An empty stream has one empty piece.
fn each_piece(
    from: &mut impl Read,
    size: usize,
    mut then: impl FnMut(u32, bool, &mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let mut next = |piece: &mut Vec<u8>| {
        piece.clear();
        from.take(size as u64).read_to_end(piece)
    };
    let (mut piece, mut ahead) = (Vec::new(), Vec::new());
    next(&mut piece)?;
    for number in 0_u32..=u32::MAX {
        let last = piece.len() < size || next(&mut ahead)? == 0;
        then(number, last, &mut piece)?;
        if last {
            return Ok(());
        }
        std::mem::swap(&mut piece, &mut ahead);
    }
    Err(io::Error::other("it is larger than a backup can be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::new();
        seal(&Keyring::derive([7; 32]), &mut &plain[..], &mut sealed).unwrap();
        sealed
    }

    fn opened(sealed: &[u8]) -> Result<Vec<u8>, SealedError> {
        let mut plain = Vec::new();
        open(&Keyring::derive([7; 32]), &mut &sealed[..], &mut plain)?;
        Ok(plain)
    }

    fn text(length: usize) -> Vec<u8> {
        (0..=250).cycle().take(length).collect()
    }

    #[test]
    fn what_was_sealed_opens_whatever_its_length() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let plain = text(length);
            assert_eq!(opened(&sealed(&plain)).unwrap(), plain, "{length}");
        }
    }

    #[test]
    fn a_stream_that_was_cut_off_anywhere_does_not_open() {
        let whole = sealed(&text(2 * PIECE));
        let edges = [HEADER, HEADER + PIECE + TAG, whole.len()];
        for cut in edges
            .iter()
            .flat_map(|edge| [edge.saturating_sub(1), edge - 17])
            .chain([0, 1, HEADER, HEADER + PIECE + TAG])
        {
            assert!(opened(&whole[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn pieces_cannot_be_moved_left_out_or_added() {
        let whole = sealed(&text(3 * PIECE));
        let piece = |at: usize| {
            let from = HEADER + at * (PIECE + TAG);
            &whole[from..from + PIECE + TAG]
        };
        let head = &whole[..HEADER];
        for order in [
            vec![1, 0, 2],
            vec![0, 2],
            vec![0, 1, 2, 2],
            vec![2],
            vec![0, 1],
        ] {
            let pieces = order.iter().flat_map(|at| piece(*at).to_vec());
            let mixed: Vec<u8> = head.iter().copied().chain(pieces).collect();
            assert!(opened(&mixed).is_err(), "{order:?}");
        }
    }

    #[test]
    fn every_changed_bit_is_found() {
        let whole = sealed(b"a short one");
        for bit in 0..whole.len() * 8 {
            let mut bent = whole.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&bent).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let other = open(
            &Keyring::derive([8; 32]),
            &mut &sealed(b"x")[..],
            &mut Vec::new(),
        );
        assert!(matches!(other, Err(SealedError::OtherKey)));
    }
}
