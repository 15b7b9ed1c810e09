//! What a database must be like that a dump was just read into.

use super::{database::Database, dial::reason};
use crate::store::OpenError;

/// Looks whether there is a store, and whether nobody works with it.
///
/// # Errors
///
/// [`OpenError::Database`] where not, with what to do.
pub async fn check_restored(database: &Database) -> Result<(), OpenError> {
    let refused = |detail: String| OpenError::Database {
        database: database.to_string(),
        detail,
    };
    let line = database.connect().await.map_err(refused)?;
    let sql = "SELECT to_regclass('store_fact') IS NOT NULL, (SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'linchpin' AND pid <> pg_backend_pid())";
    let row = line
        .client
        .query_one(sql, &[])
        .await
        .map_err(|error| refused(reason(&error)))?;
    let (is_store, others): (bool, i64) = (row.get(0), row.get(1));
    if !is_store {
        return Err(refused(
            "there is no store in it; read the dump with pg_restore first".to_owned(),
        ));
    }
    if others > 0 {
        return Err(refused(format!(
            "{others} connections of linchpin nodes are open. Stop every node first: what they hold in memory would be served on"
        )));
    }
    Ok(())
}
