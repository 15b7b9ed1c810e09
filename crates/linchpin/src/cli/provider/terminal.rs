//! Asking whoever sits at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use linchpin_provider::Secret;
use zeroize::Zeroizing;

use super::Refused;

/// Asks for a line; what is typed can be seen.
pub async fn line(question: &str) -> Result<String, Refused> {
    asked(question, false)
        .await
        .map(|line| line.trim().to_owned())
}

/// Asks for something secret: at a terminal what is typed is not shown.
pub async fn secret(question: &str) -> Result<Secret, Refused> {
    asked(question, true)
        .await
        .map(|mut line| Secret::new(std::mem::take(&mut *line)))
}

async fn asked(question: &str, hidden: bool) -> Result<Zeroizing<String>, Refused> {
    let question = format!("{question}: ");
    let read = tokio::task::spawn_blocking(move || read(&question, hidden));
    Ok(read.await??)
}

fn read(question: &str, hidden: bool) -> io::Result<Zeroizing<String>> {
    if hidden && io::stdin().is_terminal() {
        return rpassword::prompt_password(question).map(Zeroizing::new);
    }
    let mut out = io::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = Zeroizing::new(String::new());
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "nothing more was typed, and an answer is needed",
        ));
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}
