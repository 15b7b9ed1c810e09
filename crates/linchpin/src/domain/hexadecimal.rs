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

#[cfg(test)]
mod tests {
    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(super::of(&[0, 10, 255]), "000aff");
        assert_eq!(super::of(&[]), "");
    }
}
