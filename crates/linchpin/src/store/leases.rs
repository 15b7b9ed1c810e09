//! Leases: what only one node may do at a time.
//!
//! A lease has a holder, an end and a token that is higher for every later holder. Whoever was away for too long
//! (a stopped process, a pause of the machine) may believe to hold it still; its writes carry the token, and are
//! refused once there is a later one. A store that is not shared has no leases: its only process holds them all.

use super::{Operation, ReadError, Refusal, Store, Value, WriteError};
use crate::domain::time::{HOUR, Timestamp};

const CLAIM: &str = "INSERT INTO lease (name, holder, token, until) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, \
    token = CASE WHEN lease.token < excluded.token THEN excluded.token ELSE lease.token + 1 END \
    WHERE lease.until <= $3 OR lease.holder = excluded.holder";

const RENEW: &str =
    "UPDATE lease SET until = $1 WHERE name = $2 AND holder = $3 AND token = $4 AND until > $5";

const RELEASE: &str = "DELETE FROM lease WHERE name = $1 AND holder = $2 AND token = $3";

const FENCE: &str = "UPDATE lease SET until = until WHERE name = $1 AND holder = $2 AND token = $3";

/// Whether a lease is still the latest one of its name.
pub(super) const IS_LATEST: &str =
    "SELECT COUNT(*) FROM lease WHERE name = $1 AND holder = $2 AND token = $3";

/// Whoever claims a lease of a name anew gets a token that is higher than the time of any earlier claim.
const FORGET: &str = "DELETE FROM lease WHERE until <= $1";

const OVER: &str = "SELECT COUNT(*) FROM lease WHERE until <= $1";

/// For how long the lease of a holder that is gone stays, in milliseconds.
const KEPT_FOR: i64 = 24 * HOUR;

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
        if let Some(values) = lease.values() {
            self.one_row(FENCE, values.into());
        }
    }
}

impl Lease {
    /// Name, holder and token, as the rows of leases are asked for. `None` where the store is not shared.
    pub(super) fn values(&self) -> Option<[Value; 3]> {
        let token = self.token?;
        let (name, holder) = (self.name.clone(), self.holder.clone());
        Some([name.into(), holder.into(), token.into()])
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

    /// Whether nobody else has claimed the lease since.
    pub async fn is_latest(&self, lease: &Lease) -> Result<bool, ReadError> {
        let Some(values) = lease.values() else {
            return Ok(true);
        };
        let rows = self.read("lease", IS_LATEST, values.into()).await?;
        let found = rows.into_iter().next().map(|mut row| row.int());
        Ok(found.transpose()? == Some(1))
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

    /// Removes the leases of holders that have been gone for a day. Answers how many rows left; 0 is the end.
    pub async fn forget_leases(&self, now: Timestamp, lease: &Lease) -> Result<u64, LeaseError> {
        if lease.token.is_none() {
            return Ok(0);
        }
        let before = now.plus(-KEPT_FOR);
        let counted = self.read("lease", OVER, vec![before.into()]).await?;
        let over = counted.into_iter().next().map(|mut row| row.int());
        let over = over.transpose().map_err(ReadError::from)?.unwrap_or(0);
        if over == 0 {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.any_rows(FORGET, vec![before.into()]);
        operation.fenced_by(lease);
        self.step(operation, over).await
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
