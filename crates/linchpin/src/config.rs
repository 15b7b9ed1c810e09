//! What an operator has written, and what it means.
//!
//! Typed twice: [`Written`] is what stands in the file, the environment and the flags; [`Config`] is what the server
//! goes by. [`Config::check`] leads from one to the other and tells every problem at once.

mod check;
mod keys;
mod proxies;
mod show;
mod units;
mod written;

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

pub use written::Written;

use crate::{
    domain::{access_rate::AccessRate, regions::Regions},
    egress::Rules,
    http::{AddressPrefix, Limits},
    store::{Database, Options},
};

/// The data directory where none is named.
pub const DATA: &str = "linchpin-data";
/// Where API and link pages listen where nothing is named.
pub const LISTEN: &str = "127.0.0.1:7400";

/// What a server goes by; every value is checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where everything is kept.
    pub place: Place,
    /// Where API and link pages listen.
    pub listen: SocketAddr,
    /// The API's public URL, without a slash at the end. `None` only with `sandbox_only`: the listener's own address.
    pub api_url: Option<String>,
    /// The public URL of the link pages, in the same form; `None` for that of the API.
    pub link_url: Option<String>,
    /// Where `/metrics` and `/readyz` listen.
    pub metrics: Option<SocketAddr>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressPrefix>,
    /// Whether the process may be dumped, with the sessions and passwords that it has in memory.
    pub dangerous_core_dumps: bool,
    /// What one client may take.
    pub limits: Limits,
    /// POSTs to hosted pages in a minute from one client address.
    pub hosted_posts_per_minute: u32,
    /// How often a connection may be used; `None` is no limit.
    pub access_rate: Option<AccessRate>,
    /// Open sessions that one app may have; `None` is no limit.
    pub open_sessions_per_app: Option<u32>,
    /// Open sessions that one app may have for one client reference; `None` is no limit.
    pub open_sessions_per_reference: Option<u32>,
    /// For how long an ended session stays readable by API.
    pub finished_sessions: Duration,
    /// For how long an ended session and its history stay in the store.
    pub history: Duration,
    /// The times between the attempts of a delivery.
    pub webhook_retries: Vec<Duration>,
    /// How long one attempt of a delivery may take.
    pub webhook_timeout: Duration,
    /// Where networks are, for the question on a phone; `None` where no database is named.
    pub regions: Option<Regions>,
    /// How much is logged, as `tracing` filters are written.
    pub log: String,
}

/// Where a server keeps what it keeps.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data directory.
    pub data: PathBuf,
    /// The file of the master key; `None` for `master.key` in the data directory, which is made on the first start.
    pub master_key_file: Option<PathBuf>,
    /// The PostgreSQL database that is used in place of a file in the data directory.
    pub database: Option<Database>,
    /// Whether live apps and keys are refused, and plain http is allowed in return.
    pub sandbox_only: bool,
    /// What may be gone out to from there.
    pub egress: Rules,
    /// The directory of provider files.
    pub providers: Option<PathBuf>,
}

/// Reads times between the attempts of a delivery: `5s,5m`, 1 to 20 of them, of 100 ms to a day each.
///
/// # Errors
///
/// What is wrong, and what to write instead.
pub fn retries(text: &str) -> Result<Vec<Duration>, String> {
    check::retries(&toml::Value::String(text.to_owned()))
}

/// Reads how long one attempt of a delivery may take: `5s`, 1 to 10 seconds.
///
/// # Errors
///
/// What is wrong, and what to write instead.
pub fn webhook_timeout(text: &str) -> Result<Duration, String> {
    check::webhook_timeout(&toml::Value::String(text.to_owned()))
}

impl Place {
    /// How the store is opened; `data` is the data directory as it is to be used.
    pub fn store(&self, data: &Path) -> Options {
        match &self.database {
            Some(database) => Options {
                ledger: Some(data.to_owned()),
                ..Options::on(database.clone())
            },
            None => Options::at(data),
        }
    }

    /// A data directory with the key in it.
    pub fn at(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            master_key_file: None,
            database: None,
            sandbox_only: false,
            egress: Rules::strict(),
            providers: None,
        }
    }
}

/// One thing that is wrong with what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `server.listen`; of the file as a whole its path.
    pub key: String,
    /// Where it was written: the environment variable, the flag, or nothing for the file.
    pub source: Option<String>,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{} ({source}): {}", self.key, self.message),
            None => write!(f, "{}: {}", self.key, self.message),
        }
    }
}
