//! Every message is whole: nothing puts two into one sentence, or anything beside one.

use std::fs;

use linchpin::hosted::texts::Locale;

use super::texts::{crate_path, messages};

/// The templates of the hosted pages, by name.
fn templates() -> Vec<(String, String)> {
    let files = fs::read_dir(crate_path("templates")).expect("a directory");
    files
        .map(|file| file.expect("a file").path())
        .filter(|path| path.is_file() && !path.ends_with("reference.html"))
        .map(|path| {
            let text = fs::read_to_string(&path).expect("text");
            (path.display().to_string(), text)
        })
        .collect()
}

/// The template without what the engine acts on: each value is `{}`, each statement nothing.
fn without_statements(template: &str) -> String {
    let mut plain = String::new();
    for (i, part) in template.split("{%").enumerate() {
        let rest = match i {
            0 => part,
            _ => part.split_once("%}").map_or("", |(_, rest)| rest),
        };
        for (i, part) in rest.split("{{").enumerate() {
            match part.split_once("}}") {
                Some((_, rest)) if i > 0 => plain.extend(["{}", rest]),
                _ => plain += part,
            }
        }
    }
    plain
}

#[test]
fn no_template_puts_anything_beside_a_message() {
    for (name, template) in templates() {
        let plain = without_statements(&template);
        for rest in plain.split('>').skip(1) {
            let text = rest.split('<').next().unwrap_or_default().trim();
            assert!(matches!(text, "" | "{}" | "@{}"), "{name}: {text}");
        }
        for words in template.split("s.words.plain(").skip(1) {
            let (_, after) = words.split_once("}}").expect("the end of a value");
            assert!(
                after.starts_with('"'),
                "{name}: more than one message in an attribute"
            );
        }
    }
}

#[test]
fn no_code_of_the_pages_puts_messages_together() {
    for directory in ["src/hosted", "src/hosted/render"] {
        for file in fs::read_dir(crate_path(directory)).expect("a directory") {
            let path = file.expect("a file").path();
            if !path.is_file() || path.ends_with("texts.rs") {
                continue;
            }
            let source = fs::read_to_string(&path).expect("text");
            for call in [
                "words.html(",
                "words.plain(",
                "words.counted(",
                "words.valued(",
            ] {
                for (before, _) in source
                    .match_indices(call)
                    .map(|(at, _)| source.split_at(at))
                {
                    let begun = [";\n", "{\n", "}\n"];
                    let begun = begun.iter().filter_map(|end| before.rfind(end)).max();
                    let statement = &before[begun.unwrap_or_default()..];
                    for joint in ["format!", "concat", "push_str", "join(", "+ ", "write!"] {
                        assert!(
                            !statement.contains(joint),
                            "{}: {statement}",
                            path.display()
                        );
                    }
                }
            }
        }
    }
}

/// What begins with a small letter was written to follow something; the phrases of a hand-off are only compared.
#[test]
fn every_message_begins_as_a_sentence_or_a_label_does() {
    for locale in Locale::ALL {
        let messages = messages(locale);
        for (key, text) in messages
            .iter()
            .filter(|(key, _)| !key.starts_with("phrase-"))
        {
            let forms: Vec<_> = match text.contains("$count ->") {
                true => text.split(']').skip(1).collect(),
                false => vec![text.as_str()],
            };
            for form in forms {
                let first = form.trim_start().chars().next().expect("a text");
                assert!(!first.is_lowercase() && first != ',', "{key} in {locale:?}");
            }
        }
    }
}
