//! `linchpin key`: API keys.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    Refused,
    admin::{self, Where},
};
use crate::flow::admin::Command;

/// What can be done with keys.
#[derive(Subcommand)]
pub enum Wanted {
    /// Make a key; it is shown this once
    Create {
        /// The organisation that it belongs to; may be left out where there is one
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        /// What you call it, 1 to 80 characters
        #[arg(long)]
        name: String,
        /// What it may be used for: LINK, ACCOUNT, ACCESS, MANAGE, joined by commas
        #[arg(long, value_name = "SCOPES")]
        scope: String,
        /// sandbox or live
        #[arg(long, value_name = "ENV")]
        environment: String,
        /// From when on it opens nothing any more: 2027-01-31 or 2027-01-31T10:00:00Z
        #[arg(long, value_name = "DATE")]
        expires: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// List keys, oldest first; the keys themselves are not kept
    List {
        /// Only those of this organisation
        #[arg(long, value_name = "ID")]
        org: Option<String>,
        #[command(flatten)]
        at: Where,
    },
    /// Revoke a key: from now on it opens nothing
    Revoke {
        /// `key_…`
        id: String,
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Create {
            org,
            name,
            scope,
            environment,
            expires,
            at,
        } => {
            let command = Command::KeyCreate {
                org,
                name,
                scope,
                environment,
                expires,
            };
            admin::run(command, &at)
        }
        Wanted::List { org, at } => admin::run(Command::KeyList { org }, &at),
        Wanted::Revoke { id, at } => admin::run(Command::KeyRevoke { id }, &at),
    }
}
