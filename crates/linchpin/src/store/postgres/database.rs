//! Where a PostgreSQL database is, and how it is connected to.

use std::{fmt, fs, net::IpAddr, path::PathBuf, str::FromStr as _, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::task::JoinHandle;
use tokio_postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(3);
/// How long what was sent may stay without any sign that it arrived.
const UNHEARD: Duration = Duration::from_secs(5);

/// What every session of ours goes by. The server gives up before the client does, so that the client hears why, and
/// looks for itself whether the client is still there: of one that the network has cut off it is not told.
const SESSION: &str = "-c statement_timeout=4000 -c lock_timeout=2000 \
    -c idle_in_transaction_session_timeout=5000 -c synchronous_commit=on -c timezone=UTC \
    -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000";

/// A PostgreSQL database, as its URL names it.
#[derive(Clone)]
pub struct Database {
    config: Config,
    /// `None` without encryption.
    tls: Option<MakeRustlsConnect>,
    shown: String,
}

/// User, host, port and name; never the password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Database {
    /// Reads a URL such as `postgres://user@host:5432/name`, as libpq writes them; several hosts stand between commas.
    ///
    /// `sslmode` is `verify-full` or `disable`. Without it, a server on this machine is spoken to in the open and
    /// any other must show a certificate for its name: one of the system's authorities, or of `sslrootcert=FILE`.
    ///
    /// # Errors
    ///
    /// What is wrong and what to write instead. The password is never in it.
    pub fn parse(url: &str, password: Option<&str>) -> Result<Self, String> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(
                "must begin with postgres://, such as postgres://linchpin@db.example.com/linchpin"
                    .to_owned(),
            );
        }
        let (plain, options) = split(url)?;
        // What the library says of a URL may quote it.
        let mut config = Config::from_str(&plain).map_err(|_| {
            "is not a URL of a PostgreSQL database: write postgres://user:password@host:5432/name, with %-escapes for : / ? # @ in user and password".to_owned()
        })?;
        if config.get_hosts().is_empty() || config.get_dbname().is_none() {
            return Err("must name a host and a database: postgres://user@host/name".to_owned());
        }
        if let Some(password) = password {
            if config.get_password().is_some() {
                return Err(
                    "holds a password, and database_password_file names another; keep one of them"
                        .to_owned(),
                );
            }
            config.password(password);
        }
        let extra = config
            .get_options()
            .map(|given| format!("{SESSION} {given}"));
        config
            .options(extra.as_deref().unwrap_or(SESSION))
            .application_name("linchpin")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNHEARD)
            .keepalives_idle(UNHEARD)
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(2)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let tls = match options.mode(&config)? {
            false => None,
            true => Some(options.tls()?),
        };
        config.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        let shown = shown(&config);
        Ok(Self { config, tls, shown })
    }

    /// Everything that a connection is made with.
    pub(super) fn parts(&self) -> (Config, Option<MakeRustlsConnect>) {
        (self.config.clone(), self.tls.clone())
    }

    /// Connects. The task ends with the connection; aborting it cuts the connection off.
    ///
    /// # Errors
    ///
    /// Why not, without any secret.
    pub(super) async fn connect(&self) -> Result<Line, String> {
        let dial = async {
            let (client, task) = match &self.tls {
                None => {
                    let (client, connection) = self.config.connect(NoTls).await?;
                    (client, tokio::spawn(connection.map(drop)))
                }
                Some(tls) => {
                    let (client, connection) = self.config.connect(tls.clone()).await?;
                    (client, tokio::spawn(connection.map(drop)))
                }
            };
            Ok(Line { client, task })
        };
        // The library's own limit is for the socket; a server that accepts and then says nothing is met by this one.
        tokio::time::timeout(CONNECT + CONNECT, dial)
            .await
            .map_err(|_| "it does not answer".to_owned())?
            .map_err(|error| reason(&error))
    }
}

