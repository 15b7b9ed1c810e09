//! The session of a sandbox account: a cookie that names the account, so that nothing need be kept.

use linchpin_provider::{Death, Import, Imported, Looked, Session, SignedIn};

use super::{
    address::{Address, Scenario},
    profile,
};

/// The cookie's name.
const COOKIE: &str = "sandbox";

/// Domain whose sessions are dead when they are looked at.
const SHORT_LIVED: &str = "@short-lived.sandbox.com";

/// The account with its session.
pub(super) fn signed_in(address: &Address) -> SignedIn {
    SignedIn {
        account: profile::of(address),
        session: Session::new(format!("{COOKIE}={}", address.as_str())),
    }
}

/// The account whose session it is; `None` for a text that is none.
pub(super) fn owner(session: &Session) -> Option<Address> {
    of_cookies(session.reveal())
}

/// The account that a `Cookie` header names.
fn of_cookies(header: &str) -> Option<Address> {
    let pairs = header.split(';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim() == COOKIE);
    named.next().and_then(|(_, value)| Address::parse(value))
}

/// Takes over any cookie of the form `sandbox=<e-mail>`.
pub(super) fn import(import: &Import) -> Imported {
    let Import::Cookie { cookie, .. } = import else {
        return Imported::NotOffered;
    };
    let Some(address) = of_cookies(cookie.reveal()) else {
        return Imported::Dead;
    };
    match address.scenario() {
        Scenario::Unavailable => Imported::Unavailable,
        Scenario::Locked => Imported::Dead,
        Scenario::Plain | Scenario::Slow | Scenario::Factor(_) => {
            Imported::Taken(signed_in(&address))
        }
    }
}

/// Looks at a session: those of `short-lived` accounts are dead.
pub(super) fn look(session: &Session) -> Looked {
    let Some(address) = owner(session) else {
        return Looked::Dead(Death::SignedOut);
    };
    match address.scenario() {
        Scenario::Locked => Looked::Dead(Death::Locked),
        Scenario::Unavailable => Looked::Unavailable,
        _ if address.as_str().ends_with(SHORT_LIVED) => Looked::Dead(Death::SignedOut),
        Scenario::Plain | Scenario::Slow | Scenario::Factor(_) => Looked::Alive {
            account: profile::of(&address),
            renewed: None,
        },
    }
}
