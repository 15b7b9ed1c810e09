//! The small values that a client app is made of, each with its rule.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Text that does not follow the rule of its kind; its message says the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrokenRule(&'static str);

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes text that follows the rule of this type.
            ///
            /// # Errors
            ///
            /// The rule, where the text breaks it.
            pub fn parse(text: &str) -> Result<Self, BrokenRule> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(BrokenRule($rule)) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BrokenRule;

            fn try_from(text: String) -> Result<Self, BrokenRule> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked_text! {
    /// What an app is called: 1 to 80 characters, as people read them on the page.
    AppName, is_name,
    "must be 1 to 80 characters, not only spaces, without control characters or characters that turn the direction of text"
}
checked_text! {
    /// Id of a provider: 1 to 64 lower-case letters, digits and `-`, such as `sandbox`.
    ProviderId, is_provider_id,
    "must be the id of a provider: lower-case letters, digits and hyphens, such as `sandbox`"
}
checked_text! {
    /// Name of a permission: two words of `a-z` and `_` joined by a colon, such as `posts:read`.
    PermissionName, is_permission_name,
    "must be two words of lower-case letters and underscores joined by a colon, such as `profile:read`"
}
checked_text! {
    /// The colour of an app's buttons: `#` and six hexadecimal digits.
    Accent, is_accent,
    "must be `#` and six hexadecimal digits, such as `#1a73e8`"
}
checked_text! {
    /// Which stored logo an app has: the SHA-256 of its PNG, 64 lower-case hexadecimal digits.
    LogoRef, is_logo_ref,
    "must be the reference of a stored logo: 64 lower-case hexadecimal digits"
}

impl AppName {
    /// Stands in where a name is missing, so that the other fields can be checked too.
    pub(super) fn unnamed() -> Self {
        Self("Unnamed".to_owned())
    }
}

impl ProviderId {
    /// The provider of made-up accounts.
    pub fn sandbox() -> Self {
        Self("sandbox".to_owned())
    }
}

impl PermissionName {
    /// What every app asks for that says nothing else.
    pub fn profile() -> Self {
        Self("profile:read".to_owned())
    }
}

impl LogoRef {
    /// The reference of a re-encoded logo.
    pub fn of(png: &[u8]) -> Self {
        let mut digits = String::with_capacity(64);
        for byte in Sha256::digest(png) {
            for digit in [byte >> 4, byte & 15] {
                digits.extend(char::from_digit(u32::from(digit), 16));
            }
        }
        Self(digits)
    }
}

/// How long a link session of the app lives, in minutes: 5 to 360.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct SessionMinutes(u16);

impl SessionMinutes {
    /// What an app has that says nothing else: one hour.
    pub const DEFAULT: Self = Self(60);

    const RULE: BrokenRule = BrokenRule("must be a whole number of minutes from 5 to 360");

    /// Takes a decimal number from 5 to 360.
    ///
    /// # Errors
    ///
    /// The rule, where the text breaks it.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        text.parse::<u16>()
            .map_err(|_| Self::RULE)
            .and_then(Self::try_from)
    }

    /// The number of minutes.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for SessionMinutes {
    type Error = BrokenRule;

    fn try_from(minutes: u16) -> Result<Self, BrokenRule> {
        if (5..=360).contains(&minutes) {
            Ok(Self(minutes))
        } else {
            Err(Self::RULE)
        }
    }
}

impl From<SessionMinutes> for u16 {
    fn from(minutes: SessionMinutes) -> Self {
        minutes.0
    }
}

fn is_name(text: &str) -> bool {
    // With these a name could rearrange the sentence of the page that it stands in.
    let turns_text = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    (1..=80).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(|c| c.is_control() || turns_text(c))
}

fn is_provider_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_permission_name(text: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'))
    };
    text.len() <= 100
        && text
            .split_once(':')
            .is_some_and(|(what, how)| word(what) && word(how))
}

fn is_accent(text: &str) -> bool {
    text.len() == 7
        && text
            .strip_prefix('#')
            .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

fn is_logo_ref(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_counted_in_characters_and_cannot_disturb_the_page() {
        assert!(AppName::parse(&"ü".repeat(80)).is_ok());
        assert!(AppName::parse("<script>alert(1)</script>").is_ok());
        for name in [
            &"ü".repeat(81),
            "",
            "  ",
            "a\nb",
            "a\u{0}",
            "a\u{85}",
            "a\u{202E}b",
            "\u{2067}a",
        ] {
            assert!(AppName::parse(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_of_permissions_and_providers_have_one_form() {
        assert!(PermissionName::parse("direct_messages:read").is_ok());
        for name in [
            "profile",
            "profile:",
            ":read",
            "Profile:read",
            "a:b:c",
            "a b:c",
            "posts:read2",
        ] {
            assert!(PermissionName::parse(name).is_err(), "{name:?}");
        }
        assert!(ProviderId::parse("sand-box2").is_ok());
        for id in ["", "Sandbox", "a_b", "a b", "é"] {
            assert!(ProviderId::parse(id).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_session_lives_5_to_360_minutes() {
        for (text, taken) in [
            ("4", false),
            ("5", true),
            ("360", true),
            ("361", false),
            ("-5", false),
            ("60.5", false),
            ("", false),
        ] {
            assert_eq!(SessionMinutes::parse(text).is_ok(), taken, "{text}");
        }
        assert!(serde_json::from_str::<SessionMinutes>("1000").is_err());
    }

    #[test]
    fn an_accent_is_a_colour_and_nothing_else() {
        assert!(Accent::parse("#1A73e8").is_ok());
        for text in ["1a73e8", "#fff", "#1a73e8;", "red", "#1a73eg", "#é1a73"] {
            assert!(Accent::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_logo_is_named_by_its_hash() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(LogoRef::of(b"").as_str(), empty);
        assert!(LogoRef::parse(empty).is_ok());
        assert!(LogoRef::parse("../../etc/passwd").is_err());
    }
}
