//! `linchpin org`: organisations.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    Refused,
    admin::{self, Where},
};
use crate::flow::admin::Command;

/// What can be done with organisations.
#[derive(Subcommand)]
pub enum Wanted {
    /// Make an organisation: whom keys and apps belong to
    Create {
        /// 1 to 80 characters
        #[arg(long)]
        name: String,
        #[command(flatten)]
        at: Where,
    },
    /// List organisations, oldest first
    List {
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Create { name, at } => admin::run(Command::OrgCreate { name }, &at),
        Wanted::List { at } => admin::run(Command::OrgList, &at),
    }
}
