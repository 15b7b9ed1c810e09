//! What goes on without anybody asking: lost checks are put back, overdue sessions end.

use std::{sync::Arc, time::Duration};

use super::{Engine, Unavailable};
use crate::domain::{
    id::SessionId,
    link_session::{Event, Stage},
    time::Timestamp,
};

/// Time between two rounds.
const EVERY: Duration = Duration::from_secs(5);
/// Sessions read at once.
const PAGE: i64 = 200;

impl Engine {
    /// Puts back what the process before left in the middle. To be called before anything is served.
    pub async fn recover(self: &Arc<Self>) -> Result<(), Unavailable> {
        self.look_at_busy(Timestamp(i64::MAX)).await
    }

    /// Goes round for ever.
    pub async fn keep_order(self: Arc<Self>) {
        // At once for what ran out while nothing ran: nobody waits for it, since whoever looks sees that it is over.
        loop {
            let now = self.clock.now();
            let round = async {
                self.look_at_busy(now).await?;
                self.end_overdue().await
            };
            if let Err(error) = round.await {
                tracing::warn!(%error, "a round over the open sessions failed; the next one follows");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Puts back every check that counts as lost at `now`, and watches the approvals that nobody watches.
    async fn look_at_busy(self: &Arc<Self>, now: Timestamp) -> Result<(), Unavailable> {
        let mut after = SessionId::from_number(0);
        loop {
            let page = self.store.busy_sessions(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.session.id;
            let overdue = page
                .iter()
                .filter_map(|made| match &made.session.state.stage {
                    Stage::Verifying { until, .. } if *until <= now => {
                        Some(self.put_back(&made.session))
                    }
                    _ => None,
                });
            futures_util::future::join_all(overdue).await;
            for made in &page {
                self.watch_approval(&made.session);
            }
        }
    }

    /// Writes the end of every session whose time is over.
    pub async fn end_overdue(&self) -> Result<(), Unavailable> {
        loop {
            let overdue = self.store.overdue_sessions(self.clock.now(), PAGE).await?;
            let mut ended = 0;
            let ends = overdue
                .iter()
                .map(|made| self.take(&made.session, &Event::TimePassed));
            for end in futures_util::future::join_all(ends).await {
                ended += usize::from(end?.is_some());
            }
            if overdue.is_empty() || ended == 0 {
                return Ok(());
            }
        }
    }
}
