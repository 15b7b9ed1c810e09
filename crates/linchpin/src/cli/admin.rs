//! Carrying an operator's command out: by the running server, or here where none runs.

mod print;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use serde_json::Value;

use super::{
    Refused, complain, configured,
    control::{self, Answer},
    logging, master_key, say,
};
use crate::{
    config::Place,
    domain::keyring::Keyring,
    egress::Egress,
    flow::{Clock, Engine, Parts, PublicUrls, Settings, admin::Command},
    store::{LEDGER, OpenError, Store},
    vault::{KeySource, Vault},
};

/// Times that a directory is looked at which is neither free nor served: somebody is starting or ending there.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// How long is waited for providers that are told to sign out.
const SIGN_OUTS: Duration = Duration::from_secs(10);

/// What every operator's command takes.
#[derive(Args)]
pub struct Where {
    /// The data directory [default: that of the configuration, or linchpin-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The configuration file that says where the data directory is
    #[arg(long, value_name = "FILE", env = "LINCHPIN_CONFIG")]
    config: Option<PathBuf>,
    /// Print the answer as JSON on one line
    #[arg(long)]
    pub(super) json: bool,
}

impl Where {
    /// Where everything is kept.
    pub(super) fn place(&self) -> Result<Place, Refused> {
        self.place_on(None)
    }

    /// The configuration file, where one is named.
    pub(super) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// The same with the database that the flag `--database` names.
    pub(super) fn place_on(&self, database: Option<&str>) -> Result<Place, Refused> {
        let database = database.map(|url| ("--database", url));
        configured::place_on(database, self.data.as_deref(), self.config.as_deref())
    }
}

/// Carries a command out and prints what it answers.
pub fn run(command: Command, wanted: &Where) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    match answer(command, &wanted.place()?)? {
        Answer::Ok(value) => {
            say(&shown(&value, wanted.json)?);
            Ok(ExitCode::SUCCESS)
        }
        refused => complain_of(refused),
    }
}

/// Tells why a command was not carried out.
pub(super) fn complain_of(refused: Answer) -> Result<ExitCode, Refused> {
    match refused {
        Answer::Ok(_) => Ok(ExitCode::SUCCESS),
        Answer::Problems(problems) => {
            for problem in problems {
                complain(&format!("{}: {}", flag(&problem.field), problem.message));
            }
            Ok(ExitCode::FAILURE)
        }
        Answer::Error(text) => Err(Refused::new(text)),
    }
}

/// What the running server answers a command, or this process where none runs.
pub(super) fn answer(command: Command, place: &Place) -> Result<Answer, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(ask(command, place, &mut |_| None))
}

/// The answer to the last of several commands, each of which follows from the answer to the one before. `next` is given
/// every answer but refusals, and `None` where that was the last one.
pub(super) fn answer_in_steps(
    first: Command,
    place: &Place,
    mut next: impl FnMut(&Value) -> Option<Command>,
) -> Result<Answer, Refused> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(ask(first, place, &mut next))
}

/// An answer as it is printed.
pub(super) fn shown(value: &Value, json: bool) -> Result<String, Refused> {
    if json {
        Ok(serde_json::to_string(value)?)
    } else {
        Ok(print::readable(value))
    }
}

/// What follows from an answer.
type Next<'a> = &'a mut dyn FnMut(&Value) -> Option<Command>;

async fn ask(mut command: Command, place: &Place, next: Next<'_>) -> Result<Answer, Refused> {
    let directory = std::path::absolute(&place.data)?;
    for look in 1.. {
        while let Some(answer) = control::ask(&directory, &command).await? {
            match following(&answer, next) {
                Some(following) => command = following,
                None => return Ok(answer),
            }
        }
        if place.database.is_none() {
            check_store(&directory)?;
        }
        match open(place, &directory).await {
            Ok((store, keys)) => {
                let takes_away = command.takes_away();
                let answer = carry_out_here(command, place, (store, keys), next).await?;
                if takes_away && place.database.is_some() && matches!(answer, Answer::Ok(_)) {
                    complain(&format!(
                        "linchpin: no server answers in {0}, so this was written into {0}/{LEDGER} and into no node's ledger. Keep that file: restoring a backup of the database needs it, too",
                        directory.display()
                    ));
                }
                return Ok(answer);
            }
            Err(Closed::InUse(_)) if look < LOOKS => tokio::time::sleep(BETWEEN_LOOKS).await,
            Err(Closed::InUse(text)) => {
                return Err(Refused::new(format!(
                    "{text}. It does not answer on its control socket"
                )));
            }
            Err(Closed::Refused(refused)) => return Err(refused),
        }
    }
    Err(Refused::new("the store could not be reached"))
}

