//! Sealing anew everything that was sealed before this was asked for, each secret with a new key of its own.

use metrics::gauge;

use super::{
    Engine, Unavailable,
    rotation::{BETWEEN_STEPS, HELD, LEASE},
};
use crate::{
    domain::time::{SECOND, Timestamp},
    store::{Lease, Operation, Passed, SealedRow},
    vault::VaultError,
};

/// Rows that are read at a time, and sealed anew in one commit.
const STEP: i64 = 200;
/// For how long what was sealed before may still be on its way into the store, in milliseconds. Only a walk that begins
/// after it has seen everything.
const ON_ITS_WAY: i64 = 10 * SECOND;
/// Rows that are still to be sealed anew.
const LEFT: &str = "linchpin_vault_reseal_rows_left";

/// Where the resealing of a process stands.
#[derive(Default)]
pub(super) struct Resealing {
    /// The request whose rows were walked over once.
    walked: Option<Timestamp>,
}

/// What came of a walk over all rows.
#[derive(Default)]
struct Walk {
    resealed: i64,
    passed_over: i64,
    /// Whether it came to the last row.
    is_whole: bool,
}

impl Engine {
    /// Seals anew what is from before the last request, where that was not seen through yet.
    pub(super) async fn reseal_round(
        &self,
        held: &mut Option<Lease>,
        resealing: &mut Resealing,
    ) -> Result<(), Unavailable> {
        let asked_at = match self.store.reseal().await? {
            Some(reseal) if !reseal.is_done => reseal.asked_at,
            _ => {
                show_left(0);
                return Ok(());
            }
        };
        let begun = self.clock.now();
        let is_last = begun >= asked_at.plus(ON_ITS_WAY);
        // What is sealed in the millisecond of the request counts as from before.
        if begun <= asked_at || (resealing.walked == Some(asked_at) && !is_last) {
            return Ok(());
        }
        if !self.hold_lease(LEASE, HELD, held).await? {
            show_left(0);
            return Ok(());
        }
        let walk = self.walk_over_sealed(asked_at, held).await?;
        if walk.resealed > 0 {
            tracing::info!(rows = walk.resealed, "secrets were sealed anew");
        }
        if walk.is_whole {
            resealing.walked = Some(asked_at);
        }
        if let (true, true, Some(lease)) = (walk.is_whole, is_last, held) {
            self.end_reseal(asked_at, walk.passed_over, lease).await?;
        }
        Ok(())
    }

    async fn walk_over_sealed(
        &self,
        asked_at: Timestamp,
        held: &mut Option<Lease>,
    ) -> Result<Walk, Unavailable> {
        let left = self.store.sealed_until(asked_at).await?;
        show_left(left);
        let mut after = SealedRow::default();
        let mut walk = Walk::default();
        while self.hold_lease(LEASE, HELD, held).await? {
            let Some(lease) = held.as_ref() else { break };
            let rows = self.store.sealed_rows(&after, STEP).await?;
            let Some(last) = rows.last() else {
                walk.is_whole = true;
                break;
            };
            after = last.row.clone();
            let is_earlier = |row: &Passed| row.sealed_at <= asked_at;
            let earlier: Vec<Passed> = rows.into_iter().filter(is_earlier).collect();
            let step = i64::try_from(earlier.len()).unwrap_or(i64::MAX);
            let (operation, done) = self.reseal(earlier).await?;
            walk.passed_over += step - done;
            if done == 0 {
                continue;
            }
            if !self.write_step(operation, lease).await? {
                break;
            }
            walk.resealed += done;
            show_left(left - walk.resealed);
            tokio::time::sleep(BETWEEN_STEPS).await;
        }
        Ok(walk)
    }

    /// The operation that seals these rows anew, and how many of them. One that does not open is passed over.
    async fn reseal(&self, rows: Vec<Passed>) -> Result<(Operation, i64), Unavailable> {
        let mut operation = Operation::new(self.clock.now());
        let mut done = 0;
        for Passed { place, sealed, .. } in rows {
            let Some(place) = place else { continue };
            match self.vault.reseal(&place, &sealed).await {
                Ok(again) => {
                    operation.replace_sealed(&place, sealed, again);
                    done += 1;
                }
                Err(VaultError::DoesNotOpen) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok((operation, done))
    }

    async fn end_reseal(
        &self,
        asked_at: Timestamp,
        passed_over: i64,
        lease: &Lease,
    ) -> Result<(), Unavailable> {
        let mut operation = Operation::new(self.clock.now());
        operation.end_reseal(asked_at);
        if !self.write_step(operation, lease).await? {
            return Ok(());
        }
        if passed_over > 0 {
            tracing::error!(
                rows = passed_over,
                "some sealed secrets cannot be sealed anew, because they do not open or their owner is gone; they keep the keys of before"
            );
        }
        show_left(0);
        tracing::info!(asked_at = %asked_at, "everything is sealed anew");
        Ok(())
    }
}

fn show_left(rows: i64) {
    let rows = u32::try_from(rows.max(0)).unwrap_or(u32::MAX);
    gauge!(LEFT).set(f64::from(rows));
}
