//! `linchpin provider`: provider files, looked at and tried out.

mod masks;
mod recording;
mod terminal;
mod trial;
mod witness;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};

use super::{Refused, complain, logging, provider_file, running, say};

/// What can be done with provider files.
#[derive(Subcommand)]
pub enum Wanted {
    /// Tell every problem of provider files with line and column, and play their scenarios; exit code 1 where there is one
    Check {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Sign in from the terminal, and show each request, its answer and what was taken from it, secrets masked
    Try(Tried),
    /// The same, and write what went to and fro at the end of the file as a scenario, secrets replaced
    Record {
        /// What the scenario shows, such as "wrong password"
        #[arg(long)]
        name: String,
        #[command(flatten)]
        tried: Tried,
    },
}

/// What is tried out.
#[derive(Args)]
pub struct Tried {
    /// The provider file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whom to sign in; otherwise it is asked for
    #[arg(long)]
    username: Option<String>,
    /// Further certificate authorities to trust, PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Show the bodies of answers, up to 4,000 characters each
    #[arg(long)]
    bodies: bool,
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    running::runtime()?.block_on(async {
        match wanted {
            Wanted::Check { files } => check(&files).await,
            Wanted::Try(tried) => trial::run(tried, None).await,
            Wanted::Record { name, tried } => trial::run(tried, Some(name)).await,
        }
    })
}

async fn check(files: &[PathBuf]) -> Result<ExitCode, Refused> {
    let mut problems = 0;
    for file in files {
        match check_one(file).await {
            Ok(fine) => say(&fine),
            Err(wrong) => {
                problems += wrong.len();
                for line in &wrong {
                    complain(line);
                }
            }
        }
    }
    Ok(match problems {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// What is said of a file that is fine; otherwise a line for each problem.
async fn check_one(file: &Path) -> Result<String, Vec<String>> {
    let shown = file.display();
    let Some(declared) = provider_file::read_declared(file)? else {
        provider_file::read(file)?;
        return Ok(format!("{shown}: fine"));
    };
    let problems = declared.play().await;
    if !problems.is_empty() {
        return Err(problems
            .iter()
            .map(|problem| format!("{shown}:{problem}"))
            .collect());
    }
    Ok(match declared.scenarios() {
        0 => format!("{shown}: fine; it has no scenario, which `linchpin provider record` writes"),
        1 => format!("{shown}: fine, as its scenario shows"),
        count => format!("{shown}: fine, as its {count} scenarios show"),
    })
}
