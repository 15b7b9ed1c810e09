//! Looking for damage in a database that is served already.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::file;

/// What is known of damage in the database. Once some was found nothing is written any more, and what can be read is
/// still read.
#[derive(Debug, Clone)]
pub struct Damage(Arc<Known>);

#[derive(Debug)]
struct Known {
    found: AtomicBool,
    /// Whether it was too large to be looked through before it was opened, and has not been since.
    unchecked: AtomicBool,
    /// Whether somebody looks, or has looked.
    looked: AtomicBool,
}

impl Damage {
    /// Of a database that was opened; `unchecked` where it is still to be looked through.
    pub fn of(unchecked: bool) -> Self {
        Self(Arc::new(Known {
            found: AtomicBool::new(false),
            unchecked: AtomicBool::new(unchecked),
            looked: AtomicBool::new(!unchecked),
        }))
    }

    /// Whether it was found.
    pub fn is_found(&self) -> bool {
        self.0.found.load(Ordering::Relaxed)
    }

    /// Whether there is none, as far as a look can say.
    pub fn is_excluded(&self) -> bool {
        !self.0.unchecked.load(Ordering::Relaxed)
    }

    /// Reads the whole database on a thread and a connection of its own, where that was not done before.
    pub fn look_for(&self, directory: PathBuf) {
        if self.0.looked.swap(true, Ordering::Relaxed) {
            return;
        }
        let known = Arc::clone(&self.0);
        let looking = move || {
            let checked = file::open_reader(&directory)
                .and_then(|reader| file::check_for_damage(&reader, &directory));
            match checked {
                Ok(()) => {
                    known.unchecked.store(false, Ordering::Relaxed);
                    tracing::info!("the database was checked and is whole");
                }
                Err(error) => {
                    known.found.store(true, Ordering::Relaxed);
                    tracing::error!(%error, "nothing is written any more");
                }
            }
        };
        let thread = thread::Builder::new().name("store-check".to_owned());
        if let Err(error) = thread.spawn(looking) {
            tracing::error!(%error, "the database is not checked for damage; the next start will look");
        }
    }
}
