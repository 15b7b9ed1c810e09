//! A `linchpin dev` of its own: started, killed, ended in order, and never left behind.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use crate::client::Client;

/// How long a start may take on a machine that does much else.
const START: Duration = Duration::from_mins(1);
/// How long an end in order may take: the promise is 25 seconds for answers and checks each.
const END: Duration = Duration::from_mins(1);

/// How a server is started.
pub struct Start {
    directory: PathBuf,
    wrapper: Vec<OsString>,
    environment: Vec<(String, OsString)>,
    database: Option<String>,
    private: bool,
    binary: OsString,
}

/// Takes away what is meant for the tests: a command of the binary takes no variable that it does not know.
#[allow(dead_code, reason = "most tests run servers only")]
pub fn without_ours(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LINCHPIN_") {
            command.env_remove(name);
        }
    }
    command
}

/// A server that is ready.
pub struct Linchpin {
    child: Child,
    pub address: SocketAddr,
    pub key: String,
    log: PathBuf,
}

/// A server that ended instead of getting ready.
#[derive(Debug)]
pub struct NotStarted {
    pub status: ExitStatus,
    pub log: String,
}

impl Start {
    /// On this data directory; what it logs goes to a file beside it.
    pub fn on(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            wrapper: Vec::new(),
            environment: Vec::new(),
            database: None,
            private: false,
            binary: env!("CARGO_BIN_EXE_linchpin").into(),
        }
    }

    /// Of another release.
    #[allow(dead_code, reason = "most tests know only one")]
    pub fn of(mut self, binary: impl Into<OsString>) -> Self {
        self.binary = binary.into();
        self
    }

    /// On this PostgreSQL database.
    #[allow(dead_code, reason = "the tests of one process are on SQLite")]
    pub fn on_database(mut self, url: &str) -> Self {
        self.database = Some(url.to_owned());
        self
    }

    /// With metrics and readiness on a listener of their own.
    #[allow(dead_code, reason = "most tests ask for neither")]
    pub fn with_private_listener(mut self) -> Self {
        self.private = true;
        self
    }

    /// Through another program that ends by replacing itself with what follows.
    pub fn through<T: Into<OsString>>(mut self, wrapper: impl IntoIterator<Item = T>) -> Self {
        self.wrapper = wrapper.into_iter().map(Into::into).collect();
        self
    }

    /// With room for this many open files.
    pub fn with_open_files(self, most: u32) -> Self {
        let script = format!("ulimit -n {most}; exec \"$@\"");
        self.through(["sh", "-c", &script, "sh"])
    }

    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it and waits until it is ready.
    pub fn go(self) -> Linchpin {
        self.attempt()
            .unwrap_or_else(|failed| panic!("linchpin does not start: {failed:?}"))
    }

    /// The same where a start may fail.
    pub fn attempt(self) -> Result<Linchpin, NotStarted> {
        let log = self.directory.with_extension("log");
        let mut child = self.spawn(&log);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (send, ready) = mpsc::channel();
        // Goes on reading, so that the server never waits for somebody to take what it says.
        thread::spawn(move || lines.for_each(|line| send.send(line.unwrap()).unwrap_or_default()));
        match ready.recv_timeout(START) {
            Ok(line) => Ok(Linchpin::from_line(child, log, &line)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(NotStarted {
                status: child.wait().unwrap(),
                log: fs::read_to_string(log).unwrap(),
            }),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("not ready within {START:?}");
            }
        }
    }

    /// Starts it without waiting for anything.
    pub fn spawn(&self, log: &Path) -> Child {
        let mut words = self.wrapper.clone();
        words.push(self.binary.clone());
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(&self.directory);
        command.env_remove("LINCHPIN_DATABASE");
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        if self.private {
            // Its address is logged as what is worth knowing, not as what is wrong.
            command
                .args(["--metrics", "127.0.0.1:0"])
                .env("LINCHPIN_LOG", "info");
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let log = File::options().create(true).append(true).open(log).unwrap();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log);
        command.spawn().unwrap()
    }
}

impl Linchpin {
    fn from_line(child: Child, log: PathBuf, line: &str) -> Self {
        let ready: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        Self {
            child,
            address: text(&ready["apiUrl"])
                .strip_prefix("http://")
                .unwrap()
                .parse()
                .unwrap(),
            key: text(&ready["apiKey"]),
            log,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client of the private listener.
    #[allow(dead_code, reason = "most tests ask for neither metrics nor readiness")]
    pub fn private_client(&self) -> Client {
        let log = self.log();
        let line = log
            .lines()
            .rfind(|line| line.contains("metrics and readiness"));
        let (_, address) = line.unwrap().split_once("\"address\":\"").unwrap();
        let (address, _) = address.split_once('"').unwrap();
        Client::new(address.parse().unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged, and all servers before it on the same directory.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub fn kill(mut self) {
        self.kill_now();
    }

    /// The same where another one takes its place.
    pub fn kill_now(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(sent.success(), "the process is not there any more");
    }

    /// Waits for its end.
    pub fn wait(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < END, "still there after {END:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it in order.
    pub fn stop(self) {
        self.terminate();
        let log = self.log.clone();
        let status = self.wait();
        assert!(
            status.success(),
            "{status}: {}",
            fs::read_to_string(log).unwrap()
        );
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Linchpin {
    fn drop(&mut self) {
        // Fails where it has ended before, which is as good.
        self.child.kill().unwrap_or_default();
        self.child.wait().map(drop).unwrap_or_default();
    }
}
