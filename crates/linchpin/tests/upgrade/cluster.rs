//! A PostgreSQL cluster of a test's own, and the command line on stores.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::{process::without_ours, run::skip};

/// A cluster that is gone after the test.
pub struct Cluster {
    room: TempDir,
    pub url: String,
}

impl Cluster {
    /// Starts one; none where PostgreSQL is not installed, which counts as a skipped test.
    pub fn for_test(test: &str) -> Option<Self> {
        let path = std::env::var("PATH").unwrap_or_default();
        let on_path = path
            .split(':')
            .any(|folder| Path::new(folder).join("pg_ctl").exists());
        if !on_path && !Path::new("/usr/lib/postgresql").exists() {
            skip(test, "PostgreSQL is not installed");
            return None;
        }
        let room = tempfile::tempdir().unwrap();
        // The cluster may belong to another user.
        fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let output = script(&room, "start");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let url = text(&output.stdout).trim().to_owned();
        Some(Self { room, url })
    }

    /// Carries statements out; answers the first column of every row.
    pub fn sql(&self, sql: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
            let driving = tokio::spawn(connection);
            let messages = client.simple_query(sql).await.unwrap();
            drop(client);
            driving.await.unwrap().unwrap();
            let first = |message: &SimpleQueryMessage| match message {
                SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
                _ => None,
            };
            messages.iter().filter_map(first).collect()
        })
    }

    /// The one value that a question has for an answer.
    pub fn value(&self, sql: &str) -> String {
        let [value] = self.sql(sql).try_into().unwrap();
        value
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        script(&self.room, "remove");
    }
}

fn script(room: &TempDir, what: &str) -> Output {
    let script = workspace().join("checks/postgres");
    Command::new(script)
        .arg(what)
        .arg(room.path().join("cluster"))
        .output()
        .unwrap()
}

/// The top of the source tree.
pub fn workspace() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    top.canonicalize().unwrap()
}

/// The number of the newest migration.
pub fn newest_migration() -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    fs::read_dir(folder).unwrap().count()
}

/// `linchpin` with these arguments.
pub fn linchpin(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
    without_ours(&mut command).args(arguments);
    command
}

/// What a command has said, and whether it was carried out.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub errors: String,
}

/// Runs a command to its end.
pub fn end_of(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        out: text(&output.stdout),
        errors: text(&output.stderr),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
