//! Answers kept for repeated requests (`Idempotency-Key`).
//!
//! A row says twice how long it is kept: `created_at` and 24 hours, which every release has written, and `expires_at`,
//! which the release before leaves empty, or as it was when it renews an answer. So an answer is over only when both
//! say so, as long as nodes of that release may be running.

use super::{Lease, LeaseError, Operation, ReadError, Store, Value, row::Corrupt};
use crate::domain::time::{HOUR, Timestamp};

/// For how long the same key answers the same bytes, in milliseconds.
pub const KEPT_FOR: i64 = 24 * HOUR;

const KEEP: &str = "INSERT INTO kept_answer (scope, body_hash, answer, created_at, expires_at) \
    VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (scope) DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, \
    created_at = excluded.created_at, expires_at = excluded.expires_at \
    WHERE kept_answer.created_at <= $6 AND (kept_answer.expires_at IS NULL OR kept_answer.expires_at <= $4)";

const BY_SCOPE: &str = "SELECT body_hash, answer, created_at FROM kept_answer \
    WHERE scope = $1 AND (created_at > $2 OR expires_at > $3)";

/// Answers that one step removes at most, and as many more that a node of the release before has kept.
const STEP: i64 = 500;

const OVER: &str = "SELECT COUNT(*) FROM \
    (SELECT scope FROM kept_answer WHERE expires_at <= $1 AND created_at <= $2 LIMIT $3) AS over";

const OVER_UNDATED: &str = "SELECT COUNT(*) FROM \
    (SELECT scope FROM kept_answer WHERE expires_at IS NULL AND created_at <= $1 LIMIT $2) AS over";

// What is asked of the rows is asked of the row again, since another node may renew it in between.
const FORGET: &str = "DELETE FROM kept_answer WHERE expires_at <= $1 AND created_at <= $2 AND scope IN \
    (SELECT scope FROM kept_answer WHERE expires_at <= $1 AND created_at <= $2 LIMIT $3)";

const FORGET_UNDATED: &str = "DELETE FROM kept_answer WHERE expires_at IS NULL AND created_at <= $1 AND scope IN \
    (SELECT scope FROM kept_answer WHERE expires_at IS NULL AND created_at <= $1 LIMIT $2)";

/// An answer that was given to the first of the requests with one key.
#[derive(Debug)]
pub struct KeptAnswer {
    /// Keyed hash of the request's body.
    pub body_hash: Vec<u8>,
    /// The sealed answer.
    pub sealed: Vec<u8>,
    /// When it was given.
    pub created_at: Timestamp,
}

impl Operation {
    /// Keeps an answer in the operation that it tells of. Refused with `Overtaken` where one is kept for the scope.
    pub fn keep_answer(&mut self, scope: &[u8; 32], answer: KeptAnswer) {
        let at = answer.created_at;
        let values = vec![
            scope.to_vec().into(),
            answer.body_hash.into(),
            answer.sealed.into(),
            at.into(),
            at.plus(KEPT_FOR).into(),
            at.plus(-KEPT_FOR).into(),
        ];
        self.one_row(KEEP, values);
    }
}

impl Store {
    /// Removes one step of answers that are over at `now`. Answers how many left; 0 is the end.
    pub async fn forget_answers(&self, now: Timestamp, lease: &Lease) -> Result<u64, LeaseError> {
        let over = now.plus(-KEPT_FOR);
        let dated = || vec![now.into(), over.into(), STEP.into()];
        let undated = || vec![over.into(), STEP.into()];
        let rows = self.count(OVER, dated()).await? + self.count(OVER_UNDATED, undated()).await?;
        if rows == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET, dated());
        operation.any_rows(FORGET_UNDATED, undated());
        operation.fenced_by(lease);
        self.step(operation, rows).await
    }

    async fn count(&self, sql: &'static str, values: Vec<Value>) -> Result<i64, ReadError> {
        let counted = self.read("kept_answer", sql, values).await?;
        let rows = counted.into_iter().next().map(|mut row| row.int());
        Ok(rows.transpose()?.unwrap_or(0))
    }

    /// The answer that is kept for this scope at `now`.
    pub async fn kept_answer(
        &self,
        scope: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, ReadError> {
        let values = vec![
            scope.to_vec().into(),
            now.plus(-KEPT_FOR).into(),
            now.into(),
        ];
        let rows = self.read("kept_answer", BY_SCOPE, values).await?;
        let kept = rows
            .into_iter()
            .next()
            .map(|mut row| -> Result<_, Corrupt> {
                Ok(KeptAnswer {
                    body_hash: row.bytes()?,
                    sealed: row.bytes()?,
                    created_at: Timestamp(row.int()?),
                })
            });
        Ok(kept.transpose()?)
    }
}
