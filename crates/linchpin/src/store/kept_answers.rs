//! Answers kept for repeated requests (`Idempotency-Key`).

use super::{Lease, LeaseError, Operation, ReadError, Store, row::Corrupt};
use crate::domain::time::{HOUR, Timestamp};

/// For how long the same key answers the same bytes, in milliseconds.
pub const KEPT_FOR: i64 = 24 * HOUR;

const KEEP: &str = "INSERT INTO kept_answer (scope, body_hash, answer, created_at) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (scope) DO UPDATE SET body_hash = excluded.body_hash, answer = excluded.answer, \
    created_at = excluded.created_at WHERE kept_answer.created_at <= $5";

const BY_SCOPE: &str =
    "SELECT body_hash, answer, created_at FROM kept_answer WHERE scope = $1 AND created_at > $2";

/// Answers that one step removes at most.
const STEP: i64 = 500;

const OVER: &str = "SELECT COUNT(*) FROM \
    (SELECT scope FROM kept_answer WHERE created_at <= $1 LIMIT $2) AS over";

const FORGET: &str = "DELETE FROM kept_answer WHERE scope IN \
    (SELECT scope FROM kept_answer WHERE created_at <= $1 LIMIT $2)";

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
        let over = answer.created_at.plus(-KEPT_FOR);
        let values = vec![
            scope.to_vec().into(),
            answer.body_hash.into(),
            answer.sealed.into(),
            answer.created_at.into(),
            over.into(),
        ];
        self.one_row(KEEP, values);
    }
}

impl Store {
    /// Removes one step of answers that are over at `now`. Answers how many left; 0 is the end.
    pub async fn forget_answers(&self, now: Timestamp, lease: &Lease) -> Result<u64, LeaseError> {
        let over = now.plus(-KEPT_FOR);
        let counted = self
            .read("kept_answer", OVER, vec![over.into(), STEP.into()])
            .await?;
        let rows = counted.into_iter().next().map(|mut row| row.int());
        let rows = rows.transpose().map_err(ReadError::from)?.unwrap_or(0);
        if rows == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET, vec![over.into(), STEP.into()]);
        operation.fenced_by(lease);
        self.step(operation, rows).await
    }

    /// The answer that is kept for this scope at `now`.
    pub async fn kept_answer(
        &self,
        scope: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<KeptAnswer>, ReadError> {
        let values = vec![scope.to_vec().into(), now.plus(-KEPT_FOR).into()];
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