/// What an error says, with its cause. No value of a row and no password is in it.
pub fn reason(error: &tokio_postgres::Error) -> String {
    if let Some(refused) = error.as_db_error() {
        return format!("{} (SQLSTATE {})", refused.message(), refused.code().code());
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A connection of one's own.
pub struct Line {
    /// What is asked.
    pub client: Client,
    task: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        // Also where the other end is silent: nothing must wait for an answer that nobody will read.
        self.task.abort();
    }
}

/// What stands in the URL for us and not for the library.
#[derive(Default)]
struct Encryption {
    mode: Option<String>,
    roots: Option<PathBuf>,
}

fn split(url: &str) -> Result<(String, Encryption), String> {
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), Encryption::default()));
    };
    let mut encryption = Encryption::default();
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => encryption.mode = Some(mode.to_owned()),
            Some(("sslrootcert", path)) => {
                let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
                encryption.roots = Some(PathBuf::from(
                    decoded.map_or(path.to_owned(), |(_, path)| path.into_owned()),
                ));
            }
            Some(("connect_timeout" | "application_name" | "target_session_attrs", _)) => {
                return Err("sets connect_timeout, application_name or target_session_attrs, which linchpin sets itself; leave them out".to_owned());
            }
            _ => kept.push(pair),
        }
    }
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    Ok((format!("{base}{query}"), encryption))
}

impl Encryption {
    /// Whether the connection is encrypted.
    fn mode(&self, config: &Config) -> Result<bool, String> {
        match self.mode.as_deref() {
            Some("disable") => Ok(false),
            Some("verify-full") => Ok(true),
            Some(_) => Err("has an sslmode that would talk to whoever answers: write sslmode=verify-full (with sslrootcert=FILE for an authority of your own), or sslmode=disable inside a network that you trust".to_owned()),
            None => Ok(!config.get_hosts().iter().all(is_here)),
        }
    }

    fn tls(&self) -> Result<MakeRustlsConnect, String> {
        let mut roots = RootCertStore::empty();
        match &self.roots {
            Some(path) => {
                let pem = fs::read(path).map_err(|error| {
                    format!(
                        "names {} for sslrootcert, which cannot be read: {error}",
                        path.display()
                    )
                })?;
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    let certificate = certificate.map_err(|_| {
                        format!("names {} for sslrootcert, which is not PEM", path.display())
                    })?;
                    roots.add(certificate).map_err(|error| {
                        format!("names {} for sslrootcert: {error}", path.display())
                    })?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err("needs certificates to check the server by, and there are none: install the system's (ca-certificates) or name a file with sslrootcert=FILE".to_owned());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}

fn shown(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts: Vec<String> = hosts.collect();
    let user = config.get_user().map(|user| format!("{user}@"));
    let name = config.get_dbname().unwrap_or_default();
    format!("{}{}/{name}", user.unwrap_or_default(), hosts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_never_shown() {
        let url = "postgres://me:hunter2@127.0.0.1:5433/link";
        let database = Database::parse(url, None).unwrap();
        assert_eq!(
            format!("{database:?} {database}"),
            "me@127.0.0.1:5433/link me@127.0.0.1:5433/link"
        );
        let broken = Database::parse("postgres://me:hunter2@h:x/link", None).unwrap_err();
        assert!(!broken.contains("hunter2"), "{broken}");
    }

    #[test]
    fn a_server_elsewhere_must_show_a_certificate_unless_told_otherwise() {
        let tls = |url: &str| Database::parse(url, None).map(|database| database.tls.is_some());
        assert_eq!(tls("postgres://me@127.0.0.1/link"), Ok(false));
        assert_eq!(
            tls("postgres://me@db.example.com/link?sslmode=disable"),
            Ok(false)
        );
        assert!(tls("postgres://me@db.example.com/link?sslmode=require").is_err());
        assert!(
            tls("postgres://me@db.example.com/link?sslrootcert=/nowhere.pem")
                .unwrap_err()
                .contains("/nowhere.pem")
        );
    }

    #[test]
    fn a_url_that_is_not_one_of_postgresql_is_told_so() {
        for wrong in ["mysql://a@b/c", "postgres://", "postgres://me@host"] {
            assert!(Database::parse(wrong, None).is_err(), "{wrong}");
        }
        assert!(Database::parse("postgres://a:b@localhost/c", Some("d")).is_err());
        assert!(Database::parse("postgres://a@localhost/c", Some("d")).is_ok());
    }
}
