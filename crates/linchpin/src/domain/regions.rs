//! In which country and city a network is, by a database in MaxMind's format that the operator brings.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use super::client_network::ClientNetwork;

/// A database of networks, in memory.
#[derive(Clone)]
pub struct Regions {
    file: PathBuf,
    reader: Arc<Reader<Vec<u8>>>,
}

/// Where a network is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Name of the country, or its two letters where the database has no names.
    pub country: String,
    /// Name of the city, where the database knows it.
    pub city: Option<String>,
}

/// What is used of an entry. Databases of countries alone may have the two letters in a field of their own.
#[derive(Deserialize, Default)]
struct Entry {
    #[serde(default)]
    country: Named,
    #[serde(default)]
    city: Named,
    country_code: Option<String>,
}

#[derive(Deserialize, Default)]
struct Named {
    iso_code: Option<String>,
    #[serde(default)]
    names: BTreeMap<String, String>,
}

impl Regions {
    /// Takes the bytes of a database; `file` is where they came from.
    ///
    /// # Errors
    ///
    /// What is wrong, where it is no such database.
    pub fn parse(file: PathBuf, bytes: Vec<u8>) -> Result<Self, MaxMindDbError> {
        let reader = Arc::new(Reader::from_source(bytes)?);
        Ok(Self { file, reader })
    }

    /// Where the bytes came from.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Where a network is, in the language of a BCP 47 tag or else in English; `None` where the database does not say.
    pub fn of(&self, network: &ClientNetwork, language: &str) -> Option<Region> {
        let found = self.reader.lookup(network.first()).ok()?;
        let entry: Entry = found.decode().ok()??;
        let code = entry.country.iso_code.clone().or(entry.country_code);
        Some(Region {
            country: entry.country.name(language).or(code)?,
            city: entry.city.name(language),
        })
    }
}

impl fmt::Debug for Regions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Regions").field(&self.file).finish()
    }
}

impl Named {
    /// Names are by tags such as `de` and `pt-BR`.
    fn name(&self, language: &str) -> Option<String> {
        let of = |tag: &str| {
            let mut names = self.names.iter();
            let is = |known: &str| known.split('-').next() == Some(tag);
            names.find(|(known, _)| is(known)).map(|(_, name)| name)
        };
        of(language).or_else(|| of("en")).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: &[u8] = include_bytes!("../../tests/data/regions.mmdb");

    fn of(address: &str, language: &str) -> Option<(String, Option<String>)> {
        let regions = Regions::parse(PathBuf::new(), DATABASE.to_vec()).unwrap();
        let network = ClientNetwork::of(address.parse().unwrap()).unwrap();
        let region = regions.of(&network, language)?;
        Some((region.country, region.city))
    }

    #[test]
    fn names_are_in_the_language_of_the_page_or_in_english() {
        let told =
            |country: &str, city: Option<&str>| Some((country.to_owned(), city.map(str::to_owned)));
        assert_eq!(of("203.0.113.7", "de"), told("Deutschland", Some("Köln")));
        assert_eq!(of("203.0.113.7", "pt"), told("Alemanha", Some("Cologne")));
        assert_eq!(of("203.0.113.7", "ar"), told("Germany", Some("Cologne")));
        assert_eq!(of("198.51.100.9", "pt"), told("Brasil", None));
        assert_eq!(of("2001:db8::1", "de"), told("JP", None));
        assert_eq!(of("192.0.2.1", "de"), None);
    }

    #[test]
    fn other_bytes_are_no_database() {
        assert!(Regions::parse(PathBuf::new(), b"no database".to_vec()).is_err());
    }
}
