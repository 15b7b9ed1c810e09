//! After a backup was put back: what was revoked or deleted since then is so again, and every open session is over.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Directory, Operation, ReadError, Store, Told, WriteError,
    ledger::{Entry, Fact, OutOfReach},
};
use crate::domain::{
    client_app::ClientApp,
    connection::ExpiredReason,
    id::{ConnectionId, SessionId},
    key_record::KeyRecord,
    link_session::{Event, LinkSession},
    public_id::{AppId, EndpointId},
    sealed::SealedKind,
    time::{MINUTE, Timestamp},
};

/// Sessions that are read at once.
const PAGE: i64 = 200;
/// Tries to reach a database that cannot be reached, and the time between them: ten seconds in all.
const TRIES: u32 = 40;
const BETWEEN_TRIES: Duration = Duration::from_millis(250);
/// How long a change may wait for its commit: one that is dated so long before the backup may not be in it.
const BEFORE_THE_BACKUP: i64 = 10 * MINUTE;

/// What was done to a restored store.
#[derive(Debug, Default)]
pub struct Settled {
    /// Keys that are revoked now and were not in the backup.
    pub keys_revoked: usize,
    /// Ids of the client apps that were deleted.
    pub apps_deleted: Vec<String>,
    /// Ids of the client apps that lost redirect URLs, origins or switches.
    pub apps_narrowed: Vec<String>,
    /// Sessions that were deleted.
    pub sessions_deleted: usize,
    /// Sessions that were open and have expired.
    pub sessions_ended: usize,
    /// Connections that were removed, or have to be signed in to again.
    pub connections_ended: usize,
    /// Webhook endpoints that were deleted.
    pub endpoints_deleted: usize,
}

impl Settled {
    /// What `--json` prints.
    pub fn shown(&self) -> Value {
        json!({
            "keysRevoked": self.keys_revoked,
            "appsDeleted": self.apps_deleted,
            "appsNarrowed": self.apps_narrowed,
            "sessionsDeleted": self.sessions_deleted,
            "sessionsEnded": self.sessions_ended,
            "connectionsEnded": self.connections_ended,
            "endpointsDeleted": self.endpoints_deleted,
        })
    }
}

