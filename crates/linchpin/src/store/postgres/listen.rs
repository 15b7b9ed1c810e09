//! Hearing at once what other nodes have changed.

use std::time::Duration;

use futures_util::{TryFutureExt as _, future::poll_fn};
use tokio::{sync::watch, task::JoinHandle};
use tokio_postgres::AsyncMessage;

use super::{
    database::Database,
    dial::{ANSWER, Dialled, reason, within},
};

/// Between two tries to connect, and between two looks whether the server is still the right one.
const PAUSE: Duration = Duration::from_secs(1);

/// The connection that listens, and what it has heard.
pub struct Listener {
    heard: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Listener {
    /// Starts listening. After every new connection something counts as heard, since it may have been missed.
    pub fn start(database: Database) -> Self {
        let (tell, heard) = watch::channel(0);
        let task = tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&database, &tell).await {
                    tracing::debug!(error, "listening to the database ended; trying again");
                }
                tokio::time::sleep(super::jittered(PAUSE)).await;
            }
        });
        Self { heard, task }
    }

    /// Counts up with everything that is heard.
    pub fn heard(&self) -> watch::Receiver<u64> {
        self.heard.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(database: &Database, tell: &watch::Sender<u64>) -> Result<(), String> {
    let dialled = database.dial().await;
    let Dialled {
        client,
        mut wire,
        opened,
    } = dialled.map_err(|undialled| undialled.reason())?;
    let hear = async {
        while let Some(message) = poll_fn(|context| wire.poll_message(context)).await {
            if let AsyncMessage::Notification(_) = message.map_err(|error| reason(&error))? {
                tell.send_modify(|count| *count += 1);
            }
        }
        Ok(())
    };
    let ask = async {
        let asked = client
            .batch_execute("LISTEN linchpin_directory")
            .map_err(|error| reason(&error));
        within(ANSWER, asked).await?;
        tell.send_modify(|count| *count += 1);
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
