//! With every write or flush of the database failing once: nothing answered is lost, nothing false is answered.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    database,
    kills::prepared,
    ledger::{AfterEnd, Ledger, Load, init},
    process::{Linchpin, Start},
    run::{Dice, note, skip, times, turn},
};

/// How long load goes on after the tracer has been attached.
const RUN: Duration = Duration::from_millis(700);

/// What goes wrong with a system call.
pub struct Fault {
    pub calls: &'static str,
    pub effect: &'static str,
    /// A failed flush must end the process, since nobody knows what the disk holds.
    pub ends: Ends,
}

#[derive(PartialEq, Eq)]
pub enum Ends {
    /// In a failure that says so, and not otherwise.
    Failing,
    /// It goes on.
    Never,
    /// At once.
    Killed,
    /// Either is right.
    Perhaps,
}

#[test]
fn a_flush_that_fails_ends_the_process_and_loses_nothing() {
    sweep(
        "a_flush_that_fails_ends_the_process_and_loses_nothing",
        &Fault {
            calls: "fsync,fdatasync",
            effect: "error=EIO",
            ends: Ends::Failing,
        },
    );
}

#[test]
fn a_write_that_fails_loses_nothing() {
    sweep(
        "a_write_that_fails_loses_nothing",
        &Fault {
            calls: "pwrite64",
            effect: "error=EIO",
            ends: Ends::Perhaps,
        },
    );
}

#[test]
fn a_write_without_room_is_refused_and_the_next_one_works() {
    sweep(
        "a_write_without_room_is_refused_and_the_next_one_works",
        &Fault {
            calls: "pwrite64",
            effect: "error=ENOSPC",
            ends: Ends::Never,
        },
    );
}

#[test]
fn killed_at_a_write_or_flush_nothing_is_lost() {
    sweep(
        "killed_at_a_write_or_flush_nothing_is_lost",
        &Fault {
            calls: "pwrite64,fsync,fdatasync",
            effect: "signal=SIGKILL",
            ends: Ends::Killed,
        },
    );
}

#[test]
fn a_flush_of_the_ledger_that_fails_ends_the_process() {
    let _turn = turn();
    if let Err(reason) = can_trace() {
        return skip("a_flush_of_the_ledger_that_fails_ends_the_process", &reason);
    }
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("data");
    let server = Start::on(&directory).go();
    let mut client = server.client();
    let made = init(&mut client, &server.key, None).unwrap().json();
    let (_, secret) = made["url"].as_str().unwrap().rsplit_once('/').unwrap();
    let fault = Fault {
        calls: "fsync",
        effect: "error=EIO",
        ends: Ends::Failing,
    };
    let injection = Injection::into(&server, &[directory.join("revoked.ledger")], &fault, 1);
    let headers = [("apikey", server.key.as_str())];
    let refused = client.request("DELETE", &format!("/v2/link/{secret}"), &headers, b"");
    assert_eq!(refused.unwrap().status, 503);
    let log = directory.with_extension("log");
    assert_eq!(server.wait().code(), Some(1));
    injection.end();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("the store has halted"), "{log}");
}

#[test]
fn a_start_on_which_any_write_or_flush_fails_is_refused_or_right() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    if let Err(reason) = can_trace() {
        return skip(
            "a_start_on_which_any_write_or_flush_fails_is_refused_or_right",
            &reason,
        );
    }
    for calls in ["fsync,fdatasync", "pwrite64"] {
        for nth in numbers(6, 40) {
            let directory = home.path().join(format!("{}-{nth}", calls.len()));
            let rule = format!("inject={calls}:error=EIO:when={nth}");
            // `-D` makes the server the child, so that its end is its own.
            let wrapper = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", &rule];
            match Start::on(&directory).through(wrapper).attempt() {
                Ok(server) => server.kill(),
                Err(failed) => {
                    assert_eq!(failed.status.code(), Some(1), "{calls} {nth}: {failed:?}");
                    assert!(
                        !failed.log.is_empty(),
                        "{calls} {nth}: refused without a word"
                    );
                    assert!(!failed.log.contains("panicked"), "{}", failed.log);
                }
            }
            let server = Start::on(&directory).go();
            crate::kills::promised_on(&server);
            server.kill();
            database::is_consistent(&directory);
        }
    }
}

/// The n-th calls that fail: a few, or every one.
fn numbers(few: usize, every: usize) -> Vec<usize> {
    let most = times(few, every);
    (1..=most).collect()
}

