//! Identifiers of organisations, client apps and keys: shown to developers, not secret.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::base62;

/// The longest identifier that is taken, in characters with its prefix.
const LENGTH_MAX: usize = 64;

macro_rules! public_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every identifier of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an identifier from 128 random bits: the prefix and 22 letters and digits.
            pub fn new(random: [u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, base62::encode(random, 22)))
            }

            /// Takes the prefix followed by ASCII letters and digits, at most 64 characters in all; else `None`.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?;
                let right = !rest.is_empty()
                    && text.len() <= LENGTH_MAX
                    && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
                right.then(|| Self(text.to_owned()))
            }

            /// The identifier as on the wire.
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
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                Self::parse(&text).ok_or(NotAnId { prefix: $prefix })
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

public_id! {
    /// Identifier of an organisation: `org_` and letters and digits.
    OrganisationId, "org_"
}
public_id! {
    /// Identifier of a client app: `app_` and letters and digits.
    AppId, "app_"
}
public_id! {
    /// Identifier of an API key's record: `key_` and letters and digits. It is not the key.
    KeyId, "key_"
}
public_id! {
    /// Identifier of a webhook endpoint: `we_` and letters and digits.
    EndpointId, "we_"
}

/// Text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be `{prefix}` followed by letters and digits, at most 64 characters in all")]
pub struct NotAnId {
    prefix: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_or_alphabet_is_not_taken() {
        let made = AppId::new([0xA5; 16]);
        assert_eq!(AppId::parse(made.as_str()), Some(made.clone()));
        assert_eq!(made.as_str().len(), 4 + 22);
        for text in [
            "app_", "org_1", "app_1-2", "app_é", " app_1", "app_1\n", "APP_1",
        ] {
            assert_eq!(AppId::parse(text), None, "{text:?}");
        }
        assert_eq!(AppId::parse(&format!("app_{}", "a".repeat(61))), None);
        assert!(AppId::parse(&format!("app_{}", "a".repeat(60))).is_some());
    }

    #[test]
    fn a_stored_id_is_checked_when_it_is_read() {
        assert!(serde_json::from_str::<KeyId>(r#""key_1""#).is_ok());
        assert!(serde_json::from_str::<KeyId>(r#""app_1""#).is_err());
    }
}
