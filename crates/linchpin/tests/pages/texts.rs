//! The message files: complete, used, and the same in every language.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use linchpin::hosted::texts::{Locale, Words};

use super::every_page;

/// Messages whose keys are put together at run time.
const PUT_TOGETHER: &str = "sandbox-permission-";

pub(super) fn crate_path(path: &str) -> PathBuf {
    Path::new(&env::var("CARGO_MANIFEST_DIR").expect("run by cargo")).join(path)
}

/// Key and text of every message of a language, selectors and all.
pub(super) fn messages(locale: Locale) -> BTreeMap<String, String> {
    let directory = fs::read_dir(crate_path(&format!("locales/{}", locale.tag())));
    let files = directory
        .expect("a directory of message files")
        .map(|file| fs::read_to_string(file.expect("a message file").path()).expect("text"));
    let text: String = files.collect();
    let mut messages = BTreeMap::new();
    let mut key = String::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let value = match line.split_once(" =") {
            Some((start, value)) if !line.starts_with(' ') => {
                start.clone_into(&mut key);
                assert!(!messages.contains_key(start), "{start} is there twice");
                value
            }
            _ => line,
        };
        *messages.entry(key.clone()).or_insert_with(String::new) += value;
    }
    messages
}

/// The names that a text puts values in for.
fn gaps(text: &str) -> BTreeSet<&str> {
    let names = text.split('$').skip(1);
    names
        .filter_map(|rest| rest.split([' ', '}']).next())
        .collect()
}

#[test]
fn every_language_has_every_message_with_the_same_gaps() {
    let english = messages(Locale::En);
    for locale in Locale::ALL {
        let theirs = messages(locale);
        assert_eq!(
            english.keys().collect::<Vec<_>>(),
            theirs.keys().collect::<Vec<_>>(),
            "{locale:?}"
        );
        for (key, text) in &english {
            assert_eq!(gaps(text), gaps(&theirs[key]), "{key} in {locale:?}");
            assert!(
                Words::new(locale).has(key),
                "{key} in {locale:?} is not well formed"
            );
        }
    }
}

/// The keys of the messages that read the same in both languages.
fn shared(one: Locale, other: Locale) -> Vec<String> {
    let other = messages(other);
    messages(one)
        .into_iter()
        .filter(|(key, text)| other.get(key) == Some(text))
        .map(|(key, _)| key)
        .collect()
}

#[test]
fn only_a_few_single_words_are_the_same_as_in_english() {
    for (locale, expected) in [
        (Locale::Ar, &[][..]),
        (
            Locale::De,
            &["code", "link-website", "sandbox-creator", "sandbox-fan"],
        ),
        (Locale::Es, &[]),
        (Locale::Fr, &["code", "sandbox-fan"]),
        (Locale::Pt, &[]),
        (Locale::Ja, &[]),
    ] {
        let mut same = shared(Locale::En, locale);
        same.retain(|key| key != "document-title");
        assert_eq!(same, expected, "{locale:?}");
    }
}

#[test]
fn no_two_languages_share_a_sentence() {
    for one in Locale::ALL {
        for other in Locale::ALL.into_iter().filter(|other| *other != one) {
            for key in shared(one, other) {
                let text = &messages(one)[&key];
                let words = text
                    .split(['{', '}'])
                    .step_by(2)
                    .flat_map(str::split_whitespace);
                assert!(words.count() <= 2, "{key} in {one:?} and {other:?}: {text}");
            }
        }
    }
}

/// The plural categories that whole numbers fall into, as CLDR has them. "Many" in the Romance languages begins with a
/// million.
fn categories(locale: Locale) -> &'static [&'static str] {
    match locale {
        Locale::Ar => &["few", "many", "one", "other", "two", "zero"],
        Locale::Ja => &["other"],
        _ => &["one", "other"],
    }
}

#[test]
fn every_counted_message_has_a_form_for_each_plural_of_its_language() {
    for locale in Locale::ALL {
        let messages = messages(locale);
        let counted: Vec<_> = messages
            .iter()
            .filter(|(_, text)| text.contains("$count ->"))
            .collect();
        assert!(!counted.is_empty(), "{locale:?}");
        for (key, text) in counted {
            let mut forms: Vec<_> = text
                .split('[')
                .skip(1)
                .filter_map(|rest| rest.split(']').next())
                .collect();
            forms.sort_unstable();
            forms.retain(|form| *form != "many" || locale == Locale::Ar);
            assert_eq!(forms, categories(locale), "{key} in {locale:?}");
        }
    }
}

