//! The audit log: entries go into the operation that they tell of; the chain over them is continued afterwards.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{Engine, Unavailable};
use crate::{
    domain::{
        audit::{Action, Actor, AuditEntry, AuditId},
        environment::Environment,
        public_id::OrganisationId,
        time::SECOND,
    },
    store::{AuditHead, Lease, Operation, Refusal, WriteError},
};

/// Rows that are chained in one commit.
const STEP: i64 = 500;
/// Time between two looks where nobody wakes us.
const EVERY: Duration = Duration::from_secs(1);
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

impl Engine {
    /// Adds an entry about an action to the operation that carries it out.
    pub(super) fn record(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        deed: &Deed<'_>,
    ) -> Result<(), Unavailable> {
        let Deed {
            whose,
            action,
            object,
            detail,
        } = *deed;
        let detail = detail
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let entry = AuditEntry {
            id: self.next_audit_id()?,
            at: self.clock.now(),
            organisation: whose.map(|(organisation, _)| organisation.clone()),
            environment: whose.map(|(_, environment)| environment),
            actor: actor.to_string(),
            action: action.name().to_owned(),
            object: object.to_owned(),
            detail: detail.collect(),
        };
        operation.record(&entry, &self.keyring)?;
        Ok(())
    }

    fn next_audit_id(&self) -> Result<AuditId, Unavailable> {
        let random = super::random_number()?;
        let now = self.clock.now();
        let mut last = self
            .last_entry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let id = AuditId::next(*last, now, random);
        *last = Some(id);
        Ok(id)
    }

    /// Continues the chain for ever. Of the nodes that share a store, the one that holds the lease does it.
    pub async fn keep_chaining(self: Arc<Self>) {
        let mut held = None;
        let mut told = self.told.subscribe();
        loop {
            if let Err(error) = self.chain_on(&mut held).await {
                tracing::warn!(%error, "the audit log could not be chained; the next look follows");
            }
            let _ = tokio::time::timeout(EVERY, told.changed()).await;
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
