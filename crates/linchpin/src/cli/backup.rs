//! `linchpin backup`: a sealed copy of the store, taken beside a running server.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;

use super::{
    Refused,
    admin::{self, Where},
    complain, logging,
    running::Signals,
    say,
};
use crate::store::{self, BackupTarget};

/// What `linchpin backup` takes.
#[derive(Args)]
pub struct Wanted {
    /// The file to make; one that exists is never replaced
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    at: Where,
}

/// Carries the command out.
pub fn run(wanted: &Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let place = wanted.at.place()?;
    if place.database.is_some() {
        return Err(Refused::new(
            "the store is in PostgreSQL, which has its own tools: pg_dump, or a base backup with WAL archiving. After a restore, `linchpin restore --database` has to follow. See docs/operations/backup.md",
        ));
    }
    let directory = std::path::absolute(&place.data)?;
    admin::check_store(&directory)?;
    let keyring = admin::keyring(&place, &directory)?;
    let target = Arc::new(BackupTarget::new(&wanted.to)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let taken = runtime.block_on(async {
        let mut signals = Signals::take()?;
        let at_work = Arc::clone(&target);
        let taking =
            tokio::task::spawn_blocking(move || store::back_up(&directory, &keyring, &at_work));
        tokio::select! {
            taken = taking => Ok(taken??),
            code = signals.next() => {
                target.clear();
                complain("linchpin: the backup was broken off; there is none");
                std::process::exit(code);
            }
        }
    });
    let taken = taken.map_err(|refused: Refused| refused)?;
    let shown = taken.shown(&wanted.to);
    say(&admin::shown(&shown, wanted.at.json)?);
    if !wanted.at.json {
        say(&format!(
            "\nEverything that was acknowledged before {} is in it. It opens only with this store's master key: keep\n\
             that key in another place.",
            taken.taken_at
        ));
    }
    Ok(ExitCode::SUCCESS)
}
