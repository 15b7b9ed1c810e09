//! What a key may be used for.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

/// One part of the API that a key can open.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Scope {
    /// Creating and following link sessions.
    Link,
    /// Reading and changing connections and settings.
    Account,
    /// Calling providers with the stored sessions.
    Access,
    /// Managing apps, keys and webhooks.
    Manage,
}

impl Scope {
    /// Every scope, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Link, Self::Account, Self::Access, Self::Manage];

    /// The name on the wire, in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "LINK",
            Self::Account => "ACCOUNT",
            Self::Access => "ACCESS",
            Self::Manage => "MANAGE",
        }
    }

    /// The scope of this wire name; `None` for any other text, also for another case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The scopes of a key; never empty. In JSON a list, in text joined by commas: `LINK,ACCOUNT`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Scope>", into = "BTreeSet<Scope>")]
pub struct Scopes(BTreeSet<Scope>);

/// Why a list of scopes is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopesError {
    /// No scope in the list.
    #[error(
        "a key needs at least one scope: any of LINK, ACCOUNT, ACCESS, MANAGE, joined by commas"
    )]
    Empty,
    /// A name that is not a scope, shortened to 40 characters.
    #[error("there is no scope {0:?}: use any of LINK, ACCOUNT, ACCESS, MANAGE, joined by commas")]
    Unknown(String),
}

impl Scopes {
    /// These scopes; `None` where there are none.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// Takes `LINK,ACCOUNT`: names in upper case, in any order; spaces around a name are ignored.
    ///
    /// # Errors
    ///
    /// The first name that is not a scope, or that there is none.
    pub fn parse(text: &str) -> Result<Self, ScopesError> {
        if text.trim().is_empty() {
            return Err(ScopesError::Empty);
        }
        let unknown = |name: &str| ScopesError::Unknown(name.chars().take(40).collect());
        let scopes = text
            .split(',')
            .map(|name| Scope::parse(name.trim()).ok_or_else(|| unknown(name.trim())))
            .collect::<Result<BTreeSet<_>, _>>()?;
        Ok(Self(scopes))
    }

    /// Whether the key may be used for `scope`.
    pub fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes in the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(","))
    }
}

impl TryFrom<BTreeSet<Scope>> for Scopes {
    type Error = ScopesError;

    fn try_from(scopes: BTreeSet<Scope>) -> Result<Self, ScopesError> {
        Self::of(scopes).ok_or(ScopesError::Empty)
    }
}

impl From<Scopes> for BTreeSet<Scope> {
    fn from(scopes: Scopes) -> Self {
        scopes.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_scopes_is_read_and_printed() {
        let scopes = Scopes::parse("ACCOUNT, LINK,LINK").unwrap();
        assert_eq!(scopes.to_string(), "LINK,ACCOUNT");
        assert_eq!(
            serde_json::to_string(&scopes).unwrap(),
            r#"["LINK","ACCOUNT"]"#
        );
        assert!(scopes.allow(Scope::Link) && scopes.allow(Scope::Account));
        assert!(!scopes.allow(Scope::Access) && !scopes.allow(Scope::Manage));
    }

    #[test]
    fn unknown_and_missing_scopes_are_refused() {
        assert_eq!(Scopes::parse(" "), Err(ScopesError::Empty));
        assert_eq!(
            Scopes::parse("LINK,"),
            Err(ScopesError::Unknown(String::new()))
        );
        assert_eq!(
            Scopes::parse("link"),
            Err(ScopesError::Unknown("link".to_owned()))
        );
        assert!(serde_json::from_str::<Scopes>("[]").is_err());
    }
}
