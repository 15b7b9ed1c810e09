//! When keys were last used: written now and then, not with each use.

use std::collections::HashMap;

use super::{Operation, ReadError, Store};
use crate::domain::{public_id::KeyId, time::Timestamp};

/// What stands before a key's id in the name of its fact.
const PREFIX: &str = "key_used:";

const KEEP: &str = "INSERT INTO store_fact (name, number) VALUES ($1, $2) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

const ALL: &str = "SELECT name, number FROM store_fact WHERE name LIKE 'key_used:%'";

impl Operation {
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
