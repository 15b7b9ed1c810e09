//! The keys that there are.

/// Every key, by its path in the file. The environment variable of `a.b_c` is `LINCHPIN_A_B_C`.
pub const KEYS: [&str; 43] = [
    "data",
    "master_key_file",
    "database",
    "database_password_file",
    "server.listen",
    "server.api_url",
    "server.link_url",
    "server.metrics",
    "server.trusted_proxies",
    "server.sandbox_only",
    "server.dangerous_core_dumps",
    "limits.header_timeout",
    "limits.idle_timeout",
    "limits.body_timeout",
    "limits.body_grace",
    "limits.body_rate",
    "limits.write_timeout",
    "limits.request_timeout",
    "limits.drain_timeout",
    "limits.header_bytes",
    "limits.header_count",
    "limits.url_bytes",
    "limits.body_bytes",
    "limits.connections",
    "limits.connections_per_address",
    "limits.requests_in_flight",
    "limits.hosted_posts_per_minute",
    "limits.open_sessions_per_app",
    "limits.open_sessions_per_reference",
    "access.calls_per_minute",
    "access.burst",
    "retention.finished_sessions",
    "retention.history",
    "providers.directory",
    "egress.allow",
    "egress.ports",
    "egress.ca_file",
    "egress.proxies",
    "pages.region_database",
    "webhooks.retries",
    "webhooks.timeout",
    "log.level",
    "config",
];

/// What every variable of ours begins with.
const PREFIX: &str = "LINCHPIN_";

/// The key of this path. `config` is one in the environment only: it names the file.
pub fn known(path: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| *key == path)
}

/// The environment variable of a key.
pub fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_uppercase())
}

/// The key of an environment variable: `Some(Err(()))` for one that looks like ours and is not.
pub fn of_variable(name: &str) -> Option<Result<&'static str, ()>> {
    let rest = name.strip_prefix(PREFIX)?;
    if name == "LINCHPIN_LOG" {
        return Some(Ok("log.level"));
    }
    // Kubernetes sets these for a service that is called linchpin.
    if rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_") {
        return None;
    }
    // The key of `linchpin webhook listen`, and of many a backend that runs beside a server.
    if rest == "API_KEY" {
        return None;
    }
    let found = KEYS.into_iter().find(|key| variable(key) == name);
    Some(found.ok_or(()))
}

/// The known key that somebody who wrote `path` most likely meant.
pub fn nearest(path: &str) -> Option<&'static str> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let distance = |key: &'static str| {
        let key_last = key.rsplit('.').next().unwrap_or(key);
        let whole = strsim::damerau_levenshtein(path, key);
        // The right key in the wrong section is one slip as well.
        whole.min(strsim::damerau_levenshtein(last, key_last) + 1)
    };
    let (steps, key) = KEYS
        .into_iter()
        .filter(|key| *key != "config")
        .map(|key| (distance(key), key))
        .min()?;
    (steps <= 3).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_leads_to_the_key_that_was_meant() {
        assert_eq!(nearest("server.listn"), Some("server.listen"));
        assert_eq!(nearest("sever.listen"), Some("server.listen"));
        assert_eq!(nearest("server.body_bytes"), Some("limits.body_bytes"));
        assert_eq!(nearest("listen"), Some("server.listen"));
        assert_eq!(nearest("colour"), None);
    }

    #[test]
    fn every_key_has_a_variable_of_its_own() {
        for key in KEYS {
            assert_eq!(of_variable(&variable(key)), Some(Ok(key)));
        }
        assert_eq!(of_variable("LINCHPIN_LISTN"), Some(Err(())));
        assert_eq!(of_variable("LINCHPIN_SERVICE_HOST"), None);
        assert_eq!(of_variable("LINCHPIN_PORT_7400_TCP"), None);
        assert_eq!(of_variable("LINCHPIN_API_KEY"), None);
        assert_eq!(of_variable("PATH"), None);
    }
}
