//! `linchpin migrate`: the schema of a store.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use super::{Refused, complain, configured, logging, running, say};
use crate::store::{Options, Standing};

/// What can be done with the schema.
#[derive(Subcommand)]
pub enum Wanted {
    /// List migrations and whether the store has them; exit code 1 where it is not up to date
    Status(Where),
    /// Bring the store up to date, as a start does
    Run(Where),
}

/// Which store.
#[derive(Args)]
pub struct Where {
    /// The data directory [default: that of the configuration, or linchpin-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration file that says where the store is
    #[arg(long, value_name = "FILE", env = "LINCHPIN_CONFIG")]
    config: Option<PathBuf>,
}

impl Where {
    fn store(&self) -> Result<Options, Refused> {
        let place = configured::place(self.data.as_deref(), self.config.as_deref())?;
        let directory = std::path::absolute(&place.data)?;
        if place.database.is_none() && !directory.join("linchpin.db").exists() {
            return Err(Refused::new(format!(
                "there is no store in {}. Name its directory with --data, or make one with `linchpin dev` or `linchpin serve`",
                directory.display()
            )));
        }
        Ok(place.store(&directory))
    }
}

/// Carries the command out.
pub fn run(wanted: &Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Status(at) => status(&at.store()?),
        Wanted::Run(at) => bring_up_to_date(&at.store()?),
    }
}

fn status(store: &Options) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let standing: Standing = running::runtime()?.block_on(store.standing())?;
    for listed in &standing.migrations {
        let name = listed.name.unwrap_or("(not known to this linchpin)");
        let state = if listed.ran { "ran" } else { "missing" };
        say(&format!("{:04}  {name:<28}  {state}", listed.number));
    }
    if standing.is_current() {
        return Ok(ExitCode::SUCCESS);
    }
    let why = standing.refused.map_or_else(
        || "the store is not up to date. `linchpin migrate run` does what is missing, and so does every start".to_owned(),
        |refused| refused.to_string(),
    );
    complain(&format!("linchpin: {why}"));
    Ok(ExitCode::FAILURE)
}

fn bring_up_to_date(store: &Options) -> Result<ExitCode, Refused> {
    let _logs = logging::start("info")?;
    let done = running::runtime()?.block_on(store.migrate())?;
    for migration in &done {
        say(&format!("{:04}  {} ran", migration.number, migration.name));
    }
    if done.is_empty() {
        say("The store is up to date.");
    }
    Ok(ExitCode::SUCCESS)
}
