//! Connections that were used of late, with their sealed sessions: what no commit has changed need not be read again.
//!
//! Nobody but this process writes the database, and all of it goes through the one writer, which says here before and
//! after each commit which connections that changes. So nothing is remembered that a commit which was answered has changed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{domain::id::ConnectionId, store::Usable};

/// Connections that are remembered at most.
const CONNECTIONS_MAX: usize = 1_024;
/// Bytes of a sealed session that is still remembered; so all of them take no more than 16 MiB.
const SESSION_MAX: usize = 16 * 1_024;

/// What is remembered.
#[derive(Debug, Default)]
pub struct Remembered(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<ConnectionId, Arc<Usable>>,
    /// What the commit under way changes.
    changing: Vec<ConnectionId>,
    /// Commits that have changed connections.
    commits: u64,
}

/// How many commits there were when something was not remembered and had to be read.
#[derive(Debug, Clone, Copy)]
pub struct Seen(Option<u64>);

impl Remembered {
    /// The connection of this id; or with what it can be remembered once it has been read.
    pub fn of(&self, id: &ConnectionId) -> Result<Arc<Usable>, Seen> {
        let memory = self.memory();
        if let Some(known) = memory.known.get(id) {
            return Ok(Arc::clone(known));
        }
        let settled = !memory.changing.contains(id);
        Err(Seen(settled.then_some(memory.commits)))
    }

    /// Remembers what was read, unless it may have changed since it was asked for.
    pub fn keep(&self, seen: Seen, usable: &Arc<Usable>) {
        let mut memory = self.memory();
        let length = usable
            .session
            .as_ref()
            .map_or(0, |sealed| sealed.bytes.len());
        if seen.0 != Some(memory.commits) || length > SESSION_MAX {
            return;
        }
        if memory.known.len() >= CONNECTIONS_MAX {
            let other = memory.known.keys().next().cloned();
            other.and_then(|other| memory.known.remove(&other));
        }
        let id = usable.connection.id.clone();
        memory.known.insert(id, Arc::clone(usable));
    }

    /// Forgets the connections that a commit is about to change.
    pub fn before_commit(&self, changed: Vec<ConnectionId>) {
        if changed.is_empty() {
            return;
        }
        let mut memory = self.memory();
        for id in &changed {
            memory.known.remove(id);
        }
        // Also what was read before this and is not remembered yet may be what is changed.
        memory.commits += 1;
        memory.changing = changed;
    }

    /// Says that the commit is over, whatever came of it.
    pub fn after_commit(&self) {
        let mut memory = self.memory();
        memory.changing.clear();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{connection::Connection, sealed::Sealed};

    fn usable(id: &str, session: usize) -> Arc<Usable> {
        Arc::new(Usable {
            connection: Arc::new(Connection::of_id(id)),
            session: Some(Sealed {
                key_version: 1,
                wrapped_key: Vec::new(),
                bytes: vec![0; session],
            }),
        })
    }

    fn id(text: &str) -> ConnectionId {
        ConnectionId::from_text(text)
    }

    #[test]
    fn what_was_read_is_remembered_until_a_commit_changes_it() {
        let remembered = Remembered::default();
        let seen = remembered.of(&id("conn_a")).unwrap_err();
        remembered.keep(seen, &usable("conn_a", 10));
        assert!(remembered.of(&id("conn_a")).is_ok());
        remembered.before_commit(vec![id("conn_b")]);
        remembered.after_commit();
        assert!(remembered.of(&id("conn_a")).is_ok());
        remembered.before_commit(vec![id("conn_a")]);
        assert!(remembered.of(&id("conn_a")).is_err());
        remembered.after_commit();
        assert!(remembered.of(&id("conn_a")).is_err());
    }

    #[test]
    fn what_was_read_before_or_during_a_commit_that_changes_it_is_not_remembered() {
        let remembered = Remembered::default();
        let before = remembered.of(&id("conn_a")).unwrap_err();
        remembered.before_commit(vec![id("conn_a")]);
        let during = remembered.of(&id("conn_a")).unwrap_err();
        for early in [before, during] {
            remembered.keep(early, &usable("conn_a", 10));
        }
        remembered.after_commit();
        for late in [before, during] {
            remembered.keep(late, &usable("conn_a", 10));
        }
        assert!(remembered.of(&id("conn_a")).is_err());
    }

    #[test]
    fn no_more_is_remembered_than_so_many_and_nothing_large() {
        let remembered = Remembered::default();
        for n in 0..CONNECTIONS_MAX + 10 {
            let name = format!("conn_{n}");
            let seen = remembered.of(&id(&name)).unwrap_err();
            remembered.keep(seen, &usable(&name, 10));
            assert!(remembered.of(&id(&name)).is_ok());
        }
        assert_eq!(remembered.memory().known.len(), CONNECTIONS_MAX);
        let seen = remembered.of(&id("conn_large")).unwrap_err();
        remembered.keep(seen, &usable("conn_large", SESSION_MAX + 1));
        assert!(remembered.of(&id("conn_large")).is_err());
    }
}
