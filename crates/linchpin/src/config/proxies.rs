//! Outbound proxies as an operator writes them: `[[egress.proxies]]`.

use std::{fs, path::PathBuf};

use toml::{Table, Value};

use super::units;
use crate::{
    domain::geolocation::Geolocation,
    egress::{Proxy, ProxyUrl},
};

/// Proxies at most.
const MOST: usize = 1_000;
/// Characters of a name at most.
const NAME_MAX: usize = 64;
const KEYS: [&str; 7] = [
    "name",
    "url",
    "url_file",
    "country",
    "state",
    "city",
    "providers",
];

/// Reads all of them.
///
/// # Errors
///
/// Every problem of each, by its name or its number.
pub fn proxies(value: &Value) -> Result<Vec<Proxy>, String> {
    let wrong = || {
        "is a list of tables and stands in the file: [[egress.proxies]] with name, url or url_file, and country"
            .to_owned()
    };
    let tables = value.as_array().ok_or_else(wrong)?;
    if tables.len() > MOST {
        return Err(format!("must be {MOST} at most"));
    }
    let (mut proxies, mut problems): (Vec<Proxy>, Vec<String>) = (Vec::new(), Vec::new());
    for (number, table) in (1..).zip(tables) {
        let table = table.as_table().ok_or_else(wrong)?;
        match proxy(table) {
            Ok(proxy) if proxies.iter().any(|other| other.name == proxy.name) => {
                problems.push(format!("{}: another proxy has this name", proxy.name));
            }
            Ok(proxy) => proxies.push(proxy),
            Err(found) => {
                let name = table.get("name").and_then(Value::as_str);
                let which = name.map_or_else(|| format!("no. {number}"), str::to_owned);
                problems.extend(found.iter().map(|problem| format!("{which}: {problem}")));
            }
        }
    }
    match problems.is_empty() {
        true => Ok(proxies),
        false => Err(problems.join("; ")),
    }
}

fn proxy(table: &Table) -> Result<Proxy, Vec<String>> {
    let mut problems = Vec::new();
    for key in table.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        problems.push(format!("{key} is no key; there are {}", KEYS.join(", ")));
    }
    let mut read = |key: &str| {
        let text = table.get(key).map(units::text).transpose();
        text.unwrap_or_else(|problem| {
            problems.push(format!("{key} {problem}"));
            None
        })
    };
    let [name, country, state, city] = ["name", "country", "state", "city"].map(&mut read);
    let url_file = read("url_file").map(PathBuf::from);
    let url = read("url");
    let name = name.unwrap_or_default();
    if !is_name(&name) {
        problems.push(format!(
            "name must be 1 to {NAME_MAX} lower-case letters, digits and -"
        ));
    }
    let place = Geolocation::check(country.as_deref(), state.as_deref(), city.as_deref());
    let place = place.map_err(|found| {
        let found = found.into_iter();
        problems.extend(found.map(|problem| {
            let field = problem.field.trim_start_matches("geolocation.");
            format!(
                "{field} {}",
                problem.message.replace(" in `geolocation`", "")
            )
        }));
    });
    let url = match (url, &url_file) {
        (Some(url), None) => Ok(url),
        (None, Some(file)) => fs::read_to_string(file)
            .map(|text| text.trim().to_owned())
            .map_err(|error| format!("url_file cannot be read: {}: {error}", file.display())),
        _ => Err("url or url_file is required, and not both".to_owned()),
    };
    let url = url.and_then(|url| ProxyUrl::parse(&url).map_err(|problem| format!("url {problem}")));
    let providers = table.get("providers").map(units::list).transpose();
    let providers = providers.map_err(|problem| format!("providers {problem}"));
    let (url, providers) = match (url, providers) {
        (Ok(url), Ok(providers)) => (url, providers.unwrap_or_default()),
        (url, providers) => {
            problems.extend([url.err(), providers.err()].into_iter().flatten());
            return Err(problems);
        }
    };
    match place {
        Ok(place) if problems.is_empty() => Ok(Proxy {
            name,
            url,
            url_file,
            place,
            providers,
        }),
        _ => Err(problems),
    }
}

fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=NAME_MAX).contains(&text.len()) && text.chars().all(known)
}

/// A proxy as it could have been written; its credentials are not in it.
pub fn shown(proxy: &Proxy) -> Value {
    let text = |text: &str| Some(Value::String(text.to_owned()));
    let file = proxy.url_file.as_ref();
    let file = file.map(|file| file.display().to_string());
    let url = match file {
        Some(_) => None,
        None => text(&proxy.url.to_string()),
    };
    let providers = proxy.providers.iter().cloned().map(Value::String);
    let providers: Vec<Value> = providers.collect();
    let entries = [
        ("name", text(&proxy.name)),
        ("url", url),
        ("url_file", file.map(Value::String)),
        ("country", text(&proxy.place.country)),
        ("state", proxy.place.state.as_deref().and_then(text)),
        ("city", proxy.place.city.as_deref().and_then(text)),
        (
            "providers",
            (!providers.is_empty()).then_some(Value::Array(providers)),
        ),
    ];
    let entries = entries.into_iter();
    let table: Table = entries
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect();
    Value::Table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Proxy>, String> {
        proxies(text.parse::<Table>().unwrap().get("proxies").unwrap())
    }

    #[test]
    fn what_is_shown_of_a_proxy_has_no_credentials() {
        let read = read(
            "[[proxies]]\nname = 'us-1'\nurl = 'http://user:hunter2@10.0.0.1:3128'\ncountry = 'us'\ncity = 'Austin'\n\
             providers = ['acme']\n[[proxies]]\nname = 'de'\nurl = 'socks5h://10.0.0.2'\ncountry = 'DE'",
        );
        let shown: Vec<String> = read
            .unwrap()
            .iter()
            .map(|proxy| shown(proxy).to_string())
            .collect();
        for part in ["http://***@10.0.0.1:3128", "\"US\"", "Austin", "acme"] {
            assert!(shown[0].contains(part), "{part}: {}", shown[0]);
        }
        assert!(!shown[0].contains("hunter2") && !shown[0].contains("user"));
        assert!(shown[1].contains("socks5h://10.0.0.2:1080"), "{}", shown[1]);
    }

    #[test]
    fn the_url_may_stand_in_a_file_of_its_own() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "http://user:hunter2@10.0.0.1:3128\n").unwrap();
        let text = format!(
            "[[proxies]]\nname = 'us'\nurl_file = '{}'\ncountry = 'US'",
            file.path().display()
        );
        let proxies = read(&text).unwrap();
        assert_eq!(proxies[0].url.to_string(), "http://***@10.0.0.1:3128");
        assert!(
            shown(&proxies[0])
                .to_string()
                .contains(file.path().to_str().unwrap())
        );
    }

    #[test]
    fn every_problem_of_every_proxy_is_told_without_its_url() {
        let told = read(
            "[[proxies]]\nname = 'a'\nurl = 'http://user:hunter2@host/path'\ncountry = 'XX'\ncolour = 'red'\n\
             [[proxies]]\nname = 'B'\nurl = 'http://host'\nurl_file = 'x'\ncountry = 1\n\
             [[proxies]]\nname = 'c'\nurl = 'http://host'\ncountry = 'DE'\n\
             [[proxies]]\nname = 'c'\nurl = 'socks5://host'\ncountry = 'DE'\n\
             [[proxies]]\nurl = 'http://host'\ncountry = 'DE'\nproviders = 1",
        )
        .unwrap_err();
        for part in [
            "a: colour is no key",
            "a: country must be",
            "a: url must end",
            "B: country must be",
            "B: name must be",
            "B: url or url_file is required, and not both",
            "c: url must be written as socks5h://",
            "no. 5: name must be",
            "no. 5: providers must be",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("hunter2"), "{told}");
        let twice = "[[proxies]]\nname = 'c'\nurl = 'http://host'\ncountry = 'DE'\n".repeat(2);
        assert!(
            read(&twice)
                .unwrap_err()
                .contains("another proxy has this name")
        );
        assert!(proxies(&Value::String("x".to_owned())).is_err());
    }
}
