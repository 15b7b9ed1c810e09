//! The network between a node and its database, where it can be cut and silenced.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

/// What a node sends to commit.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// A wire from a port of its own to the database.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    silent: AtomicBool,
    /// Commits of which the answer is still to be cut off.
    cut_after: AtomicU32,
    /// Commits that are still to be cut off before they arrive.
    cut_before: AtomicU32,
    /// Commits that were cut off in either way.
    cut: AtomicU32,
}

impl Proxy {
    /// In front of the database of this URL.
    pub fn to(url: &str) -> Self {
        let database: SocketAddr = address_in(url).parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for node in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                thread::spawn(move || carry(&node, database, &state));
            }
        });
        Self { address, state }
    }

    /// The URL by which a node reaches the database through it.
    pub fn url(&self, direct: &str) -> String {
        direct.replace(address_in(direct), &self.address.to_string())
    }

    /// Nothing arrives any more, and nobody is told.
    pub fn falls_silent(&self) {
        self.state.silent.store(true, Ordering::SeqCst);
    }

    /// What was held up arrives, and everything else from now on.
    pub fn speaks_again(&self) {
        self.state.silent.store(false, Ordering::SeqCst);
    }

    /// Cuts the connection of the next so many commits once they were sent, before their answer.
    pub fn cuts_answers(&self, count: u32) {
        self.state.cut_after.store(count, Ordering::SeqCst);
    }

    /// Cuts the connection of the next so many commits before they arrive.
    pub fn cuts_commits(&self, count: u32) {
        self.state.cut_before.store(count, Ordering::SeqCst);
    }

    /// How many were cut so far.
    pub fn cut(&self) -> u32 {
        self.state.cut.load(Ordering::SeqCst)
    }
}

/// Host and port in a URL.
pub fn address_in(url: &str) -> &str {
    let (_, after) = url.split_once('@').unwrap();
    after.split('/').next().unwrap()
}

fn carry(node: &TcpStream, database: SocketAddr, state: &Arc<State>) {
    state.wait_for_speech();
    let Ok(upstream) = TcpStream::connect(database) else {
        return;
    };
    let back = (upstream.try_clone().unwrap(), node.try_clone().unwrap());
    let shared = Arc::clone(state);
    thread::spawn(move || pump(&back.0, &back.1, &shared, false));
    pump(node, &upstream, state, true);
}

fn pump(mut from: &TcpStream, mut to: &TcpStream, state: &State, to_database: bool) {
    let mut buffer = vec![0; 65_536];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        state.wait_for_speech();
        let bytes = &buffer[..read];
        let commits = to_database && bytes.windows(COMMIT.len()).any(|part| part == COMMIT);
        if commits && take_one(&state.cut_before) {
            state.cut.fetch_add(1, Ordering::SeqCst);
            break;
        }
        if commits && take_one(&state.cut_after) {
            state.cut.fetch_add(1, Ordering::SeqCst);
            // The node hears nothing more, the database still gets the commit.
            from.shutdown(Shutdown::Both).unwrap_or_default();
            to.write_all(bytes).unwrap_or_default();
            thread::sleep(Duration::from_millis(50));
            break;
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    for end in [from, to] {
        end.shutdown(Shutdown::Both).unwrap_or_default();
    }
}

fn take_one(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    })
    .is_ok()
}

impl State {
    fn wait_for_speech(&self) {
        while self.silent.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
    }
}
