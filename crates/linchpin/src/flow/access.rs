//! Using a connection: its session is opened, a call is made with it, and what the call says about the session is kept.

use std::sync::Arc;

use http::{HeaderMap, Method};
use http_body::Body as _;
use linchpin_provider::{Call, CallAnswer, CallLimits, Called, Coverage, Provider, Session, whole};
use tokio::{sync::oneshot, time::error::Elapsed};

use super::{Caller, Engine, Refreshed, Unavailable};
use crate::{
    domain::{
        audit::Action,
        client_app::AppType,
        connection::{Connection, ExpiredReason},
        link_session::SessionRequest,
    },
    store::{Operation, WriteError},
};

/// Times that an entry of the audit log is numbered anew.
const TRIES_MAX: usize = 16;

/// Why a connection was not used, or to no end.
#[derive(Debug)]
pub enum NotUsed {
    /// The user has not granted this permission.
    NotGranted(&'static str),
    /// The provider lets nobody make this call.
    NotOffered,
    /// The connection has to be signed in to again.
    Expired,
    /// The connection was removed meanwhile.
    Gone,
    /// The provider cannot be reached.
    Unreachable,
    /// The provider did not answer in time.
    TooSlow,
    /// The session had run out. It was renewed, but the call cannot be repeated without the caller.
    NotRepeated,
    /// The store could not be asked or written.
    Unavailable(Unavailable),
}

impl<E: Into<Unavailable>> From<E> for NotUsed {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A connection in use.
struct Use {
    provider: Arc<dyn Provider>,
    connection: Connection,
    session: Session,
    /// Whether the session has been looked at in the course of this use.
    looked: bool,
}

impl Engine {
    /// The account's profile as the provider gives it.
    pub async fn profile_of(
        self: &Arc<Self>,
        caller: &Caller,
        connection: Connection,
    ) -> Result<serde_json::Value, NotUsed> {
        let mut used = self
            .begin_use(caller, connection, &Method::GET, "self")
            .await?;
        loop {
            let asked = used.provider.profile(&used.session);
            let outcome = tokio::time::timeout(used.provider.deadline(), asked).await;
            if let Some(profile) = self.answer_of(&mut used, outcome, true).await? {
                return Ok(profile);
            }
        }
    }

    /// What one call of a connection's provider may take.
    pub fn call_limits(&self, connection: &Connection) -> CallLimits {
        let provider = self.provider(&connection.provider);
        provider.map_or_else(CallLimits::default, |provider| provider.call_limits())
    }

    /// Makes a call with the connection's session. Where the session has run out it is renewed, and the call is repeated
    /// once where that changes nothing: GET or HEAD without a body.
    pub async fn call_as(
        self: &Arc<Self>,
        caller: &Caller,
        connection: Connection,
        call: Call,
    ) -> Result<CallAnswer, NotUsed> {
        let provider = self.provider(&connection.provider);
        match provider.map(|provider| provider.covers(&call.method, &call.path)) {
            None => return Err(NotUsed::Unreachable),
            Some(Coverage::Refused) => return Err(NotUsed::NotOffered),
            Some(Coverage::Needs(permission))
                if !connection
                    .permissions
                    .iter()
                    .any(|known| known == permission) =>
            {
                return Err(NotUsed::NotGranted(permission));
            }
            Some(Coverage::Needs(_) | Coverage::Open) => {}
        }
        let mut used = self
            .begin_use(caller, connection, &call.method, "proxy")
            .await?;
        let again = repeatable(&call);
        let outcome = used.call(call).await;
        let first = self.answer_of(&mut used, outcome, again.is_some()).await?;
        match (first, again) {
            (Some(answer), _) => Ok(answer),
            (None, Some(again)) => {
                let outcome = used.call(again).await;
                let second = self.answer_of(&mut used, outcome, false).await?;
                second.ok_or(NotUsed::Expired)
            }
            (None, None) => Err(NotUsed::NotRepeated),
        }
    }

