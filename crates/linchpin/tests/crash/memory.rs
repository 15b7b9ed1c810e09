//! What is left in the memory of a server that is idle, after many people have signed in.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    thread,
    time::Duration,
};

use crate::{
    kills::{assert_linked, promised_on},
    person::Person,
    process::{Linchpin, Start},
    run::{note, skip, times, turn},
};

/// Passwords that nobody else uses: typed wrong first, since the right one of the sandbox is a word of its pages.
const PASSWORD: &str = "canary-pass-of-somebody";
/// What the session of a sandbox account begins with, for these accounts.
const SESSION: &str = "sandbox=memory-canary";

/// Copies that may be left in buffers of the HTTP library and in memory that was given back to the allocator and not
/// used again, see docs/security.md. They come from the last few requests, and do not grow with their number.
const LEFT_MAX: usize = 2;

#[test]
fn an_idle_server_holds_no_password_and_no_session_but_what_is_left_in_buffers() {
    let _turn = turn();
    let home = tempfile::tempdir().unwrap();
    let server = Start::on(home.path().join("data")).go();
    let Ok(memory) = File::open(format!("/proc/{}/mem", server.pid())) else {
        skip(
            "memory::an_idle_server_holds_no_password_and_no_session_but_what_is_left_in_buffers",
            "only root may look into the memory of a server",
        );
        return;
    };
    let some = times(20, 500);
    people(&server, 0..some);
    let first = [PASSWORD, SESSION].map(|needle| copies(&server, &memory, needle));
    people(&server, some..2 * some);
    let then = [PASSWORD, SESSION].map(|needle| copies(&server, &memory, needle));
    // What is no secret is found, so a secret would be.
    assert!(copies(&server, &memory, "memory-canary") > 0);
    note(&format!(
        "copies of passwords and sessions in memory after {some} people: {first:?}, after twice as many: {then:?}\n"
    ));
    for left in then {
        assert!(left <= LEFT_MAX, "{left} copies");
    }
    server.stop();
}

/// Each mistypes the password once, and then gets it right.
fn people(server: &Linchpin, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let promise = promised_on(server);
        let email = format!("memory-canary-{number}@creator.sandbox.com");
        let mut person = Person::with_link(server.address, &promise.path(), &email);
        person.begins().unwrap();
        person.takes_a_step().unwrap();
        let password = format!("{PASSWORD}-{number}");
        person.mistypes(("password", &password)).unwrap();
        assert_linked(&person.goes_to_the_end().unwrap());
    }
    thread::sleep(Duration::from_secs(2));
}

/// How often a text is in the memory that the process can write to.
fn copies(server: &Linchpin, memory: &File, needle: &str) -> usize {
    let maps = fs::read_to_string(format!("/proc/{}/maps", server.pid())).unwrap();
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (range, _) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let number = |hex| u64::from_str_radix(hex, 16).unwrap();
        let (from, to) = (number(from), number(to));
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        // Of a region that has gone meanwhile nothing can be read.
        let Ok(read) = memory.read_at(&mut bytes, from) else {
            continue;
        };
        found += bytes[..read]
            .windows(needle.len())
            .filter(|window| *window == needle.as_bytes())
            .count();
    }
    found
}
