//! Leases: what only one node may do at a time.
//!
//! A lease has a holder, an end and a token that is higher for every later holder. Whoever was away for too long
//! (a stopped process, a pause of the machine) may believe to hold it still; its writes carry the token, and are
//! refused once there is a later one. A store that is not shared has no leases: its only process holds them all.

use super::{Operation, ReadError, Refusal, Store, WriteError};
use crate::domain::time::Timestamp;

const CLAIM: &str = "INSERT INTO lease (name, holder, token, until) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
    token = CASE WHEN lease.token < excluded.token THEN excluded.token ELSE lease.token + 1 END \
    WHERE lease.until <= $3 OR lease.holder = excluded.holder";

const RENEW: &str =
    "UPDATE lease SET until = $1 WHERE name = $2 AND holder = $3 AND token = $4 AND until > $5";

const RELEASE: &str = "DELETE FROM lease WHERE name = $1 AND holder = $2 AND token = $3";

const FENCE: &str = "UPDATE lease SET until = until WHERE name = $1 AND holder = $2 AND token = $3";

const TOKEN: &str = "SELECT token FROM lease WHERE name = $1 AND holder = $2";

/// A lease that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    name: String,
    holder: String,
    /// `None` where the store is not shared.
    token: Option<i64>,
}

/// Why it cannot be said whether a lease is held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeaseError {
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Operation {
    /// Has the operation stand only while nobody else has claimed the lease since. Refused with `Overtaken` otherwise.
    pub fn fenced_by(&mut self, lease: &Lease) {
        if let Some(token) = lease.token {
            let values = vec![
                lease.name.clone().into(),
                lease.holder.clone().into(),
                token.into(),
            ];
            self.one_row(FENCE, values);
        }
    }
}

impl Store {
    /// Claims a lease that nobody else holds at `now` until `until`. `None` where somebody does. The same holder may
    /// claim anew, and what it did under its earlier claim is fenced off as well.
    pub async fn claim(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, LeaseError> {
        let lease = |token| Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            token,
        };
        if !self.is_shared() {
            return Ok(Some(lease(None)));
        }
        let mut operation = Operation::new(now);
        let names = || [name.to_owned().into(), holder.to_owned().into()];
        let times = [now.into(), until.into()];
        operation.one_row(CLAIM, names().into_iter().chain(times).collect());
        match self.write(operation).await {
            Ok(()) => {}
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let rows = self.read("lease", TOKEN, names().into()).await?;
        let token = rows.into_iter().next().map(|mut row| row.int());
        Ok(token
            .transpose()
            .map_err(ReadError::from)?
            .map(|token| lease(Some(token))))
    }

    /// Holds a lease for longer; `false` where its time was over.
    pub async fn renew(
        &self,
        lease: &Lease,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, LeaseError> {
        let Some(token) = lease.token else {
            return Ok(true);
        };
        let mut operation = Operation::new(now);
        let (name, holder) = (lease.name.clone(), lease.holder.clone());
        operation.one_row(
            RENEW,
            vec![
                until.into(),
                name.into(),
                holder.into(),
                token.into(),
                now.into(),
            ],
        );
        match self.write(operation).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a lease back, so that the next one need not wait for its end.
    pub async fn release(&self, lease: Lease, now: Timestamp) -> Result<(), LeaseError> {
        let Some(token) = lease.token else {
            return Ok(());
        };
        let mut operation = Operation::new(now);
        operation.any_rows(
            RELEASE,
            vec![lease.name.into(), lease.holder.into(), token.into()],
        );
        Ok(self.write(operation).await?)
    }
}
