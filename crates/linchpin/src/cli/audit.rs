//! `linchpin audit`: the log of who did what.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    Refused,
    admin::{self, Where},
};
use crate::flow::admin::Command;

/// What can be done with the log.
#[derive(Subcommand)]
pub enum Wanted {
    /// Read the whole log and tell whether anything in it was changed, removed or reordered
    Verify {
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Verify { at } => admin::run(Command::AuditVerify, &at),
    }
}
