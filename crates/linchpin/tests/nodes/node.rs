//! Nodes that share a database, and so a master key.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::process::{Linchpin, Start, without_ours};

/// An API key of a test's own.
pub struct Key {
    id: String,
    pub secret: String,
}

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

    /// A new API key, made on this node.
    pub fn key_made_on(&self, number: usize) -> Key {
        let words = [
            "key",
            "create",
            "--name",
            "k",
            "--scope",
            "LINK",
            "--environment",
            "sandbox",
        ];
        let made = self.command(number, &words);
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Key {
            id: text("id"),
            secret: text("key"),
        }
    }

    /// Revokes a key on this node.
    pub fn revoke_on(&self, number: usize, key: &Key) {
        self.command(number, &["key", "revoke", &key.id]);
    }

    /// Carries a command out by asking the node over its control socket.
    fn command(&self, number: usize, words: &[&str]) -> serde_json::Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(words).arg("--json");
        let output = without_ours(&mut command)
            .arg("--data")
            .arg(self.directory(number))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    fs::set_permissions(to, Permissions::from_mode(0o600)).unwrap();
}
