//! One signal that every server and job of the process waits for.

use std::sync::Arc;

use tokio::sync::watch;

/// A signal that is given once and stays given. Clones are the same signal.
#[derive(Clone, Debug)]
pub struct Shutdown {
    given: Arc<watch::Sender<bool>>,
}

impl Shutdown {
    /// A signal that has not been given.
    pub fn new() -> Self {
        Self {
            given: Arc::new(watch::Sender::new(false)),
        }
    }

    /// Gives the signal; giving it again changes nothing.
    pub fn trigger(&self) {
        self.given.send_replace(true);
    }

    /// Whether the signal has been given.
    pub fn is_triggered(&self) -> bool {
        *self.given.borrow()
    }

    /// Returns once the signal is given, at once if it already is. Safe to cancel.
    pub async fn triggered(&self) {
        // `wait_for` fails only when the sender is gone, and `self` holds it.
        let _ = self.given.subscribe().wait_for(|given| *given).await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}
