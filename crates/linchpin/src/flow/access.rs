//! Using a connection: what may be called is, and an entry of the audit log says so.

use std::sync::Arc;

use http::{HeaderMap, Method};
use http_body::Body as _;
use linchpin_provider::{Call, CallAnswer, CallLimits, Coverage, Session, whole};
use tokio::time::Instant;

use super::{
    Caller, Engine, NoTurn, Turn, Unavailable, in_use::Use, noting::Used, patience::Patience,
};
use crate::{
    domain::{
        client_app::AppType, connection::Connection, link_session::SessionRequest, public_id::AppId,
    },
    store::Usable,
};

/// Why a connection was not used, or to no end.
#[derive(Debug)]
pub enum NotUsed {
    /// The user has not granted this permission.
    NotGranted(String),
    /// The provider lets nobody make this call.
    NotOffered,
    /// The connection has to be signed in to again.
    Expired,
    /// The connection was removed meanwhile.
    Gone,
    /// Too much is under way, or the provider has not answered of late; nothing was sent.
    NoTurn(NoTurn),
    /// No outbound proxy that the connection's traffic may leave through works; nothing was sent.
    NoExit,
    /// The connection's traffic leaves through a proxy that this app has named, and the operator does not allow that any
    /// more; nothing was sent.
    ProxyNotAllowed(AppId),
    /// The proxy that was named for the connection does not work; nothing arrived.
    OwnProxyDown,
    /// The provider cannot be reached; the call was not carried out.
    Unreachable,
    /// The connection to the provider broke; whether the call was carried out is not known.
    Broken,
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

/// A provider's answer to a call.
pub struct CallAnswered {
    /// The answer, whose body is still to come.
    pub answer: CallAnswer,
    /// When all of it has to be over.
    pub until: Instant,
    /// Held until the body has ended: it counts as under way until then.
    pub turn: Turn,
}

impl Engine {
    /// The account's profile as the provider gives it.
    pub async fn profile_of(
        self: &Arc<Self>,
        caller: &Caller,
        usable: Arc<Usable>,
    ) -> Result<serde_json::Value, NotUsed> {
        let connection = Arc::clone(&usable.connection);
        let (provider, mut turn) = self.turn_of(&connection).await?;
        let patience = Patience::new(provider.deadline(), provider.call_limits().whole);
        let noted = self.note_used(caller, &connection, Some(Method::GET), "self");
        let asked = async {
            let waited = turn.has_waited();
            let mut used = self.begin_use(usable, provider, waited).await?;
            loop {
                let asked = used.provider.profile(&used.client, &used.session);
                let outcome = patience.wait(asked).await;
                let outcome = self.answer_of(&mut used, &mut turn, outcome, true);
                if let Some(profile) = outcome.await? {
                    return Ok(profile);
                }
            }
        };
        Box::pin(both(noted, asked)).await
    }

    /// What one call of a connection's provider may take.
    pub fn call_limits(&self, connection: &Connection) -> CallLimits {
        let provider = self.provider(&connection.provider);
        provider.map_or_else(CallLimits::default, |provider| provider.call_limits())
    }

    /// Makes a call with the connection's session. Where the session has run out it is renewed, and the call is repeated
    /// once where that changes nothing: GET or HEAD without a body.
    ///
    /// An entry of the audit log is committed before a call leaves that may change something. That of one which only reads
    /// is committed while it is under way, and no byte of its answer is handed on before.
    pub async fn call_as(
        self: &Arc<Self>,
        caller: &Caller,
        usable: Arc<Usable>,
        call: Call,
    ) -> Result<CallAnswered, NotUsed> {
        let connection = Arc::clone(&usable.connection);
        let provider = self.provider(&connection.provider);
        match provider.map(|provider| provider.covers(&call.method, &call.path)) {
            None => return Err(NotUsed::Unreachable),
            Some(Coverage::Refused) => return Err(NotUsed::NotOffered),
            Some(Coverage::Needs(permission)) if !connection.permissions.contains(&permission) => {
                return Err(NotUsed::NotGranted(permission));
            }
            Some(Coverage::Needs(_) | Coverage::Open) => {}
        }
        let (provider, mut turn) = self.turn_of(&connection).await?;
        let patience = Patience::new(provider.deadline(), provider.call_limits().whole);
        let method = call.method.clone();
        let noted = self.note_used(caller, &connection, Some(method.clone()), "proxy");
        let answered = async {
            // What changes something has waited for its entry.
            let waited = turn.has_waited() || !reads(&method);
            let used = self.begin_use(usable, provider, waited).await?;
            self.call_with(used, &mut turn, &patience, call).await
        };
        let answer = match reads(&method) {
            true => Box::pin(both(noted, answered)).await?,
            false => {
                noted.await?;
                answered.await?
            }
        };
        Ok(CallAnswered {
            answer,
            until: patience.until,
            turn,
        })
    }

    async fn call_with(
        self: &Arc<Self>,
        mut used: Use,
        turn: &mut Turn,
        patience: &Patience,
        call: Call,
    ) -> Result<CallAnswer, NotUsed> {
        let again = repeatable(&call);
        let outcome = used.call(call, patience).await;
        let repeats = again.is_some();
        let first = self.answer_of(&mut used, turn, outcome, repeats).await?;
        match (first, again) {
            (Some(answer), _) => Ok(answer),
            (None, Some(again)) => {
                let outcome = used.call(again, patience).await;
                let second = self.answer_of(&mut used, turn, outcome, false).await?;
                second.ok_or(NotUsed::Expired)
            }
            (None, None) => Err(NotUsed::NotRepeated),
        }
    }

    /// The session of the connection that a link session has made, for the app itself: only while an operator has
    /// switched that on, and where the app draws its own pages or has asked for it at init. An entry of the audit log
    /// says so before it is opened.
    pub async fn raw_session(
        self: &Arc<Self>,
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
        let connection = Arc::new(connection.clone());
        self.note_used(caller, &connection, None, "raw_session")
            .await?;
        self.open_session(&connection).await
    }

    fn note_used(
        self: &Arc<Self>,
        caller: &Caller,
        connection: &Arc<Connection>,
        method: Option<Method>,
        purpose: &'static str,
    ) -> impl Future<Output = Result<(), Unavailable>> {
        self.note(Used {
            at: self.clock.now(),
            actor: caller.actor(),
            connection: Arc::clone(connection),
            method,
            purpose,
        })
    }
}

/// Whether a call changes nothing at the provider.
fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// What was asked for, once the entry of the audit log is committed too. Where that fails there is no outcome.
async fn both<T>(
    noted: impl Future<Output = Result<(), Unavailable>>,
    asked: impl Future<Output = Result<T, NotUsed>>,
) -> Result<T, NotUsed> {
    let (noted, asked) = futures_util::future::join(noted, asked).await;
    noted?;
    asked
}

/// The same call once more; `None` where it may change something, or its body would be gone.
fn repeatable(call: &Call) -> Option<Call> {
    (reads(&call.method) && call.body.is_end_stream()).then(|| Call {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: HeaderMap::clone(&call.headers),
        body: whole(""),
    })
}
