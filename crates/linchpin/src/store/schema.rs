//! Looking at a store's schema and bringing it up to date, without serving the store.

use super::{Location, Migration, OpenError, Options, Standing, postgres, sqlite};

impl Options {
    /// Where the store stands in the schema's history. Changes nothing, and may be asked while the store is served.
    ///
    /// # Errors
    ///
    /// When the store cannot be read. A directory or database without any store has no migration yet.
    pub async fn standing(&self) -> Result<Standing, OpenError> {
        let ran = match &self.location {
            Location::Directory(directory) => sqlite::ran(directory)?,
            Location::Postgres(database) => postgres::ran(database).await?,
        };
        Ok(Standing::of(&ran))
    }

    /// Brings the schema up to date, as [`super::Store::open`] does; answers what was done.
    ///
    /// # Errors
    ///
    /// The same as of [`super::Store::open`], except for the master key, which is not needed.
    pub async fn migrate(&self) -> Result<Vec<&'static Migration>, OpenError> {
        match &self.location {
            Location::Directory(directory) => sqlite::migrate(directory),
            Location::Postgres(database) => postgres::migrate(database).await,
        }
    }
}
