//! What leaves the store when nobody asks for it any more, in steps so small that nobody notices.

use super::{Engine, Lease, LeaseError, Operation, ReadError, Refusal, Store, WriteError};
use crate::domain::{id::SessionId, time::Timestamp};

/// Rows that one step removes at most.
const STEP: i64 = 500;

const OLD_SESSIONS: &str = "SELECT COUNT(*) FROM (SELECT id FROM link_session \
    WHERE id < $1 AND ended_at <= $2 ORDER BY id LIMIT $3) AS old";

const FORGET_HISTORY: &str = "DELETE FROM link_session_history WHERE session_id IN \
    (SELECT id FROM link_session WHERE id < $1 AND ended_at <= $2 ORDER BY id LIMIT $3)";

const FORGET_SESSIONS: &str = "DELETE FROM link_session WHERE id IN \
    (SELECT id FROM link_session WHERE id < $1 AND ended_at <= $2 ORDER BY id LIMIT $3)";

const REMEMBER_TIME: &str = "INSERT INTO store_fact (name, number) VALUES ('clock', $1) \
    ON CONFLICT (name) DO UPDATE SET number = excluded.number WHERE store_fact.number < excluded.number";

impl Operation {
    /// Writes the operation's time as the latest one.
    pub fn remember_time(&mut self) {
        let at = self.at;
        self.any_rows(REMEMBER_TIME, vec![at.into()]);
    }
}

impl Store {
    /// Removes sessions that ended before `ended_before`, with their history: one step of rows, or, where sessions
    /// are kept by day, every day of which nothing is left to keep. Answers how many rows or days left; 0 is the end.
    pub async fn forget_sessions(
        &self,
        ended_before: Timestamp,
        now: Timestamp,
        lease: &Lease,
    ) -> Result<u64, LeaseError> {
        if let Engine::Postgres(postgres) = &self.inner.engine {
            return postgres
                .drop_days(ended_before, now, lease)
                .await
                .map_err(|why| ReadError::Failed(why).into());
        }
        // Whoever ended by then was made by then; ids grow with time.
        let values = || {
            vec![
                SessionId::first_at(ended_before).number().into(),
                ended_before.into(),
                STEP.into(),
            ]
        };
        let counted = self.read("link_session", OLD_SESSIONS, values()).await?;
        let old = counted.into_iter().next().map(|mut row| row.int());
        let old = old.transpose().map_err(ReadError::from)?.unwrap_or(0);
        if old == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET_HISTORY, values());
        operation.any_rows(FORGET_SESSIONS, values());
        operation.fenced_by(lease);
        self.step(operation, old).await
    }

    /// Carries out one step that removes `rows`; 0 where it has lost its lease.
    pub(super) async fn step(&self, operation: Operation, rows: i64) -> Result<u64, LeaseError> {
        match self.write(operation).await {
            Ok(()) => Ok(u64::try_from(rows).unwrap_or(0)),
            Err(WriteError::Refused(Refusal::Overtaken)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
