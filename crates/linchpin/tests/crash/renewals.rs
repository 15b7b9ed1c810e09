//! Killed while a session is renewed: the platform has put another refresh token in the place of the one that is stored,
//! and nothing of it has been written yet.
//!
//! Then the connection works, or says once that it has to be signed in to again, and no call asks the platform more than
//! the questions that an answer takes.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    client::{Answer, NoAnswer},
    faults::{Ends, Fault, Injection, can_trace},
    process::{Linchpin, Start, without_ours},
    rotating::{JSON, Platform},
    run::{note, skip, times, turn},
};

/// Until an event is there to be read.
const PATIENCE: Duration = Duration::from_secs(10);

/// A data directory, the platform that its live environment knows, and a connection there.
struct Scene {
    home: tempfile::TempDir,
    platform: Platform,
    key: String,
    connection: String,
}

impl Scene {
    /// It, and the server on which the connection was made.
    fn set() -> (Self, Linchpin) {
        let platform = Platform::start();
        let home = tempfile::tempdir().unwrap();
        let providers = home.path().join("providers");
        std::fs::create_dir(&providers).unwrap();
        std::fs::write(providers.join("rotating.toml"), platform.file()).unwrap();
        let mut scene = Self {
            home,
            platform,
            key: String::new(),
            connection: String::new(),
        };
        let server = scene.starts();
        scene.key = live_key(&scene.directory());
        let session = json!({
            "accessToken": "access-1", "refreshToken": "refresh-1", "permissions": ["notes:read"],
        });
        let path = "/v2/account/connections/import";
        let made = scene.asks(&server, "POST", path, &session.to_string());
        let made = made.unwrap();
        assert_eq!(made.status, 200, "{}", made.text());
        let made = made.json();
        made["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut scene.connection);
        assert_eq!(scene.calls(&server).status, 200);
        (scene, server)
    }

    fn directory(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn starts(&self) -> Linchpin {
        let providers = self.home.path().join("providers");
        Start::on(self.directory())
            .with("LINCHPIN_PROVIDERS_DIRECTORY", providers)
            .go()
    }

    fn asks(
        &self,
        server: &Linchpin,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<Answer, NoAnswer> {
        let headers = [
            ("apikey", self.key.as_str()),
            ("x-connection-id", self.connection.as_str()),
            JSON,
        ];
        let mut client = server.client();
        client.request(method, path, &headers[..], body.as_bytes())
    }

    /// A call through the connection.
    fn calls(&self, server: &Linchpin) -> Answer {
        self.asks(server, "GET", "/v2/access/proxy/notes/", "")
            .unwrap()
    }

    /// A call on which the platform has renewed the session, without having answered yet.
    fn is_renewing(&self, server: &Linchpin) -> JoinHandle<Result<Answer, NoAnswer>> {
        let before = self.platform.newest();
        self.platform.set(|tokens| {
            tokens.over = tokens.newest;
            tokens.holds = true;
        });
        let (mut client, key) = (server.client(), self.key.clone());
        let connection = self.connection.clone();
        let caller = thread::spawn(move || {
            let headers = [("apikey", &*key), ("x-connection-id", &*connection)];
            client.get("/v2/access/proxy/notes/", &headers)
        });
        while self.platform.newest() == before {
            thread::sleep(Duration::from_millis(2));
        }
        caller
    }

    fn status(&self, server: &Linchpin) -> String {
        let path = format!("/v2/account/connections/{}", self.connection);
        let told = self.asks(server, "GET", &path, "").unwrap().json();
        told["status"].as_str().unwrap().to_owned()
    }

    /// How many events say that the connection has to be signed in to again.
    fn times_expired(&self, server: &Linchpin) -> usize {
        let listed = self.asks(server, "GET", "/v2/events?limit=100", "");
        let listed = listed.unwrap().json();
        let events = listed["list"].as_array().unwrap();
        let expired = |event: &&Value| event["type"] == "connection.expired";
        events.iter().filter(expired).count()
    }

    /// It is told, which follows the commit by a moment, and told once.
    fn is_told_once(&self, server: &Linchpin) {
        let begun = Instant::now();
        while self.times_expired(server) == 0 {
            assert!(begun.elapsed() < PATIENCE, "nobody is told");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.times_expired(server), 1);
    }

    /// The platform takes the refresh token that is stored no more: said once, by the first call, and no later call asks.
    fn says_that_it_is_over(&self, server: &Linchpin) {
        for asked in [&["/notes/", "/me/", "/renew/"][..], &[], &[]] {
            let before = self.platform.asked();
            let refused = self.calls(server);
            assert_eq!(refused.status, 401, "{}", refused.text());
            assert_eq!(refused.json()["type"], "SESSION_EXPIRED");
            self.assert_asked_at_most(before, asked);
        }
        assert_eq!(self.status(server), "expired");
        self.is_told_once(server);
    }

    /// What was asked is this, in this order, where something of it may have been left out.
    fn assert_asked_at_most(&self, before: usize, most: &[&str]) {
        let asked = self.platform.asked_since(before);
        let mut left = most.iter();
        let in_order = asked.iter().all(|path| left.any(|each| each == path));
        assert!(in_order, "{asked:?} was asked, not {most:?}");
    }

    /// It works, and no call but the first asks for more than its own answer.
    fn works(&self, server: &Linchpin, first: &[&str]) {
        for asked in [first, &["/notes/"], &["/notes/"]] {
            let before = self.platform.asked();
            let answer = self.calls(server);
            assert_eq!(answer.status, 200, "{}", answer.text());
            self.assert_asked_at_most(before, asked);
        }
        assert_eq!(self.status(server), "active");
        assert_eq!(self.times_expired(server), 0);
    }
}

/// A key of the live environment.
fn live_key(directory: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
    let words = ["key", "create", "--json", "--name", "live", "--scope"];
    command.args(words).args(["LINK,ACCOUNT,ACCESS"]);
    command.args(["--environment", "live", "--data"]);
    let made = without_ours(command.arg(directory)).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    made["key"].as_str().unwrap().to_owned()
}

#[test]
fn killed_before_a_renewal_is_answered_the_connection_says_once_that_it_is_over() {
    let _turn = turn();
    let (scene, server) = Scene::set();
    let caller = scene.is_renewing(&server);
    server.kill();
    assert!(caller.join().unwrap().is_err());
    scene.platform.set(|tokens| tokens.holds = false);
    let server = scene.starts();
    scene.says_that_it_is_over(&server);
    server.kill();
    // Nor does another start begin again.
    let server = scene.starts();
    let before = scene.platform.asked();
    assert_eq!(scene.calls(&server).status, 401);
    assert_eq!(scene.platform.asked(), before);
    scene.is_told_once(&server);
    server.stop();
}

#[test]
fn killed_before_a_renewal_is_answered_the_connection_works_where_the_token_of_before_is_taken() {
    let _turn = turn();
    let (scene, server) = Scene::set();
    let caller = scene.is_renewing(&server);
    server.kill();
    assert!(caller.join().unwrap().is_err());
    scene.platform.set(|tokens| {
        tokens.holds = false;
        tokens.lenient = true;
    });
    let server = scene.starts();
    scene.works(&server, &["/notes/", "/me/", "/renew/", "/me/", "/notes/"]);
    server.stop();
}

#[test]
fn killed_at_any_write_of_a_renewal_the_connection_works_or_says_once_that_it_is_over() {
    let name = "killed_at_any_write_of_a_renewal_the_connection_works_or_says_once_that_it_is_over";
    let _turn = turn();
    if let Err(reason) = can_trace() {
        return skip(name, &reason);
    }
    let fault = Fault {
        calls: "pwrite64,fsync,fdatasync",
        effect: "signal=SIGKILL",
        ends: Ends::Killed,
    };
    let (mut kept, mut lost) = (0, 0);
    for nth in (1..=26).step_by(times(5, 1)) {
        let (scene, server) = Scene::set();
        let caller = scene.is_renewing(&server);
        // The platform has renewed and waits, so that what is written next is what it has renewed.
        let files = ["linchpin.db", "linchpin.db-wal"].map(|name| scene.directory().join(name));
        let injection = Injection::into(&server, &files, &fault, nth);
        scene.platform.set(|tokens| tokens.holds = false);
        let answered = caller.join().unwrap();
        let killed = answered.is_err();
        server.kill();
        injection.end();
        let server = scene.starts();
        let before = scene.platform.asked();
        let works = scene.calls(&server).status == 200;
        let became = if works { "kept" } else { "lost" };
        note(&format!("killed at write {nth}: {killed}, {became}\n"));
        if works {
            scene.assert_asked_at_most(before, &["/notes/"]);
            scene.works(&server, &["/notes/"]);
            kept += 1;
        } else {
            assert!(killed, "an answer had left, and the renewal was lost");
            scene.assert_asked_at_most(before, &["/notes/", "/me/", "/renew/"]);
            scene.says_that_it_is_over(&server);
            lost += 1;
        }
        server.stop();
    }
    assert!(lost > 0 && kept > 0, "{lost} were lost, {kept} kept");
}

#[test]
fn a_renewal_that_fails_keeps_the_session_of_before_through_a_kill() {
    let _turn = turn();
    let (scene, server) = Scene::set();
    scene.platform.set(|tokens| {
        tokens.over = tokens.newest;
        tokens.fails = true;
    });
    let before = scene.platform.asked();
    let refused = scene.calls(&server);
    assert_eq!(refused.status, 502, "{}", refused.text());
    scene.assert_asked_at_most(before, &["/notes/", "/me/", "/renew/"]);
    assert_eq!(scene.status(&server), "active");
    server.kill();
    scene.platform.set(|tokens| tokens.fails = false);
    let server = scene.starts();
    scene.works(&server, &["/notes/", "/me/", "/renew/", "/me/", "/notes/"]);
    server.stop();
}
