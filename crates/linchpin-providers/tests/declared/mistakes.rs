//! Every kind of mistake in a file gets a message with line, column and remedy.

use linchpin_provider::Secret;

use super::platform::{SITE, TOKENS};

/// Mistakes: `== file`, then what is written in place of what, then the messages.
const MISTAKES: &str = include_str!("../data/mistakes.txt");

fn messages(text: &str) -> Vec<String> {
    let secrets = |name: &str| match name {
        "app.key" => Ok(Secret::new("key".to_owned())),
        "two.key" => Ok(Secret::new("two\nlines".to_owned())),
        _ => Err(format!("{name} cannot be read")),
    };
    match linchpin_providers::read(text, &secrets) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_kind_of_mistake_is_told_with_its_place_and_a_remedy() {
    let mut told = Vec::new();
    for mistake in MISTAKES.split("== ").skip(1) {
        let (file, lines) = mistake.split_once('\n').unwrap();
        let given: Vec<&str> = lines
            .lines()
            .filter(|line| line.starts_with(['-', '+']))
            .collect();
        let part = |sign: &str| {
            let of: Vec<&str> = given
                .iter()
                .filter_map(|line| line.strip_prefix(sign))
                .collect();
            of.join("\n")
        };
        let whole = if file == "site" { SITE } else { TOKENS };
        let was = part("- ");
        assert!(whole.contains(&was), "{was:?} is not in {file}");
        told.push(format!("== {file}"));
        told.extend(given.iter().map(|line| (*line).to_owned()));
        let messages = messages(&whole.replacen(&was, &part("+ "), 1));
        assert!(!messages.is_empty(), "nothing is said of {given:#?}");
        told.extend(messages.iter().map(|message| format!("! {message}")));
        told.push(String::new());
    }
    let count = MISTAKES.matches("== ").count();
    assert!(count > 50, "only {count} mistakes");
    let told = told.join("\n");
    if told.trim() != MISTAKES.trim() {
        let place = std::env::temp_dir().join("mistakes.txt");
        std::fs::write(&place, &told).unwrap();
        let differs = told
            .lines()
            .zip(MISTAKES.lines())
            .find(|(told, wanted)| told != wanted);
        panic!(
            "the messages differ from tests/data/mistakes.txt, first in {differs:#?}; those of now are in {}",
            place.display()
        );
    }
}

#[test]
fn the_files_without_a_mistake_have_no_message() {
    assert_eq!(messages(SITE), Vec::<String>::new());
    assert_eq!(messages(TOKENS), Vec::<String>::new());
}
