//! A network of a test's own, in which every address is this machine's and names are what the test says.

use std::{
    any::type_name,
    fs,
    future::Future,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use linchpin::egress::{Answered, Egress, Exit, Failure, Limits, Rules};
use linchpin_provider::{Client, Reach, SendError, whole};
use tempfile::TempDir;

use crate::run::skip;

/// Set in the process that runs in the namespace.
const INSIDE: &str = "LINCHPIN_TEST_INSIDE";
/// What a proxy would be asked at.
pub const PROXY: &str = "http://127.0.0.1:3128";
const PROXIES: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
];

/// Every address is local, be it reserved or somebody else's, so that whoever is gone to can be seen.
const SET_UP: &str = "set -e
    ip link set lo up
    ip route add local default dev lo
    ip -6 route add local ::/0 dev lo
    mount --bind \"$1/resolv.conf\" /etc/resolv.conf
    mount --bind \"$1/nsswitch.conf\" /etc/nsswitch.conf
    shift
    exec \"$@\"";

/// Runs the rest of a test in a process of its own, in a network of its own. Counts as skipped where the machine does
/// not allow that.
pub fn within<F: FnOnce()>(rest: F) {
    if std::env::var_os(INSIDE).is_some() {
        return rest();
    }
    let test = name_of::<F>();
    let room = room();
    let output = |words: &[&str]| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--net", "--mount"]);
        if !is_root() {
            unshare.args(["--user", "--map-root-user"]);
        }
        unshare
            .args(["sh", "-c", SET_UP, "sh"])
            .arg(room.path())
            .args(words)
            .stdin(Stdio::null())
            .env(INSIDE, "1")
            .env_remove("NO_PROXY")
            .envs(PROXIES.map(|name| (name, PROXY)))
            .output()
    };
    if !output(&["true"]).is_ok_and(|done| done.status.success()) {
        return skip(test, "this machine does not allow a network of its own");
    }
    let me = std::env::current_exe().unwrap();
    let again = output(&[me.to_str().unwrap(), "--exact", test, "--nocapture"]).unwrap();
    let said = [again.stdout, again.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(again.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{test} was not run: {said}");
}

/// The name of the test that a closure stands in.
fn name_of<F>() -> &'static str {
    let (_, path) = type_name::<F>().split_once("::").unwrap();
    path.strip_suffix("::{{closure}}").unwrap()
}

/// Who answers for names, and that nobody else does.
fn room() -> TempDir {
    let room = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(room.path().join(name), text).unwrap();
    write(
        "resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n",
    );
    write("nsswitch.conf", "hosts: files dns\n");
    room
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

/// The limits of webhooks.
pub const LIMITS: Limits = Limits {
    connect: Duration::from_secs(5),
    total: Duration::from_secs(10),
    answer: 20_480,
};

/// A way out that trusts an authority beside those of the system.
pub fn egress(ca_file: Option<&Path>) -> Egress {
    let ca_file = ca_file.map(PathBuf::from);
    Egress::new(Rules {
        ca_file,
        ..Rules::strict()
    })
    .unwrap()
}

/// Posts to a URL that is fine as far as that can be said.
pub async fn post(egress: &Egress, url: &str) -> Result<Answered, Failure> {
    post_within(egress, url, LIMITS).await
}

/// The same within other limits.
pub async fn post_within(egress: &Egress, url: &str, limits: Limits) -> Result<Answered, Failure> {
    let target = egress.check_url(url).unwrap();
    let body = Bytes::from_static(b"{\"hello\":true}");
    egress.post(&target, HeaderMap::new(), body, limits).await
}

/// A provider's client that reaches a host.
pub fn client(egress: &Egress, host: &str, exit: Option<Exit>) -> Client {
    let reach = Reach {
        hosts: vec![host.to_owned()],
        ..Reach::default()
    };
    egress.client(&reach, exit, "conn_1")
}

/// What a provider's GET comes to, which is read to its end; the status.
pub async fn get(client: &Client, url: &str) -> Result<u16, SendError> {
    let request = Request::get(url).body(whole("")).unwrap();
    let answer = client.send(request).await?;
    let status = answer.status().as_u16();
    let read = answer.into_body().collect().await;
    read.map(|_| status).map_err(|_| SendError::Broken)
}

/// The same of a provider that reaches the URL's host, directly.
pub async fn visit(egress: &Egress, url: &str) -> Result<u16, SendError> {
    let uri: http::Uri = url.parse().unwrap();
    get(
        &client(egress, uri.authority().unwrap().as_str(), None),
        url,
    )
    .await
}

/// Runs what a test does by and by.
pub fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let done = runtime.block_on(what);
    runtime.shutdown_timeout(Duration::ZERO);
    done
}
