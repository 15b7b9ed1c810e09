//! Digits, upper-case and lower-case letters: text that a double click selects whole.

use zeroize::Zeroize as _;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes `number`, the most significant byte first, in exactly `width` characters.
///
/// The number of bytes is a multiple of four. `width` must be large enough for the bytes (43 for 32 bytes, 22 for 16, 6 for 4); higher digits would be lost.
pub(super) fn encode<const N: usize>(mut number: [u8; N], width: usize) -> String {
    let mut digits: Vec<u8> = Vec::with_capacity(width);
    for _ in 0..width {
        let mut remainder = 0_u64;
        for limb in number.as_chunks_mut().0 {
            let dividend = (remainder << 32) | u64::from(u32::from_be_bytes(*limb));
            // The quotient fits because the remainder is below 62.
            *limb = u32::try_from(dividend / 62)
                .unwrap_or(u32::MAX)
                .to_be_bytes();
            remainder = dividend % 62;
        }
        digits.extend(
            usize::try_from(remainder)
                .ok()
                .and_then(|digit| ALPHABET.get(digit)),
        );
    }
    number.zeroize();
    let text = digits
        .iter()
        .rev()
        .map(|digit| char::from(*digit))
        .collect();
    digits.zeroize();
    text
}

/// Whether `text` is `width` characters of the alphabet.
pub(super) fn is_text(text: &str, width: usize) -> bool {
    text.len() == width && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_leading_zeros() {
        assert_eq!(encode([0, 0, 0, 0], 6), "000000");
        assert_eq!(encode([0, 0, 0, 61], 6), "00000z");
        assert_eq!(encode([0, 0, 0, 62], 6), "000010");
        // 2^32 - 1 in base 62, worked out by hand: 4·62⁵ + 42·62⁴ + 39·62³ + 37·62² + 56·62 + 3.
        assert_eq!(encode(u32::MAX.to_be_bytes(), 6), "4gfFC3");
    }

    #[test]
    fn every_bit_reaches_the_text() {
        for width in [16_usize, 32] {
            let zero = vec![0_u8; width];
            for bit in 0..width * 8 {
                let mut bytes = zero.clone();
                bytes[bit / 8] ^= 1 << (bit % 8);
                let text = match width {
                    16 => encode::<16>(bytes.try_into().unwrap(), 22),
                    _ => encode::<32>(bytes.try_into().unwrap(), 43),
                };
                assert!(text.bytes().any(|digit| digit != b'0'), "bit {bit} is lost");
            }
        }
    }
}
