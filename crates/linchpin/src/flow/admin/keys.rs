//! `key create`, `key revoke`.

use serde_json::Value;

use super::{CommandError, named, problem, shown::shown_key};
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
    flow::{Engine, Unavailable, audit::Deed, random},
    store::Operation,
};

impl Engine {
    pub(super) async fn key_create(
        &self,
        actor: &Actor,
        organisation: OrganisationId,
        wanted: KeyWanted,
    ) -> Result<Value, CommandError> {
        let KeyWanted {
            name,
            scopes,
            environment,
            expires_at,
        } = wanted;
        let created_at = self.clock.now();
        let id = KeyId::new(random()?);
        let key = ApiKey::mint(environment, random()?);
        let record = KeyRecord {
            id,
            organisation,
            environment,
            name,
            scopes,
            created_at,
            expires_at,
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
        let mut shown = shown_key(&record);
        // The one time that the key is shown.
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("key".to_owned(), key.reveal().into());
        }
        Ok(shown)
    }

    pub(super) async fn key_revoke(&self, actor: &Actor, id: &str) -> Result<Value, CommandError> {
        let directory = self.directory();
        let known = directory.keys.iter().find(|key| key.id.as_str() == id);
        let known = known.ok_or_else(|| CommandError::Unknown(format!("key {id}")))?;
        if known.revoked_at.is_some() {
            return Ok(shown_key(known));
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
        self.carry_out(operation).await?;
        Ok(shown_key(&revoked))
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

/// A key that was asked for, field by field checked.
pub(super) struct KeyWanted {
    name: String,
    scopes: Scopes,
    environment: Environment,
    expires_at: Option<Timestamp>,
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
