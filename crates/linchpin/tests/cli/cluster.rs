//! A PostgreSQL cluster of a test's own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::support::{complaint, end_of};

/// A cluster of its own, removed at the end.
pub struct Cluster {
    directory: PathBuf,
    base: String,
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../checks/postgres")
}

impl Cluster {
    /// Starts it and makes these databases.
    pub fn with(databases: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        // Below a directory that the cluster's own user can enter.
        let name = format!("linchpin-postgres-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let started = end_of(Command::new(script()).arg("start").arg(&directory));
        assert!(started.status.success(), "{}", complaint(&started));
        let url = String::from_utf8(started.stdout).unwrap();
        let base = url.trim().strip_suffix("/postgres").unwrap().to_owned();
        let cluster = Self { directory, base };
        for name in databases {
            cluster.sql("postgres", &format!("CREATE DATABASE {name}"));
        }
        cluster
    }

    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Carries statements out, and answers what psql prints of them.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let flags = ["-qAtX", "-v", "ON_ERROR_STOP=1", "-c", sql];
        run("psql", &[&flags[..], &[&self.url(database)]].concat())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let removed = Command::new(script())
            .arg("remove")
            .arg(&self.directory)
            .status();
        removed.map(drop).unwrap_or_default();
    }
}

/// Runs a program of PostgreSQL and answers what it prints.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let found = Command::new("sh")
        .args([
            "-c",
            "ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1",
        ])
        .output();
    let found = String::from_utf8(found.unwrap().stdout).unwrap();
    let program = Path::new(found.trim()).join(program);
    let output = end_of(Command::new(program).args(arguments));
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        complaint(&output)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
