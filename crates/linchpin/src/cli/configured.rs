//! `linchpin config`, and how every command comes by its configuration.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};

use super::{Refused, complain, master_key, say};
use crate::config::{Config, Place, Problem, Written};

/// What can be done with a configuration.
#[derive(Subcommand)]
pub enum Wanted {
    /// Tell every problem of a configuration at once; exit code 1 where there is one
    Check(From),
    /// Print the configuration in force, from file, environment and defaults
    Show(From),
}

/// Where a configuration is read from.
#[derive(Args)]
pub struct From {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "LINCHPIN_CONFIG")]
    config: Option<PathBuf>,
}

/// Carries the command out.
pub fn run(wanted: &Wanted) -> ExitCode {
    let (Wanted::Check(from) | Wanted::Show(from)) = wanted;
    let checked = check(&written(from.config.as_deref()));
    let config = match checked {
        Ok(config) => config,
        Err(problems) => {
            for problem in problems {
                complain(&problem.to_string());
            }
            return ExitCode::FAILURE;
        }
    };
    match wanted {
        Wanted::Check(_) => say("The configuration is fine."),
        Wanted::Show(_) => say(config.show().trim_end()),
    }
    ExitCode::SUCCESS
}

/// What file and environment say.
pub fn written(file: Option<&Path>) -> Written {
    let environment = std::env::vars_os();
    let readable = environment
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Written::load(file, readable)
}

/// Where the store is: as file and environment say, with the data directory of a flag in place of theirs.
pub fn place(data: Option<&Path>, file: Option<&Path>) -> Result<Place, Refused> {
    place_on(None, data, file)
}

/// The same with the database of a flag, if there is one; its password may still be in the configuration's file.
pub fn place_on(
    database: Option<(&str, &str)>,
    data: Option<&Path>,
    file: Option<&Path>,
) -> Result<Place, Refused> {
    let mut written = written(file);
    let data = data.map(|data| data.to_string_lossy().into_owned());
    written.flag("data", "--data", data);
    if let Some((flag, url)) = database {
        written.flag("database", flag, Some(url.to_owned()));
    }
    Place::check(&written).map_err(|problems| refused(&problems))
}

/// Checks what was written, and the key file that it names.
pub fn check(written: &Written) -> Result<Config, Vec<Problem>> {
    let checked = Config::check(written);
    let key_file = match &checked {
        Ok(config) => config.place.master_key_file.clone(),
        Err(_) => crate::config::Place::check(written)
            .ok()
            .and_then(|place| place.master_key_file),
    };
    let key_problem = key_file.and_then(|file| master_key::read(&file).err());
    let key_problem = key_problem.map(|refused| Problem {
        key: "master_key_file".to_owned(),
        source: None,
        message: refused.to_string(),
    });
    match (checked, key_problem) {
        (Ok(config), None) => Ok(config),
        (Ok(_), Some(problem)) => Err(vec![problem]),
        (Err(mut problems), key_problem) => {
            problems.extend(key_problem);
            Err(problems)
        }
    }
}

/// All problems as the reason of a refusal.
pub fn refused(problems: &[Problem]) -> Refused {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("  {problem}"))
        .collect();
    Refused::new(format!(
        "the configuration cannot be used:\n{}",
        lines.join("\n")
    ))
}
