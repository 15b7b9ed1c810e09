//! A roll-out: nodes of the release before and of this one on the same database.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use crate::{
    cluster::{Cluster, newest_migration, workspace},
    ledger::{AfterEnd, Ledger, Load},
    process::Start,
    run::{Dice, note, turn},
};

/// The newest migration that widens the schema while it is served.
const MIGRATION: &str = "crates/linchpin/migrations/postgres/0002_kept_answer_expires_at.sql";

/// Runs a command in the source tree and answers what it said.
fn told(command: &mut Command) -> String {
    let output = command.current_dir(workspace()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The source as it was before the migration, taken away again at the end.
struct Before(PathBuf);

impl Before {
    fn check_out(path: PathBuf) -> Self {
        // The commit that wrote the migration, not one that brought its branch in.
        let added = told(Command::new("git").args([
            "log",
            "--no-merges",
            "--diff-filter=A",
            "--format=%H",
            "--",
            MIGRATION,
        ]));
        let parent = format!("{}^1", added.lines().last().unwrap());
        let mut checking_out = Command::new("git");
        checking_out.args(["worktree", "add", "--detach"]);
        told(checking_out.arg(&path).arg(parent));
        Self(path)
    }

    fn build(&self) -> PathBuf {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../before");
        let mut building = Command::new(env!("CARGO"));
        building.args(["build", "--locked", "-p", "linchpin", "--manifest-path"]);
        building.arg(self.0.join("Cargo.toml"));
        told(building.env("CARGO_TARGET_DIR", &target));
        target.join("debug/linchpin")
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        let mut removing = Command::new("git");
        removing
            .args(["worktree", "remove", "--force"])
            .arg(&self.0);
        removing.current_dir(workspace()).output().unwrap();
    }
}

fn is_whole(ledger: &Ledger, of: &str) {
    assert!(ledger.refusals.is_empty(), "{of}: {:?}", ledger.refusals);
    assert!(ledger.ends.is_empty(), "{of}: {:?}", ledger.ends);
    assert!(!ledger.promises.is_empty(), "{of} was asked nothing");
}

#[test]
#[ignore = "run by ./check long"]
fn nodes_of_the_release_before_go_on_while_a_new_one_migrates_and_beside_it() {
    let _turn = turn();
    let Some(cluster) = Cluster::for_test("a roll-out") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let before = Before::check_out(home.path().join("before"));
    let old_binary = before.build();
    let mut dice = Dice::thrown_for("a roll-out");
    let (old_data, new_data) = (home.path().join("old"), home.path().join("new"));
    let start_old = || {
        Start::on(&old_data)
            .of(&old_binary)
            .with("LINCHPIN_DATABASE", &cluster.url)
    };
    let old = start_old().go();
    // Enough for the filling to take a while; the scopes are of nobody.
    cluster.sql(
        "INSERT INTO kept_answer SELECT decode(md5(i::text), 'hex'), '\\x00', '\\x00', \
         (extract(epoch FROM now()) * 1000)::bigint FROM generate_series(1, 300000) AS i",
    );
    fs::create_dir(&new_data).unwrap();
    for file in ["master.key", "dev.json"] {
        fs::copy(old_data.join(file), new_data.join(file)).unwrap();
    }

    let load_on_old = Load::on(&old, 6, &mut dice, AfterEnd::Stop);
    thread::sleep(Duration::from_secs(2));
    let new = Start::on(&new_data)
        .with("LINCHPIN_DATABASE", &cluster.url)
        .go();
    let load_on_new = Load::on(&new, 6, &mut dice, AfterEnd::Stop);
    thread::sleep(Duration::from_secs(3));
    let (by_old, by_new) = (load_on_old.stop(), load_on_new.stop());
    note(&format!(
        "{} sessions of the old node, {} of the new one\n",
        by_old.promises.len(),
        by_new.promises.len()
    ));
    is_whole(&by_old, "the old node");
    is_whole(&by_new, "the new node");
    for server in [&old, &new] {
        by_old.is_kept_by(server);
        by_new.is_kept_by(server);
    }
    assert_eq!(
        cluster.value(
            "SELECT count(*) FROM kept_answer WHERE expires_at IS NULL AND length(scope) = 16"
        ),
        "0"
    );

    old.stop();
    let refused = start_old().attempt().err().expect("it must not start");
    assert!(!refused.status.success());
    let why = format!(
        "the store has schema {}, but this linchpin knows only up to 1",
        newest_migration()
    );
    assert!(refused.log.contains(&why), "{}", refused.log);
    by_old.is_kept_by(&new);
}
