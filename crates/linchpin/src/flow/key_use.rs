//! Which keys are used, and how many were refused: counted in memory, and written once a minute.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{Engine, Unavailable, audit::Deed};
use crate::{
    domain::{
        audit::{Action, Actor},
        public_id::KeyId,
        time::Timestamp,
    },
    store::Operation,
};

/// Time between two writings.
const EVERY: Duration = Duration::from_mins(1);

/// What has not been written yet.
#[derive(Default)]
pub(super) struct KeyUse {
    used: Mutex<HashMap<KeyId, Timestamp>>,
    refused: AtomicU64,
}

impl KeyUse {
    /// A key was presented that opens something.
    pub fn used(&self, key: &KeyId, at: Timestamp) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get_mut(key) {
            Some(latest) => *latest = at.max(*latest),
            None => {
                used.insert(key.clone(), at);
            }
        }
    }

    /// A key was presented that opens nothing.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

impl Engine {
    /// When each key was last used, this moment included where it was by this process.
    ///
    /// # Errors
    ///
    /// [`Unavailable::Read`].
    pub async fn last_uses(&self) -> Result<HashMap<KeyId, Timestamp>, Unavailable> {
        let mut all = self.store.last_uses().await?;
        let mine = &self.key_use.used;
        let mine = mine.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, at) in mine.iter() {
            let known = all.entry(key.clone()).or_insert(*at);
            *known = (*known).max(*at);
        }
        Ok(all)
    }

    /// Goes on for ever: writes once a minute which keys were used, and how many were refused.
    pub async fn keep_key_use(self: Arc<Self>) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write_key_use().await {
                tracing::warn!(%error, "which keys were used could not be written; it is tried again in a minute");
            }
        }
    }

    /// Writes which keys were used and how many were refused since the last time. What could not be written waits for
    /// the next time.
    ///
    /// # Errors
    ///
    /// [`Unavailable`].
    pub async fn write_key_use(&self) -> Result<(), Unavailable> {
        let counted = &self.key_use;
        let used = mem::take(&mut *counted.used.lock().unwrap_or_else(PoisonError::into_inner));
        let refused = counted.refused.swap(0, Ordering::Relaxed);
        if used.is_empty() && refused == 0 {
            return Ok(());
        }
        let written = self.write_counted(&used, refused).await;
        if written.is_err() {
            counted.refused.fetch_add(refused, Ordering::Relaxed);
            for (key, at) in &used {
                counted.used(key, *at);
            }
        }
        written
    }

    async fn write_counted(
        &self,
        used: &HashMap<KeyId, Timestamp>,
        refused: u64,
    ) -> Result<(), Unavailable> {
        let mut operation = Operation::new(self.clock.now());
        // In one order on every node: two that write the same keys at once must not wait for each other.
        let mut keys: Vec<_> = used.iter().collect();
        keys.sort();
        for (key, at) in keys {
            operation.keep_use(key, *at);
        }
        if refused > 0 {
            let deed = Deed {
                whose: None,
                action: Action::KeyRefused,
                object: &self.node,
                detail: &[("refused", &refused.to_string())],
            };
            self.record(&mut operation, &Actor::System, &deed)?;
        }
        self.store.write(operation).await?;
        Ok(())
    }
}
