//! `linchpin support-bundle`: what somebody who helps needs to know of an installation, and nothing that they must not.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    Refused,
    admin::{self, Where},
    configured,
    control::Answer,
    logging, say,
};
use crate::{config::Place, flow::admin::Command, store::LEDGER};

/// What `linchpin support-bundle` takes.
#[derive(Args)]
pub struct Wanted {
    /// The file to make, for your user only; one that exists is never replaced [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    at: Where,
}

/// Carries the command out.
pub fn run(wanted: &Wanted) -> Result<ExitCode, Refused> {
    let _logs = logging::start("error")?;
    let place = wanted.at.place()?;
    let store = match admin::answer(Command::Support, &place)? {
        Answer::Ok(store) => store,
        refused => return admin::complain_of(refused),
    };
    let bundle = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "build": if cfg!(debug_assertions) { "debug" } else { "release" },
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "configuration": configuration(wanted.at.config()),
        "schema": schema(&place)?,
        "fileBytes": sizes(&place)?,
        "store": store,
    });
    let text = if wanted.at.json {
        serde_json::to_string(&bundle)?
    } else {
        serde_json::to_string_pretty(&bundle)?
    };
    match &wanted.output {
        None => say(&text),
        Some(file) => write(file, &text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// As `config show` tells it, which leaves secrets out; null where there is none that a server would start with.
fn configuration(file: Option<&Path>) -> Value {
    let checked = configured::check(&configured::written(file)).ok();
    let shown = checked.and_then(|config| toml::from_str(&config.show()).ok());
    shown.unwrap_or_default()
}

/// The newest migration of the store, and how many this linchpin knows that it has not.
fn schema(place: &Place) -> Result<Value, Refused> {
    let directory = std::path::absolute(&place.data)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let standing = runtime.block_on(place.store(&directory).standing())?;
    let ran = standing.migrations.iter().filter(|known| known.ran);
    let newest = ran.map(|known| known.number).max();
    let missing = standing.migrations.iter().filter(|known| !known.ran);
    Ok(json!({ "newest": newest, "notRun": missing.count() }))
}

/// Bytes of the files of a data directory that have names of ours.
fn sizes(place: &Place) -> Result<Value, Refused> {
    let directory = std::path::absolute(&place.data)?;
    let size = |name: &str| {
        let found = std::fs::metadata(directory.join(name)).ok();
        Value::from(found.map(|found| found.len()))
    };
    let names = ["linchpin.db", "linchpin.db-wal", LEDGER];
    let sizes = names.map(|name| (name.to_owned(), size(name)));
    Ok(Value::Object(Map::from_iter(sizes)))
}

fn write(file: &Path, text: &str) -> Result<(), Refused> {
    let failed = |error: std::io::Error| {
        Refused::new(format!(
            "the bundle {} cannot be made: {error}",
            file.display()
        ))
    };
    let mut made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map_err(failed)?;
    writeln!(made, "{text}").map_err(failed)
}