    /// Writes that the connection is used, and opens its session after that.
    async fn begin_use(
        self: &Arc<Self>,
        caller: &Caller,
        connection: Connection,
        method: &Method,
        purpose: &str,
    ) -> Result<Use, NotUsed> {
        if !connection.is_active() {
            return Err(NotUsed::Expired);
        }
        let Some(provider) = self.provider(&connection.provider).cloned() else {
            return Err(NotUsed::Unreachable);
        };
        self.note_use(
            caller,
            &connection,
            &[("method", method.as_str()), ("purpose", purpose)],
        )
        .await?;
        let Some(session) = self.open_session(&connection).await? else {
            let over = self.expire_connection(&connection, ExpiredReason::SignedOut);
            over.await?;
            return Err(NotUsed::Expired);
        };
        Ok(Use {
            provider,
            connection,
            session,
            looked: false,
        })
    }

    /// The session of the connection that a link session has made, for the app itself: only while an operator has
    /// switched that on, and where the app draws its own pages or has asked for it at init. An entry of the audit log
    /// says so before it is opened.
    pub async fn raw_session(
        &self,
        caller: &Caller,
        request: &SessionRequest,
        connection: &Connection,
    ) -> Result<Option<Session>, Unavailable> {
        let directory = self.directory();
        let app = directory.app(&request.app);
        let asked = request.return_raw_session || request.app_type == AppType::Whitelabel;
        let told = asked && app.is_some_and(|app| app.dangerous_raw_sessions);
        if !told || !connection.is_active() {
            return Ok(None);
        }
        self.note_use(caller, connection, &[("purpose", "raw_session")])
            .await?;
        self.open_session(connection).await
    }

    async fn note_use(
        &self,
        caller: &Caller,
        connection: &Connection,
        detail: &[(&'static str, &str)],
    ) -> Result<(), Unavailable> {
        for _ in 0..TRIES_MAX {
            let mut operation = Operation::new(self.clock.now());
            operation.belongs_to(&connection.organisation);
            let action = Action::ConnectionUse;
            self.record_of(&mut operation, &caller.actor(), connection, action, detail)?;
            if self.written(operation).await? {
                return Ok(());
            }
        }
        Err(WriteError::Busy.into())
    }

    /// The answer of a call; `None` where the session was renewed and the call is to be made again, which is asked for
    /// with `repeatable` only.
    async fn answer_of<T>(
        self: &Arc<Self>,
        used: &mut Use,
        called: Result<Called<T>, Elapsed>,
        repeatable: bool,
    ) -> Result<Option<T>, NotUsed> {
        match called {
            Ok(Called::Answered { answer, renewed }) => {
                if let Some(session) = renewed {
                    self.keep_renewed(used.connection.clone(), session).await;
                }
                Ok(Some(answer))
            }
            Ok(Called::Unavailable) => Err(NotUsed::Unreachable),
            Ok(Called::TooSlow) | Err(_) => Err(NotUsed::TooSlow),
            Ok(Called::SignedOut) if used.looked => Err(self.give_up(&used.connection).await?),
            Ok(Called::SignedOut) => {
                let (connection, session) = self.renew(used.connection.clone()).await?;
                used.connection = connection;
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
    async fn keep_renewed(self: &Arc<Self>, connection: Connection, session: Session) {
        let engine = Arc::clone(self);
        self.see_through(async move {
            if let Err(error) = engine.renew_session(&connection, &session).await {
                tracing::error!(connection = %connection.id, %error, "a renewed session could not be kept; the one before stays");
            }
        })
        .await;
    }

    async fn renew(
        self: &Arc<Self>,
        connection: Connection,
    ) -> Result<(Connection, Session), NotUsed> {
        let engine = Arc::clone(self);
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
    async fn see_through<T: Send + 'static>(
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
    async fn call(&self, call: Call) -> Result<Called<CallAnswer>, Elapsed> {
        let called = self.provider.call(&self.session, call);
        tokio::time::timeout(self.provider.deadline(), called).await
    }
}

/// The same call once more; `None` where it may change something, or its body would be gone.
fn repeatable(call: &Call) -> Option<Call> {
    let reads = matches!(call.method, Method::GET | Method::HEAD);
    (reads && call.body.is_end_stream()).then(|| Call {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: HeaderMap::clone(&call.headers),
        body: whole(""),
    })
}
