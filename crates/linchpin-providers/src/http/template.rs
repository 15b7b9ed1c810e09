//! Texts with `{{names}}` in them, which are filled in when a request is made.

use std::collections::BTreeMap;

use linchpin_provider::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;
use zeroize::Zeroizing;

use super::state::State;
use crate::wiped::Wiped;

/// What stays as it is in a part of a URL (RFC 3986, 2.3).
const IN_URLS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text with names in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Name(Name),
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// What was taken from an answer, or the username.
    Taken(String),
    Password,
    Code,
    Cookie(String),
    Secret(String),
}

/// Where a text stands, which says how what is filled in is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// As it is: for what is encoded as a whole later.
    None,
    Url,
    Json,
    Xml,
}

impl Escape {
    /// How names are escaped in a text of a type (RFC 9110, 8.3.1: in any case, perhaps with parameters).
    pub(super) fn within(kind: &str) -> Self {
        let essence = kind.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            xml if xml.ends_with("xml") => Self::Xml,
            json if json.ends_with("json") => Self::Json,
            "application/x-www-form-urlencoded" => Self::Url,
            _ => Self::None,
        }
    }
}

/// What can be filled in.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) state: &'a State,
    pub(super) password: Option<&'a Secret>,
    pub(super) code: Option<&'a Secret>,
    pub(super) secrets: &'a BTreeMap<String, Secret>,
    /// Whose cookies are meant.
    pub(super) base: &'a Url,
}

impl Scope<'_> {
    fn value(&self, name: &Name) -> Option<Zeroizing<String>> {
        let revealed = |secret: Option<&Secret>| {
            secret.map(|secret| Zeroizing::new(secret.reveal().to_owned()))
        };
        match name {
            Name::Taken(name) => self.state.taken.get(name).cloned().map(Zeroizing::new),
            Name::Password => revealed(self.password),
            Name::Code => revealed(self.code),
            Name::Cookie(name) => self.state.jar.value(self.base, name).map(Zeroizing::new),
            Name::Secret(name) => revealed(self.secrets.get(name)),
        }
    }
}

impl Template {
    /// Reads a text; what is wrong with it is said as the end of a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                return Err("has {{ without }} after it".to_owned());
            };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Name(self::name(name.trim())?));
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// Every name in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Text(_) => None,
        })
    }

    /// The name, where it is one and nothing else.
    pub(super) fn one_name(&self) -> Option<&Name> {
        match &self.0[..] {
            [Piece::Name(name)] => Some(name),
            _ => None,
        }
    }

    /// What stands before the first name.
    pub(super) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// The text with everything filled in; `None` where something is not there.
    pub(super) fn fill(&self, scope: Scope<'_>, escape: Escape) -> Option<Zeroizing<String>> {
        let mut filled = Wiped::default();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push(text.as_bytes()),
                Piece::Name(name) => escaped(&scope.value(name)?, escape, &mut filled)?,
            }
        }
        filled.text()
    }
}

fn name(text: &str) -> Result<Name, String> {
    if let Some((kind, name)) = text.split_once('.') {
        return match kind {
            "cookie" if !name.is_empty() => Ok(Name::Cookie(name.to_owned())),
            "secret" if is_name(name) => Ok(Name::Secret(name.to_owned())),
            _ => Err(format!(
                "has {{{{{text}}}}}; with a dot there are only {{{{cookie.NAME}}}} and {{{{secret.NAME}}}}"
            )),
        };
    }
    match text {
        "password" => Ok(Name::Password),
        "code" => Ok(Name::Code),
        name if is_name(name) => Ok(Name::Taken(name.to_owned())),
        _ => Err(format!(
            "has {{{{{text}}}}}; names are lower-case letters, digits and _, beginning with a letter"
        )),
    }
}

/// Whether a text can name what is taken.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Adds a value as it may stand there; `None` where it would change what stands around it.
fn escaped(value: &str, escape: Escape, filled: &mut Wiped) -> Option<()> {
    match escape {
        Escape::None => filled.push(value.as_bytes()),
        // A part of a path that is only dots leads elsewhere, however it is encoded.
        Escape::Url if matches!(value, "." | "..") => return None,
        Escape::Url => {
            utf8_percent_encode(value, IN_URLS).for_each(|piece| filled.push(piece.as_bytes()));
        }
        Escape::Json => {
            let mut quoted = Wiped::default();
            serde_json::to_writer(&mut quoted, value).ok()?;
            let quoted = quoted.text()?;
            let inside = quoted.strip_prefix('"')?.strip_suffix('"')?;
            filled.push(inside.as_bytes());
        }
        Escape::Xml => {
            for c in value.chars() {
                match c {
                    '&' => filled.push(b"&amp;"),
                    '<' => filled.push(b"&lt;"),
                    '>' => filled.push(b"&gt;"),
                    '"' => filled.push(b"&quot;"),
                    '\'' => filled.push(b"&apos;"),
                    c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => return None,
                    c => filled.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
                }
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_text_says_how_names_in_it_are_escaped() {
        for (kind, escape) in [
            ("text/XML; charset=utf-8", Escape::Xml),
            ("Application/Vnd.Acme+JSON", Escape::Json),
            ("application/X-WWW-Form-urlencoded ;a=b", Escape::Url),
            ("text/plain", Escape::None),
        ] {
            assert_eq!(Escape::within(kind), escape, "{kind}");
        }
    }

    #[test]
    fn what_is_filled_in_cannot_leave_its_place() {
        let mut state = State::default();
        let hostile = "a\"b&c=<d>\r\n/../{{password}}";
        state.taken.insert("x".to_owned(), hostile.to_owned());
        let base = "https://example.com/".parse().unwrap();
        let password = Secret::new("hunter2".to_owned());
        let scope = Scope {
            state: &state,
            password: Some(&password),
            code: None,
            secrets: &BTreeMap::new(),
            base: &base,
        };
        let filled = |text: &str, escape| {
            let filled = Template::parse(text).unwrap().fill(scope, escape);
            filled.map(|filled| filled.to_string())
        };
        assert_eq!(
            filled("/u/{{x}}?", Escape::Url).unwrap(),
            "/u/a%22b%26c%3D%3Cd%3E%0D%0A%2F..%2F%7B%7Bpassword%7D%7D?"
        );
        assert_eq!(
            filled("\"{{ x }}\"", Escape::Json).unwrap(),
            "\"a\\\"b&c=<d>\\r\\n/../{{password}}\""
        );
        assert!(
            filled("<p>{{x}}", Escape::Xml)
                .unwrap()
                .starts_with("<p>a&quot;b&amp;c=&lt;d&gt;")
        );
        assert_eq!(filled("{{password}}", Escape::None).unwrap(), "hunter2");
        assert_eq!(filled("{{code}}", Escape::None), None);
        assert_eq!(filled("{{y}}", Escape::None), None);
    }
}
