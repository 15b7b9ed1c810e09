//! Clients that are slow or many do not stop one that is neither.

use std::{
    io::Write as _,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{
    kills::promised_on,
    ledger::status_on,
    process::Start,
    run::{skip, turn},
};

const SLOW: usize = 2_000;
/// Files that this process needs beside its slow connections.
const BESIDE: usize = 64;

#[test]
fn two_thousand_slow_clients_do_not_stop_a_normal_one() {
    let _turn = turn();
    let name = "two_thousand_slow_clients_do_not_stop_a_normal_one";
    if open_files("/proc/self/limits") < SLOW + BESIDE {
        return again_with_more_files(name);
    }
    let home = tempfile::tempdir().unwrap();
    let server = Start::on(home.path().join("data"))
        .with_open_files(4_096)
        .go();
    let mut slow: Vec<TcpStream> = (0..SLOW)
        .map(|number| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            let head = "POST /v2/link/init HTTP/1.1\r\nHost: slow\r\nX-Slow: ";
            // Some have said nothing yet, some are within a line, some owe a body.
            let begun: &[u8] = match number % 3 {
                0 => b"",
                1 => head.as_bytes(),
                _ => b"POST /v2/link/init HTTP/1.1\r\nHost: slow\r\nContent-Length: 9000\r\n\r\n{",
            };
            stream.write_all(begun).unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    while begun.elapsed() < Duration::from_secs(4) {
        let each = Instant::now();
        let promise = promised_on(&server);
        assert_eq!(status_on(&server, &promise.secret), "initialized");
        longest = longest.max(each.elapsed());
        for stream in slow.iter_mut().skip(1).step_by(30) {
            // One more byte; where the server has had enough of it, that is its right.
            stream.write_all(b"a").unwrap_or_default();
        }
    }
    assert!(
        longest < Duration::from_secs(2),
        "a normal client waited {longest:?}"
    );
    drop(slow);
    server.stop();
}

#[test]
fn a_server_with_few_files_goes_on_accepting() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    for most in [64, 256] {
        let directory = home.path().join(most.to_string());
        let mut server = Start::on(directory).with_open_files(most).go();
        assert_eq!(
            open_files(&format!("/proc/{}/limits", server.pid())),
            most as usize
        );
        for _ in 0..3 {
            let crowd: Vec<_> = (0..400)
                .filter_map(|_| TcpStream::connect(server.address).ok())
                .collect();
            thread::sleep(Duration::from_millis(100));
            drop(crowd);
            let begun = Instant::now();
            // Who comes right after a crowd may be turned away, but not for long.
            while server
                .client()
                .get("/healthz", &[])
                .map_or(true, |answer| answer.status != 200)
            {
                assert!(
                    begun.elapsed() < Duration::from_secs(10),
                    "nobody is let in any more"
                );
                thread::sleep(Duration::from_millis(20));
            }
        }
        assert!(!server.has_ended());
        promised_on(&server);
        server.stop();
    }
}

/// The soft limit of open files in a table of the kernel.
fn open_files(table: &str) -> usize {
    let table = std::fs::read_to_string(table).unwrap();
    let line = table
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .unwrap();
    match line.split_whitespace().next().unwrap() {
        "unlimited" => usize::MAX,
        number => number.parse().unwrap(),
    }
}

/// Runs a test of this binary once more, in a process that may open more files.
fn again_with_more_files(name: &str) {
    let script = "ulimit -n 4096 2>/dev/null || exit 99; exec \"$@\"";
    let full_name = format!("overload::{name}");
    let status = std::process::Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &full_name])
        .status()
        .unwrap();
    match status.code() {
        Some(99) => skip(name, "this machine does not let a process open 4,096 files"),
        code => assert_eq!(code, Some(0)),
    }
}
