//! Rotation of the vault's master key: going by the version that the store names, and wrapping anew what an older one
//! wraps.

use std::{sync::Arc, time::Duration};

use metrics::gauge;

use super::{Engine, Unavailable, resealing::Resealing};
use crate::{
    domain::time::SECOND,
    store::{Lease, OlderKey, OlderRow, Operation, Refusal, Store, WriteError},
    vault::{Vault, VaultError},
};

/// Rows that are wrapped anew in one commit.
const STEP: i64 = 200;
/// Time between two commits, in which everybody else gets their turn.
pub(super) const BETWEEN_STEPS: Duration = Duration::from_millis(20);
/// Time between two looks for rows of older versions.
const EVERY: Duration = Duration::from_secs(2);
/// What the lease is called, and for how long it is held.
pub(super) const LEASE: &str = "rewrap";
pub(super) const HELD: i64 = 15 * SECOND;
/// Rows that are wrapped with an older version.
const LEFT: &str = "linchpin_vault_rows_left";

/// Where the rewrapping of a process stands.
#[derive(Default)]
struct Rewrapping {
    held: Option<Lease>,
    /// Rows that the log has told of, because they cannot be wrapped anew.
    told: i64,
}

/// Has a vault go by what the store knows of its keys, before anything is sealed or opened.
pub(super) async fn check_keys(store: &Store, vault: &Vault) -> Result<(), Unavailable> {
    let known = store.known_keys().await?;
    vault.go_by(&known)?;
    let there = vault.versions();
    for version in known.checks.keys() {
        if !there.contains(version) && store.is_key_used(*version).await? {
            return Err(VaultError::NoKey(*version).into());
        }
    }
    Ok(())
}

impl Engine {
    /// Reads the key file again and goes by the version that the store names. A key that is missing or wrong is told
    /// of; nothing is sealed with another one meanwhile, and everything else goes on.
    pub(super) async fn follow_keys(&self) -> Result<(), Unavailable> {
        let known = self.store.known_keys().await?;
        let before = self.vault.current();
        match self.vault.go_by(&known) {
            Ok(()) if before != known.current => {
                tracing::info!(
                    version = known.current,
                    "the vault goes by a new master key"
                );
            }
            Ok(()) => {}
            Err(error) => tracing::error!(
                %error,
                "the key file is not the one that this store goes by; until it is, this server seals nothing and opens only what older keys wrap"
            ),
        }
        Ok(())
    }

    /// Wraps anew for ever what older versions wrap, and seals anew what is to be. Of the nodes that share a store, the
    /// one that holds the lease does it.
    pub async fn keep_rewrapping(self: Arc<Self>) {
        let mut rewrapping = Rewrapping::default();
        let mut resealing = Resealing::default();
        loop {
            if let Err(error) = self.rewrap_round(&mut rewrapping).await {
                tracing::warn!(%error, "keys could not be wrapped anew; the next round goes on");
            }
            let resealed = self.reseal_round(&mut rewrapping.held, &mut resealing);
            if let Err(error) = resealed.await {
                tracing::warn!(%error, "secrets could not be sealed anew; the next round goes on");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Wraps anew once everything that older versions wrap.
    pub async fn rewrap_all(&self) -> Result<(), Unavailable> {
        self.rewrap_round(&mut Rewrapping::default()).await
    }

    async fn rewrap_round(&self, rewrapping: &mut Rewrapping) -> Result<(), Unavailable> {
        let current = self.vault.current();
        let left = self.store.wrapped_before(current).await?;
        show_left(left);
        if left == 0 {
            return Ok(());
        }
        let mut after = OlderRow::default();
        let (mut wrapped, mut passed_over) = (0, 0);
        while self.hold_lease(LEASE, HELD, &mut rewrapping.held).await? {
            let Some(lease) = rewrapping.held.as_ref() else {
                break;
            };
            let keys = self.store.older_keys(current, &after, STEP).await?;
            let Some(last) = keys.last() else { break };
            after = last.row.clone();
            let step = i64::try_from(keys.len()).unwrap_or(i64::MAX);
            let (operation, done) = self.rewrap(keys).await?;
            passed_over += step - done;
            if done > 0 && !self.write_step(operation, lease).await? {
                break;
            }
            wrapped += done;
            show_left(left - wrapped);
            tokio::time::sleep(BETWEEN_STEPS).await;
        }
        if wrapped > 0 {
            tracing::info!(wrapped, version = current, "keys were wrapped anew");
        }
        if passed_over > rewrapping.told {
            tracing::error!(
                rows = passed_over,
                "some sealed secrets cannot be wrapped anew, because they do not open or their owner is gone; the version that wraps them cannot be retired"
            );
        }
        rewrapping.told = passed_over;
        Ok(())
    }

    /// The operation that wraps these keys anew, and how many of them. One that does not open is passed over.
    async fn rewrap(&self, keys: Vec<OlderKey>) -> Result<(Operation, i64), Unavailable> {
        let mut operation = Operation::new(self.clock.now());
        let mut done = 0;
        for OlderKey { place, key, .. } in keys {
            let Some(place) = place else { continue };
            match self.vault.rewrap(&place, &key).await {
                Ok(again) => {
                    operation.replace_key(&place, key, again);
                    done += 1;
                }
                Err(VaultError::DoesNotOpen) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok((operation, done))
    }

    /// `false` where another node has the lease by now.
    pub(super) async fn write_step(
        &self,
        mut operation: Operation,
        lease: &Lease,
    ) -> Result<bool, Unavailable> {
        operation.fenced_by(lease);
        match self.store.write_if_quiet(operation).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn show_left(rows: i64) {
    let rows = u32::try_from(rows.max(0)).unwrap_or(u32::MAX);
    gauge!(LEFT).set(f64::from(rows));
}
