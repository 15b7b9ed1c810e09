//! Reading a JSON object strictly: every problem is found, unknown fields are errors, `null` counts as omitted.

use serde_json::{Map, Value};

use super::details::{DetailCode, Details};

/// Names less alike than this get no "did you mean".
const ALIKE: f64 = 0.7;

/// One object of a request body.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    prefix: &'a str,
    known: &'static [&'static str],
}

impl<'a> Fields<'a> {
    /// Begins to read; `prefix` stands before each field's name in messages (`geolocation.`). Fields that are not
    /// among `known` are problems.
    pub fn new(
        object: &'a Map<String, Value>,
        prefix: &'a str,
        known: &'static [&'static str],
        details: &mut Details,
    ) -> Self {
        let fields = Self {
            object,
            prefix,
            known,
        };
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            details.add(
                &format!("{prefix}{}", shortened(name)),
                DetailCode::UnknownField,
                fields.unknown(name),
            );
        }
        fields
    }

    fn unknown(&self, name: &str) -> String {
        let likeness =
            |known: &&&str| strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
        let nearest = self
            .known
            .iter()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
        match nearest.filter(|known| likeness(known) >= ALIKE) {
            Some(known) => format!("unknown field; did you mean {}{known}?", self.prefix),
            None => format!("unknown field; known are {}", self.known.join(", ")),
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The full path of a field.
    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A string.
    pub fn string(&self, name: &str, details: &mut Details) -> Option<&'a str> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            details.add(
                &self.path(name),
                DetailCode::InvalidValue,
                format!("must be a string, not {}", kind(value)),
            );
        }
        value.as_str()
    }

    /// A string that `parse` makes something of, or says what is wrong with.
    pub fn parsed<T>(
        &self,
        name: &str,
        details: &mut Details,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.string(name, details)?;
        parse(text)
            .map_err(|message| details.add(&self.path(name), DetailCode::InvalidValue, message))
            .ok()
    }

    /// A string without control characters, of so many characters.
    pub fn text(
        &self,
        name: &str,
        characters: std::ops::RangeInclusive<usize>,
        details: &mut Details,
    ) -> Option<String> {
        self.parsed(name, details, |text| {
            check_text(text, &characters).map(|()| text.to_owned())
        })
    }

    /// A boolean.
    pub fn boolean(&self, name: &str, details: &mut Details) -> Option<bool> {
        let value = self.value(name)?;
        if value.as_bool().is_none() {
            let message = format!("must be true or false, not {}", kind(value));
            details.add(&self.path(name), DetailCode::InvalidValue, message);
        }
        value.as_bool()
    }

    /// Whether the field was written, be it as `null`.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Whether the field says something.
    pub fn says(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A whole number in a range.
    pub fn whole(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
        details: &mut Details,
    ) -> Option<i64> {
        let value = self.value(name)?;
        let number = value.as_i64().filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!(
                "must be a whole number from {} to {}",
                range.start(),
                range.end()
            );
            details.add(&self.path(name), DetailCode::InvalidValue, message);
        }
        number
    }

    /// A list of strings.
    pub fn strings(&self, name: &str, most: usize, details: &mut Details) -> Option<Vec<String>> {
        let value = self.value(name)?;
        let list = value.as_array().filter(|list| list.len() <= most);
        let strings = list.and_then(|list| {
            let strings = list.iter().map(|entry| entry.as_str().map(str::to_owned));
            strings.collect::<Option<Vec<_>>>()
        });
        if strings.is_none() {
            let message = format!("must be a list of at most {most} strings");
            details.add(&self.path(name), DetailCode::InvalidValue, message);
        }
        strings
    }

    /// An object.
    pub fn object(&self, name: &str, details: &mut Details) -> Option<&'a Map<String, Value>> {
        let value = self.value(name)?;
        if value.as_object().is_none() {
            details.add(
                &self.path(name),
                DetailCode::InvalidValue,
                format!("must be an object, not {}", kind(value)),
            );
        }
        value.as_object()
    }
}

/// Says what is wrong with a text that must have so many characters, none of them a control character.
pub fn check_text(text: &str, characters: &std::ops::RangeInclusive<usize>) -> Result<(), String> {
    let (least, most) = (characters.start(), characters.end());
    if !characters.contains(&text.chars().count()) {
        return Err(format!("must be {least} to {most} characters long"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A caller's own name for a field, short enough to be repeated.
fn shortened(name: &str) -> String {
    let printable = name
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let mut short: String = printable.take(64).collect();
    if name.chars().nth(64).is_some() {
        short.push('…');
    }
    short
}
