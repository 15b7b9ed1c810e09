//! A PostgreSQL server of the run's own, with the durability that it comes with, on the disk that is measured.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tokio_postgres::{Client, NoTls};

use crate::Outcome;

/// What starts and removes it.
const SCRIPT: &str = "checks/postgres";

/// A server that is up, and is removed with everything in it when this is dropped.
pub struct Cluster {
    directory: PathBuf,
    /// `postgres://user@host:port/`, without a database.
    base: String,
}

impl Cluster {
    /// Makes and starts one; `settings` are lines of postgresql.conf.
    pub fn start(beside: &Path, settings: &[String]) -> Outcome<Self> {
        let directory =
            std::path::absolute(beside)?.join(format!("bench-postgres-{}", std::process::id()));
        let made = Command::new(SCRIPT)
            .arg("start")
            .arg(&directory)
            .args(settings)
            .stderr(Stdio::inherit())
            .output()?;
        if !made.status.success() {
            return Err(format!("{SCRIPT} could not start PostgreSQL").into());
        }
        let url = String::from_utf8(made.stdout)?;
        let (base, _) = url.trim().rsplit_once('/').ok_or("no URL")?;
        Ok(Self {
            directory,
            base: format!("{base}/"),
        })
    }

    /// Makes an empty database and answers its URL.
    pub async fn make(&self, name: &str) -> Outcome<String> {
        let client = self.client("postgres").await?;
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await?;
        Ok(self.url(name))
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("{}{name}", self.base)
    }

    /// Connects to a database.
    pub async fn client(&self, name: &str) -> Outcome<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(name), NoTls).await?;
        tokio::spawn(async move { connection.await.unwrap_or_default() });
        Ok(client)
    }

    /// Seconds of a core that its processes have taken so far, those that have ended aside.
    pub fn processor_time(&self) -> Outcome<f64> {
        let file = std::fs::read_to_string(self.directory.join("data/postmaster.pid"))?;
        let first = file
            .lines()
            .next()
            .ok_or("no process id")?
            .trim()
            .to_owned();
        let mut all = 0.0;
        for entry in std::fs::read_dir("/proc")? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // A process may end meanwhile.
            if let Ok((parent, time)) = crate::server::times(id)
                && (parent == first || id.to_string() == first)
            {
                all += time;
            }
        }
        Ok(all)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let removed = Command::new(SCRIPT)
            .arg("remove")
            .arg(&self.directory)
            .status();
        if !removed.is_ok_and(|status| status.success()) {
            crate::table::line(&format!("{} was left behind", self.directory.display()));
        }
    }
}
