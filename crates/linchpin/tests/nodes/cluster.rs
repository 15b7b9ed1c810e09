//! A PostgreSQL cluster that can be crashed, and a look into its databases.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::impossible::IMPOSSIBLE;

/// A cluster of one test's own.
pub struct Cluster {
    _home: TempDir,
    directory: PathBuf,
    url: String,
}

impl Cluster {
    pub fn start() -> Self {
        Self::made_by("start", &[])
    }

    /// One with these lines in its configuration.
    pub fn with(settings: &[String]) -> Self {
        let settings: Vec<&Path> = settings.iter().map(Path::new).collect();
        Self::made_by("start", &settings)
    }

    /// A standby of this one, which waits for it with every commit from now on.
    pub fn standby(&self) -> Self {
        let standby = Self::made_by("standby", &[self.url.as_ref()]);
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.ask("SELECT pg_reload_conf()");
        let waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        while self.number(waits) != 1 {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        standby
    }

    /// Has a standby take over.
    pub fn takes_over(&self) {
        script(&["promote".as_ref(), &self.directory]);
    }

    /// Stops every process of it in the middle, as a machine does that hangs: what is sent to it is still taken in.
    /// `false` lets them go on.
    pub fn hangs(&self, hangs: bool) {
        let file = self.directory.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        let postmaster = text.lines().next().unwrap();
        let name = if hangs { "-STOP" } else { "-CONT" };
        let script = "kill $1 $2; pkill $1 -P $2";
        let sent = Command::new("sh")
            .args(["-c", script, "sh", name, postmaster])
            .status();
        assert!(sent.unwrap().success());
    }

    fn made_by(what: &str, with: &[&Path]) -> Self {
        let home = tempfile::tempdir().unwrap();
        // Its owner is another user where the tests run as root.
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let directory = home.path().join("cluster");
        let url = script(&[&[what.as_ref(), directory.as_path()], with].concat());
        Self {
            _home: home,
            directory,
            url: url.trim().to_owned(),
        }
    }

    /// The URL of its maintenance database, which the nodes of the test use.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it as a power cut would, and starts it again.
    pub fn crash(&self) {
        self.ctl("immediate");
        script(&["again".as_ref(), &self.directory]);
    }

    fn ctl(&self, mode: &str) {
        script(&["stop".as_ref(), &self.directory, mode.as_ref()]);
    }

    /// The first column of every row of a question.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        let output = self.try_ask(sql);
        assert!(
            output.status.success(),
            "{sql}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The same where the cluster may be gone in the middle.
    pub fn try_ask(&self, sql: &str) -> Output {
        Command::new("psql")
            .args([
                "--no-psqlrc",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                sql,
                &self.url,
            ])
            .output()
            .unwrap()
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.ask(sql)[0].parse().unwrap()
    }

    /// Processes of the database that serve our nodes.
    pub fn backends(&self) -> Vec<String> {
        self.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'linchpin'")
    }

    /// Checks that nothing is half done.
    pub fn is_consistent(&self) {
        for (what, sql) in IMPOSSIBLE {
            assert_eq!(self.number(sql), 0, "there is {what}");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        script(&["remove".as_ref(), &self.directory]);
    }
}

fn script(words: &[&Path]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../checks/postgres");
    let output = Command::new(script).args(words).output().unwrap();
    assert!(
        output.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
