//! Connecting to a database, each of its hosts in turn, and never for longer than a little while.

use std::{
    sync::atomic::Ordering,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use deadpool_postgres::Connect;
use futures_util::future::{BoxFuture, FutureExt as _, poll_fn};
use tokio::task::JoinHandle;
use tokio_postgres::{
    AsyncMessage, Client, Config, Connection, Error, NoTls, Socket,
    tls::{MakeTlsConnect, NoTlsStream},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{database::Database, timeline};

/// How long a host may take until it has let us in, where there are others to try and where there is none. The
/// library's own limit is for a socket; a server that accepts and then says nothing is met by this one.
const ONE_OF_MANY: Duration = Duration::from_millis(2_500);
const ONLY_ONE: Duration = Duration::from_secs(6);

/// How long the server may take for one of the small questions around a connection; above its own limit for a
/// statement, so that it speaks first.
pub const ANSWER: Duration = Duration::from_secs(5);

type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// What carries a connection's messages; nothing is sent or received unless somebody polls it.
pub enum Wire {
    /// In the open.
    Plain(Connection<Socket, NoTlsStream>),
    /// Encrypted.
    Tls(Box<Connection<Socket, Encrypted>>),
}

impl Wire {
    /// Carries messages until the server says something by itself. `None` at the end of the connection.
    pub fn poll_message(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<AsyncMessage, Error>>> {
        match self {
            Self::Plain(connection) => connection.poll_message(context),
            Self::Tls(connection) => connection.poll_message(context),
        }
    }

    /// Carries messages until the end of the connection.
    async fn carry(mut self) {
        while let Some(Ok(_)) = poll_fn(|context| self.poll_message(context)).await {}
    }
}

/// Why nobody let us in.
pub enum Undialled {
    /// The last host that was tried did not answer in time.
    Late,
    /// The last host that was tried refused, or could not be reached.
    Refused(Error),
    /// The last host that was tried is one that a standby has taken over from.
    Past,
}

impl Undialled {
    /// Why, without any secret.
    pub fn reason(&self) -> String {
        match self {
            Self::Late => "it does not answer".to_owned(),
            Self::Refused(error) => reason(error),
            Self::Past => "it still takes writes although a standby has taken over from it; stop it, and start it again as a standby only".to_owned(),
        }
    }
}

impl From<Error> for Undialled {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// A connection whose messages nobody carries yet.
pub struct Dialled {
    /// What is asked.
    pub client: Client,
    /// What carries the messages.
    pub wire: Wire,
    /// When it was begun.
    pub opened: Instant,
}

/// A connection of one's own.
pub struct Line {
    /// What is asked.
    pub client: Client,
    /// When it was begun.
    pub opened: Instant,
    task: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        // Also where the other end is silent: nothing must wait for an answer that nobody will read.
        self.task.abort();
    }
}

impl Database {
    /// Connects. The task ends with the connection; aborting it cuts the connection off.
    ///
    /// # Errors
    ///
    /// Why not, without any secret.
    pub(super) async fn connect(&self) -> Result<Line, String> {
        let dialled = self.dial().await.map_err(|undialled| undialled.reason())?;
        Ok(Line {
            client: dialled.client,
            opened: dialled.opened,
            task: tokio::spawn(dialled.wire.carry()),
        })
    }

    /// Connects to the first host that takes writes, beginning with the one that was right last time.
    ///
    /// Where this is cut off in the middle the next call goes on behind the hosts that did not answer.
    pub(super) async fn dial(&self) -> Result<Dialled, Undialled> {
        let limit = match self.hosts.len() {
            1 => ONLY_ONE,
            _ => ONE_OF_MANY,
        };
        let first = self.first.load(Ordering::Relaxed);
        let mut why = Undialled::Late;
        for at in (0..self.hosts.len()).map(|turn| first.wrapping_add(turn) % self.hosts.len()) {
            let Some(host) = self.hosts.get(at) else {
                continue;
            };
            why = match tokio::time::timeout(limit, self.dial_host(host)).await {
                Ok(Ok(dialled)) => {
                    self.first.store(at, Ordering::Relaxed);
                    return Ok(dialled);
                }
                Ok(Err(undialled)) => undialled,
                Err(_) => Undialled::Late,
            };
            self.first.store(at.wrapping_add(1), Ordering::Relaxed);
        }
        Err(why)
    }

    async fn dial_host(&self, host: &Config) -> Result<Dialled, Undialled> {
        let opened = Instant::now();
        let (client, mut wire) = self.connect_host(host).await?;
        match timeline::ask(&client, &mut wire).await? {
            Some(timeline) if !self.newest.admits(timeline) => Err(Undialled::Past),
            _ => Ok(Dialled {
                client,
                wire,
                opened,
            }),
        }
    }

    async fn connect_host(&self, host: &Config) -> Result<(Client, Wire), Error> {
        Ok(match &self.tls {
            None => {
                let (client, connection) = host.connect(NoTls).await?;
                (client, Wire::Plain(connection))
            }
            Some(tls) => {
                let (client, connection) = host.connect(tls.clone()).await?;
                (client, Wire::Tls(Box::new(connection)))
            }
        })
    }
}

/// How the pool of those who read connects.
impl Connect for Database {
    fn connect(&self, _: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        async {
            match self.dial().await {
                Ok(dialled) => Ok((dialled.client, tokio::spawn(dialled.wire.carry()))),
                Err(Undialled::Refused(error)) => Err(error),
                // The pool has a limit of its own and words for it; the library has no error for this.
                Err(Undialled::Late | Undialled::Past) => std::future::pending().await,
            }
        }
        .boxed()
    }
}

/// What an error says, with its cause. No value of a row and no password is in it.
pub fn reason(error: &Error) -> String {
    if let Some(refused) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", refused.message(), refused.code().code());
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The outcome, or that there was no answer within this time.
pub async fn within<T>(
    limit: Duration,
    asked: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    tokio::time::timeout(limit, asked)
        .await
        .unwrap_or_else(|_| Err("it does not answer".to_owned()))
}
