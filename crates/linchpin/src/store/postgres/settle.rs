//! What is looked at before a database is used.

use subtle::ConstantTimeEq as _;
use tokio_postgres::Client;

use super::{database::Database, dial::reason};
use crate::{
    domain::{
        keyring::{Keyring, Purpose},
        time::Timestamp,
    },
    store::OpenError,
};

/// The oldest server that is supported, as `server_version_num` writes it.
const OLDEST: i64 = 150_000;

/// Looks at the server's version and encoding, and at the settings that durability rests on.
pub async fn check_server(client: &Client) -> Result<(), String> {
    let sql = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), \
        current_setting('fsync'), current_setting('full_page_writes')";
    let row = client
        .query_one(sql, &[])
        .await
        .map_err(|error| reason(&error))?;
    let (version, encoding): (i64, String) = (row.get(0), row.get(1));
    if version < OLDEST {
        return Err(format!(
            "it is PostgreSQL {}; 15 is the oldest that is supported",
            version / 10_000
        ));
    }
    if encoding != "UTF8" {
        return Err(format!(
            "its encoding is {encoding}; make the database with ENCODING 'UTF8'"
        ));
    }
    let (fsync, full_pages): (String, String) = (row.get(2), row.get(3));
    if fsync != "on" || full_pages != "on" {
        tracing::warn!(
            fsync,
            full_page_writes = full_pages,
            "the server does not keep what it acknowledges when its machine fails: set fsync and full_page_writes to on"
        );
    }
    Ok(())
}

/// Whether a copy of a store into the database has begun and not come to its end.
pub async fn is_half_copied(client: &Client) -> Result<bool, tokio_postgres::Error> {
    let sql = "SELECT to_regclass('copy_under_way') IS NOT NULL";
    client.query_one(sql, &[]).await?.try_get(0)
}

/// Refuses a database that holds only a part of a store.
pub async fn check_whole(client: &Client) -> Result<(), String> {
    match is_half_copied(client).await {
        Ok(false) => Ok(()),
        Ok(true) => Err(
            "a copy of a store into it is under way or was cut off; wait for `linchpin store copy`, or run it with --again"
                .to_owned(),
        ),
        Err(error) => Err(reason(&error)),
    }
}

/// Recognises the master key by a value that only it can make; writes that value on the first start.
pub async fn check_key(
    client: &Client,
    keyring: &Keyring,
    database: &Database,
) -> Result<(), OpenError> {
    let failed = |error: tokio_postgres::Error| OpenError::Database {
        database: database.to_string(),
        detail: reason(&error),
    };
    let check = keyring.mac(Purpose::Check, &[b"linchpin store"]);
    let write = "INSERT INTO store_fact (name, bytes) VALUES ('key_check', $1) ON CONFLICT (name) DO NOTHING";
    client
        .execute(write, &[&check.as_slice()])
        .await
        .map_err(failed)?;
    let found = client
        .query_one("SELECT bytes FROM store_fact WHERE name = 'key_check'", &[])
        .await
        .map_err(failed)?;
    let found: Vec<u8> = found.try_get(0).map_err(failed)?;
    match bool::from(found.ct_eq(&check)) {
        true => Ok(()),
        false => Err(OpenError::OtherKey),
    }
}

/// The latest time that was written.
pub async fn latest_time(client: &Client) -> Result<Timestamp, String> {
    let sql = "SELECT number FROM store_fact WHERE name = 'clock'";
    let row = client
        .query_opt(sql, &[])
        .await
        .map_err(|error| reason(&error))?;
    Ok(Timestamp(row.map_or(0, |row| row.get(0))))
}
