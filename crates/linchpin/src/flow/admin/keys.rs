//! Making, renaming and revoking API keys, from the command line and by API.

use super::{CommandError, named, problem};
use crate::{
    domain::{
        api_key::ApiKey,
        audit::{Action, Actor},
        environment::Environment,
        key_record::KeyRecord,
        keyring::Purpose,
        public_id::{KeyId, OrganisationId},
        scope::Scopes,
        time::Timestamp,
    },
    flow::{Engine, Owner, Unavailable, audit::Deed, random},
    store::Operation,
};

/// A key that is not there, or that the asker must not know of. With an owner the text is the same for every id.
fn unknown(owner: Option<&Owner>, id: &str) -> CommandError {
    CommandError::Unknown(match owner {
        Some(_) => "key of this id in this environment".to_owned(),
        None => format!("key {id}"),
    })
}

impl Engine {
    /// Makes a key of this organisation. It is told here and nowhere else.
    ///
    /// # Errors
    ///
    /// [`CommandError::Unavailable`].
    pub async fn key_create(
        &self,
        actor: &Actor,
        organisation: OrganisationId,
        wanted: KeyWanted,
    ) -> Result<(KeyRecord, ApiKey), CommandError> {
        let created_at = self.clock.now();
        let key = ApiKey::mint(wanted.environment, random()?);
        let record = KeyRecord {
            id: KeyId::new(random()?),
            organisation,
            environment: wanted.environment,
            name: wanted.name,
            scopes: wanted.scopes,
            created_at,
            expires_at: wanted.expires_at,
            revoked_at: None,
        };
        let hash = self
            .keyring
            .mac(Purpose::ApiKey, &[key.reveal().as_bytes()]);
        let mut operation = Operation::new(created_at);
        operation
            .insert_key(&record, hash)
            .map_err(Unavailable::from)?;
        self.record_key(&mut operation, actor, &record, Action::KeyCreate)?;
        self.carry_out(operation).await?;
        Ok((record, key))
    }

    /// The keys of an owner that are not revoked, oldest first.
    pub fn keys(&self, owner: &Owner) -> Vec<KeyRecord> {
        let directory = self.directory();
        let keys = directory.keys.iter();
        keys.filter(|key| key.revoked_at.is_none() && is_of(key, owner))
            .cloned()
            .collect()
    }

    /// The owner's key of this id; one that is revoked is not there any more.
    ///
    /// # Errors
    ///
    /// [`CommandError::Unknown`].
    pub fn key_of(&self, owner: &Owner, id: &str) -> Result<KeyRecord, CommandError> {
        let mut keys = self.keys(owner).into_iter();
        keys.find(|key| key.id.as_str() == id)
            .ok_or_else(|| unknown(Some(owner), id))
    }

    /// Calls a key of the owner something else.
    ///
    /// # Errors
    ///
    /// [`CommandError::Fields`] for a name that cannot be, [`CommandError::Unknown`], also where the key is being
    /// revoked at this moment.
    pub async fn key_rename(
        &self,
        actor: &Actor,
        owner: &Owner,
        id: &str,
        name: &str,
    ) -> Result<KeyRecord, CommandError> {
        let known = self.key_of(owner, id)?;
        let renamed = KeyRecord {
            name: named(name)?,
            ..known.clone()
        };
        if renamed == known {
            return Ok(known);
        }
        let mut operation = Operation::new(self.clock.now());
        operation.save_key(&renamed).map_err(Unavailable::from)?;
        self.record_key(&mut operation, actor, &renamed, Action::KeyUpdate)?;
        match self.carry_out(operation).await {
            Err(CommandError::Overtaken) => Err(unknown(Some(owner), id)),
            Err(error) => Err(error),
            Ok(()) => Ok(renamed),
        }
    }

    /// Revokes a key: from now on it opens nothing. Without an owner it may be that of anybody. One that is revoked
    /// already stays as it is.
    ///
    /// # Errors
    ///
    /// [`CommandError::Unknown`], [`CommandError::Overtaken`].
    pub async fn key_revoke(
        &self,
        actor: &Actor,
        owner: Option<&Owner>,
        id: &str,
    ) -> Result<KeyRecord, CommandError> {
        let directory = self.directory();
        let mut keys = directory.keys.iter();
        let known = keys.find(|key| {
            let seen = owner.is_none_or(|owner| is_of(key, owner) && key.revoked_at.is_none());
            key.id.as_str() == id && seen
        });
        let known = known.ok_or_else(|| unknown(owner, id))?;
        if known.revoked_at.is_some() {
            return Ok(known.clone());
        }
        let revoked = KeyRecord {
            revoked_at: Some(self.clock.now()),
            ..known.clone()
        };
        let mut operation = Operation::new(self.clock.now());
        operation
            .revoke_key(&known.id, &revoked)
            .map_err(Unavailable::from)?;
        self.record_key(&mut operation, actor, &revoked, Action::KeyRevoke)?;
        match (self.carry_out(operation).await, owner) {
            (Err(CommandError::Overtaken), Some(_)) => Err(unknown(owner, id)),
            (Err(error), _) => Err(error),
            (Ok(()), _) => Ok(revoked),
        }
    }

    fn record_key(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        key: &KeyRecord,
        action: Action,
    ) -> Result<(), Unavailable> {
        let whose = (&key.organisation, key.environment);
        let deed = Deed {
            whose: Some(whose),
            action,
            object: key.id.as_str(),
            detail: &[],
        };
        self.record(operation, actor, &deed)
    }
}

fn is_of(key: &KeyRecord, owner: &Owner) -> bool {
    key.organisation == owner.organisation && key.environment == owner.environment
}

/// A key that was asked for, field by field checked.
pub struct KeyWanted {
    /// 1 to 80 characters, none of them a control character.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// What it opens.
    pub environment: Environment,
    /// From when on it opens nothing any more.
    pub expires_at: Option<Timestamp>,
}

pub(super) fn key_wanted(
    name: &str,
    scope: &str,
    environment: &str,
    expires: Option<&str>,
) -> Result<KeyWanted, CommandError> {
    Ok(KeyWanted {
        name: named(name)?,
        scopes: Scopes::parse(scope).map_err(|error| problem("scope", error.to_string()))?,
        environment: Environment::parse(environment)
            .ok_or_else(|| problem("environment", "must be `sandbox` or `live`"))?,
        expires_at: expires.map(|text| moment("expires", text)).transpose()?,
    })
}

/// An RFC 3339 time, or the first moment of a date in UTC.
pub(super) fn moment(field: &'static str, text: &str) -> Result<Timestamp, CommandError> {
    let time = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| format!("{text}T00:00:00Z").parse::<jiff::Timestamp>());
    let time = time.map_err(|_| {
        problem(
            field,
            "must be a date (2027-01-31) or a time (2027-01-31T10:00:00Z)",
        )
    })?;
    Ok(Timestamp(time.as_millisecond()))
}