#[test]
fn numbers_choose_the_plural_and_stand_in_plain_digits() {
    let left = |locale, count: u32| {
        Words::new(locale)
            .counted("resends-left", count)
            .to_string()
    };
    for (locale, count, text) in [
        (Locale::En, 1, "One text left"),
        (Locale::En, 1200, "1200 texts left"),
        (Locale::De, 1, "Noch eine SMS"),
        (Locale::De, 2, "Noch 2 SMS"),
        (Locale::Es, 0, "Quedan 0 SMS"),
        (Locale::Fr, 0, "Encore 0 SMS possible"),
        (Locale::Fr, 2, "Encore 2 SMS possibles"),
        (Locale::Pt, 1, "Resta 1 SMS"),
        (Locale::Pt, 3, "Restam 3 SMS"),
        (Locale::Ja, 1, "SMSはあと1回"),
        (Locale::Ar, 0, "لم تبق أي رسالة"),
        (Locale::Ar, 1, "بقيت رسالة واحدة"),
        (Locale::Ar, 2, "بقيت رسالتان"),
        (Locale::Ar, 3, "بقيت 3 رسائل"),
        (Locale::Ar, 11, "بقيت 11 رسالة"),
    ] {
        assert_eq!(left(locale, count), text, "{count} in {locale:?}");
    }
}

#[test]
fn every_message_is_used() {
    let mut sources = String::new();
    for directory in ["templates", "src/hosted", "src/hosted/render"] {
        for file in fs::read_dir(crate_path(directory)).expect("a directory") {
            let path = file.expect("a file").path();
            if path.is_file() {
                sources += &fs::read_to_string(path).expect("text");
            }
        }
    }
    for key in messages(Locale::En)
        .keys()
        .filter(|key| !key.starts_with(PUT_TOGETHER))
    {
        assert!(
            sources.contains(&format!("\"{key}\"")),
            "{key} is used nowhere"
        );
    }
}

#[test]
fn every_permission_of_the_sandbox_has_a_sentence() {
    let keys: Vec<_> = messages(Locale::En)
        .into_keys()
        .filter(|key| key.starts_with(PUT_TOGETHER))
        .collect();
    let mut expected = [
        "profile:read",
        "profile:write",
        "posts:read",
        "posts:write",
        "messages:read",
        "messages:write",
        "subscribers:read",
        "subscribers:write",
        "vault:read",
        "analytics:read",
        "earnings:read",
        "notifications:read",
    ]
    .map(|name| format!("{PUT_TOGETHER}{}", name.replace(':', "-")));
    expected.sort();
    assert_eq!(keys, expected);
}

#[test]
fn no_page_shows_a_key_or_an_open_gap() {
    let keys = messages(Locale::En);
    for (name, html) in every_page() {
        assert!(!html.contains("{$") && !html.contains("{ $"), "{name}");
        for key in keys.keys().filter(|key| key.contains('-')) {
            assert!(!html.contains(&format!(">{key}<")), "{name}: {key}");
        }
    }
}

#[test]
fn languages_come_from_a_closed_list() {
    for (tag, locale) in [
        ("en", Locale::En),
        ("EN-gb", Locale::En),
        ("ar", Locale::Ar),
        ("ar-EG", Locale::Ar),
        ("ar-Arab-EG-u-nu-latn", Locale::Ar),
        ("de-CH", Locale::De),
        ("es-419", Locale::Es),
        ("fr-CA", Locale::Fr),
        ("pt-BR", Locale::Pt),
        ("pt-PT", Locale::Pt),
        ("ja-JP", Locale::Ja),
    ] {
        assert_eq!(Locale::from_tag(tag), Some(locale), "{tag}");
    }
    for tag in [
        "",
        "zh",
        "e",
        "eng",
        "en_US",
        "en-",
        "-en",
        "en-\"><b>",
        "en-aaaaaaaaa",
        "ar-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa",
    ] {
        assert_eq!(Locale::from_tag(tag), None, "{tag}");
    }
}

#[test]
fn a_browser_gets_the_language_it_likes_best() {
    for (header, locale) in [
        ("", Locale::En),
        ("zh-CN,zh;q=0.9", Locale::En),
        ("zh-CN,zh;q=0.9,ja;q=0.5", Locale::Ja),
        ("de-DE,de;q=0.9", Locale::De),
        ("pt-PT,pt;q=0.9,en;q=0.8", Locale::Pt),
        ("fr-CA;q=0.8, es-MX;q=0.9", Locale::Es),
        ("ar", Locale::Ar),
        ("ar-EG,ar;q=0.9,en;q=0.8", Locale::Ar),
        ("en;q=0.4, ar;q=0.5", Locale::Ar),
        ("it, en;q=0.7, ar;q=0.3", Locale::En),
        ("ar;q=0, *", Locale::En),
        ("ar;q=nonsense, en;q=0.1", Locale::En),
        ("ar;q=7", Locale::En),
    ] {
        assert_eq!(Locale::negotiate(header), locale, "{header}");
    }
}

#[test]
fn names_stand_apart_from_the_words_around_them_only_where_directions_meet() {
    let words = |locale, app: &str| Words::new(locale).with("app", app).plain("back-to-app");
    assert_eq!(words(Locale::En, "Acme"), "Back to Acme");
    assert_eq!(words(Locale::En, "متجر"), "Back to \u{2068}متجر\u{2069}");
    assert_eq!(words(Locale::Ar, "Acme"), "العودة إلى \u{2068}Acme\u{2069}");
}
