//! Bytes of which nothing stays in memory.

use std::io;

use bytes::Bytes;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Bytes that are put one behind another. Where they outgrow their place they get another one, and that before is
/// overwritten, as is the last when they are dropped.
#[derive(Default)]
pub(crate) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
            larger.extend_from_slice(&self.0);
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// A field of a form, behind those before.
    pub(crate) fn push_field(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.push(b"&");
        }
        byte_serialize(name.as_bytes()).for_each(|piece| self.push(piece.as_bytes()));
        self.push(b"=");
        byte_serialize(value.as_bytes()).for_each(|piece| self.push(piece.as_bytes()));
    }

    /// As a text; `None` where they are none.
    pub(crate) fn text(mut self) -> Option<Zeroizing<String>> {
        let text = String::from_utf8(std::mem::take(&mut *self.0)).ok()?;
        Some(Zeroizing::new(text))
    }

    /// For a request to send; overwritten once the last part of it is dropped.
    pub(crate) fn bytes(self) -> Bytes {
        Bytes::from_owner(self.0)
    }
}

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_whole_while_they_grow() {
        let mut wiped = Wiped::default();
        for field in 0..100 {
            wiped.push_field(&format!("ä {field}"), "& =+%");
        }
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for field in 0..100 {
            form.append_pair(&format!("ä {field}"), "& =+%");
        }
        assert_eq!(wiped.bytes(), form.finish());
    }
}
