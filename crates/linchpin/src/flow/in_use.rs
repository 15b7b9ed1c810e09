//! A connection in use: its session is opened, and what a call says about the session is kept.

use std::sync::Arc;

use linchpin_provider::{Call, CallAnswer, Called, Client, Provider, Session};
use tokio::{sync::oneshot, time::error::Elapsed};

use super::{Engine, NotUsed, Refreshed, Turn, Unavailable, bulkhead::Outcome, patience::Patience};
use crate::{
    domain::connection::{Connection, ExpiredReason},
    egress::Exit,
    store::Usable,
};

/// A connection in use.
pub(super) struct Use {
    pub provider: Arc<dyn Provider>,
    connection: Arc<Connection>,
    pub session: Session,
    pub client: Client,
    /// The proxy that was named for the connection, where it leaves through that.
    own_exit: Option<Exit>,
    /// Whether the session has been looked at in the course of this use.
    looked: bool,
}

impl Engine {
    /// The provider of a connection that can be used, and a turn there.
    pub(super) async fn turn_of(
        &self,
        connection: &Connection,
    ) -> Result<(Arc<dyn Provider>, Turn), NotUsed> {
        if !connection.is_active() {
            return Err(NotUsed::Expired);
        }
        let Some(provider) = self.provider(&connection.provider) else {
            return Err(NotUsed::Unreachable);
        };
        match &connection.own_proxy {
            Some(app) if self.allows_own_proxy(app) => {}
            Some(app) => return Err(NotUsed::ProxyNotAllowed(app.clone())),
            None if self.exit_of(connection).is_ok() => {}
            None => return Err(NotUsed::NoExit),
        }
        let turn = self.turn(provider.as_ref(), connection.id.as_str()).await;
        Ok((provider, turn.map_err(NotUsed::NoTurn)?))
    }

