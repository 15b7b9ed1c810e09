//! A network of a test's own, in which packets can be dropped.

use std::{
    net::SocketAddr,
    process::{Command, Stdio},
};

use crate::run::skip;

/// Runs an ignored test of this binary again, in a new network namespace with a loopback device and nothing else.
///
/// Counts as skipped where the machine does not allow that.
pub fn in_a_network_of_its_own(test: &str) {
    let mut words = vec!["unshare", "--net"];
    if !is_root() {
        // Stays who it is, since PostgreSQL refuses to run as root, and may still set the new network up.
        words.extend(["--user", "--map-current-user", "--keep-caps"]);
    }
    words.extend(["sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]);
    let allowed = Command::new(words[0])
        .args(&words[1..])
        .args(["sh", "-c"])
        .arg("nft add table inet t && nft list tables")
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        return skip(
            test,
            "this machine does not allow a network with rules of its own",
        );
    }
    let again = Command::new(words[0])
        .args(&words[1..])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = [again.stdout, again.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{test} was not run: {said}");
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// The way between the nodes and a database, in both directions.
pub struct Wire {
    port: u16,
}

impl Wire {
    /// To the database of this URL.
    pub fn to(url: &str) -> Self {
        let address: SocketAddr = super::proxy::address_in(url).parse().unwrap();
        let wire = Self {
            port: address.port(),
        };
        nft("add table inet wire");
        let port = wire.port;
        nft(&format!(
            "add chain inet wire to_{port} {{ type filter hook input priority 0 ; }}"
        ));
        wire
    }

    /// Drops every packet. They vanish on their way, so that neither side is told.
    pub fn drops_all(&self) {
        self.drops("");
    }

    /// Drops every tenth packet or so.
    pub fn drops_some(&self) {
        self.drops("numgen random mod 10 < 1");
    }

    fn drops(&self, which: &str) {
        self.carries_all();
        for end in ["sport", "dport"] {
            let port = self.port;
            nft(&format!(
                "add rule inet wire to_{port} tcp {end} {port} {which} drop"
            ));
        }
    }

    /// Drops nothing any more.
    pub fn carries_all(&self) {
        nft(&format!("flush chain inet wire to_{}", self.port));
    }
}

fn nft(command: &str) {
    let output = Command::new("nft").arg(command).output().unwrap();
    assert!(
        output.status.success(),
        "nft {command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
