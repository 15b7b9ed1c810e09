//! What a person is told before allowing anything, in every language.

use linchpin::hosted::texts::{Locale, Words};

use super::{find, rendered};

/// The text of a page as it is read: no tags, no line breaks.
fn read(html: &str) -> String {
    let text: String = html
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(locale: Locale) -> Words {
    Words::new(locale)
        .with("app", "Acme")
        .with("provider", "Fanhouse")
        .with("domain", "acme.example")
}

#[test]
fn the_first_page_names_the_app_its_domain_and_what_happens_next() {
    for locale in Locale::ALL {
        let text = read(&rendered(find("pre-login"), locale));
        for key in [
            "pre-login-title",
            "pre-login-lead",
            "next-choose",
            "next-sign-in",
            "next-return",
            "secured-by",
        ] {
            let said = read(&format!("<p>{}", words(locale).html(key)));
            assert!(text.contains(&said), "{key} in {locale:?}: {text}");
        }
        assert!(
            text.contains("Acme") && text.contains("acme.example"),
            "{locale:?}"
        );
    }
}

#[test]
fn the_page_of_permissions_says_what_is_kept_how_long_and_how_it_ends() {
    for locale in Locale::ALL {
        let text = read(&rendered(find("authorization"), locale));
        for key in [
            "kept-what",
            "kept-what-answer",
            "kept-how-long",
            "kept-how-long-answer",
            "kept-end",
            "kept-end-answer",
        ] {
            let said = read(&format!("<p>{}", words(locale).html(key)));
            assert!(text.contains(&said), "{key} in {locale:?}: {text}");
        }
    }
}
