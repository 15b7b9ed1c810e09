//! Hearing at once what other nodes have changed.

use std::{sync::Arc, time::Duration};

use futures_util::{TryFutureExt as _, future::poll_fn};
use tokio::{
    sync::{broadcast, watch},
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Notification};

use super::{
    database::Database,
    dial::{ANSWER, Dialled, reason, within},
};
use crate::domain::id::SessionId;

/// Between two tries to connect, and between two looks whether the server is still the right one.
const PAUSE: Duration = Duration::from_secs(1);

/// The channel on which changed sessions are told of, by their numbers.
const SESSIONS: &str = "linchpin_session";
/// Changes of sessions that may be heard of and not yet told on.
const SESSIONS_MAX: usize = 1_024;

/// The channel on which uses of connections are told of, and how they are.
const USES: &str = "linchpin_use";
pub const TELL_USES: &str = "SELECT length(pg_notify('linchpin_use', $1)::text)::bigint";
/// Tellings of uses that may be heard and not yet told on.
const USES_MAX: usize = 256;

/// What was heard of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedSession {
    /// This one has changed.
    This(SessionId),
    /// Any may have changed: it was not listened for a while.
    Any,
}

/// The connection that listens, and what it has heard.
pub struct Listener {
    heard: watch::Receiver<u64>,
    sessions: broadcast::Sender<MovedSession>,
    uses: broadcast::Sender<Arc<str>>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Starts listening. After every new connection something counts as heard, since it may have been missed.
    pub fn start(database: Database) -> Self {
        let (directory, heard) = watch::channel(0);
        let sessions = broadcast::Sender::new(SESSIONS_MAX);
        let uses = broadcast::Sender::new(USES_MAX);
        let tell = Tell {
            directory,
            sessions: sessions.clone(),
            uses: uses.clone(),
        };
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&database, &tell).await {
                    tracing::debug!(error, "listening to the database ended; trying again");
                }
                tokio::time::sleep(super::jittered(PAUSE)).await;
            }
        });
        Self {
            heard,
            sessions,
            uses,
            task,
        }
    }

    /// Counts up whenever organisations, apps or keys may have changed.
    pub fn heard(&self) -> watch::Receiver<u64> {
        self.heard.clone()
    }

    /// Hears which sessions may have changed. Whoever lags behind has to count on any.
    pub fn sessions(&self) -> broadcast::Receiver<MovedSession> {
        self.sessions.subscribe()
    }

    /// Hears what is told of uses.
    pub fn uses(&self) -> broadcast::Receiver<Arc<str>> {
        self.uses.subscribe()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whom what is heard is told.
struct Tell {
    directory: watch::Sender<u64>,
    sessions: broadcast::Sender<MovedSession>,
    uses: broadcast::Sender<Arc<str>>,
}

impl Tell {
    fn heard(&self, notification: &Notification) {
        if notification.channel() == USES {
            // Nobody may count them.
            let _ = self.uses.send(notification.payload().into());
            return;
        }
        if notification.channel() != SESSIONS {
            return self.directory.send_modify(|count| *count += 1);
        }
        let session = notification.payload().parse().map(SessionId::from_number);
        // Nobody may be there who waits for one.
        let _ = self
            .sessions
            .send(session.map_or(MovedSession::Any, MovedSession::This));
    }

    /// What was told before is not heard any more.
    fn begun(&self) {
        self.directory.send_modify(|count| *count += 1);
        let _ = self.sessions.send(MovedSession::Any);
    }
}

async fn listen(database: &Database, tell: &Tell) -> Result<(), String> {
    let dialled = database.dial().await;
    let Dialled {
        client,
        mut wire,
        opened,
    } = dialled.map_err(|undialled| undialled.reason())?;
    let hear = async {
        while let Some(message) = poll_fn(|context| wire.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message.map_err(|error| reason(&error))? {
                tell.heard(&told);
            }
        }
        Ok(())
    };
    let ask = async {
        let asked = client
            .batch_execute(
                "LISTEN linchpin_directory; LISTEN linchpin_session; LISTEN linchpin_use",
            )
            .map_err(|error| reason(&error));
        within(ANSWER, asked).await?;
        tell.begun();
        while !database.newest.overtook(opened) {
            tokio::time::sleep(PAUSE).await;
        }
        Err("another server has taken over".to_owned())
    };
    tokio::select! {
        heard = hear => heard,
        asked = ask => asked,
    }
}
