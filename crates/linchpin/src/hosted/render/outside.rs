//! Values that others wrote, made fit to stand in a page: addresses, initials, times.

use url::Url;

/// The host of a website, as the page names it.
pub(super) fn host(website: &str) -> Option<String> {
    let website = Url::parse(website).ok()?;
    website.host_str().map(str::to_owned)
}

/// An address that a link may lead to: on our origin, on the web, or of a mailbox. Everything else, `javascript:`
/// above all, is no link.
pub(super) fn link(address: &str) -> Option<&str> {
    let of_ours = address.starts_with('/') && !address.starts_with("//");
    let elsewhere = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    (of_ours || elsewhere).then_some(address)
}

/// An address that a picture may come from: our origin, or the page itself.
pub(super) fn picture(address: &str) -> Option<&str> {
    let of_ours = address.starts_with('/') && !address.starts_with("//");
    (of_ours || address.starts_with("data:image/")).then_some(address)
}

/// One or two letters that stand for a name.
pub(super) fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

/// `4:05` for 245 seconds.
pub(super) fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_mailboxes_and_our_own_paths_are_links() {
        for good in [
            "https://acme.example/",
            "http://localhost:3000/x",
            "mailto:a@b.example",
            "/s/x",
        ] {
            assert_eq!(link(good), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "data:text/html,x",
            " https://x",
            "JavaScript:x",
            "",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
    }

    #[test]
    fn pictures_come_from_our_origin_or_from_the_page() {
        assert!(picture("/logos/1.png").is_some());
        assert!(picture("data:image/png;base64,AA==").is_some());
        for bad in [
            "https://evil.example/x.png",
            "//evil.example/x.png",
            "data:text/html,x",
        ] {
            assert_eq!(picture(bad), None, "{bad}");
        }
    }

    #[test]
    fn initials_are_those_of_the_first_and_the_last_word() {
        assert_eq!(initials("Acme"), "A");
        assert_eq!(initials("jane van der doe"), "JD");
        assert_eq!(initials("  «Ünal» & co "), "ÜC");
        assert_eq!(initials("★"), "");
    }

    #[test]
    fn a_clock_has_two_digits_of_seconds() {
        assert_eq!(clock(245), "4:05");
        assert_eq!(clock(9), "0:09");
    }

    #[test]
    fn a_website_is_named_by_its_host() {
        assert_eq!(
            host("https://acme.example/shop?x"),
            Some("acme.example".to_owned())
        );
        assert_eq!(host("acme"), None);
    }
}
