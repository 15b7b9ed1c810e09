//! The command line: one file a command.

mod admin;
mod app;
mod audit;
mod backup;
mod configured;
mod connection;
mod connector;
mod control;
mod core_dumps;
mod dev;
mod key;
mod listen;
mod logging;
mod master_key;
mod migrate;
mod org;
mod private;
mod provider;
mod provider_file;
mod restore;
mod running;
mod serve;
mod store;
mod support_bundle;
mod user;
mod vault;
mod webhook;

pub use provider_file::read as read_provider;

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// What every command of the line is parsed into.
#[derive(Parser)]
#[command(
    name = "linchpin",
    version,
    about = "Account linking that you run yourself",
    after_help = "Begin with `linchpin dev`: it needs no configuration and shows where to click."
)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine, with a sandbox, a demo application and no configuration
    Dev(dev::Wanted),
    /// Run the server from a configuration file and the environment
    Serve(serve::Wanted),
    /// Register, list, change and delete client apps
    #[command(subcommand)]
    App(app::Wanted),
    /// Make, list and revoke API keys
    #[command(subcommand)]
    Key(key::Wanted),
    /// End every connection of an app or of a provider at once
    #[command(subcommand)]
    Connection(connection::Wanted),
    /// Check provider files, and try them out
    #[command(subcommand)]
    Provider(provider::Wanted),
    /// Look whether a connector to a platform keeps its contract
    #[command(subcommand)]
    Connector(connector::Wanted),
    /// List and export the audit log, and look whether it is as it was written
    #[command(subcommand)]
    Audit(audit::Wanted),
    /// Register webhook endpoints, look at deliveries, and have events forwarded to this machine
    #[command(subcommand)]
    Webhook(webhook::Wanted),
    /// Rotate the master key that sessions of platforms are sealed under
    #[command(subcommand)]
    Vault(vault::Wanted),
    /// Tell what is kept of one of a developer's users, or erase it
    #[command(subcommand)]
    User(user::Wanted),
    /// Print what somebody who helps needs to know: versions, configuration, counts; nothing of any person
    SupportBundle(support_bundle::Wanted),
    /// Make and list organisations
    #[command(subcommand)]
    Org(org::Wanted),
    /// Copy a store
    #[command(subcommand)]
    Store(store::Wanted),
    /// Look at the schema of a store, or bring it up to date
    #[command(subcommand)]
    Migrate(migrate::Wanted),
    /// Take a sealed backup of the store while the server runs
    Backup(backup::Wanted),
    /// Put a backup back without what was revoked and deleted since
    Restore(restore::Wanted),
    /// Check or show a configuration
    #[command(subcommand)]
    Config(configured::Wanted),
}

/// Why a command was not carried out, in words for the person who typed it.
#[derive(Debug)]
struct Refused(String);

impl Refused {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Parses the command line and carries the command out.
///
/// Exit codes: 0, 1 for a command that was refused (the text is on standard error), 2 for a line that is not a
/// command.
pub fn run() -> ExitCode {
    let CommandLine { command } = CommandLine::parse();
    let outcome = match command {
        Command::Dev(wanted) => dev::run(wanted),
        Command::Serve(wanted) => serve::run(wanted),
        Command::App(wanted) => app::run(wanted),
        Command::Key(wanted) => key::run(wanted),
        Command::Connection(wanted) => connection::run(wanted),
        Command::Provider(wanted) => provider::run(wanted),
        Command::Connector(wanted) => connector::run(wanted),
        Command::Audit(wanted) => audit::run(wanted),
        Command::Webhook(wanted) => webhook::run(wanted),
        Command::Vault(wanted) => vault::run(wanted),
        Command::User(wanted) => user::run(wanted),
        Command::SupportBundle(wanted) => support_bundle::run(&wanted),
        Command::Org(wanted) => org::run(wanted),
        Command::Store(wanted) => store::run(wanted),
        Command::Migrate(wanted) => migrate::run(&wanted),
        Command::Backup(wanted) => backup::run(&wanted),
        Command::Restore(wanted) => restore::run(&wanted),
        Command::Config(wanted) => Ok(configured::run(&wanted)),
    };
    match outcome {
        Ok(code) => code,
        Err(refused) => {
            complain(&format!("linchpin: {refused}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard output. That nobody reads it is no reason to fail.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .unwrap_or_default();
}

/// Writes a line to standard error.
fn complain(text: &str) {
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}
