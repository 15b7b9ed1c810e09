//! Outbound proxies, and which of them traffic leaves through.

use std::{
    fmt,
    hash::{Hash, Hasher},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sha2::{Digest as _, Sha256};

use super::ProxyUrl;
use crate::domain::geolocation::Geolocation;

/// An outbound proxy as the operator names it.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// 1 to 64 lower-case letters, digits and `-`; no other has it.
    pub name: String,
    /// Where it is spoken to.
    pub url: ProxyUrl,
    /// The file that the URL stands in, where it stands in one.
    pub url_file: Option<PathBuf>,
    /// Where it is in the world.
    pub place: Geolocation,
    /// Ids of the providers that may use it; empty for all.
    pub providers: Vec<String>,
}

/// A proxy, and whether it works. Two are the same where name and URL are.
#[derive(Clone)]
pub(super) struct Hop(Arc<Standing>);

struct Standing {
    /// As the operator calls it; `None` for one that a developer has named.
    name: Option<String>,
    url: ProxyUrl,
    /// What it is told from others by: name and URL, hashed.
    digest: [u8; 32],
    up: AtomicBool,
}

impl Hop {
    fn new(name: Option<String>, url: ProxyUrl) -> Self {
        let digest = Sha256::new()
            .chain_update(name.as_deref().unwrap_or_default())
            .chain_update([0])
            .chain_update(url.whole().reveal())
            .finalize()
            .into();
        Self(Arc::new(Standing {
            name,
            url,
            digest,
            up: AtomicBool::new(true),
        }))
    }

    pub(super) fn url(&self) -> &ProxyUrl {
        &self.0.url
    }

    /// Whether a developer has named it, and not the operator.
    pub(super) fn is_developers(&self) -> bool {
        self.0.name.is_none()
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.up.load(Ordering::Relaxed)
    }

    /// Takes note of whether it works.
    pub(super) fn found(&self, outcome: Result<(), &'static str>) {
        let up = outcome.is_ok();
        let was = self.0.up.swap(up, Ordering::Relaxed);
        let Some(name) = &self.0.name else {
            if let Err(why) = outcome {
                tracing::debug!(why, "a proxy of an app's own does not work");
            }
            return;
        };
        match outcome {
            Err(why) if was => tracing::warn!(proxy = name, why, "an outbound proxy is left out"),
            Ok(()) if !was => tracing::info!(proxy = name, "an outbound proxy works again"),
            _ => {}
        }
        let gauge = metrics::gauge!("linchpin_egress_proxy_up", "proxy" => name.clone());
        gauge.set(if up { 1.0 } else { 0.0 });
    }
}

impl PartialEq for Hop {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for Hop {}

impl Hash for Hop {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

/// The proxies that the traffic of one session or connection may leave through, the preferred one first: some of one
/// country, or the one that a developer has named. Cheap to clone.
#[derive(Clone)]
pub struct Exit(Arc<[Hop]>);

impl Exit {
    /// The proxy that a developer has named, which is taken to work until it is found that it does not.
    pub fn through(url: ProxyUrl) -> Self {
        Self([Hop::new(None, url)].into())
    }

    /// The name of the proxy that is used now; of the preferred one while none works. One that a developer has named has
    /// none.
    pub fn name(&self) -> Option<&str> {
        let hop = self.working().next().or(self.0.first());
        hop.and_then(|hop| hop.0.name.as_deref())
    }

    /// Whether a proxy works, as far as that is known.
    pub fn works(&self) -> bool {
        self.working().next().is_some()
    }

    /// Whether it is the proxy that a developer has named.
    pub(super) fn is_developers(&self) -> bool {
        self.0.iter().any(Hop::is_developers)
    }

    /// Those that work, the preferred one first.
    pub(super) fn working(&self) -> impl Iterator<Item = &Hop> {
        self.0.iter().filter(|hop| hop.is_up())
    }
}

impl fmt::Debug for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Exit").field(&self.name()).finish()
    }
}

/// Why traffic cannot leave from a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoExit {
    /// The operator has named no proxy there for the provider.
    #[error("no outbound proxy is configured there")]
    NoneThere,
    /// There are some, and none of them works now.
    #[error("no outbound proxy of that country works now")]
    AllDown,
    /// It is to leave through a proxy that its app has named, and the operator does not allow that to the app any more.
    #[error("the app is not allowed proxies of its own any more")]
    NotAllowed,
    /// It is to leave through such a proxy, and which one is not known any more.
    #[error("the proxy that the app has named is not kept any more, or cannot be opened")]
    Lost,
}

