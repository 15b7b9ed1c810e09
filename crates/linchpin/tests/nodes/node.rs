//! Nodes that share a database, and so a master key.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::process::{Linchpin, Start};

/// The directories of some nodes.
pub struct Nodes {
    home: TempDir,
}

impl Nodes {
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// The data directory of a node; that of every later one begins with the keys of the first.
    pub fn directory(&self, number: usize) -> PathBuf {
        let directory = self.home.path().join(format!("node-{number}"));
        if number > 0 && !directory.exists() {
            fs::create_dir(&directory).unwrap();
            fs::set_permissions(&directory, Permissions::from_mode(0o700)).unwrap();
            for name in ["master.key", "dev.json"] {
                copy(&self.directory(0).join(name), &directory.join(name));
            }
        }
        directory
    }

    /// How a node is started.
    pub fn node(&self, number: usize, database: &str) -> Start {
        Start::on(self.directory(number)).on_database(database)
    }

    /// Starts a node.
    pub fn start(&self, number: usize, database: &str) -> Linchpin {
        self.node(number, database).go()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
}
