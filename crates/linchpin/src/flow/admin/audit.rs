//! `audit …`: what is in the log, and whether it is as it was written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{CommandError, problem};
use crate::{
    domain::{
        audit::{AuditEntry, AuditRow},
        hexadecimal,
    },
    flow::{Engine, Unavailable},
    store::{AuditHead, Unchained},
};

/// Entries that `audit list` tells at most.
pub const LIST_MAX: i64 = 1_000;

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// What can be asked of the audit log.
#[derive(Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum AuditCommand {
    /// `audit list`
    List {
        /// How many, 1 to [`LIST_MAX`].
        limit: i64,
    },
    /// `audit export`: a page of the chain.
    Export {
        /// Entries after this position.
        after: i64,
    },
    /// `audit head`
    Head,
    /// `audit verify`
    Verify {
        /// A head that was told earlier, as `POSITION:HEX`.
        head: Option<String>,
    },
}

/// A head as it is told and taken: `POSITION:HEX`.
fn shown_head(head: &AuditHead) -> String {
    format!("{}:{}", head.position, hexadecimal::of(&head.chain))
}

fn parse_head(text: &str) -> Option<AuditHead> {
    let (position, chain) = text.trim().split_once(':')?;
    let position = position.parse().ok().filter(|position| *position >= 0)?;
    let chain = hexadecimal::parse(chain)?;
    Some(AuditHead { position, chain })
}

/// The entries of a row as they are printed. What cannot be read is printed as the text that it is.
fn shown_entries(row: &Unchained) -> Vec<Map<String, Value>> {
    match serde_json::from_str::<AuditRow>(&row.entry) {
        Ok(read) => read.entries().iter().map(shown_entry).collect(),
        Err(_) => vec![Map::from_iter([
            ("id".to_owned(), row.id.to_string().into()),
            ("unreadable".to_owned(), row.entry.clone().into()),
        ])],
    }
}

/// How many entries a row holds.
fn entries_in(row: &Unchained) -> usize {
    let read = serde_json::from_str::<AuditRow>(&row.entry);
    read.map_or(1, |read| read.entries().len())
}

/// An entry as it is printed.
pub(super) fn shown_entry(entry: &AuditEntry) -> Map<String, Value> {
    let (at, id) = (entry.at.to_string(), entry.id.0.to_string());
    let shown = serde_json::to_value(entry).unwrap_or_default();
    let mut shown = match shown {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    shown.insert("at".to_owned(), at.into());
    // As a text: the number has more digits than many readers of JSON keep.
    shown.insert("id".to_owned(), id.into());
    shown
}

impl Engine {
    pub(super) async fn audit(&self, asked: AuditCommand) -> Result<Value, CommandError> {
        match asked {
            AuditCommand::List { limit } => self.audit_list(limit).await,
            AuditCommand::Export { after } => self.audit_export(after).await,
            AuditCommand::Head => {
                let head = self.store.audit_head().await.map_err(Unavailable::from)?;
                Ok(json!({ "head": shown_head(&head) }))
            }
            AuditCommand::Verify { head } => self.audit_verify(head.as_deref()).await,
        }
    }

    /// The newest entries, the newest first; `position` is null where one is not chained yet.
    async fn audit_list(&self, limit: i64) -> Result<Value, CommandError> {
        if !(1..=LIST_MAX).contains(&limit) {
            return Err(problem(
                "limit",
                format!("must be 1 to {LIST_MAX}; `linchpin audit export` tells everything"),
            ));
        }
        let rows = self.store.newest_audit(limit).await;
        let rows = rows.map_err(Unavailable::from)?;
        let shown = rows.iter().flat_map(|(position, row)| {
            let newest_first = shown_entries(row).into_iter().rev();
            newest_first.map(|mut shown| {
                shown.insert("position".to_owned(), (*position).into());
                Value::Object(shown)
            })
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(shown.take(limit).collect())
    }

    /// The entries after a position with the chain up to each, oldest first, [`PAGE`] at most.
    async fn audit_export(&self, after: i64) -> Result<Value, CommandError> {
        let rows = self.store.audit_after(after, PAGE).await;
        let rows = rows.map_err(Unavailable::from)?;
        let shown = rows.iter().flat_map(|chained| {
            let chain = hexadecimal::of(&chained.chain);
            shown_entries(&chained.row)
                .into_iter()
                .map(move |mut shown| {
                    shown.insert("position".to_owned(), chained.position.into());
                    shown.insert("chain".to_owned(), chain.clone().into());
                    Value::Object(shown)
                })
        });
        Ok(shown.collect())
    }

    /// Reads the whole chain, and whatever is not chained yet. With a head that was told earlier, the chain must go
    /// through it.
    ///
    /// # Errors
    ///
    /// [`CommandError::Tampered`] with the first position that is not as it was written, [`CommandError::CutOff`]
    /// where the chain is right and another one than the earlier head was of.
    async fn audit_verify(&self, earlier: Option<&str>) -> Result<Value, CommandError> {
        let earlier = earlier
            .map(|text| {
                parse_head(text).ok_or_else(|| {
                    problem(
                        "head",
                        "must be what `linchpin audit head` printed earlier: POSITION:HEX",
                    )
                })
            })
            .transpose()?;
        let told = self.store.audit_head().await.map_err(Unavailable::from)?;
        // First what waits: read after the chain, a row that was chained in between would be in neither.
        let waiting = self.store.unchained_audit(PAGE).await;
        let waiting = waiting.map_err(Unavailable::from)?;
        let (head, entries) = self.walk(&told, earlier.as_ref()).await?;
        if waiting.iter().any(|row| !row.is_right(&self.keyring)) {
            return Err(CommandError::Tampered(head.position + 1));
        }
        let rest = self.store.unchained_audit(PAGE).await;
        let rest = rest.map_err(Unavailable::from)?;
        Ok(json!({
            "entries": entries,
            "head": shown_head(&head),
            "notChainedYet": rest.len(),
        }))
    }

    /// Reads the chain to its end, past the head that the store tells; counts the entries.
    async fn walk(
        &self,
        told: &AuditHead,
        earlier: Option<&AuditHead>,
    ) -> Result<(AuditHead, usize), CommandError> {
        let mut entries = 0;
        let mut head = AuditHead {
            position: 0,
            chain: Vec::new(),
        };
        // What was chained after the head was read is read as well, and must only go on from it.
        let mut passed_told = *told == head;
        let mut passed_earlier = earlier.is_none_or(|earlier| *earlier == head);
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
                entries += entries_in(&chained.row);
                passed_told |= *told == head;
                passed_earlier |= earlier == Some(&head);
            }
        }
        match (passed_told, earlier) {
            (false, _) => Err(CommandError::Tampered(head.position + 1)),
            (true, Some(earlier)) if !passed_earlier => Err(CommandError::CutOff {
                earlier: earlier.position,
                end: head.position,
            }),
            (true, _) => Ok((head, entries)),
        }
    }
}