/// All outbound proxies.
pub struct Exits(Vec<(Proxy, Hop)>);

impl Exits {
    pub(super) fn new(proxies: Vec<Proxy>) -> Self {
        let with_hop = |proxy: Proxy| {
            let hop = Hop::new(Some(proxy.name.clone()), proxy.url.clone());
            (proxy, hop)
        };
        Self(proxies.into_iter().map(with_hop).collect())
    }

    pub(super) fn hops(&self) -> impl Iterator<Item = &Hop> {
        self.0.iter().map(|(_, hop)| hop)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Chooses for a provider's traffic that is to leave from a place: a proxy of the city, else of the state, else of the
    /// country, and of several equals the one that `seed` falls to, which stays the same while the equals do. The one of the
    /// name `pinned` goes before all others of the country.
    pub fn choose(
        &self,
        place: &Geolocation,
        provider: &str,
        pinned: Option<&str>,
        seed: &str,
    ) -> Result<Exit, NoExit> {
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter(|(proxy, _)| serves(proxy, provider))
            .filter_map(|(proxy, hop)| Some((nearness(place, &proxy.place)?, proxy, hop)))
            .map(|(near, proxy, hop)| {
                let name = proxy.name.as_str();
                ((pinned == Some(name), near, weight(seed, name)), hop)
            })
            .collect();
        found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let hops: Vec<Hop> = found.into_iter().map(|(_, hop)| hop.clone()).collect();
        match (hops.is_empty(), hops.iter().any(Hop::is_up)) {
            (true, _) => Err(NoExit::NoneThere),
            (_, false) => Err(NoExit::AllDown),
            (_, true) => Ok(Exit(hops.into())),
        }
    }

    /// Whether traffic of one of these providers can leave from a place, if not now then in general.
    pub fn offers(&self, place: &Geolocation, providers: &[impl AsRef<str>]) -> bool {
        let mut of_any = self.of(providers);
        of_any.any(|proxy| nearness(place, &proxy.place).is_some())
    }

    /// The places that traffic of one of these providers can leave from, for people: `DE, US (CA, Los Angeles)`; empty
    /// where there are none.
    pub fn places(&self, providers: &[impl AsRef<str>]) -> String {
        let mut places: Vec<String> = self.of(providers).map(|proxy| told(&proxy.place)).collect();
        places.sort_unstable();
        places.dedup();
        places.join(", ")
    }

    fn of<'a>(&'a self, providers: &'a [impl AsRef<str>]) -> impl Iterator<Item = &'a Proxy> {
        let proxies = self.0.iter().map(|(proxy, _)| proxy);
        proxies.filter(|proxy| providers.iter().any(|id| serves(proxy, id.as_ref())))
    }
}

fn serves(proxy: &Proxy, provider: &str) -> bool {
    proxy.providers.is_empty() || proxy.providers.iter().any(|id| id == provider)
}

/// How near a proxy is to where traffic is to leave from: 3 in the city, 2 in the state, 1 in the country; `None`
/// elsewhere.
fn nearness(wanted: &Geolocation, proxy: &Geolocation) -> Option<u8> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    if !same(&wanted.country, &proxy.country) {
        return None;
    }
    let state = wanted.state.as_deref().zip(proxy.state.as_deref());
    let state = state.map(|(wanted, proxy)| same(wanted, proxy));
    let city = wanted.city.as_deref().zip(proxy.city.as_deref());
    // Cities of one name are in many states.
    match city.is_some_and(|(wanted, proxy)| same(wanted, proxy)) && state != Some(false) {
        true => Some(3),
        false => Some(if state == Some(true) { 2 } else { 1 }),
    }
}

