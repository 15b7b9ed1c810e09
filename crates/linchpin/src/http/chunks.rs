//! The end of a chunked body, found without keeping any of it.
//!
//! As strict as the head: sizes are plain hexadecimal digits, every line ends with CRLF, and
//! extensions and trailers, which nobody here reads, are refused instead of skipped.

use super::refusal::Refusal;

const MALFORMED: Refusal = Refusal::Malformed("the chunks of the body are not well formed");
/// More digits than any body may have bytes for.
const MOST_DIGITS: u8 = 8;

/// Where in a chunked body the next byte falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkScanner {
    Size { size: u64, digits: u8 },
    SizeLineFeed { size: u64 },
    Bytes { left: u64 },
    BytesReturn,
    BytesLineFeed,
    LastReturn,
    LastLineFeed,
    End,
}

impl ChunkScanner {
    pub(super) fn new() -> Self {
        Self::Size { size: 0, digits: 0 }
    }

    /// Goes through `bytes` up to the end of the body; says how many bytes belong to it. The body
    /// is over when the scanner is at [`ChunkScanner::End`].
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if let Self::Bytes { left } = *self {
                let here =
                    usize::try_from(left).map_or(bytes.len(), |left| at.saturating_add(left));
                let taken = here.min(bytes.len()) - at;
                at += taken;
                *self = match left - taken as u64 {
                    0 => Self::BytesReturn,
                    left => Self::Bytes { left },
                };
                continue;
            }
            if *self == Self::End {
                break;
            }
            *self = self.step(*byte)?;
            at += 1;
        }
        Ok(at)
    }

    fn step(self, byte: u8) -> Result<Self, Refusal> {
        match (self, byte) {
            (Self::Size { size, digits }, b'\r') if digits > 0 => Ok(Self::SizeLineFeed { size }),
            (Self::Size { size, digits }, _) if digits < MOST_DIGITS => {
                let digit = char::from(byte).to_digit(16).ok_or(MALFORMED)?;
                Ok(Self::Size {
                    size: size * 16 + u64::from(digit),
                    digits: digits + 1,
                })
            }
            (Self::SizeLineFeed { size: 0 }, b'\n') => Ok(Self::LastReturn),
            (Self::SizeLineFeed { size }, b'\n') => Ok(Self::Bytes { left: size }),
            (Self::BytesReturn, b'\r') => Ok(Self::BytesLineFeed),
            (Self::BytesLineFeed, b'\n') => Ok(Self::new()),
            (Self::LastReturn, b'\r') => Ok(Self::LastLineFeed),
            (Self::LastLineFeed, b'\n') => Ok(Self::End),
            _ => Err(MALFORMED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result must not depend on how the bytes were cut into reads.
    fn scanned(body: &[u8]) -> Result<(usize, bool), Refusal> {
        let mut whole = ChunkScanner::new();
        let at_once = whole.scan(body);
        let mut scanner = ChunkScanner::new();
        let mut total = 0;
        for byte in body {
            match scanner.scan(std::slice::from_ref(byte)) {
                Ok(taken) => total += taken,
                Err(refusal) => {
                    assert_eq!(at_once, Err(refusal));
                    return Err(refusal);
                }
            }
        }
        assert_eq!(at_once, Ok(total));
        Ok((total, scanner == ChunkScanner::End))
    }

    #[test]
    fn the_body_ends_with_its_last_chunk() {
        assert_eq!(scanned(b"3\r\nabc\r\n0\r\n\r\n"), Ok((13, true)));
        assert_eq!(
            scanned(b"0a\r\n0123456789\r\n0\r\n\r\nGET /"),
            Ok((21, true))
        );
        assert_eq!(scanned(b"3\r\nab"), Ok((5, false)));
    }

    #[test]
    fn what_parsers_read_differently_is_refused() {
        for body in [
            &b"3\nabc\r\n0\r\n\r\n"[..],
            b"3\r\nabc\n0\r\n\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
            b"3;x=1\r\nabc\r\n0\r\n\r\n",
            b"3 \r\nabc\r\n0\r\n\r\n",
            b"0x3\r\nabc\r\n0\r\n\r\n",
            b"+3\r\nabc\r\n0\r\n\r\n",
            b"-1\r\n",
            b"\r\nabc\r\n",
            b"000000003\r\nabc\r\n0\r\n\r\n",
            b"ffffffffffffffff3\r\n",
            b"0\r\nX-Trailer: 1\r\n\r\n",
            b"0\r\n\n",
        ] {
            assert_eq!(scanned(body), Err(MALFORMED), "{}", body.escape_ascii());
        }
    }
}
