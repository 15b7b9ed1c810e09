//! What a developer does with connections: list, look at, end, remove, set.

use std::sync::Arc;

use linchpin_provider::Session;

use super::{Caller, Engine, Unavailable, audit::Deed, ending::Hand, random_number};
use crate::{
    domain::{
        audit::{Action, Actor},
        connection::{Connection, ExpiredReason},
        connection_secret::ConnectionSecret,
        connection_settings::ConnectionSettings,
        event::{EventKind, Told},
        id::ConnectionId,
        sealed::{Place, Sealed, SealedKind},
    },
    store::{Listing, Operation, Refusal, Usable, WriteError},
    vault::VaultError,
};

/// Times that a change is decided anew when somebody else changed the connection at the same moment.
pub(super) const TRIES_MAX: usize = 64;

/// Why a connection is removed.
#[derive(Clone, Copy)]
pub(super) enum Removal {
    /// The developer removes it, and is told which user's it was.
    Disconnected,
    /// Its user removes it, of which the developer is told as much.
    ByUser,
    /// Its user is erased: what is told names the connection only.
    Erased,
}

impl Removal {
    /// What is told of it.
    fn told(self, connection: &Connection) -> Told {
        let (mut told, reason) = match self {
            Self::Disconnected => (Told::of(connection, false), "developer"),
            Self::ByUser => (Told::of(connection, false), "user"),
            Self::Erased => (Told::erased(&connection.provider), "erased"),
        };
        told.reason = Some(reason.to_owned());
        if let Some(told) = told.connection.as_mut() {
            told.status = Some("disconnected".to_owned());
        }
        told
    }
}

impl Engine {
    /// A page of the caller's connections, newest first, and whether there are more.
    pub async fn connections(
        &self,
        caller: &Caller,
        listing: &Listing,
    ) -> Result<(Vec<Connection>, bool), Unavailable> {
        let asked = Listing {
            limit: listing.limit + 1,
            ..listing.clone()
        };
        let mut found = self
            .store
            .connections(&caller.organisation, caller.environment, &asked)
            .await?;
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        Ok((found, more))
    }

    /// The caller's connection of this id.
    pub async fn connection(
        &self,
        caller: &Caller,
        id: &ConnectionId,
    ) -> Result<Option<Connection>, Unavailable> {
        Ok(self
            .store
            .connection(id, &caller.organisation, caller.environment)
            .await?)
    }

    /// The caller's connection of this id with its session, to be used.
    pub async fn usable(
        &self,
        caller: &Caller,
        id: &ConnectionId,
    ) -> Result<Option<Arc<Usable>>, Unavailable> {
        Ok(self
            .store
            .usable(id, &caller.organisation, caller.environment)
            .await?)
    }