/// Lets the n-th call fail under load, for each n, and looks what became of everything that was answered.
fn sweep(test: &str, fault: &Fault) {
    let _turn = turn();
    if let Err(reason) = can_trace() {
        return skip(test, &reason);
    }
    let mut dice = Dice::thrown_for(test);
    let home = tempfile::tempdir().unwrap();
    let directory = prepared(home.path());
    let mut reached = 0;
    for nth in numbers(8, 60) {
        let server = Start::on(&directory).go();
        let files = ["linchpin.db", "linchpin.db-wal"].map(|name| directory.join(name));
        let injection = Injection::into(&server, &files, fault, nth);
        let load = Load::on(&server, 4, &mut dice, AfterEnd::GoOn);
        let (ledger, server) = outlive(server, load, fault);
        injection.end();
        for refusal in &ledger.refusals {
            assert!(
                refusal.is_clean_refusal(),
                "{nth}: {} {}",
                refusal.status,
                refusal.text()
            );
        }
        let hit = !ledger.refusals.is_empty() || server.is_none();
        if fault.ends == Ends::Never {
            let server = server.as_ref().unwrap();
            // The very server that had no room: it goes on without a restart.
            crate::kills::promised_on(server);
            let full = |text: String| text.contains("storage_full");
            assert!(
                ledger.refusals.iter().all(|refusal| full(refusal.text())),
                "{nth}"
            );
        }
        drop(server);
        reached += usize::from(hit);
        note(&format!(
            "{} {} at call {nth}: {} answered, {} refused{}\n",
            fault.calls,
            fault.effect,
            ledger.promises.len(),
            ledger.refusals.len(),
            if hit { "" } else { ", not reached" }
        ));
        let server = Start::on(&directory).go();
        ledger.is_kept_by(&server);
        server.kill();
        database::is_consistent(&directory);
    }
    assert!(reached > 0, "the fault was never met");
}

/// Runs the load until the fault has shown or the time is over; the server is given back where it has survived.
fn outlive(mut server: Linchpin, load: Load, fault: &Fault) -> (Ledger, Option<Linchpin>) {
    let begun = Instant::now();
    while begun.elapsed() < RUN && !server.has_ended() {
        thread::sleep(Duration::from_millis(10));
    }
    let ended = server.has_ended();
    let ledger = load.stop();
    // A failing end takes the time that the answers under way take.
    let ended = ended || (fault.ends == Ends::Failing && !ledger.refusals.is_empty());
    if !ended {
        return (ledger, Some(server));
    }
    let log = server.log();
    let status = server.wait();
    match fault.ends {
        Ends::Killed => {}
        Ends::Never => panic!("it ended with {status}: {log}"),
        Ends::Failing | Ends::Perhaps => {
            assert_eq!(status.code(), Some(1), "{log}");
            assert!(log.contains("the store has halted"), "{log}");
        }
    }
    (ledger, None)
}

/// A tracer that makes one system call on some files fail.
pub struct Injection(Child);

impl Injection {
    pub fn into(server: &Linchpin, files: &[PathBuf], fault: &Fault, nth: usize) -> Self {
        let mut command = Command::new("strace");
        command.args(["-f", "-o", "/dev/null"]);
        for file in canonical(files) {
            command.arg("-P").arg(file);
        }
        let (calls, effect) = (fault.calls, fault.effect);
        command.args(["-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:{effect}:when={nth}")]);
        command.args(["-p", &server.pid().to_string()]);
        let mut tracer = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(tracer.stderr.take().unwrap()).lines();
        let first = said.next().unwrap().unwrap();
        assert!(first.contains("attached"), "{first}");
        thread::spawn(move || said.for_each(drop));
        Self(tracer)
    }

    pub fn end(mut self) {
        // The tracer ends with the server; asked politely, it lets a living one go.
        let pid = self.0.id().to_string();
        Command::new("kill")
            .args(["-INT", &pid])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
    }
}

/// The tracer compares the paths that the kernel knows.
fn canonical(files: &[PathBuf]) -> Vec<PathBuf> {
    let resolved = |file: &PathBuf| {
        let directory = file.parent().unwrap().canonicalize().unwrap();
        directory.join(file.file_name().unwrap())
    };
    files.iter().map(resolved).collect()
}

/// Whether system calls can be made to fail.
pub fn can_trace() -> Result<(), String> {
    let probe = [
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "inject=getppid:error=EIO",
        "true",
    ];
    match Command::new("strace").args(probe).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "this machine does not let processes be traced: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Err(format!("strace cannot be run: {error}")),
    }
}
