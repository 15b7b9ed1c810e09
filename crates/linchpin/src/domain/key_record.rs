//! What is known of an API key once it has been shown.

use serde::{Deserialize, Serialize};

use super::{
    environment::Environment,
    public_id::{KeyId, OrganisationId},
    scope::Scopes,
    time::Timestamp,
};

/// An API key as it is listed. Neither the key nor its hash is part of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRecord {
    /// What the key is revoked by.
    pub id: KeyId,
    /// Whose key it is.
    pub organisation: OrganisationId,
    /// The one environment that the key opens.
    pub environment: Environment,
    /// What the developer called it.
    pub name: String,
    /// What the key may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it opens nothing any more; `None` for a key without end.
    pub expires_at: Option<Timestamp>,
    /// Since when it is revoked.
    pub revoked_at: Option<Timestamp>,
}

impl KeyRecord {
    /// Whether the key opens anything at `now`: not revoked, and before its end.
    ///
    /// A revocation counts whatever its time says, so that a clock set back does not bring a key to life.
    pub fn usable_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scope::Scope;

    fn record() -> KeyRecord {
        KeyRecord {
            id: KeyId::new([1; 16]),
            organisation: OrganisationId::new([2; 16]),
            environment: Environment::Live,
            name: "backend".to_owned(),
            scopes: Scopes::of([Scope::Link]).unwrap(),
            created_at: Timestamp(1_000),
            expires_at: Some(Timestamp(2_000)),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_is_usable_until_its_end_and_not_at_it() {
        assert!(record().usable_at(Timestamp(1_999)));
        assert!(!record().usable_at(Timestamp(2_000)));
        let endless = KeyRecord {
            expires_at: None,
            ..record()
        };
        assert!(endless.usable_at(Timestamp(i64::MAX)));
    }

    #[test]
    fn a_revoked_key_is_never_usable() {
        let revoked = KeyRecord {
            revoked_at: Some(Timestamp(1_500)),
            ..record()
        };
        assert!(!revoked.usable_at(Timestamp(1_600)));
        assert!(!revoked.usable_at(Timestamp(1_400)));
    }
}
