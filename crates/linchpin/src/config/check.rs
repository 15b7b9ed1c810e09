//! From what was written to what it means.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use toml::Value;
use url::Url;

use super::{Config, DATA, LISTEN, Place, Problem, Written, units};
use crate::{
    domain::{access_rate::AccessRate, regions::Regions, retry_schedule::RetrySchedule},
    egress::{Network, Rules},
    http::{AddressPrefix, Limits},
    store::Database,
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const YEAR: Duration = Duration::from_hours(24 * 365);
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const MOST: u64 = 1_000_000;

impl Config {
    /// Checks everything that was written.
    ///
    /// # Errors
    ///
    /// All problems of all keys.
    pub fn check(written: &Written) -> Result<Self, Vec<Problem>> {
        let mut check = Check::new(written);
        let place = check.place();
        let api_url = check.optional("server.api_url", |value| url(value, place.sandbox_only));
        if api_url.is_none() && written.get("server.api_url").is_none() && !place.sandbox_only {
            check.note(
                "server.api_url",
                None,
                "is required: the https URL at which your backends reach the API. For the sandbox alone, set server.sandbox_only = true instead",
            );
        }
        let unlimited = |value: &Value| units::count(value, 1, MOST).map(narrow);
        let config = Self {
            listen: check.read("server.listen", address(LISTEN), listen),
            link_url: check.optional("server.link_url", |value| url(value, place.sandbox_only)),
            metrics: check.optional("server.metrics", listen),
            trusted_proxies: check.read("server.trusted_proxies", Vec::new(), proxies),
            dangerous_core_dumps: check.read("server.dangerous_core_dumps", false, units::switch),
            limits: check.limits(),
            hosted_posts_per_minute: check.read("limits.hosted_posts_per_minute", 120, |value| {
                units::count(value, 1, MOST).map(narrow)
            }),
            access_rate: check.access_rate(),
            open_sessions_per_app: check.optional("limits.open_sessions_per_app", unlimited),
            open_sessions_per_reference: check
                .optional("limits.open_sessions_per_reference", unlimited),
            finished_sessions: check.span(
                "retention.finished_sessions",
                24 * HOUR,
                60 * SECOND,
                YEAR,
            ),
            history: check.span("retention.history", 30 * 24 * HOUR, 60 * SECOND, 10 * YEAR),
            webhook_retries: check.retries(),
            webhook_timeout: check.read("webhooks.timeout", 10 * SECOND, webhook_timeout),
            regions: check.optional("pages.region_database", regions),
            log: check.read("log.level", "info".to_owned(), level),
            place,
            api_url,
        };
        if config.history < config.finished_sessions {
            let message = "must not be shorter than retention.finished_sessions: a session that can be read must be there";
            check.note("retention.history", None, message);
        }
        if check.problems.is_empty() {
            Ok(config)
        } else {
            Err(check.problems)
        }
    }
}

impl Place {
    /// Checks only what says where everything is kept.
    ///
    /// # Errors
    ///
    /// All problems of these keys, and what could not be read at all.
    pub fn check(written: &Written) -> Result<Self, Vec<Problem>> {
        let mut check = Check::new(written);
        let place = check.place();
        if check.problems.is_empty() {
            Ok(place)
        } else {
            Err(check.problems)
        }
    }
}

struct Check<'a> {
    written: &'a Written,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn new(written: &'a Written) -> Self {
        Self {
            written,
            problems: written.problems().to_vec(),
        }
    }

    fn place(&mut self) -> Place {
        let path = |value: &Value| units::text(value).map(PathBuf::from);
        Place {
            data: self.read("data", PathBuf::from(DATA), path),
            master_key_file: self.optional("master_key_file", path),
            database: self.database(),
            sandbox_only: self.read("server.sandbox_only", false, units::switch),
            egress: self.egress(),
            providers: self.optional("providers.directory", path),
        }
    }

    fn egress(&mut self) -> Rules {
        let usual = Rules::strict();
        Rules {
            allow: self.read("egress.allow", usual.allow, |value| {
                let networks = units::list(value)?;
                networks
                    .iter()
                    .map(|text| text.parse::<Network>())
                    .collect()
            }),
            ports: self.read("egress.ports", usual.ports, ports),
            ca_file: self.optional("egress.ca_file", |value| {
                units::text(value).map(PathBuf::from)
            }),
            proxies: self.read("egress.proxies", usual.proxies, super::proxies::proxies),
        }
    }

    fn retries(&mut self) -> Vec<Duration> {
        let usual = RetrySchedule::default();
        let usual = usual
            .pauses()
            .iter()
            .map(|pause| Duration::from_millis(pause.unsigned_abs()));
        self.read("webhooks.retries", usual.collect(), retries)
    }

    fn database(&mut self) -> Option<Database> {
        let password = self.optional("database_password_file", |value| {
            let path = units::text(value)?;
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("names {path}, which cannot be read: {error}"))?;
            Ok(text.trim_end_matches(['\r', '\n']).to_owned())
        });
        self.optional("database", |value| {
            Database::parse(&units::text(value)?, password.as_deref())
        })
    }

    fn access_rate(&mut self) -> Option<AccessRate> {
        let usual = AccessRate::default();
        let rate = AccessRate {
            a_minute: self.read("access.calls_per_minute", usual.a_minute, |value| {
                units::count(value, 0, MOST).map(narrow)
            }),
            burst: self.read("access.burst", usual.burst, |value| {
                units::count(value, 1, MOST).map(narrow)
            }),
        };
        (rate.a_minute > 0).then_some(rate)
    }

    fn limits(&mut self) -> Limits {
        let usual = Limits::default();
        Limits {
            header_timeout: self.span("limits.header_timeout", usual.header_timeout, SECOND, HOUR),
            idle_timeout: self.span("limits.idle_timeout", usual.idle_timeout, SECOND, HOUR),
            body_timeout: self.span("limits.body_timeout", usual.body_timeout, SECOND, HOUR),
            body_grace: self.span("limits.body_grace", usual.body_grace, Duration::ZERO, HOUR),
            body_rate: self.read("limits.body_rate", usual.body_rate, |value| {
                units::bytes(value, 0, MIB)
            }),
            write_timeout: self.span("limits.write_timeout", usual.write_timeout, SECOND, HOUR),
            request_timeout: self.span(
                "limits.request_timeout",
                usual.request_timeout,
                SECOND,
                HOUR,
            ),
            passed_on_timeout: usual.passed_on_timeout,
            waiting_timeout: usual.waiting_timeout,
            drain_timeout: self.span(
                "limits.drain_timeout",
                usual.drain_timeout,
                Duration::ZERO,
                HOUR,
            ),
            header_bytes: self.bytes("limits.header_bytes", usual.header_bytes, KIB),
            header_count: self.count("limits.header_count", usual.header_count, 10, 1_000),
            url_bytes: self.bytes("limits.url_bytes", usual.url_bytes, KIB),
            body_bytes: self.bytes("limits.body_bytes", usual.body_bytes, KIB),
            connections: self.count("limits.connections", usual.connections, 1, MOST),
            connections_per_address: self.count(
                "limits.connections_per_address",
                usual.connections_per_address,
                1,
                MOST,
            ),
            requests_in_flight: self.count(
                "limits.requests_in_flight",
                usual.requests_in_flight,
                1,
                MOST,
            ),
        }
    }

    fn span(&mut self, key: &str, usual: Duration, least: Duration, most: Duration) -> Duration {
        self.read(key, usual, |value| units::span(value, least, most))
    }

    fn bytes(&mut self, key: &str, usual: usize, least: u64) -> usize {
        self.read(key, usual, |value| {
            units::bytes(value, least, MIB).map(narrow)
        })
    }

    fn count(&mut self, key: &str, usual: usize, least: u64, most: u64) -> usize {
        self.read(key, usual, |value| {
            units::count(value, least, most).map(narrow)
        })
    }

    fn read<T>(&mut self, key: &str, usual: T, parse: impl Fn(&Value) -> Result<T, String>) -> T {
        self.optional(key, parse).unwrap_or(usual)
    }

    fn optional<T>(&mut self, key: &str, parse: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        let (value, source) = self.written.get(key)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(message) => {
                self.note(key, source.map(str::to_owned), &message);
                None
            }
        }
    }

    fn note(&mut self, key: &str, source: Option<String>, message: &str) {
        self.problems.push(Problem {
            key: key.to_owned(),
            source,
            message: message.to_owned(),
        });
    }
}

