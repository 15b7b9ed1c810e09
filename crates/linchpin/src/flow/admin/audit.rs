//! `audit verify`: whether the log is as it was written.

use serde_json::{Value, json};

use super::CommandError;
use crate::{
    domain::hexadecimal,
    flow::{Engine, Unavailable},
    store::AuditHead,
};

/// Rows that are read at once.
const PAGE: i64 = 1_000;

impl Engine {
    /// Reads the whole chain, and whatever is not chained yet.
    ///
    /// # Errors
    ///
    /// [`CommandError::Tampered`] with the first position that is not as it was written.
    pub(super) async fn audit_verify(&self) -> Result<Value, CommandError> {
        let told = self.store.audit_head().await.map_err(Unavailable::from)?;
        // First what waits: read after the chain, a row that was chained in between would be in neither.
        let waiting = self.store.unchained_audit(PAGE).await;
        let waiting = waiting.map_err(Unavailable::from)?;
        let head = self.walk(&told).await?;
        if waiting.iter().any(|row| !row.is_right(&self.keyring)) {
            return Err(CommandError::Tampered(head.position + 1));
        }
        let rest = self.store.unchained_audit(PAGE).await;
        let rest = rest.map_err(Unavailable::from)?;
        Ok(json!({
            "entries": head.position,
            "head": hexadecimal::of(&head.chain),
            "notChainedYet": rest.len(),
        }))
    }

    /// Reads the chain to its end, past the head that the store tells.
    async fn walk(&self, told: &AuditHead) -> Result<AuditHead, CommandError> {
        let mut head = AuditHead {
            position: 0,
            chain: Vec::new(),
        };
        // What was chained after the head was read is read as well, and must only go on from it.
        let mut passed_told = *told == head;
        loop {
            let page = self.store.audit_after(head.position, PAGE).await;
            let page = page.map_err(Unavailable::from)?;
            if page.is_empty() {
                break;
            }
            for chained in &page {
                let next = chained.row.continues(&self.keyring, &head);
                let right = chained.row.is_right(&self.keyring)
                    && chained.position == next.position
                    && chained.chain == next.chain;
                if !right {
                    return Err(CommandError::Tampered(next.position));
                }
                head = next;
                passed_told |= *told == head;
            }
        }
        if passed_told {
            Ok(head)
        } else {
            Err(CommandError::Tampered(head.position + 1))
        }
    }
}
