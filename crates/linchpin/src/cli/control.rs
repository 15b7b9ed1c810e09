//! The control socket of a running server: one line of JSON asks, one answers.

use std::{
    fs, io,
    os::{fd::AsRawFd as _, unix::fs::PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinSet,
};

use super::Refused;
use crate::{
    domain::environment::Environment,
    flow::{
        Engine,
        admin::{Command, CommandError, WebhookCommand},
    },
    http::Shutdown,
};

/// Bytes of one line at most; a logo of 256 KiB in base64 fits.
const LINE_MAX: u64 = 1024 * 1024;
/// How long one command may take, both ways together.
const COMMAND_TIME: Duration = Duration::from_secs(30);
/// Longest path that every system takes for a socket, in bytes.
const PATH_MAX: usize = 100;

/// One answer, as it travels.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// What `--json` prints.
    Ok(Value),
    /// What is wrong with which field.
    Problems(Vec<Problem>),
    /// Why it was not carried out.
    Error(String),
}

/// What is wrong with one field.
#[derive(Serialize, Deserialize)]
pub struct Problem {
    /// The field's name as [`Command`] has it.
    pub field: String,
    /// The rule.
    pub message: String,
}

/// A control socket that listens.
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
    /// Whether live apps and keys are refused.
    sandbox_only: bool,
}

impl Control {
    /// Makes `control.sock` in the data directory (0600), replacing what a killed process left. Call it with the
    /// directory's lock held.
    pub fn open(directory: &Path, sandbox_only: bool) -> Result<Self, Refused> {
        let path = directory.join("control.sock");
        let failed = |error: io::Error| {
            Refused::new(format!(
                "the control socket {} cannot be made: {error}",
                path.display()
            ))
        };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let listener = with_short(&path, |short| UnixListener::bind(short)).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Self {
            listener,
            path,
            sandbox_only,
        })
    }

    /// Carries out commands until the shutdown; then lets those under way end, and removes the socket.
    pub async fn serve(self, engine: Arc<Engine>, shutdown: Shutdown) {
        let mut running = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = shutdown.triggered() => break,
                accepted = self.listener.accept() => accepted,
            };
            while running.try_join_next().is_some() {}
            match accepted {
                Ok((stream, _)) => {
                    let engine = Arc::clone(&engine);
                    let ends = shutdown.clone();
                    running.spawn(converse(stream, engine, self.sandbox_only, ends));
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "the control socket could not be removed");
        }
        while running.join_next().await.is_some() {}
    }
}

async fn converse(stream: UnixStream, engine: Arc<Engine>, sandbox_only: bool, shutdown: Shutdown) {
    let talk = async {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        let mut asked = (&mut stream).take(LINE_MAX);
        tokio::select! {
            read = asked.read_line(&mut line) => read?,
            // Who has asked nothing yet is not waited for.
            () = shutdown.triggered() => return Ok(()),
        };
        let answer = match serde_json::from_str(&line) {
            // A task of its own: whoever stops listening does not cut it off half-way.
            Ok(command) => {
                let carried_out =
                    tokio::spawn(async move { carry_out(&engine, command, sandbox_only).await });
                carried_out.await.map_err(std::io::Error::other)?
            }
            // Its text would repeat what was sent.
            Err(_) => Answer::Error(
                "the command cannot be read; use the linchpin that the server was started with"
                    .to_owned(),
            ),
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        stream.get_mut().write_all(&line).await?;
        stream.get_mut().shutdown().await
    };
    match tokio::time::timeout(COMMAND_TIME, talk).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a command was cut off"),
        Err(_) => tracing::warn!("a command took too long"),
    }
}

/// Carries a command out on an engine of this process.
pub async fn carry_out(engine: &Engine, command: Command, sandbox_only: bool) -> Answer {
    if sandbox_only && is_live(&command) {
        return Answer::Problems(vec![Problem {
            field: "environment".to_owned(),
            message: "this server is for the sandbox only ([server] sandbox_only)".to_owned(),
        }]);
    }
    match engine.command(command).await {
        Ok(value) => Answer::Ok(value),
        Err(CommandError::Fields(problems)) => Answer::Problems(
            problems
                .into_iter()
                .map(|problem| Problem {
                    field: problem.field.to_owned(),
                    message: problem.message,
                })
                .collect(),
        ),
        Err(error) => Answer::Error(error.to_string()),
    }
}

fn is_live(command: &Command) -> bool {
    let environment = match command {
        Command::AppCreate { settings, .. } => settings.environment.as_deref(),
        Command::KeyCreate { environment, .. }
        | Command::Webhook {
            asked: WebhookCommand::Create { environment, .. },
        } => Some(environment.as_str()),
        _ => None,
    };
    environment == Some(Environment::Live.as_str())
}

/// Asks the server of a data directory; `None` where none listens.
pub async fn ask(directory: &Path, command: &Command) -> Result<Option<Answer>, Refused> {
    let path = directory.join("control.sock");
    let connected = match with_short(&path, |short| {
        std::os::unix::net::UnixStream::connect(short)
    }) {
        Ok(connected) => connected,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(Refused::new(format!(
                "the control socket {} cannot be used: {error}",
                path.display()
            )));
        }
    };
    connected.set_nonblocking(true)?;
    let mut stream = BufReader::new(UnixStream::from_std(connected)?);
    let mut line = serde_json::to_vec(command)?;
    line.push(b'\n');
    let talk = async {
        stream.get_mut().write_all(&line).await?;
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(COMMAND_TIME, talk)
        .await
        .map_err(|_| Refused::new("the server did not answer; look at its log"))??;
    if answer.is_empty() {
        return Err(Refused::new(
            "the server ended while it was asked; look whether the command was carried out, then repeat it",
        ));
    }
    Ok(Some(serde_json::from_str(&answer)?))
}

/// Hands a path on that a socket can have: one that is too long goes through the open directory.
fn with_short<T>(path: &Path, then: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return then(path);
    };
    if path.as_os_str().len() <= PATH_MAX {
        return then(path);
    }
    let directory = fs::File::open(directory)?;
    let open = format!("/proc/self/fd/{}", directory.as_raw_fd());
    then(&Path::new(&open).join(name))
}
