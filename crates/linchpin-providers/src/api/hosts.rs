//! The hosts of a provider: whatever it is asked goes to one of them.

use std::collections::BTreeSet;

use linchpin_provider::Reach;
use url::Url;

use crate::file::{Table, Text};

/// The hosts of a provider and the networks they are in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    /// Each with its port where that is not the usual one.
    names: BTreeSet<String>,
    private_networks: Vec<String>,
    /// Whether every host is one of them: while a file is read that does not say it.
    any: bool,
}

impl Hosts {
    /// Every host.
    pub(crate) fn anywhere() -> Self {
        Self {
            any: true,
            ..Self::default()
        }
    }

    /// Reads `hosts` and `private_networks` of a table.
    pub(crate) fn read(table: &Table<'_>) -> Self {
        let mut hosts = Self::default();
        for text in table.texts("hosts") {
            match host(&text.value) {
                Some(name) => drop(hosts.names.insert(name)),
                None => table.problems().note(
                    &text.at,
                    r#"each host must be a name with its port where that is not the usual one, such as "www.example.com" or "10.1.2.3:8080""#,
                ),
            }
        }
        for text in table.texts("private_networks") {
            match is_network(&text.value) {
                true => hosts.private_networks.push(text.value),
                false => table.problems().note(
                    &text.at,
                    r#"each private network must be an address with the number of its leading bits, such as "10.1.2.0/24""#,
                ),
            }
        }
        hosts
    }

    /// Adds the host of a URL.
    pub(crate) fn add(&mut self, url: &Url) {
        self.names.insert(authority(url));
    }

    /// Whether a URL leads to one of them, by https, or by http where there are private networks.
    pub(crate) fn own(&self, url: &Url) -> bool {
        self.may_be_opened(url) && (self.any || self.names.contains(&authority(url)))
    }

    /// Whether a browser may be sent to a URL: by https, or by http where there are private networks.
    pub(crate) fn may_be_opened(&self, url: &Url) -> bool {
        let safe = match url.scheme() {
            "https" => true,
            "http" => self.any || !self.private_networks.is_empty(),
            _ => false,
        };
        safe && url.username().is_empty() && url.password().is_none()
    }

    /// Reads an absolute URL that requests go to; its host is added.
    pub(crate) fn url(&mut self, table: &Table<'_>, key: &str) -> Option<Url> {
        let text = table.text(key)?;
        let url = self.checked(table, key, &text)?;
        self.add(&url);
        Some(url)
    }

    /// Checks what is written as a URL, wherever it leads; what is wrong is noted.
    pub(crate) fn checked(&self, table: &Table<'_>, key: &str, text: &Text) -> Option<Url> {
        let note = |message: &str| {
            table
                .problems()
                .note(&text.at, format!("{} {message}", table.full(key)));
            None
        };
        let Ok(url) = Url::parse(&text.value) else {
            return note(r#"must be a URL, such as "https://api.example.com/v1""#);
        };
        match url.scheme() {
            "https" => {}
            "http" if !self.private_networks.is_empty() => {}
            "http" => {
                return note(
                    r#"must begin with https://; plain http is only for private networks: name yours, such as private_networks = ["10.1.2.0/24"] in [api]"#,
                );
            }
            _ => return note("must begin with https://"),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return note("has no host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return note(
                "must not have a name or password before its host; write them where they are sent",
            );
        }
        if url.fragment().is_some() {
            return note("must not have a fragment: leave out # and what follows");
        }
        Some(url)
    }

    /// For [`linchpin_provider::Description`].
    pub(crate) fn reach(&self) -> Reach {
        Reach {
            hosts: self.names.iter().cloned().collect(),
            private_networks: self.private_networks.clone(),
            direct: Vec::new(),
        }
    }
}

/// The host of a URL, with its port where that is not the usual one of its scheme.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn host(text: &str) -> Option<String> {
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| authority(&url))
}

fn is_network(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let most: u8 = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}
