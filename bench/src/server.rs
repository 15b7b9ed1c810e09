//! A server in a process of its own, from start to end.

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::Outcome;

/// A server that is ready.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// A key of it.
    pub key: String,
    /// The client app that its load asks for.
    pub app: String,
    child: Child,
}

impl Server {
    /// Starts `linchpin dev` on a data directory.
    pub async fn dev(binary: &Path, data: &Path) -> Outcome<Self> {
        let mut command = Command::new(binary);
        command
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data);
        Self::start(command).await
    }

    /// Starts `linchpin dev` on a database.
    pub async fn dev_on(binary: &Path, data: &Path, database: &str) -> Outcome<Self> {
        let mut command = Command::new(binary);
        command
            .args(["dev", "--json", "--listen", "127.0.0.1:0"])
            .args(["--database", database, "--data"])
            .arg(data);
        Self::start(command).await
    }

    /// Starts the server that commits each request by itself, on a database.
    pub async fn single_on(directory: &Path, database: &str) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("single").arg(directory).arg(database);
        Self::start(command).await
    }

    /// Starts one of this binary's own servers on a data directory, with one more word.
    pub async fn role_with(name: &str, directory: &Path, word: &str) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(name).arg(directory).arg(word);
        Self::start(command).await
    }

    /// The same with any words.
    pub async fn role_of(name: &str, words: &[&OsStr]) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(name).args(words);
        Self::start(command).await
    }

    /// Starts one of this binary's own servers.
    pub async fn role(name: &str, directory: Option<&Path>) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(name).args(directory);
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Outcome<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let line = BufReader::new(stdout)
            .lines()
            .next_line()
            .await?
            .ok_or("the server ended before it was ready")?;
        let ready: serde_json::Value = serde_json::from_str(&line)?;
        let text = |pointer: &str| {
            ready
                .pointer(pointer)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let address = text("/apiUrl").trim_start_matches("http://").parse()?;
        Ok(Self {
            address,
            key: text("/apiKey"),
            app: text("/clientApps/redirect"),
            child,
        })
    }

    /// Resident memory in MB: what is the process's own, and of files.
    pub fn memory(&self) -> Outcome<(f64, f64)> {
        let status = std::fs::read_to_string(format!(
            "/proc/{}/status",
            self.child.id().ok_or("it has ended")?
        ))?;
        let of = |name: &str| -> Outcome<f64> {
            let line = status
                .lines()
                .find(|line| line.starts_with(name))
                .ok_or("no such line")?;
            let number: f64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
            Ok(number / 1_024.0)
        };
        Ok((of("RssAnon:")?, of("RssFile:")?))
    }

    /// How many threads it has.
    pub fn threads(&self) -> Outcome<usize> {
        let id = self.child.id().ok_or("it has ended")?;
        Ok(std::fs::read_dir(format!("/proc/{id}/task"))?.count())
    }

    /// Seconds of a core that it has taken so far.
    pub fn processor_time(&self) -> Outcome<f64> {
        Ok(times(self.child.id().ok_or("it has ended")?)?.1)
    }

    /// Asks its API once; the answer must be 2xx and has a JSON body.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Outcome<serde_json::Value> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\napikey: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("half an answer")?;
        if !head.starts_with("HTTP/1.1 2") {
            return Err(format!("{method} {path}: {answer}").into());
        }
        Ok(serde_json::from_str(body)?)
    }

    /// Ends it in order.
    pub async fn end(mut self) -> Outcome<()> {
        let id = self.child.id().ok_or("it has ended")?.to_string();
        Command::new("kill").arg(id).status().await?;
        tokio::time::timeout(Duration::from_secs(40), self.child.wait()).await??;
        Ok(())
    }
}

/// Carries an operator's command out and reads what it answers.
pub async fn command(binary: &Path, data: &Path, words: &[&str]) -> Outcome<serde_json::Value> {
    let mut command = Command::new(binary);
    command.args(words).args(["--json", "--data"]).arg(data);
    let output = command.output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A process's parent, and the seconds of a core that it has taken.
pub fn times(id: u32) -> Outcome<(String, f64)> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name stands in brackets and may hold anything. After it: state, parent, and times in the 12th and 13th place.
    let (_, after) = stat.rsplit_once(')').ok_or("no name")?;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let field = |at: usize| fields.get(at).copied().ok_or("too few fields");
    let ticks: f64 = field(11)?.parse::<f64>()? + field(12)?.parse::<f64>()?;
    // Linux counts in hundredths here, whatever its own clock does.
    Ok((field(1)?.to_owned(), ticks / 100.0))
}

/// Milliseconds from the start of a process to the first answer of `/healthz`.
pub async fn first_answer(binary: &Path, data: &Path, port: u16) -> Outcome<f64> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let start = Instant::now();
    let mut child = Command::new(binary)
        .args([
            "dev",
            "--json",
            "--demo-listen",
            "127.0.0.1:0",
            "--listen",
            &address.to_string(),
            "--data",
        ])
        .arg(data)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    while answered(address).await.is_err() {
        if start.elapsed() > Duration::from_secs(10) {
            return Err("no answer within ten seconds".into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let taken = start.elapsed().as_secs_f64() * 1_000.0;
    Command::new("kill")
        .arg(child.id().ok_or("it has ended")?.to_string())
        .status()
        .await?;
    child.wait().await?;
    Ok(taken)
}

async fn answered(address: SocketAddr) -> Outcome<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await?;
    let mut first = [0_u8; 12];
    stream.read_exact(&mut first).await?;
    if &first == b"HTTP/1.1 200" {
        Ok(())
    } else {
        Err("not 200".into())
    }
}
