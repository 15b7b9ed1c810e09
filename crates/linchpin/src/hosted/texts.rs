//! The texts of the pages, by language.

/// A language that the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Arabic, written from right to left.
    Ar,
}
