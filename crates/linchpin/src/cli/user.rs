//! `linchpin user`: what is kept of one of a developer's users, told or erased.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{
    Refused,
    admin::{self, Where},
    control::Answer,
    logging, say,
};
use crate::flow::admin::{Command, UserCommand};

/// What can be done about a user.
#[derive(Subcommand)]
pub enum Wanted {
    /// Print everything that is kept of a user as one JSON document
    Export {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        at: Where,
    },
    /// Disconnect and erase a user for good; what has to stay says nothing of them any more
    Erase {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        at: Where,
    },
}

/// Which user.
#[derive(Args)]
pub struct Who {
    /// The user's clientReferenceId
    #[arg(long, value_name = "REFERENCE")]
    reference: String,
    /// sandbox or live
    #[arg(long)]
    environment: String,
    /// Whose user it is; may be left out where there is one organisation
    #[arg(long, value_name = "ID")]
    org: Option<String>,
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    match wanted {
        Wanted::Export { who, at } => export(who, &at),
        Wanted::Erase { who, at } => {
            let Who {
                reference,
                environment,
                org,
            } = who;
            let asked = UserCommand::Erase {
                org,
                environment,
                reference,
            };
            admin::run(Command::User { asked }, &at)
        }
    }
}

/// A document is JSON whether `--json` is there or not; with it, on one line.
fn export(who: Who, at: &Where) -> Result<ExitCode, Refused> {
    if at.json {
        let asked = exporting(who);
        return admin::run(asked, at);
    }
    let _logs = logging::start("error")?;
    match admin::answer(exporting(who), &at.place()?)? {
        Answer::Ok(document) => {
            say(&serde_json::to_string_pretty(&document)?);
            Ok(ExitCode::SUCCESS)
        }
        refused => admin::complain_of(refused),
    }
}

fn exporting(who: Who) -> Command {
    let Who {
        reference,
        environment,
        org,
    } = who;
    let asked = UserCommand::Export {
        org,
        environment,
        reference,
    };
    Command::User { asked }
}
