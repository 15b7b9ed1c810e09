//! Connectors: the two that are shown keep the contract, and one that does not is told which rule.

mod link;
mod on_sqlite;
mod proxy;

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::{
    run::skip,
    support::{Room, complaint, run},
};

const SECRET: &str = "whsec_bGlua2VkIGJ5IGEgdGVzdCwgYW5kIG5vIG90aGVyIQ==";

/// A connector that runs until it is dropped, with the platform behind it.
struct Connector {
    child: Child,
    url: String,
    platform: String,
    secret: PathBuf,
}

impl Connector {
    fn start(room: &Room, program: &str, file: &Path) -> Self {
        Self::start_with(room, program, file, &[])
    }

    fn start_with(room: &Room, program: &str, file: &Path, variables: &[(&str, &str)]) -> Self {
        let secret = room.path().join("notebook.secret");
        fs::write(&secret, SECRET).unwrap();
        let mut child = Command::new(program)
            .arg(file)
            .env("CONNECTOR_SECRET_FILE", &secret)
            .envs([("PORT", "0"), ("NOTEBOOK_PORT", "0"), ("GALLERY_PORT", "0")])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).expect("where it listens");
        let of = |name: &str| told[name].as_str().unwrap().to_owned();
        Self {
            child,
            url: of("connector"),
            platform: of("platform"),
            secret,
        }
    }

    /// The lines of `linchpin connector verify`, and its exit code.
    fn verify(&self, code: &str, path: &str) -> (String, Option<i32>) {
        self.verify_with(code, path, &self.platform, &[])
    }

    fn verify_with(
        &self,
        code: &str,
        path: &str,
        api: &str,
        more: &[&str],
    ) -> (String, Option<i32>) {
        let bob = format!("bob:battery staple:{code}");
        let usual = [
            "connector",
            "verify",
            &self.url,
            "--secret-file",
            self.secret.to_str().unwrap(),
            "--account",
            "ada:correct horse",
            "--account",
            &bob,
            "--locked",
            "mallory:staple horse",
            "--api",
            api,
            "--path",
            path,
            "--deadline",
            "5",
        ];
        let output = run(&[&usual, more].concat());
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(!said.contains("battery staple"), "{said}");
        (said + &complaint(&output), output.status.code())
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn python() -> PathBuf {
    root().join("examples/connector-python")
}

/// The connector in TypeScript without its types, which a node of 2023 does not take.
fn typescript(room: &Room) -> Option<PathBuf> {
    let esbuild = root().join("embed/node_modules/.bin/esbuild");
    if !esbuild.exists() {
        skip(
            "the connector in TypeScript",
            "npm ci --prefix embed was not run",
        );
        return None;
    }
    let built = room.path().join("connector.mjs");
    let source = root().join("examples/connector-typescript/connector.ts");
    let built_of = Command::new(esbuild)
        .args([
            "--bundle",
            "--platform=node",
            "--format=esm",
            "--log-level=warning",
        ])
        .arg(source)
        .arg(format!("--outfile={}", built.display()))
        .status();
    assert!(built_of.unwrap().success());
    Some(built)
}

#[track_caller]
fn assert_kept((said, code): &(String, Option<i32>)) {
    assert_eq!(*code, Some(0), "{said}");
    // Description and coverage are the provider file's.
    assert_eq!(said.matches("ok      ").count(), 26, "{said}");
    assert!(!said.contains("no occasion"), "{said}");
}