    /// Opens the connection's session; renews it first where it is known to have run out, so that what follows need not be
    /// made twice. Where something was waited for since the connection was read, it is looked at again.
    pub(super) async fn begin_use(
        self: &Arc<Self>,
        usable: Arc<Usable>,
        provider: Arc<dyn Provider>,
        waited: bool,
    ) -> Result<Use, NotUsed> {
        let usable = match waited {
            true => Box::pin(self.usable_still(&usable.connection)).await?,
            false => usable,
        };
        let connection = &usable.connection;
        let session = self.open_sealed(connection, usable.session.as_ref());
        let Some(session) = session.await? else {
            // What is rare is boxed, so that calls do not carry its room along.
            let over = self.expire_connection(connection, ExpiredReason::SignedOut);
            Box::pin(over).await?;
            return Err(NotUsed::Expired);
        };
        let (client, own_exit) = self.way_of(connection, &provider).await?;
        if connection.own_proxy.is_some() && own_exit.is_none() {
            return Err(NotUsed::OwnProxyDown);
        }
        let mut used = Use {
            client,
            own_exit,
            provider,
            connection: Arc::clone(connection),
            session,
            looked: false,
        };
        let now = self.clock.now().0;
        if used.provider.is_stale(&used.session, now) {
            match Box::pin(self.renew(&used.connection)).await {
                Ok((connection, session)) => {
                    used.connection = Arc::new(connection);
                    used.session = session;
                    used.looked = true;
                }
                // It may still be good for this call, and is looked at again where it is not.
                Err(NotUsed::Unreachable) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(used)
    }

    /// The connection as it is now.
    async fn usable_still(&self, connection: &Connection) -> Result<Arc<Usable>, NotUsed> {
        let (organisation, environment) = (&connection.organisation, connection.environment);
        let usable = self
            .store
            .usable(&connection.id, organisation, environment)
            .await?;
        match usable {
            None => Err(NotUsed::Gone),
            Some(usable) if usable.connection.is_active() => Ok(usable),
            Some(_) => Err(NotUsed::Expired),
        }
    }

    /// The answer of a call; `None` where the session was renewed and the call is to be made again, which is asked for
    /// with `repeatable` only.
    pub(super) async fn answer_of<T>(
        self: &Arc<Self>,
        used: &mut Use,
        turn: &mut Turn,
        called: Result<Called<T>, Elapsed>,
        repeatable: bool,
    ) -> Result<Option<T>, NotUsed> {
        let is_own = used.connection.own_proxy.is_some();
        turn.came_to(match &called {
            Ok(Called::Answered { .. } | Called::SignedOut) => Outcome::Answered,
            _ if is_own => Outcome::OwnProxy,
            Ok(Called::Unreachable) => Outcome::Unreachable,
            Ok(Called::TooSlow) | Err(_) => Outcome::TooSlow,
            Ok(Called::Broken) => Outcome::Broken,
        });
        match called {
            Ok(Called::Answered { answer, renewed }) => {
                if let Some(session) = renewed {
                    Box::pin(self.keep_renewed(&used.connection, session)).await;
                }
                Ok(Some(answer))
            }
            Ok(Called::Unreachable) => Err(used.not_reached()),
            Ok(Called::Broken) => Err(NotUsed::Broken),
            Ok(Called::TooSlow) | Err(_) => Err(NotUsed::TooSlow),
            Ok(Called::SignedOut) if used.looked => {
                Err(Box::pin(self.give_up(&used.connection)).await?)
            }
            Ok(Called::SignedOut) => {
                let renewed = Box::pin(self.renew(&used.connection));
                let (connection, session) = renewed.await?;
                used.connection = Arc::new(connection);
                used.session = session;
                used.looked = true;
                match repeatable {
                    true => Ok(None),
                    false => Err(NotUsed::NotRepeated),
                }
            }
        }
    }

    /// Keeps the session that an answer came with. That it cannot be kept does not undo what the provider has done.
    async fn keep_renewed(self: &Arc<Self>, connection: &Arc<Connection>, session: Session) {
        let (engine, connection) = (Arc::clone(self), Arc::clone(connection));
        self.see_through(async move {
            if let Err(error) = engine.renew_session(&connection, &session).await {
                tracing::error!(connection = %connection.id, %error, "a renewed session could not be kept; the one before stays");
            }
        })
        .await;
    }

    async fn renew(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
    ) -> Result<(Connection, Session), NotUsed> {
        let (engine, connection) = (Arc::clone(self), Arc::clone(connection));
        let looked = self.see_through(async move { engine.refresh(&connection).await });
        match looked.await.ok_or(NotUsed::Unreachable)?? {
            Refreshed::Alive(connection, session) => Ok((connection, session)),
            Refreshed::Expired => Err(NotUsed::Expired),
            Refreshed::Gone => Err(NotUsed::Gone),
            Refreshed::Unavailable => Err(NotUsed::Unreachable),
        }
    }

    /// The provider takes neither the session nor the one that it gave in its place.
    async fn give_up(&self, connection: &Connection) -> Result<NotUsed, Unavailable> {
        self.expire_connection(connection, ExpiredReason::SignedOut)
            .await?;
        Ok(match self.read_again(connection).await? {
            None => NotUsed::Gone,
            // Somebody has signed in or renewed the session meanwhile.
            Some(now) if now.is_active() => NotUsed::NotRepeated,
            Some(_) => NotUsed::Expired,
        })
    }

    /// Runs a task to its end even where whoever waits for it goes away; `None` where it panicked.
    pub(super) async fn see_through<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (done, outcome) = oneshot::channel();
        self.spawn(async move {
            let _ = done.send(task.await);
        });
        outcome.await.ok()
    }
}

impl Use {
    /// Why nothing has arrived: the proxy that was named for the connection does not work, or the provider does not answer.
    fn not_reached(&self) -> NotUsed {
        let own = self.connection.own_proxy.is_some();
        let works = self.own_exit.as_ref().is_some_and(Exit::works);
        match own && !works {
            true => NotUsed::OwnProxyDown,
            false => NotUsed::Unreachable,
        }
    }

    pub(super) async fn call(
        &self,
        call: Call,
        patience: &Patience,
    ) -> Result<Called<CallAnswer>, Elapsed> {
        let call = Call {
            body: patience.watch(call.body),
            ..call
        };
        let called = self.provider.call(&self.client, &self.session, call);
        patience.wait(called).await
    }
}
