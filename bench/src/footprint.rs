//! What the server takes: memory when idle, time to the first answer, size of the binary.

use crate::{
    Arguments, Outcome,
    server::{self, Server},
    table::{heading, line, median},
};

/// Starts that are timed.
const STARTS: u16 = 9;

/// Measures and prints.
pub async fn run(arguments: &Arguments) -> Outcome<()> {
    let directory = tempfile::Builder::new()
        .prefix("bench-")
        .tempdir_in(&arguments.directory)?;
    let server = Server::dev(&arguments.binary, directory.path()).await?;
    let (anonymous, files) = server.memory()?;
    server.end().await?;
    heading("footprint");
    line(&format!(
        "{anonymous:>10.1} MB resident when idle, and {files:.1} MB of files"
    ));
    let mut taken = Vec::new();
    for start in 0..STARTS {
        taken
            .push(server::first_answer(&arguments.binary, directory.path(), 17_400 + start).await?);
    }
    line(&format!(
        "{:>10.0} ms from start to the first answer, existing store   aim: at most 150 ms",
        median(taken)
    ));
    let megabytes = f64::from(u32::try_from(
        std::fs::metadata(&arguments.binary)?.len() / 1_024,
    )?) / 1_024.0;
    line(&format!("{megabytes:>10.1} MB binary"));
    Ok(())
}