/// What a name weighs for a seed: of several names each weighs most for its share of seeds, and one that goes or comes
/// moves no others.
fn weight(seed: &str, name: &str) -> u64 {
    let digest = Sha256::new()
        .chain_update(seed)
        .chain_update([0])
        .chain_update(name)
        .finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

fn told(place: &Geolocation) -> String {
    let within = [&place.state, &place.city];
    let within: Vec<&str> = within
        .into_iter()
        .filter_map(|part| part.as_deref())
        .collect();
    match within.is_empty() {
        true => place.country.clone(),
        false => format!("{} ({})", place.country, within.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Geolocation {
        let mut parts = text.split('/');
        let mut next = || parts.next();
        Geolocation::check(next(), next(), next()).unwrap()
    }

    fn exits(proxies: &[(&str, &str, &[&str])]) -> Exits {
        let proxies = proxies.iter().map(|(name, at, providers)| Proxy {
            name: (*name).to_owned(),
            url: ProxyUrl::parse("http://127.0.0.1:1").unwrap(),
            url_file: None,
            place: place(at),
            providers: providers.iter().map(|id| (*id).to_owned()).collect(),
        });
        Exits::new(proxies.collect())
    }

    fn chosen(exits: &Exits, at: &str, pinned: Option<&str>, seed: &str) -> Result<String, NoExit> {
        let exit = exits.choose(&place(at), "acme", pinned, seed)?;
        Ok(exit.name().unwrap().to_owned())
    }

    fn down(exits: &Exits, name: &str) {
        let found = exits.0.iter().find(|(proxy, _)| proxy.name == name);
        found.unwrap().1.found(Err("a test"));
    }

    #[test]
    fn the_city_goes_before_the_state_and_that_before_the_country() {
        let exits = exits(&[
            ("us", "US", &[]),
            ("ny", "US/NY", &[]),
            ("la", "US/CA/Los Ángeles", &[]),
            ("de", "DE", &[]),
        ]);
        let chosen = |at| chosen(&exits, at, None, "1");
        assert_eq!(chosen("us/ca/LOS ÁNGELES").unwrap(), "la");
        assert_eq!(chosen("US/ny/Buffalo").unwrap(), "ny");
        assert_eq!(chosen("DE/BE/Berlin").unwrap(), "de");
        assert_eq!(chosen("FR"), Err(NoExit::NoneThere));
        // There is a Los Ángeles in Texas, too.
        assert_ne!(chosen("US/TX/Los Ángeles").unwrap(), "");
        assert_eq!(
            exits.places(&["acme"]),
            "DE, US, US (CA, Los Ángeles), US (NY)"
        );
    }

    #[test]
    fn equals_share_the_seeds_and_one_that_goes_moves_only_its_own() {
        let exits = exits(&[("a", "US", &[]), ("b", "US", &[]), ("c", "US", &[])]);
        let all = |exits: &Exits| -> Vec<String> {
            let of = |seed: i32| chosen(exits, "US", None, &seed.to_string()).unwrap();
            (0..300).map(of).collect()
        };
        let before = all(&exits);
        for name in ["a", "b", "c"] {
            let share = before.iter().filter(|chosen| *chosen == name).count();
            assert!((60..=140).contains(&share), "{name}: {share}");
        }
        down(&exits, "b");
        let after = all(&exits);
        for (before, after) in before.iter().zip(&after) {
            assert!(before == after || before == "b", "{before} to {after}");
            assert_ne!(after, "b");
        }
    }

    #[test]
    fn a_pinned_proxy_stays_while_it_works_and_then_another_of_its_country_does() {
        let exits = exits(&[
            ("ny", "US/NY", &[]),
            ("ca", "US/CA", &[]),
            ("de", "DE", &[]),
        ]);
        assert_eq!(chosen(&exits, "US/NY", Some("ca"), "1").unwrap(), "ca");
        assert_eq!(chosen(&exits, "US/NY", Some("de"), "1").unwrap(), "ny");
        down(&exits, "ca");
        assert_eq!(chosen(&exits, "US/NY", Some("ca"), "1").unwrap(), "ny");
        down(&exits, "ny");
        assert_eq!(
            chosen(&exits, "US/NY", Some("ca"), "1"),
            Err(NoExit::AllDown)
        );
    }

    #[test]
    fn a_proxy_serves_the_providers_that_it_names() {
        let exits = exits(&[
            ("other", "US", &["other"]),
            ("both", "DE", &["acme", "other"]),
        ]);
        assert_eq!(chosen(&exits, "US", None, "1"), Err(NoExit::NoneThere));
        assert_eq!(chosen(&exits, "DE", None, "1").unwrap(), "both");
        assert!(!exits.offers(&place("US"), &["acme"]));
        assert!(exits.offers(&place("US"), &["acme", "other"]));
        assert_eq!(exits.places(&["acme"]), "DE");
    }
}
