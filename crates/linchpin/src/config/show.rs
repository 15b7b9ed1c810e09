//! The configuration in force, as a file that could have said so.

use std::fmt::{self, Write as _};

use toml::Value;

use super::{Config, proxies, units::written_span};

impl Config {
    /// TOML with every key. Secrets are not in it: the key file is named, and what it holds is not shown.
    pub fn show(&self) -> String {
        let mut shown = Shown(String::new());
        let place = &self.place;
        shown.line("data", path(&place.data));
        let key_file = place
            .master_key_file
            .clone()
            .unwrap_or_else(|| place.data.join("master.key"));
        shown.line("master_key_file", path(&key_file));
        let database = place.database.as_ref();
        shown.optional(
            "database",
            database.map(|database| text(&format!("postgres://{database}"))),
        );
        shown.section("server");
        shown.line("listen", text(&self.listen));
        shown.optional("api_url", self.api_url.as_ref().map(text));
        shown.optional("link_url", self.link_url.as_ref().map(text));
        shown.optional("metrics", self.metrics.as_ref().map(text));
        let proxies = self.trusted_proxies.iter().map(text).collect();
        shown.line("trusted_proxies", Value::Array(proxies));
        shown.line("sandbox_only", Value::Boolean(place.sandbox_only));
        shown.line(
            "dangerous_core_dumps",
            Value::Boolean(self.dangerous_core_dumps),
        );
        self.show_limits(&mut shown);
        shown.section("access");
        let rate = self.access_rate;
        let a_minute = rate.map_or(0, |rate| rate.a_minute);
        shown.line("calls_per_minute", number(a_minute.into()));
        shown.optional("burst", rate.map(|rate| number(rate.burst.into())));
        shown.section("retention");
        shown.line(
            "finished_sessions",
            text(&written_span(self.finished_sessions)),
        );
        shown.line("history", text(&written_span(self.history)));
        self.show_ways_out(&mut shown);
        shown.section("pages");
        let regions = self.regions.as_ref();
        shown.optional(
            "region_database",
            regions.map(|regions| path(regions.file())),
        );
        shown.section("log");
        shown.line("level", text(&self.log));
        shown.0
    }

    fn show_ways_out(&self, shown: &mut Shown) {
        if let Some(directory) = &self.place.providers {
            shown.section("providers");
            shown.line("directory", path(directory));
        }
        let rules = &self.place.egress;
        shown.section("egress");
        let allow = rules.allow.iter().map(text).collect();
        shown.line("allow", Value::Array(allow));
        let ports = rules.ports.iter().map(|port| number((*port).into()));
        shown.line("ports", Value::Array(ports.collect()));
        shown.optional("ca_file", rules.ca_file.as_deref().map(path));
        let proxies = rules.proxies.iter().map(proxies::shown).collect();
        shown.line("proxies", Value::Array(proxies));
        shown.section("webhooks");
        let retries = self.webhook_retries.iter();
        let retries = retries.map(|pause| text(&written_span(*pause)));
        shown.line("retries", Value::Array(retries.collect()));
        shown.line("timeout", text(&written_span(self.webhook_timeout)));
    }

    fn show_limits(&self, shown: &mut Shown) {
        let limits = &self.limits;
        shown.section("limits");
        for (name, span) in [
            ("header_timeout", limits.header_timeout),
            ("idle_timeout", limits.idle_timeout),
            ("body_timeout", limits.body_timeout),
            ("body_grace", limits.body_grace),
            ("write_timeout", limits.write_timeout),
            ("request_timeout", limits.request_timeout),
            ("drain_timeout", limits.drain_timeout),
        ] {
            shown.line(name, text(&written_span(span)));
        }
        shown.line("body_rate", number(limits.body_rate));
        for (name, count) in [
            ("header_bytes", limits.header_bytes),
            ("header_count", limits.header_count),
            ("url_bytes", limits.url_bytes),
            ("body_bytes", limits.body_bytes),
            ("connections", limits.connections),
            ("connections_per_address", limits.connections_per_address),
            ("requests_in_flight", limits.requests_in_flight),
        ] {
            shown.line(name, number(count as u64));
        }
        shown.line(
            "hosted_posts_per_minute",
            number(self.hosted_posts_per_minute.into()),
        );
        let per_app = self.open_sessions_per_app;
        shown.optional("open_sessions_per_app", per_app.map(|n| number(n.into())));
        let per_reference = self.open_sessions_per_reference;
        shown.optional(
            "open_sessions_per_reference",
            per_reference.map(|n| number(n.into())),
        );
    }
}

struct Shown(String);

impl Shown {
    fn section(&mut self, name: &str) {
        writeln!(self.0, "\n[{name}]").unwrap_or_default();
    }

    fn line(&mut self, name: &str, value: impl fmt::Display) {
        writeln!(self.0, "{name} = {value}").unwrap_or_default();
    }

    fn optional(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.line(name, value),
            None => writeln!(self.0, "# {name} is not set").unwrap_or_default(),
        }
    }
}

fn text(value: &impl ToString) -> Value {
    Value::String(value.to_string())
}

fn path(path: &std::path::Path) -> Value {
    Value::String(path.display().to_string())
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Written};

    #[test]
    fn what_is_shown_means_the_same_when_it_is_read_again() {
        let mut written = Written::default();
        written.read_text(
            "linchpin.toml",
            "[server]\nsandbox_only = true\nmetrics = '127.0.0.1:9'\ntrusted_proxies = ['10.0.0.0/8']\n\
             [[egress.proxies]]\nname = 'us'\nurl = 'socks5h://10.0.0.1'\ncountry = 'US'\nstate = 'CA'\n\
             [limits]\nbody_bytes = '32 KiB'\nopen_sessions_per_app = 5",
        );
        let shown = Config::check(&written).unwrap().show();
        let mut again = Written::default();
        again.read_text("linchpin.toml", &shown);
        assert_eq!(Config::check(&again).unwrap().show(), shown);
        assert!(shown.contains("body_bytes = 32768\n"), "{shown}");
    }
}
