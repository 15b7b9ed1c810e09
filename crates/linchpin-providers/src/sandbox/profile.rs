//! The account behind an address: all of it follows from the address.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use linchpin_provider::Account;
use sha2::{Digest, Sha256};

use super::address::Address;

/// Longest name, in characters; local parts may be far longer.
const NAME_MAX: usize = 60;

/// Longest part of a username that is taken from the address, in characters.
const USERNAME_MAX: usize = 30;

/// The account that an address signs in to.
pub(super) fn of(address: &Address) -> Account {
    let mut digest = Sha256::digest(address.as_str()).into_iter();
    let mut number_of = |bytes| {
        let taken = digest.by_ref().take(bytes);
        taken.fold(0_u64, |number, byte| number << 8 | u64::from(byte))
    };
    let id = number_of(6);
    let digits = number_of(2) % 10_000;
    let hue = number_of(2) % 360;
    let name = name(address.local());
    Account {
        id: id.to_string(),
        username: username(address.local(), digits),
        avatar: Some(avatar(&initials(&name), hue)),
        name,
    }
}

/// `jane.doe` is Jane Doe; only letters, digits and single spaces are left.
fn name(local: &str) -> String {
    let words: Vec<String> = local
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(capitalized)
        .collect();
    let name: String = words.join(" ").chars().take(NAME_MAX).collect();
    match name.trim_end() {
        "" => "Sandbox Account".to_owned(),
        name => name.to_owned(),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// What of the address a username may hold, and four digits that tell the same name at two domains apart.
fn username(local: &str, digits: u64) -> String {
    let kept: String = local
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
        .take(USERNAME_MAX)
        .collect();
    let kept = match kept.trim_matches('.') {
        "" => "account",
        kept => kept,
    };
    format!("{kept}{digits:04}")
}

/// First letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut first_letters = name.split(' ').filter_map(|word| word.chars().next());
    let first = first_letters.next();
    first.into_iter().chain(first_letters.next_back()).collect()
}

/// A square with the initials. They are letters and digits (see [`name`]), so nothing in the markup needs escaping.
fn avatar(initials: &str, hue: u64) -> String {
    // White on this saturation and lightness has a contrast over 4.5 : 1 whatever the hue.
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96"><rect width="96" height="96" fill="hsl({hue},45%,32%)"/><text x="48" y="48" dy=".35em" text-anchor="middle" font-family="system-ui,sans-serif" font-size="38" fill="#fff">{initials}</text></svg>"##
    );
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(address: &str) -> Account {
        of(&Address::parse(address).unwrap())
    }

    fn picture(account: &Account) -> String {
        let avatar = account.avatar.as_deref().unwrap();
        let bytes = avatar.strip_prefix("data:image/svg+xml;base64,").unwrap();
        String::from_utf8(STANDARD.decode(bytes).unwrap()).unwrap()
    }

    // The numbers were worked out with another implementation of SHA-256.
    #[test]
    fn an_account_is_the_same_in_every_installation() {
        let jane = account("jane@creator.sandbox.com");
        assert_eq!(jane.id, "168177976202092");
        assert_eq!(jane.username, "jane5687");
        assert_eq!(jane.name, "Jane");
        let jane = account("jane.doe@creator.sandbox.com");
        assert_eq!(jane.id, "3592242963398");
        assert_eq!(jane.username, "jane.doe4573");
        assert_eq!(jane.name, "Jane Doe");
    }

    #[test]
    fn spelling_an_address_otherwise_leads_to_the_same_account() {
        let plain = account("jane@creator.sandbox.com");
        assert_eq!(account("\t Jane@Creator.SANDBOX.com \n"), plain);
    }

    #[test]
    fn the_same_name_at_another_domain_is_another_account() {
        let creator = account("jane@creator.sandbox.com");
        let fan = account("jane@fan.sandbox.com");
        assert_ne!(creator.id, fan.id);
        assert_ne!(creator.username, fan.username);
        assert_ne!(creator.avatar, fan.avatar);
    }

    #[test]
    fn a_name_is_made_of_the_words_before_the_at_sign() {
        let named = |local: &str| account(&format!("{local}@fan.sandbox.com")).name;
        assert_eq!(named("jane_van-der.berg"), "Jane Van Der Berg");
        assert_eq!(named("jane+test"), "Jane Test");
        assert_eq!(named("élodie"), "Élodie");
        assert_eq!(named("42"), "42");
        assert_eq!(named("+++"), "Sandbox Account");
        assert_eq!(named(&"a".repeat(900)).chars().count(), NAME_MAX);
    }

    #[test]
    fn a_username_holds_only_plain_letters_digits_dots_and_underscores() {
        for local in [
            "jane doe",
            "<b>&\"'",
            "élodie",
            "...",
            "日本",
            "a@b",
            "\u{202e}x",
        ] {
            let username = account(&format!("{local}@fan.sandbox.com")).username;
            assert!(
                username
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c)),
                "{username}"
            );
            assert!(!username.starts_with('.'), "{username}");
            assert!(username.len() > 4, "{username}");
        }
    }

    #[test]
    fn the_picture_shows_the_initials() {
        assert!(picture(&account("jane@fan.sandbox.com")).contains(">J</text>"));
        assert!(picture(&account("jane.van.doe@fan.sandbox.com")).contains(">JD</text>"));
    }

    #[test]
    fn nothing_typed_becomes_markup_in_the_picture() {
        let plain = picture(&account("a@fan.sandbox.com"));
        let tags = |svg: &str| svg.matches(['<', '>', '&', '"', '\'']).count();
        for local in [
            "<script>",
            "\"onload=",
            "&lt;",
            "</text><a",
            "'",
            "]]>",
            "\u{0}\u{7}",
        ] {
            let svg = picture(&account(&format!("{local}@fan.sandbox.com")));
            assert_eq!(tags(&svg), tags(&plain), "{svg}");
            assert!(!svg.chars().any(char::is_control), "{svg:?}");
        }
    }
}
