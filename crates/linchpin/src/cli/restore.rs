//! `linchpin restore`: a backup becomes a store again, without what was revoked and deleted since.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::{Value, json};

use super::{
    Refused,
    admin::{self, Where},
    logging, say,
};
use crate::{
    config::Place,
    domain::keyring::Keyring,
    flow::Clock,
    store::{self, Database, LEDGER, Options, Restoring, Settled, Store, Told},
};

/// What `linchpin restore` takes.
#[derive(Args)]
pub struct Wanted {
    /// The backup, for a store in a data directory; or the copy that was put aside before a migration
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The PostgreSQL database that a dump was just read into, in place of --from
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    database: Option<String>,
    /// The ledger of what was revoked and deleted (revoked.ledger of the lost data directory), again for each node
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "without_ledger",
        conflicts_with = "without_ledger"
    )]
    ledger: Vec<PathBuf>,
    /// Go on without knowing what was revoked: REVOKES EVERY API KEY, and brings deleted apps and sessions back
    #[arg(long = "without-ledger")]
    without_ledger: bool,
    #[command(flatten)]
    at: Where,
}

/// Carries the command out.
pub fn run(wanted: &Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let place = wanted.at.place_on(wanted.database.as_deref())?;
    let directory = std::path::absolute(&place.data)?;
    let keyring = admin::keyring(&place, &directory)?;
    let told = read(&wanted.ledger, &keyring)?;
    let told = (!wanted.without_ledger).then_some(told);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let settled = match (&place.database, &wanted.from) {
        (None, Some(from)) => runtime.block_on(put_back(from, &directory, &keyring, told)),
        (Some(database), None) => {
            runtime.block_on(settle(&place, database, &directory, &keyring, told))
        }
        (None, None) => Err(Refused::new("name the backup with --from FILE")),
        (Some(_), Some(_)) => Err(Refused::new(
            "the store is in PostgreSQL: read the dump with pg_restore first, and leave --from out. See docs/operations/backup.md",
        )),
    }?;
    let value = shown(&settled, &directory, &place);
    say(&admin::shown(&value, wanted.at.json)?);
    if !wanted.at.json {
        say(&advice(wanted.without_ledger, &settled));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(paths: &[PathBuf], keyring: &Keyring) -> Result<Told, Refused> {
    let mut told = Told::default();
    for path in paths {
        told.read(path, keyring)?;
    }
    Ok(told)
}

/// Restores a data directory. The store stands in its place only when nothing can be brought back by it any more.
async fn put_back(
    from: &Path,
    directory: &Path,
    keyring: &Keyring,
    told: Option<Told>,
) -> Result<Settled, Refused> {
    let restoring = Restoring::open(from, directory, keyring)?;
    let without = told.is_none();
    let mut told = told.unwrap_or_default();
    restoring.keep_ledger(&mut told, keyring)?;
    let store = Store::open_restored(&Options::at(restoring.draft()), keyring).await?;
    let now = Clock::system(store.latest_time(), store.measure_time().await?).now();
    let backup = store.latest_time();
    let settled = store.settle((!without).then_some(&told), backup, now).await;
    let halted = store.halted();
    store.close().await;
    let settled = settled?;
    if halted.is_true() {
        return Err(Refused::new(
            "the disk failed to keep what was written. Nothing was restored; look at the disk",
        ));
    }
    restoring.put_in_place()?;
    Ok(settled)
}

/// Makes a database fit that was read from a dump.
async fn settle(
    place: &Place,
    database: &Database,
    directory: &Path,
    keyring: &Keyring,
    mut told: Option<Told>,
) -> Result<Settled, Refused> {
    let own = directory.join(LEDGER);
    if let Some(told) = &mut told
        && own.exists()
    {
        told.read(&own, keyring)?;
    }
    let restored = store::check_restored(database, keyring).await?;
    let backup = restored.backup();
    if let Some(told) = &told {
        told.check_reach(backup)?;
    }
    restored.begin().await?;
    let store = Store::open_restored(&place.store(directory), keyring).await?;
    let now = Clock::system(store.latest_time(), store.measure_time().await?).now();
    let settled = store.settle(told.as_ref(), backup, now).await;
    store.close().await;
    let settled = settled?;
    restored.end().await?;
    Ok(settled)
}

fn shown(settled: &Settled, directory: &Path, place: &Place) -> Value {
    let mut shown = match &place.database {
        Some(database) => json!({ "database": database.to_string() }),
        None => json!({ "data": directory.display().to_string() }),
    };
    if let (Some(fields), Value::Object(done)) = (shown.as_object_mut(), settled.shown()) {
        fields.extend(done);
    }
    shown
}

fn advice(without_ledger: bool, settled: &Settled) -> String {
    let mut lines = vec![
        String::new(),
        "Keys and apps that were made after the backup are not there; make them anew.".to_owned(),
    ];
    if without_ledger {
        lines.push(
            "Every key of the backup is revoked. Before you make new ones, look at `linchpin app list`: apps that were deleted, and redirect URLs and origins that were taken away, are back.".to_owned(),
        );
    }
    if !settled.apps_narrowed.is_empty() {
        lines.push(
            "Look at the redirect URLs and origins of the apps named above: only those are left that both the backup and the ledger allow.".to_owned(),
        );
    }
    lines.join("\n")
}
