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
        granted: None,
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

#[cfg(test)]
mod tests {
    use linchpin_provider::Secret;

    use super::*;

    fn imported(cookie: &str) -> Imported {
        import(&Import::Cookie {
            cookie: Secret::new(cookie.to_owned()),
            user_agent: "Test/1".to_owned(),
        })
    }

    #[test]
    fn a_session_is_that_of_the_account_that_it_was_given_for() {
        let address = Address::parse(" Jane@Creator.sandbox.com").unwrap();
        let made = signed_in(&address);
        let owner = owner(&made.session).unwrap();
        assert_eq!(owner.as_str(), "jane@creator.sandbox.com");
        assert!(owner_of_nothing().is_none());
    }

    fn owner_of_nothing() -> Option<Address> {
        owner(&Session::new("another=cookie".to_owned()))
    }

    #[test]
    fn any_cookie_that_names_an_account_is_taken_over() {
        for cookie in [
            "sandbox=jane@creator.sandbox.com",
            "a=b; sandbox=JANE@creator.sandbox.com; c=d",
        ] {
            let Imported::Taken(taken) = imported(cookie) else {
                panic!("{cookie}");
            };
            assert_eq!(taken.account.id, "168177976202092", "{cookie}");
        }
        for cookie in [
            "",
            "sandbox=",
            "sandbox=jane@example.com",
            "other=jane@creator.sandbox.com",
            "sandbox=jane@locked.sandbox.com",
        ] {
            assert!(matches!(imported(cookie), Imported::Dead), "{cookie}");
        }
        let down = imported("sandbox=jane@unavailable.sandbox.com");
        assert!(matches!(down, Imported::Unavailable));
        let token = Import::Token {
            access_token: Secret::new("t".to_owned()),
            refresh_token: None,
            expires_at: None,
        };
        assert!(matches!(import(&token), Imported::NotOffered));
    }

    #[test]
    fn short_lived_sessions_are_dead_when_they_are_looked_at_and_others_alive() {
        let session = |email: &str| signed_in(&Address::parse(email).unwrap()).session;
        let short = look(&session("jane@short-lived.sandbox.com"));
        assert!(matches!(short, Looked::Dead(Death::SignedOut)));
        for email in ["jane@fan.sandbox.com", "jane@creator-otp.sandbox.com"] {
            let looked = look(&session(email));
            assert!(
                matches!(looked, Looked::Alive { renewed: None, .. }),
                "{email}"
            );
        }
    }
}
