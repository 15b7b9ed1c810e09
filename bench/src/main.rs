//! Benchmarks of Linchpin, every rate beside a ceiling that was measured in the same run.
//!
//! `cargo run --release -p linchpin-bench` builds nothing else and needs `target/release/linchpin`; the table on
//! standard output is the result. `postgres` runs the comparisons on PostgreSQL instead. With a role (`ceiling`, `single`, `bare`) the same binary is one of the servers
//! that the run compares; `fill` prepares a store.

mod access;
mod cluster;
mod connections;
mod deliveries;
mod durable;
mod fill;
mod fill_sql;
mod flush;
mod footprint;
mod load;
mod pages;
mod postgres;
mod receiver;
mod roles;
mod rotation;
mod server;
mod table;
mod waiting;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// The one of the binary that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Benchmarks of Linchpin, each with its ceiling measured in the same run")]
struct Arguments {
    /// The binary that is measured.
    #[arg(long, global = true, default_value = "target/release/linchpin")]
    binary: PathBuf,
    /// Where stores are made; what is measured is the disk that holds it.
    #[arg(long, global = true, default_value = "target")]
    directory: PathBuf,
    /// Seconds of each measurement.
    #[arg(long, global = true, default_value_t = 3)]
    seconds: u64,
    /// Rounds; the medians of them are printed.
    #[arg(long, global = true, default_value_t = 5)]
    rounds: usize,
    /// Stored sessions of the large store.
    #[arg(long, global = true, default_value_t = 1_000_000)]
    stored: usize,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Subcommand)]
enum Role {
    /// A bare hyper answer.
    Bare,
    /// Accept loop, key check, parsing and answer of init, without a store.
    Ceiling {
        /// Where its (unused) store is made.
        directory: PathBuf,
    },
    /// The whole server with one commit a request.
    Single {
        /// Its data directory.
        directory: PathBuf,
        /// A PostgreSQL database to use in its place.
        database: Option<String>,
    },
    /// Durable init on PostgreSQL, on a server of its own.
    Postgres {
        /// Lines of postgresql.conf, as NAME=VALUE.
        settings: Vec<String>,
    },
    /// Deliveries to webhook endpoints.
    Deliveries,
    /// Pages of connections, of a small store and a large one.
    Connections,
    /// Rotation of the vault's master key under load.
    Rotation,
    /// Calls that wait for a whitelabel session.
    Waiting,
    /// Calls through a connection.
    Access,
    /// The API that those calls go to.
    Platform,
    /// A proxy of the same HTTP library in front of that API, which does nothing else.
    BareProxy {
        /// Host and port of the API.
        upstream: String,
        /// A file that has a line flushed to it for each call.
        notes: Option<PathBuf>,
    },
    /// The whole server, with a provider that passes calls on to an API.
    Passing {
        /// Its data directory.
        directory: PathBuf,
        /// Host and port of the API.
        upstream: String,
    },
    /// Puts sessions into the store of a data directory that `linchpin dev` made.
    Fill {
        /// The data directory.
        directory: PathBuf,
        /// How many.
        sessions: usize,
    },
}

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    match &arguments.role {
        // The load generator has one thread, so that it takes one core at most from what it measures.
        None
        | Some(
            Role::Postgres { .. }
            | Role::Deliveries
            | Role::Connections
            | Role::Rotation
            | Role::Waiting
            | Role::Access,
        ) => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(run(&arguments)),
        // The servers have the runtime that the shipped binary has.
        Some(role) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(async {
                match role {
                    Role::Bare => roles::bare().await,
                    Role::Ceiling { directory } => roles::ceiling(directory).await,
                    Role::Single {
                        directory,
                        database,
                    } => roles::single(directory, database.as_deref()).await,
                    Role::Postgres { .. }
                    | Role::Deliveries
                    | Role::Connections
                    | Role::Rotation
                    | Role::Waiting
                    | Role::Access => Ok(()),
                    Role::Platform => access::platform::serve().await,
                    Role::BareProxy { upstream, notes } => {
                        access::bare::serve(upstream, notes.as_deref()).await
                    }
                    Role::Passing {
                        directory,
                        upstream,
                    } => roles::passing(directory, upstream).await,
                    Role::Fill {
                        directory,
                        sessions,
                    } => fill::fill(directory, *sessions).await,
                }
            }),
    }
}

async fn run(arguments: &Arguments) -> Outcome<()> {
    let flush = flush::of_64_kib(&arguments.directory)?;
    table::line(&format!(
        "disk: flushing 64 KiB takes {:.3} ms (median of 200)",
        flush * 1_000.0
    ));
    if let Some(Role::Postgres { settings }) = &arguments.role {
        return postgres::run(arguments, settings).await;
    }
    match &arguments.role {
        Some(Role::Deliveries) => return deliveries::run(arguments).await,
        Some(Role::Connections) => return connections::run(arguments).await,
        Some(Role::Rotation) => return rotation::run(arguments).await,
        Some(Role::Waiting) => return waiting::run(arguments).await,
        Some(Role::Access) => return access::run(arguments).await,
        _ => {}
    }
    durable::run(arguments, flush).await?;
    deliveries::run(arguments).await?;
    connections::run(arguments).await?;
    rotation::run(arguments).await?;
    waiting::run(arguments).await?;
    access::run(arguments).await?;
    pages::run();
    footprint::run(arguments).await
}
