//! Bytes as lower-case hexadecimal digits.

/// Adds the digits of these bytes to a text, two a byte.
pub fn push(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
}

/// The digits of these bytes, two a byte.
pub fn of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    push(&mut text, bytes);
    text
}

/// The bytes of lower-case digits, two a byte; `None` for any other text.
pub fn parse(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.as_bytes().chunks(2) {
        let [high, low] = pair else { return None };
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_was_written_is_read_and_nothing_else_is() {
        assert_eq!(super::parse("000aff"), Some(vec![0, 10, 255]));
        assert_eq!(super::parse(""), Some(vec![]));
        for text in ["0", "0A", "zz", "0x", " 00", "é"] {
            assert_eq!(super::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::of(&[0, 10, 255]), "000aff");
        assert_eq!(super::of(&[]), "");
    }
}