/// Never narrows anything that [`units`] has let through.
fn narrow<T: TryFrom<u64> + Default>(number: u64) -> T {
    T::try_from(number).unwrap_or_default()
}

fn address(text: &str) -> SocketAddr {
    text.parse()
        .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 7400)))
}

fn listen(value: &Value) -> Result<SocketAddr, String> {
    units::parsed(value, "an IP address with a port, such as 127.0.0.1:7400")
}

/// Times between attempts: 1 to 20 of them, of 100 ms to a day each.
pub fn retries(value: &Value) -> Result<Vec<Duration>, String> {
    let spans = units::list(value)?;
    if !(1..=20).contains(&spans.len()) {
        return Err("must name 1 to 20 times between attempts".to_owned());
    }
    let spans = spans.into_iter().map(Value::String);
    spans
        .map(|span| units::span(&span, SECOND / 10, 24 * HOUR))
        .collect()
}

pub fn webhook_timeout(value: &Value) -> Result<Duration, String> {
    units::span(value, SECOND, 10 * SECOND)
}

fn regions(value: &Value) -> Result<Regions, String> {
    let path = units::text(value)?;
    let bytes = std::fs::read(&path)
        .map_err(|error| format!("names {path}, which cannot be read: {error}"))?;
    Regions::parse(PathBuf::from(&path), bytes).map_err(|error| {
        format!("names {path}, which is no database in MaxMind's format (.mmdb): {error}")
    })
}

