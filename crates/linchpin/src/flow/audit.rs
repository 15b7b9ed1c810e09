//! The audit log: entries go into the operation that they tell of; the chain over them is continued afterwards.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        audit::{Action, Actor, AuditEntry, AuditId, AuditRow},
        environment::Environment,
        public_id::OrganisationId,
        time::{SECOND, Timestamp},
    },
    store::{AuditHead, Lease, Operation, Refusal, WriteError},
};

/// Rows that are chained in one commit.
const STEP: i64 = 500;
/// Time between two looks where nobody wakes us.
const EVERY: Duration = Duration::from_secs(1);
/// Time that rows may come together in before they are chained: a round costs a commit of its own, however few there are.
const GATHER: Duration = Duration::from_millis(200);
/// What the lease is called, and for how long it is held.
const LEASE: &str = "audit";
const HELD: i64 = 15 * SECOND;

/// What was done to which object.
pub(super) struct Deed<'a> {
    /// Whose object it is; `None` for what belongs to the installation.
    pub whose: Option<(&'a OrganisationId, Environment)>,
    /// What was done.
    pub action: Action,
    /// Id of the object.
    pub object: &'a str,
    /// What else there is to say: ids and names of closed lists only.
    pub detail: &'a [(&'static str, &'a str)],
}

impl Deed<'_> {
    /// The entry about it.
    pub(super) fn entry(&self, id: AuditId, at: Timestamp, actor: &Actor) -> AuditEntry {
        let detail = self.detail.iter();
        AuditEntry {
            id,
            at,
            organisation: self.whose.map(|(organisation, _)| organisation.clone()),
            environment: self.whose.map(|(_, environment)| environment),
            actor: actor.to_string(),
            action: self.action.name().to_owned(),
            object: self.object.to_owned(),
            detail: detail
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }
}

impl Engine {
    /// Adds an entry about an action to the operation that carries it out.
    pub(super) fn record(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        deed: &Deed<'_>,
    ) -> Result<(), Unavailable> {
        let id = self.next_audit_ids(1)?;
        let entry = deed.entry(id, self.clock.now(), actor);
        operation.record(&AuditRow::One(entry), &self.keyring)?;
        Ok(())
    }

    /// The first of so many numbers that follow each other, for entries of now.
    pub(super) fn next_audit_ids(&self, count: usize) -> Result<AuditId, Unavailable> {
        let random = super::random_number()?;
        let now = self.clock.now();
        let mut last = self
            .last_entry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let first = AuditId::next(*last, now, random);
        *last = Some(first.plus(count.saturating_sub(1)));
        Ok(first)
    }

    /// Continues the chain for ever. Of the nodes that share a store, the one that holds the lease does it.
    pub async fn keep_chaining(self: Arc<Self>) {
        let mut held = None;
        let mut told = self.told.subscribe();
        loop {
            if let Err(error) = self.chain_on(&mut held).await {
                tracing::warn!(%error, "the audit log could not be chained; the next look follows");
            }
            if tokio::time::timeout(EVERY, told.changed()).await.is_ok() {
                tokio::time::sleep(GATHER).await;
            }
        }
    }

    /// Continues the chain up to the last entry.
    pub async fn chain_audit(&self) -> Result<(), Unavailable> {
        self.chain_on(&mut None).await
    }

    async fn chain_on(&self, held: &mut Option<Lease>) -> Result<(), Unavailable> {
        if !self.hold_lease(LEASE, HELD, held).await? {
            return Ok(());
        }
        let Some(lease) = held.as_ref() else {
            return Ok(());
        };
        while self.chain_some(lease).await? {}
        Ok(())
    }

    /// Chains one step of rows; `false` where there is nothing more to do.
    async fn chain_some(&self, lease: &Lease) -> Result<bool, Unavailable> {
        let rows = self.store.unchained_audit(STEP).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let before = self.store.audit_head().await?;
        let mut head: AuditHead = before.clone();
        let mut chained = Vec::with_capacity(rows.len());
        for row in &rows {
            if !row.is_right(&self.keyring) {
                tracing::error!(
                    id = row.id,
                    "an entry of the audit log is not as it was written; `linchpin audit verify` will name it"
                );
            }
            head = row.continues(&self.keyring, &head);
            chained.push((row.id, head.clone()));
        }
        let mut operation = Operation::new(self.clock.now());
        operation.chain(&before, &chained);
        operation.fenced_by(lease);
        match self.store.write(operation).await {
            Ok(()) => Ok(true),
            // Another node goes on.
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
