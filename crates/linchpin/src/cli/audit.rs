//! `linchpin audit`: the log of who did what.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::Value;

use super::{
    Refused,
    admin::{self, Where},
    control::Answer,
    logging, say,
};
use crate::flow::admin::{AuditCommand, Command};

/// What can be done with the log.
#[derive(Subcommand)]
pub enum Wanted {
    /// List the newest entries, the newest first
    List {
        /// How many, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: i64,
        #[command(flatten)]
        at: Where,
    },
    /// Print the log, oldest first, an entry a line as JSON with its position and the chain up to it
    Export {
        /// Begin after this position: the last one that you have
        #[arg(long, value_name = "POSITION", default_value_t = 0)]
        after: i64,
        #[command(flatten)]
        at: Where,
    },
    /// Print where the chain ends, to be kept elsewhere and compared with later
    Head {
        #[command(flatten)]
        at: Where,
    },
    /// Read the whole log and tell whether anything in it was changed, removed or reordered
    Verify {
        /// What `audit head` printed earlier: whether the log still goes through it
        #[arg(long, value_name = "POSITION:HEX")]
        head: Option<String>,
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let (asked, at) = match wanted {
        Wanted::List { limit, at } => (AuditCommand::List { limit }, at),
        Wanted::Export { after, at } => return export(after, &at),
        Wanted::Head { at } => (AuditCommand::Head, at),
        Wanted::Verify { head, at } => (AuditCommand::Verify { head }, at),
    };
    admin::run(Command::Audit { asked }, &at)
}

/// Asks page by page, so that a log of any length can be printed.
fn export(mut after: i64, at: &Where) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let place = at.place()?;
    loop {
        let asked = AuditCommand::Export { after };
        let page = match admin::answer(Command::Audit { asked }, &place)? {
            Answer::Ok(page) => page,
            Answer::Problems(_) => return Err(Refused::new("the log could not be exported")),
            Answer::Error(text) => return Err(Refused::new(text)),
        };
        let entries = page.as_array().map(Vec::as_slice).unwrap_or_default();
        for entry in entries {
            say(&serde_json::to_string(entry)?);
        }
        let last = entries.last().and_then(|entry| entry.get("position"));
        match last.and_then(Value::as_i64) {
            Some(position) => after = position,
            None => return Ok(ExitCode::SUCCESS),
        }
    }
}