    /// Removes a connection and the key of its session, and signs out at the provider afterwards. `false` where there
    /// is none.
    pub async fn disconnect(
        self: &Arc<Self>,
        caller: &Caller,
        id: &ConnectionId,
    ) -> Result<bool, Unavailable> {
        for _ in 0..TRIES_MAX {
            let Some(connection) = self.connection(caller, id).await? else {
                return Ok(false);
            };
            if self
                .leave_for_good(&connection, &caller.actor(), Removal::Disconnected)
                .await?
            {
                return Ok(true);
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// The connection whose own link a user has.
    pub async fn own_connection(
        &self,
        secret: &ConnectionSecret,
    ) -> Result<Option<Connection>, Unavailable> {
        Ok(self.store.any_connection(secret.connection()).await?)
    }

    /// Removes the connection whose own link a user has, as [`Engine::disconnect`] does. `false` where it is gone.
    pub async fn disconnect_own(
        self: &Arc<Self>,
        secret: &ConnectionSecret,
    ) -> Result<bool, Unavailable> {
        let user = Actor::Holder(secret.connection().clone());
        for _ in 0..TRIES_MAX {
            let Some(connection) = self.own_connection(secret).await? else {
                return Ok(false);
            };
            if self
                .leave_for_good(&connection, &user, Removal::ByUser)
                .await?
            {
                return Ok(true);
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// Removes a connection as it was read, and signs out at the provider. `false` where it has changed since.
    async fn leave_for_good(
        &self,
        connection: &Connection,
        actor: &Actor,
        removal: Removal,
    ) -> Result<bool, Unavailable> {
        let sign_out = self.sign_out_of(connection).await;
        let removed = self.remove(connection, actor, removal).await?;
        if removed {
            self.sign_out(sign_out);
        }
        Ok(removed)
    }

    /// Removes a connection as it was read. `false` where it has changed since.
    pub(super) async fn remove(
        &self,
        connection: &Connection,
        actor: &Actor,
        removal: Removal,
    ) -> Result<bool, Unavailable> {
        let now = self.clock.now();
        let mut operation = Operation::new(now);
        operation.erase_events(&connection.id, &connection.provider)?;
        let mut last = connection.clone();
        let kind = EventKind::ConnectionDisconnected;
        self.tell_of(
            &mut operation,
            &mut last,
            kind,
            removal.told(connection),
            now,
        )?;
        operation.destroy_sealed(SealedKind::Session, connection.id.as_str());
        if connection.own_proxy.is_some() {
            operation.destroy_sealed(SealedKind::Proxy, connection.id.as_str());
        }
        self.record_of(
            &mut operation,
            actor,
            connection,
            Action::ConnectionDelete,
            &[],
        )?;
        operation.delete_connection(connection);
        self.written(operation).await
    }

    /// Ends the session of a connection and signs out at the provider; the connection stays. `None` where there is no
    /// such connection. One that is over already stays as it is.
    pub async fn invalidate(
        self: &Arc<Self>,
        caller: &Caller,
        id: &ConnectionId,
    ) -> Result<Option<()>, Unavailable> {
        let Some(connection) = self.connection(caller, id).await? else {
            return Ok(None);
        };
        self.end_session(Hand::Caller(caller), connection, ExpiredReason::Invalidated)
            .await?;
        Ok(Some(()))
    }

    /// Sets a connection as `change` says of its settings now. `None` where there is no such connection.
    pub async fn set_connection(
        &self,
        caller: &Caller,
        id: &ConnectionId,
        change: impl Fn(ConnectionSettings) -> ConnectionSettings,
    ) -> Result<Option<Connection>, Unavailable> {
        for _ in 0..TRIES_MAX {
            let Some(connection) = self.connection(caller, id).await? else {
                return Ok(None);
            };
            let now = self.clock.now();
            let mut operation = Operation::new(now);
            let mut set = connection.with_settings(change(connection.all_settings()), now);
            if set.settings.health_check != connection.settings.health_check {
                set.plan_check(random_number()?, now);
            }
            let actor = caller.actor();
            self.record_of(&mut operation, &actor, &set, Action::ConnectionSet, &[])?;
            operation.save_connection(&set, &connection, "set", None)?;
            if self.written(operation).await? {
                return Ok(Some(set));
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// The defaults for new connections of the caller's environment.
    pub async fn account_settings(
        &self,
        caller: &Caller,
    ) -> Result<ConnectionSettings, Unavailable> {
        let (settings, _) = self
            .store
            .account_settings(&caller.organisation, caller.environment)
            .await?;
        Ok(settings)
    }

    /// Sets the defaults as `change` says of those now; answers them.
    pub async fn set_account(
        &self,
        caller: &Caller,
        change: impl Fn(ConnectionSettings) -> ConnectionSettings,
    ) -> Result<ConnectionSettings, Unavailable> {
        let (organisation, environment) = (&caller.organisation, caller.environment);
        for _ in 0..TRIES_MAX {
            let (settings, version) = self
                .store
                .account_settings(organisation, environment)
                .await?;
            let settings = change(settings);
            let mut operation = Operation::new(self.clock.now());
            operation.save_settings(organisation, environment, &settings, version)?;
            let deed = Deed {
                whose: Some((organisation, environment)),
                action: Action::SettingsUpdate,
                object: organisation.as_str(),
                detail: &[],
            };
            self.record(&mut operation, &caller.actor(), &deed)?;
            if self.written(operation).await? {
                return Ok(settings);
            }
        }
        Err(Unavailable::Write(WriteError::Busy))
    }

    /// The session of a connection; `None` where it has none.
    pub async fn open_session(
        &self,
        connection: &Connection,
    ) -> Result<Option<Session>, Unavailable> {
        let sealed = self.store.sealed(&place_of(connection)).await?;
        self.open_sealed(connection, sealed.as_ref()).await
    }

    /// The same where what is sealed was read already.
    pub(super) async fn open_sealed(
        &self,
        connection: &Connection,
        sealed: Option<&Sealed>,
    ) -> Result<Option<Session>, Unavailable> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let opened = self.vault.open(&place_of(connection), sealed).await?;
        let session = Session::from_bytes(opened);
        session.map(Some).ok_or(VaultError::DoesNotOpen.into())
    }

    /// Adds the sealed session of a connection to an operation.
    pub(super) async fn seal_session(
        &self,
        operation: &mut Operation,
        connection: &Connection,
        session: &Session,
    ) -> Result<(), Unavailable> {
        let place = place_of(connection);
        let sealed = self.vault.seal(&place, session.reveal().as_bytes()).await?;
        operation.keep_sealed(&place, sealed, None);
        Ok(())
    }

    /// Writes an operation that may hold events, and wakes whoever hands them on; `false` where it was refused because
    /// something has changed since it was read.
    pub(super) async fn written(&self, operation: Operation) -> Result<bool, Unavailable> {
        let stands = self.written_without_events(operation).await?;
        if stands {
            self.told.send_modify(|count| *count += 1);
        }
        Ok(stands)
    }

    /// The same for an operation without events.
    pub(super) async fn written_without_events(
        &self,
        operation: Operation,
    ) -> Result<bool, Unavailable> {
        match self.store.write(operation).await {
            Ok(()) => Ok(true),
            Err(WriteError::Refused(Refusal::Overtaken | Refusal::Exists)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn read_again(
        &self,
        connection: &Connection,
    ) -> Result<Option<Connection>, Unavailable> {
        Ok(self
            .store
            .connection(
                &connection.id,
                &connection.organisation,
                connection.environment,
            )
            .await?)
    }

    pub(super) fn record_of(
        &self,
        operation: &mut Operation,
        actor: &Actor,
        connection: &Connection,
        action: Action,
        detail: &[(&'static str, &str)],
    ) -> Result<(), Unavailable> {
        let whose = (&connection.organisation, connection.environment);
        let deed = Deed {
            whose: Some(whose),
            action,
            object: connection.id.as_str(),
            detail,
        };
        self.record(operation, actor, &deed)
    }
}

/// Where the session of a connection is sealed.
pub(super) fn place_of(connection: &Connection) -> Place {
    Place {
        kind: SealedKind::Session,
        owner: connection.id.as_str().to_owned(),
        number: 1,
        organisation: connection.organisation.clone(),
        environment: connection.environment,
    }
}
