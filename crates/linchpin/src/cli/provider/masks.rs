//! Keeping what is secret out of what is shown and written.

use std::fmt::Write as _;

use url::form_urlencoded;
use zeroize::Zeroizing;

/// What stands in the place of something secret where it is only shown.
const MASK: &str = "••••";
/// Characters from which on a run of letters and digits counts as a token.
const TOKEN: usize = 24;
/// Signs that no text has (of Unicode's private use), one for each value.
const SIGNS: std::ops::RangeInclusive<char> = '\u{f0000}'..='\u{ffffd}';
/// Shorter values stand in too many places that have nothing to do with them.
const SHORTEST: usize = 3;

/// Values that are secret, each with what is written in its place.
#[derive(Default)]
pub struct Masks(Vec<(Zeroizing<String>, String)>);

impl Masks {
    /// Adds a value. Those that are added first count first.
    pub fn add(&mut self, value: &str, placeholder: &str) {
        if value.len() < SHORTEST || self.0.iter().any(|(known, _)| **known == value) {
            return;
        }
        for form in forms(value) {
            if !self.0.iter().any(|(known, _)| **known == form) {
                self.0.push((Zeroizing::new(form), placeholder.to_owned()));
            }
        }
    }

    /// A text as it can be shown: every secret, and whatever looks like one, masked.
    pub fn shown(&self, text: &str) -> String {
        self.replaced(text, |_| MASK, MASK)
    }

    /// A text as it can be written down: every secret replaced by its placeholder, and what looks like one removed.
    pub fn written(&self, text: &str) -> String {
        self.replaced(text, |placeholder| placeholder, "removed")
    }

    /// The longest are replaced first, so that none is cut by one that it contains. Each is a sign that stands in no text
    /// until what looks like a token is gone, so that no placeholder is taken for one.
    fn replaced<'m>(
        &'m self,
        text: &str,
        placeholder: impl Fn(&'m str) -> &'m str,
        token: &str,
    ) -> String {
        let mut by_length: Vec<_> = self.0.iter().zip(SIGNS).collect();
        by_length.sort_by_key(|((value, _), _)| std::cmp::Reverse(value.len()));
        let mut text = text.replace(|c| SIGNS.contains(&c), "");
        for ((value, _), sign) in &by_length {
            text = text.replace(value.as_str(), sign.encode_utf8(&mut [0; 4]));
        }
        text = without_tokens(&text, token);
        for ((_, name), sign) in by_length {
            text = text.replace(sign, placeholder(name));
        }
        text
    }
}

/// A value as it is, and as it is written in forms, URLs, JSON and HTML.
fn forms(value: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let url = form
        .replace('+', "%20")
        .replace('*', "%2A")
        .replace("%7E", "~");
    let quoted = serde_json::Value::from(value).to_string();
    let inside = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let json = inside.unwrap_or_default().to_owned();
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let attribute = html.replace('"', "&quot;").replace('\'', "&#x27;");
    let ascii = json.chars().map(escaped).collect();
    let mut forms = vec![value.to_owned(), form, url, json, ascii, html, attribute];
    forms.sort();
    forms.dedup();
    forms
}

/// A sign as those write it in JSON who write nothing but ASCII.
fn escaped(c: char) -> String {
    if c.is_ascii() {
        return c.to_string();
    }
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units).iter();
    units
        .map(|unit| format!("\\u{unit:04x}"))
        .collect::<Vec<_>>()
        .concat()
}

/// A text without what looks like a token: a long run with letters and digits in it.
fn without_tokens(text: &str, mask: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| !is_of_token(c)) {
        let end = piece
            .char_indices()
            .next_back()
            .filter(|(_, last)| !is_of_token(*last));
        let (run, after) = piece.split_at(end.map_or(piece.len(), |(at, _)| at));
        let mixed =
            run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic());
        let shown = if run.len() >= TOKEN && mixed {
            mask
        } else {
            run
        };
        // Writing to a text cannot fail.
        write!(kept, "{shown}{after}").unwrap_or_default();
    }
    kept
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_nowhere_in_whatever_form_it_stands() {
        let mut masks = Masks::default();
        masks.add("a&b \"c\"", "password");
        masks.add("tok-en", "taken-csrf");
        masks.add("Łódź", "taken-2-a-name-that-is-quite-long");
        masks.add("x", "short");
        let text = r#"{"p":"a&b \"c\""} p=a%26b+%22c%22&t=tok-en a%26b%20%22c%22 a&amp;b &quot;c&quot; eyJhbGciOiJIUzI1NiJ9abcdef x \u0141\u00f3d\u017a"#;
        assert_eq!(
            masks.shown(text),
            r#"{"p":"••••"} p=••••&t=•••• •••• •••• •••• x ••••"#
        );
        assert_eq!(
            masks.written(text),
            r#"{"p":"password"} p=password&t=taken-csrf password password removed x taken-2-a-name-that-is-quite-long"#
        );
    }
}
