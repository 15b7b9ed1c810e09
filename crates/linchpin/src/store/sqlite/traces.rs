//! What deleted rows leave in the files, and how it is cleared.
//!
//! `secure_delete` overwrites what is deleted. But the log holds earlier pages until it is written over, and where rows
//! were moved from one page to another, an old copy can stay in the space that is free.

use rusqlite::Connection;

use crate::store::Cleared;

/// Up to this size a database is written anew while others wait for the writer, in bytes. It takes about a second.
const WRITTEN_ANEW_MAX: i64 = 64 * 1024 * 1024;

/// Empties the log, and writes a small database anew. Waits for readers as long as the busy timeout says.
pub fn clear(connection: &Connection) -> rusqlite::Result<Cleared> {
    let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    let size: i64 = connection.query_row(size, [], |row| row.get(0))?;
    let small = size <= WRITTEN_ANEW_MAX;
    if small {
        // The copy that is made on the way holds everything in clear, so it must not be a file.
        connection
            .execute_batch("PRAGMA temp_store = MEMORY; VACUUM; PRAGMA temp_store = DEFAULT;")?;
    }
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(match (busy, small) {
        (0, true) => Cleared::Wholly,
        (0, false) => Cleared::LogOnly,
        _ => Cleared::NotYet,
    })
}