fn ports(value: &Value) -> Result<Vec<u16>, String> {
    let wrong = || "must be a list of ports from 1 to 65535, such as [443]".to_owned();
    let ports: Vec<u16> = match value {
        Value::Array(ports) => ports
            .iter()
            .map(|port| port.as_integer().and_then(|port| u16::try_from(port).ok()))
            .collect::<Option<_>>(),
        _ => units::list(value)?
            .iter()
            .map(|port| port.parse().ok())
            .collect::<Option<_>>(),
    }
    .ok_or_else(wrong)?;
    match ports.is_empty() || ports.contains(&0) {
        true => Err(wrong()),
        false => Ok(ports),
    }
}

fn proxies(value: &Value) -> Result<Vec<AddressPrefix>, String> {
    units::list(value)?
        .iter()
        .map(|entry| entry.parse::<AddressPrefix>().map_err(|e| e.to_string()))
        .collect()
}

fn level(value: &Value) -> Result<String, String> {
    let text = units::text(value)?;
    tracing_subscriber::EnvFilter::builder()
        .parse(&text)
        .map(|_| text)
        .map_err(|_| {
            "must be error, warn, info, debug or trace, or a filter such as warn,linchpin=debug"
                .to_owned()
        })
}

/// A public URL: scheme, host and perhaps port, and nothing else.
fn url(value: &Value, plain_allowed: bool) -> Result<String, String> {
    let text = units::text(value)?;
    let wanted = "must be a URL with nothing but scheme, host and perhaps port, such as https://link.example.com";
    let url = Url::parse(&text).map_err(|_| wanted.to_owned())?;
    let bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    match url.scheme() {
        "https" if bare => Ok(url.origin().ascii_serialization()),
        "http" if bare && plain_allowed => Ok(url.origin().ascii_serialization()),
        "http" if bare => Err(
            "must begin with https://: passwords would cross the network in the open. Put a proxy with TLS in front; for the sandbox alone, set server.sandbox_only = true".to_owned(),
        ),
        _ => Err(wanted.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Written {
        let mut written = Written::default();
        written.read_text("linchpin.toml", text);
        written
    }

    fn problems(text: &str) -> Vec<String> {
        let problems = Config::check(&written(text)).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_live_server_needs_only_its_url() {
        let config =
            Config::check(&written("[server]\napi_url = 'https://api.example.com/'")).unwrap();
        assert_eq!(config.api_url.as_deref(), Some("https://api.example.com"));
        assert!(config.listen.ip().is_loopback() && config.metrics.is_none());
        assert_eq!(config.limits.body_bytes, 64 * 1024);
        assert_eq!(config.access_rate, Some(AccessRate::default()));
        assert_eq!(config.finished_sessions, Duration::from_hours(24));
    }

    #[test]
    fn live_mode_refuses_plain_http_and_the_sandbox_takes_it() {
        let text =
            "[server]\napi_url = 'http://api.example.com'\nlink_url = 'http://link.example.com'";
        let told = problems(text);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|problem| problem.contains("https://")));
        assert!(Config::check(&written(&format!("{text}\nsandbox_only = true"))).is_ok());
        assert!(Config::check(&written("[server]\nsandbox_only = true")).is_ok());
        assert!(problems("")[0].contains("server.api_url: is required"));
    }

    #[test]
    fn calls_of_connections_are_limited_unless_that_is_switched_off() {
        let rate = |text: &str| {
            let text = format!("[server]\nsandbox_only = true\n[access]\n{text}");
            Config::check(&written(&text)).map(|config| config.access_rate)
        };
        assert_eq!(rate("calls_per_minute = 0"), Ok(None));
        let (a_minute, burst) = (30, 90);
        let half = AccessRate { a_minute, burst };
        assert_eq!(rate("calls_per_minute = 30"), Ok(Some(half)));
        assert!(rate("burst = 0").is_err());
    }

    #[test]
    fn a_database_of_regions_is_read_when_the_configuration_is() {
        let of = |name: &str| {
            let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
            let text = format!(
                "[server]\nsandbox_only = true\n[pages]\nregion_database = '{data}/{name}'"
            );
            Config::check(&written(&text)).map(|config| config.regions.is_some())
        };
        assert_eq!(of("regions.mmdb"), Ok(true));
        for wrong in ["redirect-urls.tsv", "none.mmdb"] {
            let told = of(wrong).unwrap_err()[0].to_string();
            assert!(told.starts_with("pages.region_database: names "), "{told}");
        }
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let told = problems(
            "colour = 1\n[server]\nlistn = '1'\nlisten = 'here'\napi_url = 'https://a.example.com/path'\n\
             trusted_proxies = ['10.1.2.3/8']\n[limits]\nbody_bytes = 'much'\nheader_timeout = 10\n[retention]\n\
             finished_sessions = '1s'\n[log]\nlevel = 'a=b=c'\n",
        );
        for key in [
            "colour: there is no such key",
            "server.listn: there is no such key; did you mean server.listen?",
            "server.listen: ",
            "server.api_url: ",
            "server.trusted_proxies: ",
            "limits.body_bytes: ",
            "limits.header_timeout: ",
            "retention.finished_sessions: ",
            "log.level: ",
        ] {
            assert!(
                told.iter().any(|problem| problem.starts_with(key)),
                "{key}: {told:#?}"
            );
        }
        assert_eq!(told.len(), 9, "{told:#?}");
    }

    #[test]
    fn flags_go_before_the_environment_and_that_before_the_file() {
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = [
            set("LINCHPIN_SERVER_API_URL", "https://b.example.com"),
            set("LINCHPIN_SERVER_LISTEN", "127.0.0.1:2"),
            set("LINCHPIN_LIMITS_CONNECTIONS", "7"),
            set("LINCHPIN_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            set("LINCHPIN_DATA", ""),
        ];
        let mut all = Written::load(None, environment);
        all.flag("server.listen", "--listen", Some("127.0.0.1:3".to_owned()));
        let config = Config::check(&all).unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.limits.connections, 7);
        assert_eq!(config.trusted_proxies.len(), 2);
        assert_eq!(config.place.data, PathBuf::from(DATA));
    }

    #[test]
    fn a_misspelt_variable_is_told_with_the_one_that_was_meant() {
        let environment = [("LINCHPIN_SERVER_LISTN".to_owned(), "x".to_owned())];
        let problems = Place::check(&Written::load(None, environment)).unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "LINCHPIN_SERVER_LISTN: there is no such key; did you mean LINCHPIN_SERVER_LISTEN?"
        );
    }
}
