//! Ending every connection of one app or of one provider, in steps.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Engine, Unavailable,
    ending::{Ended, Hand},
};
use crate::{
    domain::{
        audit::Actor,
        connection::{Connection, ExpiredReason},
        public_id::{AppId, OrganisationId},
        time::Timestamp,
    },
    store::{ReadError, Unended, WriteError},
};

/// Connections that are read at once and ended side by side, so that few commits hold all of them.
const PAGE: i64 = 256;
/// How long one step goes on before it tells how far it is.
const STEP: Duration = Duration::from_secs(1);
/// Times that a connection is tried again while the store has too much to do, and the time between them.
const BUSY_MAX: usize = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);
/// Sign-outs of many that may wait; what ends beyond that is signed out nowhere.
const SEATS: usize = 4_096;
/// Sign-outs of many that are under way at a time.
const TURNS: usize = 32;

/// Which connections are ended.
#[derive(Debug, Clone)]
pub struct Among {
    /// What they have in common.
    pub of: Of,
    /// Of this organisation only.
    pub organisation: Option<OrganisationId>,
}

/// What connections that are ended at once have in common.
#[derive(Debug, Clone)]
pub enum Of {
    /// This app linked them, or signed them in again last.
    App(AppId),
    /// This provider has their accounts.
    Provider(String),
}

/// How far it is: what a step answers and the next one goes on from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reached {
    /// When it began, in milliseconds since 1970; what was linked later is not ended.
    pub begun: Timestamp,
    /// Id of the last connection that was gone through.
    pub after: String,
    /// Connections that were ended.
    pub ended: u64,
    /// How many of those are not signed out at their provider.
    pub not_signed_out: u64,
    /// Connections whose rows are damaged, and which were left as they are.
    pub unreadable: u64,
    /// Whether all of them have been gone through.
    pub is_over: bool,
}

/// The sign-outs of many: a limited number wait, and fewer are under way.
pub struct SignOuts {
    seats: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A seat among those that wait, given free when it is dropped.
pub(super) struct Seat {
    _held: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
}

impl Default for SignOuts {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(SEATS)),
            turns: Arc::new(Semaphore::new(TURNS)),
        }
    }
}

impl SignOuts {
    /// A seat; `None` where none is free.
    pub(super) fn seat(&self) -> Option<Seat> {
        let held = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let turns = Arc::clone(&self.turns);
        Some(Seat { _held: held, turns })
    }
}

impl Seat {
    /// Waits until it is this one's turn.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }
}

impl Among {
    /// Whether a connection is one of them.
    pub fn holds(&self, connection: &Connection) -> bool {
        let common = match &self.of {
            Of::App(app) => connection.app.as_ref() == Some(app),
            Of::Provider(provider) => connection.provider == *provider,
        };
        let organisation = self.organisation.as_ref();
        common && organisation.is_none_or(|id| connection.organisation == *id)
    }

    fn provider(&self) -> Option<&str> {
        match &self.of {
            Of::App(_) => None,
            Of::Provider(provider) => Some(provider),
        }
    }
}

impl Reached {
    /// Before the first step.
    pub fn nothing(begun: Timestamp) -> Self {
        Self {
            begun,
            after: String::new(),
            ended: 0,
            not_signed_out: 0,
            unreadable: 0,
            is_over: false,
        }
    }
}

impl Engine {
    /// Goes on ending connections for about a second. Each is ended as [`Engine::invalidate`] does it, in an operation
    /// of its own: what was ended before an interruption or a failure stays so, and the same from the beginning ends the
    /// others.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] where the store cannot be asked or written, or has had too much to do for five seconds.
    pub async fn end_some(
        &self,
        actor: &Actor,
        among: &Among,
        mut reached: Reached,
    ) -> Result<Reached, Unavailable> {
        // Endpoints that were registered meanwhile are told as well.
        self.stay_fresh().await?;
        let begun = Instant::now();
        while !reached.is_over && begun.elapsed() < STEP {
            self.end_page(actor, among, &mut reached).await?;
        }
        Ok(reached)
    }

    async fn end_page(
        &self,
        actor: &Actor,
        among: &Among,
        reached: &mut Reached,
    ) -> Result<(), Unavailable> {
        let which = Unended {
            since: reached.begun,
            provider: among.provider(),
            organisation: among.organisation.as_ref(),
        };
        let page = self
            .store
            .unended_connections(&which, &reached.after, PAGE)
            .await?;
        let Some((last, _)) = page.last() else {
            reached.is_over = true;
            return Ok(());
        };
        let last = last.clone();
        let mut ends = Vec::with_capacity(page.len());
        for (_, connection) in page {
            match connection {
                Some(connection) if among.holds(&connection) => {
                    ends.push(self.end_one(actor, among, connection));
                }
                Some(_) => {}
                None => reached.unreadable += 1,
            }
        }
        // All of them are waited for, also where one fails.
        for ended in futures_util::future::join_all(ends).await {
            let ended = ended?;
            reached.ended += u64::from(ended != Ended::Not);
            reached.not_signed_out += u64::from(ended == Ended::Forgotten);
        }
        reached.after = last;
        Ok(())
    }

    /// Ends one, however much the store has to do.
    async fn end_one(
        &self,
        actor: &Actor,
        among: &Among,
        connection: Connection,
    ) -> Result<Ended, Unavailable> {
        let mut left = BUSY_MAX;
        loop {
            let hand = Hand::Many(actor, among);
            let ended = self.end_session(hand, connection.clone(), ExpiredReason::Invalidated);
            match ended.await {
                Err(Unavailable::Write(WriteError::Busy) | Unavailable::Read(ReadError::Busy))
                    if left > 0 =>
                {
                    left -= 1;
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                outcome => return outcome,
            }
        }
    }
}
