//! Certificates for receivers, good ones and bad ones.

use std::{fs, path::PathBuf, process::Command, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tempfile::TempDir;

const CONFIG: &str = "[ca]
default_ca = it
[it]
dir = .
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = none
[any]
commonName = supplied
[req]
distinguished_name = nothing
[nothing]
";

/// An authority of the test's own.
pub struct Authority(TempDir);

impl Authority {
    pub fn new() -> Self {
        let authority = Self(TempDir::new().unwrap());
        authority.write("config", CONFIG);
        authority.write("index", "");
        authority.write("serial", "01\n");
        authority.sh(
            "openssl req -config config -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout ca.key -out ca.pem -days 2 -subj '/CN=an authority' \
             -addext basicConstraints=critical,CA:TRUE",
        );
        authority
    }

    /// The file to trust it by.
    pub fn file(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// A certificate for these names, as in `DNS:a.test,IP:1.2.3.4`.
    pub fn certificate(&self, names: &str) -> Arc<ServerConfig> {
        self.sign(names, "");
        self.read()
    }

    /// One that was good in 2020.
    pub fn expired(&self, names: &str) -> Arc<ServerConfig> {
        self.sign(names, "-startdate 20200101000000Z -enddate 20201231000000Z");
        self.read()
    }

    /// One that nobody has signed but its own key.
    pub fn self_signed(&self, names: &str) -> Arc<ServerConfig> {
        self.sh(&format!(
            "openssl req -config config -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout it.key -out it.pem -days 2 -subj /CN=it -addext subjectAltName={names} \
             -addext basicConstraints=critical,CA:FALSE",
        ));
        self.read()
    }

    /// The files of a certificate and its key, for a program.
    pub fn files(&self, names: &str) -> [PathBuf; 2] {
        self.sign(names, "");
        ["it.pem", "it.key"].map(|name| self.0.path().join(name))
    }

    fn sign(&self, names: &str, when: &str) {
        let when = if when.is_empty() { "-days 2" } else { when };
        self.write("extensions", &format!("subjectAltName={names}\n"));
        self.sh(&format!(
            "openssl req -config config -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
             -keyout it.key -out it.csr -subj \"/CN=$(cat serial)\" && \
             openssl ca -config config -batch -notext -cert ca.pem -keyfile ca.key -in it.csr -out it.pem \
             -extfile extensions {when}"
        ));
    }

    fn read(&self) -> Arc<ServerConfig> {
        let file = |name: &str| self.0.path().join(name);
        let certificate = CertificateDer::from_pem_file(file("it.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(file("it.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key);
        Arc::new(config.unwrap())
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn sh(&self, script: &str) {
        let done = Command::new("sh")
            .args(["-c", script])
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
    }
}
