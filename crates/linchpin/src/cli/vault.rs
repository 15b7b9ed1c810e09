//! `linchpin vault`: rotation of the master key that sessions of platforms are sealed under, and sealing them anew.

mod told;

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    Refused,
    admin::{self, Where},
    control::Answer,
    logging, master_key, say,
};
use crate::{
    config::Place,
    domain::master_keys::{MasterKey, MasterKeys},
    flow::admin::Command,
    vault::VaultError,
};

/// What can be done with the vault.
#[derive(Subcommand)]
pub enum Wanted {
    /// Make the next version of the master key, and have everything sealed under it from now on
    Rotate {
        /// Only add the next version to the key file, to be copied to the other nodes before `vault rotate`
        #[arg(long)]
        prepare: bool,
        #[command(flatten)]
        at: Where,
    },
    /// Tell which version is current and how much each one still wraps
    Status {
        #[command(flatten)]
        at: Where,
    },
    /// Take a version that nothing is wrapped with any more out of the key file
    Retire {
        /// The version, from 2 on
        version: i64,
        #[command(flatten)]
        at: Where,
    },
    /// Have every session and webhook secret sealed anew, each with a new key of its own
    Reseal {
        #[command(flatten)]
        at: Where,
    },
}

/// Carries the command out.
pub fn run(wanted: Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let (at, value) = match wanted {
        Wanted::Rotate { prepare: true, at } => {
            let value = prepare(&at.place()?)?;
            (at, value)
        }
        Wanted::Rotate { prepare: false, at } => {
            let value = rotate(&at.place()?)?;
            (at, value)
        }
        Wanted::Status { at } => {
            let value = ask(Command::VaultStatus, &at.place()?)?;
            (at, value)
        }
        Wanted::Retire { version, at } => {
            let value = retire(&at.place()?, version)?;
            (at, value)
        }
        Wanted::Reseal { at } => {
            let value = ask(Command::VaultReseal, &at.place()?)?;
            (at, value)
        }
    };
    if at.json {
        say(&serde_json::to_string(&value)?);
    } else {
        say(&told::readable(&value));
    }
    Ok(ExitCode::SUCCESS)
}

/// Adds the next version to the key file.
fn prepare(place: &Place) -> Result<Value, Refused> {
    let current = current(&ask(Command::VaultStatus, place)?)?;
    let file = admin::key_file(place, &std::path::absolute(&place.data)?);
    let key = draw()?;
    let version = master_key::change(&file, |keys| match keys.newest() {
        newest if newest > current => Err(Refused::new(format!(
            "version {newest} is prepared already. Copy the key file {} to every node, then run `linchpin vault rotate`",
            file.display()
        ))),
        _ => with_next(&keys, key, current),
    })?;
    Ok(json!({ "prepared": version, "keyFile": file }))
}

/// Has the newest version of the key file become current; makes it where there is none that is newer than the current.
fn rotate(place: &Place) -> Result<Value, Refused> {
    let status = ask(Command::VaultStatus, place)?;
    let current = current(&status)?;
    let shared = status.get("shared") == Some(&Value::Bool(true));
    let file = admin::key_file(place, &std::path::absolute(&place.data)?);
    let newest = master_key::read(&file)?.newest();
    let version = if newest > current {
        newest
    } else if shared {
        return Err(Refused::new(
            "several nodes may share this database, and each needs the new version before it is used. Run `linchpin vault rotate --prepare`, copy the key file to every node, then run `linchpin vault rotate`",
        ));
    } else {
        let key = draw()?;
        master_key::change(&file, |keys| match keys.newest() {
            // Made by another command at the same moment.
            newest if newest > current => Ok((keys, newest)),
            _ => with_next(&keys, key, current),
        })?
    };
    ask(Command::VaultRotate { version }, place)
}

/// Takes a version out of the key file, once the server has written that it may be.
fn retire(place: &Place, version: i64) -> Result<Value, Refused> {
    let file = admin::key_file(place, &std::path::absolute(&place.data)?);
    let is_there = master_key::read(&file)?
        .versions()
        .any(|(there, _)| there == version);
    if !is_there {
        return Err(Refused::new(format!(
            "there is no version {version} in the key file {}",
            file.display()
        )));
    }
    let value = ask(Command::VaultRetire { version }, place)?;
    let before = master_key::change(&file, |keys| match keys.without(version) {
        Some(fewer) => Ok((fewer, keys)),
        None => Ok((keys.clone(), keys)),
    })?;
    // The server reads the key file again, and so forgets the key as well.
    let status = ask(Command::VaultStatus, place)?;
    if wraps(&status, version) {
        master_key::change(&file, |keys| Ok((keys.with_one_of(&before, version), ())))?;
        return Err(Refused::new(format!(
            "version {version} of the master key was used in this moment and is back in the key file; repeat the command"
        )));
    }
    Ok(value)
}

/// Whether anything is wrapped with a version.
fn wraps(status: &Value, version: i64) -> bool {
    let mut versions = status
        .get("versions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    versions.any(|found| {
        let rows = found.get("rows").and_then(Value::as_i64);
        found.get("version") == Some(&version.into()) && rows.is_some_and(|rows| rows > 0)
    })
}

/// A random key.
fn draw() -> Result<MasterKey, Refused> {
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(key.as_mut())
        .map_err(|_| Refused::new("the system's random generator failed"))?;
    Ok(key)
}

/// The keys with the one of the next version. A number that was current before must not be given to another key.
fn with_next(
    keys: &MasterKeys,
    key: MasterKey,
    current: i64,
) -> Result<(MasterKeys, i64), Refused> {
    if keys.newest() < current {
        return Err(VaultError::NoKey(current).into());
    }
    Ok(keys.with_next(key))
}

fn ask(command: Command, place: &Place) -> Result<Value, Refused> {
    match admin::answer(command, place)? {
        Answer::Ok(value) => Ok(value),
        Answer::Error(text) => Err(Refused::new(text)),
        Answer::Problems(problems) => {
            let told = problems.into_iter().map(|problem| problem.message);
            Err(Refused::new(told.collect::<Vec<_>>().join("\n")))
        }
    }
}

fn current(status: &Value) -> Result<i64, Refused> {
    let version = status.get("currentVersion").and_then(Value::as_i64);
    version.ok_or_else(|| {
        Refused::new("the server answers something else; use the linchpin that it was started with")
    })
}
