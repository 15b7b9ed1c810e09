//! `linchpin connection`: ending every connection of an app or of a provider.

use std::process::ExitCode;

use clap::{ArgGroup, Subcommand};
use serde_json::{Value, json};

use super::{
    Refused,
    admin::{self, Where},
    complain,
    control::Answer,
    logging, say,
};
use crate::flow::{
    Reached,
    admin::{Command, ConnectionCommand},
};

/// What can be done with connections.
#[derive(Subcommand)]
pub enum Wanted {
    /// End every connection that an app linked, or that a provider has the account of; users have to sign in again
    #[command(group(ArgGroup::new("of").required(true).args(["app", "provider"])))]
    Invalidate {
        /// Those that this app linked, or signed in again last: `app_…`
        #[arg(long, value_name = "ID")]
        app: Option<String>,
        /// Those of this provider, in every organisation where --org names none
        #[arg(long, value_name = "NAME")]
        provider: Option<String>,
        /// Only those of this organisation
        #[arg(long, value_name = "ID", alias = "organisation")]
        org: Option<String>,
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let Wanted::Invalidate {
        app,
        provider,
        org,
        at,
    } = wanted;
    let step = |reached: Option<Reached>| Command::Connection {
        asked: ConnectionCommand::Invalidate {
            app: app.clone(),
            provider: provider.clone(),
            org: org.clone(),
            reached,
        },
    };
    let answer = admin::answer_in_steps(step(None), &at.place()?, |value| {
        let reached = read(value).filter(|reached| !reached.is_over)?;
        if !at.json {
            complain(&format!("{} connections ended so far", reached.ended));
        }
        Some(step(Some(reached)))
    })?;
    match answer {
        Answer::Ok(value) => {
            let reached = read(&value).ok_or_else(|| {
                Refused::new(
                    "the server answers something else; use the linchpin that it was started with",
                )
            })?;
            say(&told(&reached, at.json));
            Ok(ExitCode::SUCCESS)
        }
        Answer::Problems(problems) => {
            for problem in problems {
                complain(&format!("--{}: {}", problem.field, problem.message));
            }
            Ok(ExitCode::FAILURE)
        }
        Answer::Error(text) => Err(Refused::new(text)),
    }
}

fn read(value: &Value) -> Option<Reached> {
    serde_json::from_value(value.clone()).ok()
}

fn told(reached: &Reached, as_json: bool) -> String {
    let Reached {
        ended,
        not_signed_out,
        unreadable,
        ..
    } = reached;
    if as_json {
        let told =
            json!({ "ended": ended, "notSignedOut": not_signed_out, "unreadable": unreadable });
        return told.to_string();
    }
    let mut lines = vec![format!("{ended} connections ended")];
    if *not_signed_out > 0 {
        lines.push(format!(
            "{not_signed_out} of them are not signed out at their provider, since more sign-outs waited than may, or they could not be opened: their sessions are destroyed here and may live on there"
        ));
    }
    if *unreadable > 0 {
        lines.push(format!(
            "{unreadable} further rows are damaged and were left as they are; see docs/operations/damage.md"
        ));
    }
    lines.join("\n")
}