/// Why a restored store cannot be used yet. Settling it again begins where this ended.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The ledgers do not reach back to the backup.
    #[error(transparent)]
    OutOfReach(#[from] OutOfReach),
    /// Some open sessions cannot be read.
    #[error(
        "{0} open sessions of the backup cannot be read, and so cannot be ended. See docs/operations/damage.md"
    )]
    Unreadable(i64),
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Writing failed.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl Store {
    /// Makes a restored store fit to be served. `told` is what the ledgers say; without them every key is revoked,
    /// since nobody can tell which were. `backup` is the time of the latest change in the backup: not of the store
    /// where settling it was begun before, since that moves the store's clock.
    ///
    /// # Errors
    ///
    /// [`SettleError`]; it can be repeated.
    pub async fn settle(
        &self,
        told: Option<&Told>,
        backup: Timestamp,
        now: Timestamp,
    ) -> Result<Settled, SettleError> {
        let mut settled = Settled::default();
        self.date_new_ledger(now).await?;
        match told {
            Some(told) => self.settle_told(told, backup, now, &mut settled).await?,
            None => self.revoke_all(now, &mut settled).await?,
        }
        self.end_all(now, &mut settled).await?;
        Ok(settled)
    }

    async fn settle_told(
        &self,
        told: &Told,
        backup: Timestamp,
        now: Timestamp,
        settled: &mut Settled,
    ) -> Result<(), SettleError> {
        told.check_reach(backup)?;
        let directory = self.directory().await?;
        for entry in told.entries() {
            match &entry.fact {
                Fact::KeyRevoked { key } => {
                    if let Some(known) = directory.keys.iter().find(|known| known.id == *key) {
                        settled.keys_revoked += self.revoke(known, entry.at).await?;
                    }
                }
                Fact::SessionDeleted { session } => {
                    settled.sessions_deleted += self.delete_session(*session, now).await?;
                }
                Fact::ConnectionEnded {
                    connection,
                    removed,
                } => {
                    settled.connections_ended += self
                        .end_connection(connection, *removed, entry.at, now)
                        .await?;
                }
                Fact::EndpointDeleted { endpoint } => {
                    settled.endpoints_deleted +=
                        self.settle_endpoint(&directory, endpoint, now).await?;
                }
                Fact::Begun | Fact::AppDeleted { .. } | Fact::AppSaved { .. } => {}
            }
        }
        self.settle_apps(&directory, told.entries(), backup, now, settled)
            .await
    }

    async fn settle_apps(
        &self,
        directory: &Directory,
        entries: &[Entry],
        backup: Timestamp,
        now: Timestamp,
        settled: &mut Settled,
    ) -> Result<(), SettleError> {
        for (known, version) in &directory.apps {
            let mut operation = Operation::new(now);
            let id = known.id.as_str().to_owned();
            if is_deleted(&known.id, entries) {
                operation.delete_app(&known.id);
                settled.apps_deleted.push(id);
            } else {
                let app = narrowed(known, *version, backup, entries);
                if app == *known {
                    continue;
                }
                operation.save_app(&app, *version)?;
                settled.apps_narrowed.push(id);
            }
            self.write_patiently(operation).await?;
        }
        Ok(())
    }

    async fn revoke_all(&self, now: Timestamp, settled: &mut Settled) -> Result<(), SettleError> {
        for known in &self.directory().await?.keys {
            settled.keys_revoked += self.revoke(known, now).await?;
        }
        Ok(())
    }

    /// Answers how many keys were revoked by this.
    async fn revoke(&self, known: &KeyRecord, at: Timestamp) -> Result<usize, SettleError> {
        if known.revoked_at.is_some() {
            return Ok(0);
        }
        let revoked = KeyRecord {
            revoked_at: Some(at),
            ..known.clone()
        };
        let mut operation = Operation::new(at);
        operation.revoke_key(&known.id, &revoked)?;
        match self.write_patiently(operation).await {
            Ok(()) => Ok(1),
            // Two ledgers told of it.
            Err(WriteError::Refused(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    async fn delete_session(&self, number: i64, now: Timestamp) -> Result<usize, SettleError> {
        let found = self.session(SessionId::from_number(number)).await?;
        match found {
            Some(made) => self.apply(&made.session, &Event::Deleted, now).await,
            None => Ok(0),
        }
    }

    async fn end_all(&self, now: Timestamp, settled: &mut Settled) -> Result<(), SettleError> {
        loop {
            let page = self.overdue_sessions(Timestamp(i64::MAX), PAGE).await?;
            let ends = page
                .iter()
                .map(|made| self.apply(&made.session, &Event::Restored, now));
            let mut ended = 0;
            for end in futures_util::future::join_all(ends).await {
                ended += end?;
            }
            settled.sessions_ended += ended;
            if ended == 0 {
                break;
            }
        }
        match self.count_open().await? {
            0 => Ok(()),
            open => Err(SettleError::Unreadable(open)),
        }
    }

    /// Writes, again where nothing was changed because the database could not be reached or was busy.
    async fn write_patiently(&self, operation: Operation) -> Result<(), WriteError> {
        for _ in 0..TRIES {
            match self.write(operation.clone()).await {
                Err(WriteError::Unreachable | WriteError::Busy) => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                other => return other,
            }
        }
        self.write(operation).await
    }

    /// Ends the session of a connection that was ended at `at`, and removes the connection where it was removed. A
    /// connection that was signed in to after that is left. Answers how many changed by this.
    async fn end_connection(
        &self,
        id: &ConnectionId,
        removed: bool,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<usize, SettleError> {
        let Some(known) = self.any_connection(id).await? else {
            return Ok(0);
        };
        let mut operation = Operation::new(now);
        if removed {
            operation.erase_events(id, &known.provider)?;
            operation.delete_connection(&known);
        } else if known.is_active() && known.updated_at <= at {
            let expired = known.expired(ExpiredReason::Invalidated, now);
            operation.save_connection(&expired, &known, "restored", None)?;
        } else {
            return Ok(0);
        }
        operation.destroy_sealed(SealedKind::Session, id.as_str());
        if removed {
            operation.destroy_sealed(SealedKind::Proxy, id.as_str());
        }
        self.write_patiently(operation).await?;
        Ok(1)
    }

    async fn settle_endpoint(
        &self,
        directory: &Directory,
        id: &EndpointId,
        now: Timestamp,
    ) -> Result<usize, SettleError> {
        if !directory.endpoints.iter().any(|(known, _)| known.id == *id) {
            return Ok(0);
        }
        let mut operation = Operation::new(now);
        operation.delete_endpoint(id);
        match self.write_patiently(operation).await {
            Ok(()) => Ok(1),
            // Two ledgers told of it.
            Err(WriteError::Refused(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Answers how many sessions changed by this.
    async fn apply(
        &self,
        session: &LinkSession,
        event: &Event,
        now: Timestamp,
    ) -> Result<usize, SettleError> {
        let Ok(transition) = session.apply(event, now) else {
            return Ok(0);
        };
        let mut operation = Operation::new(now);
        operation.save_session(&transition, now)?;
        self.write_patiently(operation).await?;
        Ok(1)
    }
}

fn is_deleted(id: &AppId, entries: &[Entry]) -> bool {
    let says = |entry: &Entry| matches!(&entry.fact, Fact::AppDeleted { app } if app == id);
    entries.iter().any(says)
}

/// An app without what any later record of it did not allow. A record whose commit never came counts, too.
///
/// No change in the backup is dated after it, so every record that is counts. Of those shortly before, the version tells
/// which are in the backup; in general it does not, since a restore of an older backup counts on from a lower one.
fn narrowed(known: &ClientApp, version: i64, backup: Timestamp, entries: &[Entry]) -> ClientApp {
    let edge = backup.plus(-BEFORE_THE_BACKUP);
    let mut app = known.clone();
    for entry in entries.iter().filter(|entry| entry.at > edge) {
        if let Fact::AppSaved {
            app: later,
            version: then,
        } = &entry.fact
            && later.id == known.id
            && (entry.at > backup || *then > version)
        {
            app = app.narrowed_by(later);
        }
    }
    app
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::public_id::OrganisationId;

    const BACKUP: Timestamp = Timestamp(100 * MINUTE);
    const KEPT: &str = "https://a.example.com/kept";

    fn app(urls: &[&str]) -> ClientApp {
        let text = serde_json::json!({
            "id": AppId::new([1; 16]), "organisation": OrganisationId::new([2; 16]), "type": "redirect", "name": "Shop",
            "environment": "sandbox", "redirectUris": urls, "allowedOrigins": [], "providers": null, "permissions": [],
            "optionalPermissions": [], "sessionMinutes": 60, "website": null, "privacyUrl": null, "termsUrl": null,
            "support": null, "accent": null, "logo": null, "redirectOnSuccess": false, "oneReferencePerAccount": false,
            "dangerousRawSessions": false, "dangerousCustomProxy": false, "enabled": true, "createdAt": 1,
        });
        serde_json::from_value(text).unwrap()
    }

    fn saved(minutes: i64, version: i64) -> Entry {
        let fact = Fact::AppSaved {
            app: Box::new(app(&[KEPT])),
            version,
        };
        Entry {
            at: Timestamp(minutes * MINUTE),
            fact,
        }
    }

    fn left(entry: Entry) -> usize {
        let known = app(&[KEPT, "https://a.example.com/lost"]);
        let app = narrowed(&known, 20, BACKUP, &[entry]);
        app.redirect_uris.len()
    }

    #[test]
    fn a_change_after_the_backup_counts_whatever_its_version() {
        // An older backup was restored in between, and its versions count on from a lower one.
        assert_eq!(left(saved(101, 7)), 1);
        assert_eq!(left(saved(101, 21)), 1);
    }

    #[test]
    fn a_change_before_the_backup_counts_only_where_it_may_have_come_later() {
        assert_eq!(left(saved(99, 21)), 1);
        assert_eq!(left(saved(99, 20)), 2);
        assert_eq!(left(saved(89, 21)), 2);
    }
}
