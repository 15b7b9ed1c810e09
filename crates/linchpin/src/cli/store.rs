//! `linchpin store`: moving a store.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;

use super::{Refused, configured, logging, master_key, running, say};
use crate::{
    domain::keyring::Keyring,
    store::{self, Progress},
};

/// What can be done with a store as a whole.
#[derive(Subcommand)]
pub enum Wanted {
    /// Copy a stopped SQLite store into an empty PostgreSQL database, and compare the two
    Copy {
        /// The data directory of the SQLite store, with or without `sqlite:` before it
        #[arg(long, value_name = "DIR")]
        from: String,
        /// The PostgreSQL database [default: `database` of the configuration]
        #[arg(long, value_name = "URL")]
        to: Option<String>,
        /// The configuration file that names the database
        #[arg(long, value_name = "FILE", env = "LINCHPIN_CONFIG")]
        config: Option<PathBuf>,
        /// The master key [default: that of the configuration, or master.key in the data directory]
        #[arg(long, value_name = "FILE")]
        master_key_file: Option<PathBuf>,
        /// Throw away what a copy that was cut off has left in the database, and begin anew
        #[arg(long)]
        again: bool,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("warn")?;
    let Wanted::Copy {
        from,
        to,
        config,
        master_key_file,
        again,
    } = wanted;
    let to = to.as_deref().map(|url| ("--to", url));
    let place = configured::place_on(to, None, config.as_deref())?;
    let from = PathBuf::from(from.strip_prefix("sqlite:").unwrap_or(&from));
    let to = place.database.ok_or_else(|| {
        Refused::new(
            "it is not said where to copy to. Name the database with --to, or with `database` in the configuration. Its password may be in a file that `database_password_file` names",
        )
    })?;
    let own = from.join("master.key");
    let key = master_key_file.or(place.master_key_file).unwrap_or(own);
    let keyring = Keyring::derive(**master_key::read(&key)?.root());
    let copied = store::copy(&from, &to, &keyring, again, |progress| match progress {
        Progress::Copied { table, rows } => say(&format!("{table}: {rows} rows copied")),
        Progress::Verified { table, digest } => say(&format!("{table}: the same, {digest}")),
    });
    running::runtime()?.block_on(copied)?;
    say(&format!(
        "Every row of {} is in {to}. From here on start linchpin with that database, and keep the directory until you are content",
        from.display()
    ));
    Ok(ExitCode::SUCCESS)
}
