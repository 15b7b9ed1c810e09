//! Encrypted connections to the database.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cluster::Cluster,
    ledger::init,
    node::Nodes,
    proxy::address_in,
    run::{skip, turn},
};

/// An authority, and a key and certificate for `localhost` that it has signed.
struct Authority(tempfile::TempDir);

impl Authority {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        fs::set_permissions(room.path(), Permissions::from_mode(0o755)).unwrap();
        let script = "cd \"$1\" && echo subjectAltName=DNS:localhost >names && \
            new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes' && \
            openssl req -x509 $new -keyout ca.key -out ca.pem -days 2 -subj '/CN=an authority' && \
            openssl req $new -keyout server.key -out server.csr -subj /CN=localhost && \
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
                -out server.pem && \
            chmod 600 server.key && { [ \"$(id -u)\" != 0 ] || chown postgres: server.key; }";
        let made = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(room.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        Self(room)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A cluster that shows the certificate.
    fn cluster(&self) -> Cluster {
        let file = |name: &str| self.file(name).display().to_string();
        Cluster::with(&[
            "ssl = on".to_owned(),
            format!("ssl_cert_file = '{}'", file("server.pem")),
            format!("ssl_key_file = '{}'", file("server.key")),
        ])
    }
}

/// The URL of a cluster by this host, which must show a certificate of this authority for it.
fn url(cluster: &Cluster, host: &str, authority: &Path) -> String {
    let (_, port) = address_in(cluster.url()).split_once(':').unwrap();
    format!(
        "postgres://linchpin:hunter2@{host}:{port}/postgres?sslmode=verify-full&sslrootcert={}",
        authority.display()
    )
}

#[test]
fn a_database_is_talked_to_encrypted_and_only_when_it_is_the_right_one() {
    let _turn = turn();
    if Command::new("openssl").arg("version").output().is_err() {
        return skip("encrypted", "openssl is not installed");
    }
    let (authority, another) = (Authority::new(), Authority::new());
    let (cluster, nodes) = (authority.cluster(), Nodes::new());
    let right = authority.file("ca.pem");
    let node = nodes.start(0, &url(&cluster, "localhost", &right));
    for _ in 0..20 {
        assert_eq!(
            init(&mut node.client(), &node.key, None).unwrap().status,
            200
        );
    }
    let ours = |which: &str| {
        cluster.number(&format!(
            "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) \
             WHERE application_name = 'linchpin' AND {which}"
        ))
    };
    assert!(ours("ssl") >= 5, "writers, a reader and who listens");
    assert_eq!(ours("NOT ssl"), 0);
    node.stop();

    // The authority of somebody else, and a name that is not in the certificate.
    let wrong = [("localhost", another.file("ca.pem")), ("127.0.0.1", right)];
    for (number, (host, roots)) in (1..).zip(wrong) {
        let start = nodes.node(number, &url(&cluster, host, &roots));
        let refused = start.attempt().err().expect("it was talked to");
        let said = refused.log.to_lowercase();
        assert!(said.contains("certificate"), "{host}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert_eq!(ours("true"), 0);
}
