//! Who may look into the memory of a server.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::Path,
    process::Command,
};

use crate::support::{Room, Running, eventually, linchpin};

/// Somebody who is not root: root may look into everything, so of its own processes it cannot be told.
const NOBODY: u32 = 65_534;

/// A server in a sandbox that serves for this long, run by somebody who is not root, with these variables.
fn serve(room: &Room, variables: &[(&str, &str)]) -> Running {
    let binary = room.path().join("linchpin");
    fs::copy(env!("CARGO_BIN_EXE_linchpin"), &binary).unwrap();
    let data = room.data();
    fs::create_dir_all(&data).unwrap();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = if is_root {
        fs::set_permissions(room.path(), fs::Permissions::from_mode(0o755)).unwrap();
        chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
        let mut command = Command::new("setpriv");
        let nobody = [
            format!("--reuid={NOBODY}"),
            format!("--regid={NOBODY}"),
            "--clear-groups".to_owned(),
        ];
        command.args(nobody).arg(&binary);
        command
    } else {
        Command::new(&binary)
    };
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(&data);
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.env("LINCHPIN_SERVER_SANDBOX_ONLY", "true");
    // The database of this directory, where the stores are on PostgreSQL.
    let named = linchpin(&["serve", "--data", data.to_str().unwrap()]);
    command.envs(
        named
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command.envs(variables.iter().copied());
    let server = Running::spawn(room, command);
    eventually("the server being ready", || {
        server.logged().contains("\"ready\"").then_some(())
    });
    server
}

/// Largest core that the system writes of a process, in bytes or `unlimited`; and whether its memory is root's.
fn of(server: &Running) -> (String, bool) {
    let process = Path::new("/proc").join(server.pid().to_string());
    let limits = fs::read_to_string(process.join("limits")).unwrap();
    let core = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))
        .unwrap();
    let hard = core.split_whitespace().nth(1).unwrap().to_owned();
    let owner = |path: &Path| fs::metadata(path).unwrap().uid();
    assert_ne!(owner(&process), 0);
    (hard, owner(&process.join("mem")) == 0)
}

#[test]
fn the_system_writes_no_core_of_a_server_and_lets_nobody_but_root_into_its_memory() {
    let room = Room::new();
    let server = serve(&room, &[]);
    assert_eq!(of(&server), ("0".to_owned(), true));
    assert_eq!(server.stop().code(), Some(0));
}

#[test]
fn an_operator_who_needs_a_core_can_have_one_and_is_warned() {
    let room = Room::new();
    let server = serve(&room, &[("LINCHPIN_SERVER_DANGEROUS_CORE_DUMPS", "true")]);
    assert!(!of(&server).1);
    let log = server.logged();
    assert!(log.contains("dangerous_core_dumps is on"), "{log}");
    assert_eq!(server.stop().code(), Some(0));
}
