//! Which link belongs to which visit of the demo.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use super::BackendError;

/// Visits that are remembered at once; the oldest makes room.
const VISITS_MAX: usize = 1_000;

/// The client secret of each link that was started here, by the reference that comes back with the user.
///
/// A developer keeps this in the user's own session or row; the demo has no users.
#[derive(Default)]
pub struct Visits {
    latest: Mutex<VecDeque<(String, String)>>,
}

impl Visits {
    /// Remembers a link.
    pub fn remember(&self, reference: String, secret: String) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.len() >= VISITS_MAX {
            latest.pop_front();
        }
        latest.push_back((reference, secret));
    }

    /// The secret of the link with this reference.
    pub fn secret(&self, reference: &str) -> Option<String> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let found = latest.iter().rev().find(|(known, _)| known == reference);
        found.map(|(_, secret)| secret.clone())
    }
}

/// A reference that nobody can guess, so that a visit shows its own account alone.
pub fn reference() -> Result<String, BackendError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| BackendError::Random)?;
    Ok(format!("visit_{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_visit_makes_room() {
        let visits = Visits::default();
        for n in 0..=VISITS_MAX {
            visits.remember(format!("visit_{n}"), format!("cs_{n}"));
        }
        assert_eq!(visits.secret("visit_0"), None);
        assert_eq!(visits.secret("visit_1").as_deref(), Some("cs_1"));
        assert_eq!(visits.secret("visit_"), None);
        assert_eq!(visits.latest.lock().unwrap().len(), VISITS_MAX);
    }

    #[test]
    fn references_differ() {
        assert_ne!(reference().unwrap(), reference().unwrap());
    }
}
