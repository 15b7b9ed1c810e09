//! API keys: their records, and when they were last used, which is written now and then and not with each use.

use std::collections::HashMap;

use super::{Operation, ReadError, Store, WriteError, ledger::Fact, sessions::json};
use crate::domain::{key_record::KeyRecord, public_id::KeyId, time::Timestamp};

/// What stands before a key's id in the name of its fact.
const PREFIX: &str = "key_used:";

const KEEP: &str = "INSERT INTO store_fact (name, number) VALUES ($1, $2) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

const ALL: &str = "SELECT name, number FROM store_fact WHERE name LIKE 'key_used:%'";

impl Operation {
    /// Keeps a new key: its record and its hash, never the key.
    pub fn insert_key(&mut self, record: &KeyRecord, hash: [u8; 32]) -> Result<(), WriteError> {
        let values = vec![
            record.id.as_str().to_owned().into(),
            record.organisation.as_str().to_owned().into(),
            record.environment.as_str().into(),
            json(record)?,
            hash.to_vec().into(),
            record.created_at.into(),
        ];
        self.one_row(
            "INSERT INTO api_key (id, organisation_id, environment, record, hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Keeps what is said of a key. Refused with `Overtaken` where it is revoked or unknown.
    pub fn save_key(&mut self, record: &KeyRecord) -> Result<(), WriteError> {
        let values = vec![json(record)?, record.id.as_str().to_owned().into()];
        self.one_row(
            "UPDATE api_key SET record = $1 WHERE id = $2 AND revoked_at IS NULL",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Writes that a key is revoked. Refused with `Overtaken` where it was already, or is unknown.
    pub fn revoke_key(&mut self, id: &KeyId, record: &KeyRecord) -> Result<(), WriteError> {
        self.facts.push(Fact::KeyRevoked { key: id.clone() });
        let values = vec![
            json(record)?,
            record.revoked_at.into(),
            id.as_str().to_owned().into(),
        ];
        self.one_row(
            "UPDATE api_key SET record = $1, revoked_at = $2 WHERE id = $3 AND revoked_at IS NULL",
            values,
        );
        self.directory_changed();
        Ok(())
    }

    /// Keeps when a key was used, unless a later use is known already.
    pub fn keep_use(&mut self, key: &KeyId, at: Timestamp) {
        self.any_rows(KEEP, vec![format!("{PREFIX}{key}").into(), at.into()]);
    }
}

impl Store {
    /// When each key was last used, as far as it was written.
    pub async fn last_uses(&self) -> Result<HashMap<KeyId, Timestamp>, ReadError> {
        let rows = self.read("store_fact", ALL, vec![]).await?;
        rows.into_iter()
            .map(|mut row| {
                let name = row.text()?;
                let key = name.strip_prefix(PREFIX).and_then(KeyId::parse);
                let key = key.ok_or_else(|| row.corrupt("the id of a key"))?;
                Ok((key, Timestamp(row.int()?)))
            })
            .collect()
    }
}
