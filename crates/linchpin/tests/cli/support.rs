//! The binary under test, and a client that speaks just enough HTTP.

use std::{
    collections::BTreeSet,
    fs::File,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// Longest time that anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Names a PostgreSQL cluster; without it, stores are on SQLite.
const CLUSTER: &str = "LINCHPIN_TEST_DATABASE";

/// The URL of the database that goes with a data directory, which is made when it is first asked for.
fn database_of(cluster: &str, data: &Path) -> String {
    static MADE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let name = database_name(data);
    if MADE.lock().unwrap().insert(name.clone()) {
        ask(cluster, &format!("CREATE DATABASE {name}"));
    }
    let (base, _) = cluster.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// How the store that goes with a data directory is opened, while no server is there.
pub fn options(data: &Path) -> linchpin::store::Options {
    use linchpin::store::{Database, Options};
    match std::env::var(CLUSTER) {
        Ok(cluster) => Options::on(Database::parse(&database_of(&cluster, data), None).unwrap()),
        Err(_) => Options::at(data),
    }
}

/// The URL of the database that goes with a data directory; `None` where the stores are on SQLite.
pub fn shared_database(data: &Path) -> Option<String> {
    let cluster = std::env::var(CLUSTER).ok()?;
    Some(database_of(&cluster, data))
}

/// The data directory that the arguments name, or the configuration file that they name.
fn data_directory(arguments: &[&str]) -> Option<PathBuf> {
    let after = |flag: &str| arguments.iter().skip_while(|word| **word != flag).nth(1);
    if let Some(data) = after("--data") {
        return Some(PathBuf::from(data));
    }
    let file = std::fs::read_to_string(after("--config")?).ok()?;
    let line = file.lines().find_map(|line| line.strip_prefix("data = "))?;
    Some(PathBuf::from(
        line.trim_matches(|quote| quote == '"' || quote == '\''),
    ))
}

fn database_name(data: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    format!("cli_{:016x}_{}", hasher.finish(), std::process::id())
}

fn ask(cluster: &str, sql: &str) {
    let quiet = [
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        "--command",
        sql,
        cluster,
    ];
    let output = Command::new("psql").args(quiet).output().unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
}

/// A directory that is gone after the test, with the databases that go with it.
pub struct Room(TempDir);

impl Drop for Room {
    fn drop(&mut self) {
        if let Ok(cluster) = std::env::var(CLUSTER) {
            let name = database_name(&self.data());
            ask(
                &cluster,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            );
        }
    }
}

impl Room {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }
}

/// The binary with these arguments, and nothing of ours in its environment.
pub fn linchpin(arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    // SQLite and many tools make their files readable for all where this lets them.
    command.args(["-c", r#"umask 022; exec "$0" "$@""#]);
    command.arg(env!("CARGO_BIN_EXE_linchpin")).args(arguments);
    for (name, _) in std::env::vars() {
        if name.starts_with("LINCHPIN_") {
            command.env_remove(name);
        }
    }
    if let (Ok(cluster), Some(data)) = (std::env::var(CLUSTER), data_directory(arguments)) {
        command.env("LINCHPIN_DATABASE", database_of(&cluster, &data));
    }
    command
}

/// Runs the binary to its end; a server that should have been refused is killed in time.
pub fn run(arguments: &[&str]) -> Output {
    end_of(&mut linchpin(arguments))
}

pub fn end_of(command: &mut Command) -> Output {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait(&mut child);
    child.wait_with_output().unwrap()
}

/// Runs a command on a data directory and reads the JSON that it prints.
pub fn admin(data: &Path, arguments: &[&str]) -> Value {
    let output = run_on(data, arguments);
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        complaint(&output)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn run_on(data: &Path, arguments: &[&str]) -> Output {
    let data = data.to_str().unwrap();
    run(&[arguments, &["--json", "--data", data]].concat())
}

/// What a command said on standard error.
pub fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server that runs until it is stopped or dropped.
pub struct Running {
    child: Child,
    /// What it printed first on standard output.
    pub line: String,
    /// Everything on standard error.
    pub log: PathBuf,
}

impl Running {
    /// `linchpin dev --json` on any free ports.
    pub fn dev(room: &Room, flags: &[&str]) -> Self {
        let data = room.data();
        let data = data.to_str().unwrap();
        let usual = ["dev", "--json", "--listen", "127.0.0.1:0", "--data", data];
        let mut running = Self::spawn(room, linchpin(&[&usual, flags].concat()));
        running.read_line();
        running
    }

    /// Starts a server and reads nothing yet.
    pub fn spawn(room: &Room, mut command: Command) -> Self {
        let log = room.path().join(format!("log-{}", std::process::id()));
        let errors = File::options().create(true).append(true).open(&log);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors.unwrap())
            .spawn()
            .unwrap();
        let line = String::new();
        Self { child, line, log }
    }

    pub fn read_line(&mut self) {
        let out = self.child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut self.line).unwrap();
        assert!(!self.line.is_empty(), "{}", self.logged());
    }

    /// Everything that it prints on standard output until it ends.
    pub fn rest(self) -> (String, ExitStatus) {
        self.signal("TERM");
        self.rest_without_signal()
    }

    /// The same, where it has been told to end already.
    pub fn rest_without_signal(mut self) -> (String, ExitStatus) {
        let status = wait(&mut self.child);
        let mut rest = String::new();
        let out = self.child.stdout.as_mut().unwrap();
        out.read_to_string(&mut rest).unwrap();
        (rest, status)
    }

    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn ready(&self) -> Value {
        serde_json::from_str(&self.line).unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Ends it in order.
    pub fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        wait(&mut self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        let _ = self.child.wait();
    }
}

fn wait(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it did not end");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until something holds.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what} did not happen");
        thread::sleep(Duration::from_millis(20));
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request on a connection of its own.
pub fn http(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    try_http(method, url, headers, body).unwrap()
}

pub fn try_http(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Answer> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head = head + name + ": " + value + "\r\n";
    }
    let length = body.len();
    stream.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| std::io::Error::other("the answer was cut off"))?;
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// Calls init of a dev server with its own key, or another.
pub fn init(ready: &Value, key: Option<&str>, body: &Value) -> Answer {
    let url = format!("{}/v2/link/init", ready["apiUrl"].as_str().unwrap());
    let key = key.unwrap_or_else(|| ready["apiKey"].as_str().unwrap());
    let headers = [("apikey", key), ("content-type", "application/json")];
    http("POST", &url, &headers, &body.to_string())
}
