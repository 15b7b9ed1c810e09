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
use crate::store::OpenError;

/// Whether damage was found: then nothing is written any more, and what can be read is still read.
#[derive(Debug, Clone, Default)]
pub struct Damage(Arc<AtomicBool>);

impl Damage {
    /// Whether it was found.
    pub fn is_found(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Reads the whole database on a thread and a connection of its own.
    pub fn look_for(&self, directory: PathBuf) -> Result<(), OpenError> {
        let found = self.clone();
        let looking = move || {
            let checked = file::open_reader(&directory)
                .and_then(|reader| file::check_for_damage(&reader, &directory));
            match checked {
                Ok(()) => tracing::info!("the database was checked and is whole"),
                Err(error) => {
                    found.0.store(true, Ordering::Relaxed);
                    tracing::error!(%error, "nothing is written any more");
                }
            }
        };
        thread::Builder::new()
            .name("store-check".to_owned())
            .spawn(looking)
            .map(drop)
            .map_err(|error| OpenError::Failed {
                directory: PathBuf::new(),
                detail: error.to_string(),
            })
    }
}
