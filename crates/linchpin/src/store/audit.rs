//! The audit log: rows that are written with what they tell of, and the chain over them.

use super::{Corrupt, Operation, ReadError, Store, Value, WriteError, row::Row, sessions::json};
use crate::domain::{
    audit::AuditRow,
    keyring::{Keyring, Purpose},
};

const INSERT: &str = "INSERT INTO audit (id, organisation_id, environment, at, entry, code) \
    VALUES ($1, $2, $3, $4, $5, $6)";

const UNCHAINED: &str =
    "SELECT id, entry, code FROM audit WHERE position IS NULL ORDER BY id LIMIT $1";

const CHAIN: &str = "UPDATE audit SET position = $1, chain = $2 WHERE id = $3 AND position IS NULL";

const CHAINED: &str = "SELECT position, chain, id, entry, code FROM audit \
    WHERE position > $1 ORDER BY position LIMIT $2";

const NEWEST: &str =
    "SELECT COALESCE(position, 0), id, entry, code FROM audit ORDER BY id DESC LIMIT $1";

const HEAD: &str = "SELECT number, bytes FROM store_fact WHERE name = 'audit_head'";

const KEEP_HEAD: &str = "INSERT INTO store_fact (name, number, bytes) VALUES ('audit_head', $1, $2) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number, bytes = excluded.bytes WHERE store_fact.number = $3";

/// A row that is not chained yet.
#[derive(Debug, Clone)]
pub struct Unchained {
    /// Its number.
    pub id: i64,
    /// Its text, as it was written.
    pub entry: String,
    /// Its authentication code.
    pub code: Vec<u8>,
}

/// A row of the chain.
#[derive(Debug, Clone)]
pub struct Chained {
    /// From 1, without gaps.
    pub position: i64,
    /// The chain up to here.
    pub chain: Vec<u8>,
    /// The row.
    pub row: Unchained,
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// Position of the last row; 0 where there is none.
    pub position: i64,
    /// The chain up to it; empty where there is none.
    pub chain: Vec<u8>,
}

impl Unchained {
    /// Whether the text is the one that was written under this number.
    pub fn is_right(&self, keyring: &Keyring) -> bool {
        self.code == code(keyring, self.id, &self.entry)
    }

    /// The chain continued by this row.
    pub fn continues(&self, keyring: &Keyring, before: &AuditHead) -> AuditHead {
        let position = before.position + 1;
        let parts: [&[u8]; 5] = [
            b"chain",
            &before.chain,
            &position.to_be_bytes(),
            &self.id.to_be_bytes(),
            &self.code,
        ];
        AuditHead {
            position,
            chain: keyring.mac(Purpose::Audit, &parts).to_vec(),
        }
    }

    pub(super) fn of(row: &mut Row) -> Result<Self, Corrupt> {
        Ok(Self {
            id: row.int()?,
            entry: row.text()?.into_owned(),
            code: row.bytes()?,
        })
    }
}

fn code(keyring: &Keyring, id: i64, entry: &str) -> Vec<u8> {
    let parts: [&[u8]; 3] = [b"entry", &id.to_be_bytes(), entry.as_bytes()];
    keyring.mac(Purpose::Audit, &parts).to_vec()
}

impl Operation {
    /// Adds a row to the log. The operation stands only with it.
    pub fn record(&mut self, row: &AuditRow, keyring: &Keyring) -> Result<(), WriteError> {
        let (Some(entry), Value::Text(text)) = (row.entries().first(), json(row)?) else {
            return Ok(());
        };
        let code = code(keyring, entry.id.0, &text);
        let organisation = entry.organisation.as_ref();
        self.add_row(
            INSERT,
            vec![
                entry.id.0.into(),
                organisation.map(|id| id.as_str().to_owned()).into(),
                entry.environment.map(|at| at.as_str()).into(),
                entry.at.into(),
                Value::Text(text),
                code.into(),
            ],
        );
        Ok(())
    }

    /// Continues the chain with these rows, each with the chain up to it. Refused with `Overtaken` where another has.
    pub fn chain(&mut self, before: &AuditHead, rows: &[(i64, AuditHead)]) {
        for (id, head) in rows {
            let values = vec![
                head.position.into(),
                head.chain.clone().into(),
                (*id).into(),
            ];
            self.one_row(CHAIN, values);
        }
        if let Some((_, head)) = rows.last() {
            let values = vec![
                head.position.into(),
                head.chain.clone().into(),
                before.position.into(),
            ];
            self.one_row(KEEP_HEAD, values);
        }
    }
}

impl Store {
    /// Rows that are not chained yet, oldest first.
    pub async fn unchained_audit(&self, limit: i64) -> Result<Vec<Unchained>, ReadError> {
        let rows = self.read("audit", UNCHAINED, vec![limit.into()]).await?;
        rows.into_iter()
            .map(|mut row| Unchained::of(&mut row).map_err(ReadError::from))
            .collect()
    }

    /// The newest rows, the newest first, each with its position where it is chained.
    pub async fn newest_audit(
        &self,
        limit: i64,
    ) -> Result<Vec<(Option<i64>, Unchained)>, ReadError> {
        let rows = self.read("audit", NEWEST, vec![limit.into()]).await?;
        rows.into_iter()
            .map(|mut row| {
                let position = row.int()?;
                Ok((
                    Some(position).filter(|at| *at > 0),
                    Unchained::of(&mut row)?,
                ))
            })
            .collect()
    }

    /// Rows of the chain after a position.
    pub async fn audit_after(&self, position: i64, limit: i64) -> Result<Vec<Chained>, ReadError> {
        let values = vec![position.into(), limit.into()];
        let rows = self.read("audit", CHAINED, values).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Chained {
                    position: row.int()?,
                    chain: row.bytes()?,
                    row: Unchained::of(&mut row)?,
                })
            })
            .collect()
    }

    /// Where the chain ends.
    pub async fn audit_head(&self) -> Result<AuditHead, ReadError> {
        let rows = self.read("store_fact", HEAD, vec![]).await?;
        let head = rows.into_iter().next().map(|mut row| {
            Ok::<_, Corrupt>(AuditHead {
                position: row.int()?,
                chain: row.bytes()?,
            })
        });
        Ok(head.transpose()?.unwrap_or(AuditHead {
            position: 0,
            chain: Vec::new(),
        }))
    }
}
