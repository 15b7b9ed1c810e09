//! `linchpin connector`: whether a connector keeps its contract.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use linchpin_provider::{
    Secret,
    conformance::{Actor, Ending, Script},
};
use linchpin_providers::connector::{Suspect, Verification};

use super::{Refused, complain, logging, provider_file, running, say};
use crate::egress::{Egress, Rules};

/// What can be done with connectors.
#[derive(Subcommand)]
pub enum Wanted {
    /// Look whether a connector keeps each rule of the contract, a line a rule; the exit code is 0 only where it does
    Verify(Suspected),
}

/// The connector that is looked at.
#[derive(Args)]
pub struct Suspected {
    /// Where it is; /v1/… is put behind it
    url: String,
    /// The file with the secret that it shares with Linchpin
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// An account to test with, with its code where it has a second factor; again for more
    #[arg(long, value_name = "NAME:PASSWORD[:CODE]")]
    account: Vec<String>,
    /// An account that is locked; again for more
    #[arg(long, value_name = "NAME:PASSWORD")]
    locked: Vec<String>,
    /// Users sign in on the platform's own page
    #[arg(long)]
    elsewhere: bool,
    /// The platform's API, for --path
    #[arg(long, value_name = "URL", requires = "path")]
    api: Option<String>,
    /// A path below --api that every account can read
    #[arg(long, value_name = "PATH", requires = "api")]
    path: Option<String>,
    /// The outbound proxy that the connector is to leave through for its own requests [default: directly]
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,
    /// The longest that an answer may take, 1 to 120
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=120))]
    deadline: u64,
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let Wanted::Verify(suspected) = wanted;
    // What is wrong is said in the verdicts.
    let _logs = logging::start("error")?;
    running::runtime()?.block_on(verify(suspected))
}

async fn verify(suspected: Suspected) -> Result<ExitCode, Refused> {
    let url = suspected.url.clone();
    let without_accounts = suspected.account.is_empty();
    let verification = Verification::new(suspect(suspected)?)
        .map_err(|problems| Refused::new(problems.join("\nlinchpin: ")))?;
    let client = Egress::new(Rules::anywhere())?.client(verification.reach(), None, "verify");
    let verified = verification.verify(&client).await;
    let (about, verdicts) = verified.map_err(|why| Refused::new(format!("{url}: {why}")))?;
    say(&format!("{} {}", about.name, about.version));
    for verdict in &verdicts {
        say(&verdict.to_string());
    }
    if without_accounts {
        complain("linchpin: with --account NAME:PASSWORD sign-in and sessions are looked at, too");
    }
    let failed = verdicts.iter().filter(|v| !v.faults.is_empty()).count();
    say(&match failed {
        0 => "It keeps the contract as far as was looked.".to_owned(),
        1 => "1 rule is not kept.".to_owned(),
        failed => format!("{failed} rules are not kept."),
    });
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn suspect(suspected: Suspected) -> Result<Suspect, Refused> {
    let mut actors = Vec::new();
    for text in &suspected.account {
        actors.push(actor("--account", text, Ending::SignedIn)?);
    }
    for text in &suspected.locked {
        actors.push(actor("--locked", text, Ending::Locked)?);
    }
    Ok(Suspect {
        url: suspected.url,
        secret: provider_file::read_secret(&suspected.secret_file)
            .map_err(|wrong| Refused::new(format!("--secret-file: {wrong}")))?,
        elsewhere: suspected.elsewhere,
        api: suspected.api,
        proxy: suspected.proxy.map(Secret::new),
        script: Script {
            path: suspected.path,
            ..Script::new(actors)
        },
        deadline: Duration::from_secs(suspected.deadline),
    })
}

fn actor(option: &str, text: &str, ending: Ending) -> Result<Actor, Refused> {
    let mut parts = text.splitn(3, ':');
    let (Some(name), Some(password), code) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Refused::new(format!(
            "{option} must be a name and a password, and a code where one is wanted: NAME:PASSWORD:CODE"
        )));
    };
    let mut actor = Actor::new(name, password);
    if let Some(code) = code {
        actor = actor.with_code(code);
    }
    Ok(Actor { ending, ..actor })
}
