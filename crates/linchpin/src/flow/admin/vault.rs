//! `vault status`, `vault rotate`, `vault retire`, `vault reseal`.

use serde_json::{Value, json};

use super::CommandError;
use crate::{
    domain::{
        audit::{Action, Actor},
        known_keys::KnownKeys,
        time::SECOND,
    },
    flow::{Engine, Unavailable, audit::Deed},
    store::Operation,
    vault::VaultError,
};

/// For how long after a rotation no version is taken out: the time in which every node has heard of it, and has written
/// what it had sealed before. In milliseconds.
const ALL_HAVE_HEARD: i64 = 10 * SECOND;

impl Engine {
    /// Which version is current, which are in the key file, and how many rows each wraps. The key file is read again.
    pub(super) async fn vault_status(&self) -> Result<Value, CommandError> {
        let known = self.known_keys().await?;
        // Told here, where somebody asks, and not only in the log.
        let problem = self.vault.go_by(&known).err();
        let counts = self.store.wrapped_counts().await;
        let counts = counts.map_err(Unavailable::from)?;
        let left = counts
            .iter()
            .filter(|(version, _)| *version < known.current);
        let left: i64 = left.map(|(_, rows)| rows).sum();
        let versions = self.vault.versions();
        let unused = versions.iter().map(|version| (*version, 0));
        let mut rows: std::collections::BTreeMap<i64, i64> = unused.collect();
        rows.extend(counts);
        let in_file = |version: &i64| versions.contains(version);
        let rows = rows.iter().map(|(version, rows)| {
            json!({ "version": version, "inKeyFile": in_file(version), "rows": rows })
        });
        Ok(json!({
            "currentVersion": known.current,
            "versions": rows.collect::<Vec<_>>(),
            "rewrapping": left > 0,
            "rowsLeft": left,
            "reseal": self.reseal_status().await?,
            "shared": self.store.is_shared(),
            "problem": problem.map(|problem| problem.to_string()),
        }))
    }

    /// Has a version that is in the key file become current.
    pub(super) async fn vault_rotate(
        &self,
        actor: &Actor,
        version: i64,
    ) -> Result<Value, CommandError> {
        let known = self.known_keys().await?;
        if version <= known.current {
            let why = format!("cannot be rotated to: {} is current already", known.current);
            return Err(CommandError::Key { version, why });
        }
        self.vault.go_by(&known).map_err(Unavailable::from)?;
        let check = self.vault.check(version).map_err(Unavailable::from)?;
        if known
            .checks
            .get(&version)
            .is_some_and(|known| *known != check)
        {
            return Err(Unavailable::from(VaultError::OtherKey(version)).into());
        }
        let mut operation = Operation::new(self.clock.now());
        operation.turn_to_key(version, check);
        self.record_version(&mut operation, actor, Action::VaultRotate, version)?;
        self.carry_out(operation).await?;
        self.vault_status().await
    }

    /// Writes that a version is taken out. Refused while anything needs it.
    pub(super) async fn vault_retire(
        &self,
        actor: &Actor,
        version: i64,
    ) -> Result<Value, CommandError> {
        let known = self.known_keys().await?;
        let refused = |why: &str| {
            let why = why.to_owned();
            Err(CommandError::Key { version, why })
        };
        if version == 1 {
            return refused(
                "cannot be retired: it is the root, which all hashes and tokens follow from",
            );
        }
        // One that may still become current must not be lost in the moment in which it does.
        if version >= known.current {
            return refused("cannot be retired: only versions before the current one can");
        }
        let now = self.clock.now();
        if now < known.since.plus(ALL_HAVE_HEARD) {
            return refused(
                "cannot be retired yet: the vault was rotated less than ten seconds ago, and what was sealed with it may still be on its way",
            );
        }
        if self.is_key_used(version).await? {
            return refused(
                "cannot be retired yet: secrets are wrapped with it. `linchpin vault status` tells how many are left",
            );
        }
        let mut operation = Operation::new(now);
        operation.keys_changed();
        self.record_version(&mut operation, actor, Action::VaultRetire, version)?;
        self.carry_out(operation).await?;
        Ok(json!({ "version": version, "retired": true }))
    }

    /// Has everything that is sealed by now be sealed anew, each with a new key, in the background.
    pub(super) async fn vault_reseal(&self, actor: &Actor) -> Result<Value, CommandError> {
        let mut operation = Operation::new(self.clock.now());
        operation.ask_for_reseal();
        let deed = Deed {
            whose: None,
            action: Action::VaultReseal,
            object: "vault",
            detail: &[],
        };
        self.record(&mut operation, actor, &deed)?;
        self.carry_out(operation).await?;
        self.vault_status().await
    }

    /// Since when everything is sealed anew, and how far that is; `null` where nobody asked for it.
    async fn reseal_status(&self) -> Result<Value, Unavailable> {
        let Some(reseal) = self.store.reseal().await? else {
            return Ok(Value::Null);
        };
        Ok(json!({
            "askedAt": reseal.asked_at.to_string(),
            "rowsLeft": self.store.sealed_until(reseal.asked_at).await?,
            "done": reseal.is_done,
        }))
    }

    async fn known_keys(&self) -> Result<KnownKeys, Unavailable> {
        Ok(self.store.known_keys().await?)
    }

    async fn is_key_used(&self, version: i64) -> Result<bool, Unavailable> {
        Ok(self.store.is_key_used(version).await?)
    }

    fn record_version(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        action: Action,
        version: i64,
    ) -> Result<(), Unavailable> {
        let object = version.to_string();
        let deed = Deed {
            whose: None,
            action,
            object: &object,
            detail: &[],
        };
        self.record(operation, actor, &deed)
    }
}
