//! The step's form, found in a page as a browser finds it.

/// `<form id="step">`: where it goes, what its fields hold, which buttons it has.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    /// Names and values that are sent unless something else is filled in.
    pub fields: Vec<(String, String)>,
    /// Values of the buttons named `action`.
    pub buttons: Vec<String>,
}

impl Form {
    /// The form of the step, where the page has one.
    pub fn in_page(html: &str) -> Option<Self> {
        let html = &without_noscript(html);
        let begin = html.find("<form id=\"step\"")?;
        let form = &html[begin..];
        let form = &form[..form.find("</form>")?];
        let mut tags = tags(form);
        let head = tags.remove(0);
        assert_eq!(attribute(head, "method").as_deref(), Some("post"));
        let mut fields = Vec::new();
        let mut buttons = Vec::new();
        for tag in tags {
            if tag.starts_with("input") {
                let name = attribute(tag, "name").unwrap_or_default();
                let kind = attribute(tag, "type").unwrap_or_else(|| "text".to_owned());
                let chosen = !matches!(kind.as_str(), "checkbox" | "radio") || has(tag, "checked");
                if !name.is_empty() && chosen {
                    fields.push((name, attribute(tag, "value").unwrap_or_default()));
                }
            } else if tag.starts_with("button") && attribute(tag, "name").is_some() {
                assert_eq!(attribute(tag, "name").as_deref(), Some("action"), "{tag}");
                buttons.extend(attribute(tag, "value"));
            }
        }
        Some(Self {
            action: attribute(head, "action").unwrap_or_default(),
            fields,
            buttons,
        })
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The hidden token of the page.
    pub fn token(&self) -> &str {
        self.value("token").expect("a token in the form")
    }
}

fn without_noscript(html: &str) -> String {
    html.replace("<noscript>", "").replace("</noscript>", "")
}

/// The inside of every start tag.
pub fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter(|part| !part.starts_with('/') && !part.starts_with('!'))
        .filter_map(|part| part.split_once('>').map(|(tag, _)| tag))
        .collect()
}

/// The value of an attribute, with character references undone.
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = &tag[begin..];
    Some(unescape(&value[..value.find('"')?]))
}

fn has(tag: &str, name: &str) -> bool {
    tag.split_ascii_whitespace().any(|word| word == name)
}

/// Undoes the character references that a template engine writes.
pub fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find(';') else { break };
        let name = &rest[1..end];
        match name {
            "amp" => out.push('&'),
            "lt" => out.push('<'),
            "gt" => out.push('>'),
            "quot" => out.push('"'),
            _ => {
                let number = name.strip_prefix('#').expect("a known reference");
                let code = match number.strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                out.push(char::from_u32(code.expect("a number")).expect("a character"));
            }
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}
