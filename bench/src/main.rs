//! Benchmarks of Linchpin, every rate beside a ceiling that was measured in the same run.
//!
//! `cargo run --release -p linchpin-bench` builds nothing else and needs `target/release/linchpin`; the table on
//! standard output is the result. With a role (`ceiling`, `single`, `bare`) the same binary is one of the servers
//! that the run compares; `fill` prepares a store.

mod durable;
mod fill;
mod flush;
mod footprint;
mod load;
mod pages;
mod roles;
mod server;
mod table;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Benchmarks of Linchpin, each with its ceiling measured in the same run")]
struct Arguments {
    /// The binary that is measured.
    #[arg(long, default_value = "target/release/linchpin")]
    binary: PathBuf,
    /// Where stores are made; what is measured is the disk that holds it.
    #[arg(long, default_value = "target")]
    directory: PathBuf,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds; the medians of them are printed.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Stored sessions of the large store.
    #[arg(long, default_value_t = 1_000_000)]
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
        // The servers have the runtime that the shipped binary has.
        Some(role) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(async {
                match role {
                    Role::Bare => roles::bare().await,
                    Role::Ceiling { directory } => roles::ceiling(directory).await,
                    Role::Single { directory } => roles::single(directory).await,
                    Role::Fill {
                        directory,
                        sessions,
                    } => fill::fill(directory, *sessions).await,
                }
            }),
        // The load generator has one thread, so that it takes one core at most from what it measures.
        None => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(run(&arguments)),
    }
}

async fn run(arguments: &Arguments) -> Outcome<()> {
    let flush = flush::of_64_kib(&arguments.directory)?;
    table::line(&format!(
        "disk: flushing 64 KiB takes {:.3} ms (median of 200)",
        flush * 1_000.0
    ));
    durable::run(arguments, flush).await?;
    pages::run();
    footprint::run(arguments).await
}
