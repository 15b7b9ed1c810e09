//! Where a PostgreSQL database is: its URL.

use std::{
    fmt, fs,
    net::IpAddr,
    path::PathBuf,
    str::FromStr as _,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::timeline::Newest;

/// How long a socket may take to come about.
const SOCKET: Duration = Duration::from_secs(2);
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
    /// How each of its hosts is connected to; one at least.
    pub(super) hosts: Arc<[Config]>,
    /// The host that is tried first: the one that answered last, or that comes after the last one that did not.
    pub(super) first: Arc<AtomicUsize>,
    /// What none of the hosts may be behind.
    pub(super) newest: Arc<Newest>,
    /// `None` without encryption.
    pub(super) tls: Option<MakeRustlsConnect>,
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
        let tls = match options.mode(&config)? {
            false => None,
            true => Some(options.tls()?),
        };
        let shown = shown(&config);
        Ok(Self {
            hosts: each_host(&config, tls.is_some()),
            first: Arc::default(),
            newest: Arc::default(),
            tls,
            shown,
        })
    }
}

/// The configuration of each host by itself, with everything that we set.
fn each_host(written: &Config, encrypted: bool) -> Arc<[Config]> {
    let ports = written.get_ports();
    let hosts = written.get_hosts().iter().enumerate().map(|(at, host)| {
        let mut config = Config::new();
        match host {
            Host::Tcp(name) => config.host(name),
            Host::Unix(folder) => config.host_path(folder),
        };
        config.port(port(ports, at));
        written.get_user().map(|user| config.user(user));
        written
            .get_password()
            .map(|password| config.password(password));
        written.get_dbname().map(|name| config.dbname(name));
        let options = match written.get_options() {
            Some(given) => format!("{SESSION} {given}"),
            None => SESSION.to_owned(),
        };
        let ssl_mode = match encrypted {
            true => SslMode::Require,
            false => SslMode::Disable,
        };
        config
            .options(options)
            .application_name("linchpin")
            .channel_binding(written.get_channel_binding())
            .ssl_negotiation(written.get_ssl_negotiation())
            .ssl_mode(ssl_mode)
            .connect_timeout(SOCKET)
            .tcp_user_timeout(UNHEARD)
            .keepalives_idle(UNHEARD)
            .keepalives_interval(Duration::from_secs(2))
            .keepalives_retries(2)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        config
    });
    hosts.collect()
}

fn port(ports: &[u16], at: usize) -> u16 {
    ports.get(at).or(ports.first()).copied().unwrap_or(5432)
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
            Some(("hostaddr", _)) => {
                return Err("names a hostaddr; write the address in place of the host".to_owned());
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
        let port = port(ports, at);
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
        // Would be taken for a server on this machine.
        assert!(Database::parse("postgres://a@localhost/c?hostaddr=192.0.2.1", None).is_err());
    }
}
