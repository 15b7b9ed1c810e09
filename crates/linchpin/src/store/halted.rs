//! Whether a flush failed, of the store or of its ledger.

use tokio::sync::watch;

/// Turns true when a flush failed: nothing can be promised any more until the process starts again.
pub struct Halted {
    pub(super) engine: watch::Receiver<bool>,
    pub(super) ledger: Option<watch::Receiver<bool>>,
}

impl Halted {
    /// Whether it has turned true.
    pub fn is_true(&self) -> bool {
        let ledger = self.ledger.as_ref();
        *self.engine.borrow() || ledger.is_some_and(|halted| *halted.borrow())
    }

    /// Waits until it turns true.
    pub async fn turns_true(&mut self) {
        let ledger = async {
            match &mut self.ledger {
                Some(halted) => until_true(halted).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = until_true(&mut self.engine) => {}
            () = ledger => {}
        }
    }
}

/// Whoever could tell is gone only with the store.
async fn until_true(halted: &mut watch::Receiver<bool>) {
    if halted.wait_for(|halted| *halted).await.is_err() {
        std::future::pending().await
    }
}