fn following(answer: &Answer, next: Next<'_>) -> Option<Command> {
    match answer {
        Answer::Ok(value) => next(value),
        Answer::Problems(_) | Answer::Error(_) => None,
    }
}

/// Refuses a data directory without a store.
pub(super) fn check_store(directory: &Path) -> Result<(), Refused> {
    if directory.join("linchpin.db").exists() {
        return Ok(());
    }
    Err(Refused::new(format!(
        "there is no store in {}. Name its directory with --data, or make one with `linchpin dev` or `linchpin serve`",
        directory.display()
    )))
}

/// The file of a store's master keys.
pub(super) fn key_file(place: &Place, directory: &Path) -> PathBuf {
    match &place.master_key_file {
        Some(file) => file.clone(),
        None => directory.join("master.key"),
    }
}

/// The keys of a store, and how they are read again.
fn key_source(place: &Place, directory: &Path) -> Result<KeySource, Refused> {
    let file = key_file(place, directory);
    Ok(master_key::source(master_key::read(&file)?, file))
}

/// What everything is hashed with, from the same file.
pub(super) fn keyring(place: &Place, directory: &Path) -> Result<Keyring, Refused> {
    let keys = master_key::read(&key_file(place, directory))?;
    Ok(Keyring::derive(**keys.root()))
}

/// Why a store is not opened here.
enum Closed {
    InUse(String),
    Refused(Refused),
}

async fn open(place: &Place, directory: &Path) -> Result<(Store, KeySource), Closed> {
    let keys = key_source(place, directory).map_err(Closed::Refused)?;
    let keyring = Keyring::derive(**keys.first().root());
    match Store::open(&place.store(directory), &keyring).await {
        Ok(store) => Ok((store, keys)),
        Err(error @ OpenError::InUse { .. }) => Err(Closed::InUse(error.to_string())),
        Err(error) => Err(Closed::Refused(error.into())),
    }
}

async fn carry_out_here(
    mut command: Command,
    place: &Place,
    (store, keys): (Store, KeySource),
    next: Next<'_>,
) -> Result<Answer, Refused> {
    let clock = Clock::system(store.latest_time(), store.measure_time().await?);
    // No command makes a URL.
    let settings = Settings::at(PublicUrls {
        api: String::new(),
        link: String::new(),
    });
    let providers = super::running::all_providers(place)?;
    let keyring = Keyring::derive(**keys.first().root());
    let parts = Parts {
        store: store.clone(),
        keyring,
        vault: Vault::new(keys),
        egress: Egress::new(place.egress.clone())
            .map_err(|error| Refused::new(error.to_string()))?,
        clock,
    };
    let answer = match Engine::start(parts, settings, providers).await {
        Ok(engine) => loop {
            let answer = control::carry_out(&engine, command, place.sandbox_only).await;
            match following(&answer, next) {
                Some(following) => command = following,
                None => {
                    engine.finish_checks(SIGN_OUTS).await;
                    break Ok(answer);
                }
            }
        },
        Err(error) => Err(error.into()),
    };
    store.close().await;
    answer
}

/// The flag that a field is written with.
fn flag(field: &str) -> String {
    let name = match field {
        "redirectUris" => "redirect-uri",
        "allowedOrigins" => "origin",
        "providers" => "provider",
        "permissions" => "permission",
        "optionalPermissions" => "optional-permission",
        other => {
            let mut name = String::from("--");
            for letter in other.chars() {
                if letter.is_ascii_uppercase() {
                    name.push('-');
                }
                name.push(letter.to_ascii_lowercase());
            }
            return name;
        }
    };
    format!("--{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_flag_of_its_field() {
        for (field, wanted) in [
            ("type", "--type"),
            ("redirectUris", "--redirect-uri"),
            ("optionalPermissions", "--optional-permission"),
            ("privacyUrl", "--privacy-url"),
            ("sessionMinutes", "--session-minutes"),
        ] {
            assert_eq!(flag(field), wanted);
        }
    }
}
