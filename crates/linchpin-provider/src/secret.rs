//! Text that must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// Text that must not be seen: a password or a code.
///
/// It cannot be printed, compared or serialised by accident, and its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Takes over the bytes of a text; `None` where they are none.
    pub fn from_bytes(mut bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        let text = String::from_utf8(std::mem::take(&mut *bytes)).ok()?;
        Some(Self::new(text))
    }

    /// The text itself; for the one place that sends it on.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
