//! Schemas in words.

use serde_json::Value;

/// A part of a sentence.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// Running text.
    Plain(String),
    /// What stands between backticks.
    Code(String),
}

/// The type of a value, such as `list of` `ErrorDetail`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// What stands before the name.
    pub before: String,
    /// A schema of this document.
    pub name: Option<String>,
    /// What stands after it.
    pub after: String,
}

/// A named schema.
pub struct Shape {
    /// Its name; the anchor is `schema-` and that.
    pub name: String,
    /// What it is.
    pub about: Vec<Word>,
    /// Its forms: one, or several of which a value has one.
    pub forms: Vec<Form>,
    /// The values that it can have, where they are counted.
    pub values: Vec<String>,
    /// What it is, where it is neither an object nor a list of values.
    pub kind: Option<Kind>,
}

/// An object.
pub struct Form {
    /// What it is for.
    pub about: Vec<Word>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of an object.
pub struct Field {
    /// As it is written.
    pub name: String,
    /// Whether it is always there.
    pub required: bool,
    /// Whether new code should not use it.
    pub deprecated: bool,
    /// Its type.
    pub kind: Kind,
    /// What it does.
    pub about: Vec<Word>,
    /// Further rules.
    pub rules: Vec<String>,
}

impl Shape {
    /// Reads one of the document's named schemas.
    pub fn of(name: &str, schema: &Value) -> Self {
        let forms = match choices(schema) {
            Some(choices) => choices
                .filter(|choice| choice.get("properties").is_some())
                .map(Form::of)
                .collect(),
            None if schema.get("properties").is_some() => vec![Form {
                about: Vec::new(),
                ..Form::of(schema)
            }],
            None => Vec::new(),
        };
        let values = values(schema);
        let kind = (forms.is_empty() && values.is_empty()).then(|| Kind::of(schema));
        Self {
            name: name.to_owned(),
            about: words(first_paragraph(text(schema, "description"))),
            forms,
            values,
            kind,
        }
    }
}

impl Form {
    fn of(schema: &Value) -> Self {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        Self {
            about: words(first_paragraph(text(schema, "description"))),
            fields: properties
                .into_iter()
                .flatten()
                .map(|(name, schema)| Field {
                    name: name.clone(),
                    required: required.contains(&name.as_str()),
                    deprecated: schema.get("deprecated") == Some(&Value::Bool(true)),
                    kind: Kind::of(schema),
                    about: words(described(schema)),
                    rules: rules(schema),
                })
                .collect(),
        }
    }
}

impl Kind {
    /// The type that a schema says.
    pub fn of(schema: &Value) -> Self {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().map(str::to_owned);
            return Self {
                name,
                ..Self::default()
            };
        }
        if let Some(choices) = choices(schema) {
            let mut kinds = choices.filter(|choice| text(choice, "type") != "null");
            let kind = kinds.next().map(Self::of).unwrap_or_default();
            return match kinds.next() {
                Some(_) => Self::plain("one of several forms"),
                None => kind.followed_by(" or null"),
            };
        }
        let values = values(schema);
        if let [only] = values.as_slice() {
            return Self::plain(&format!("“{only}”"));
        }
        let types = types(schema);
        let or_null = if types.contains(&"null") {
            " or null"
        } else {
            ""
        };
        let base = types.iter().find(|name| **name != "null");
        match base.copied().unwrap_or("any") {
            "array" => {
                let items = schema.get("items").map(Self::of).unwrap_or_default();
                Self {
                    before: format!("list of {}", items.before),
                    ..items
                }
                .followed_by(or_null)
            }
            "object" => match schema.get("additionalProperties") {
                Some(values) if values.is_object() => {
                    let values = Self::of(values);
                    Self {
                        before: format!("object with values of type {}", values.before),
                        ..values
                    }
                    .followed_by(or_null)
                }
                _ => Self::plain("object").followed_by(or_null),
            },
            name => Self::plain(name).followed_by(or_null),
        }
    }

    /// The same in another media type than JSON.
    pub fn in_media(self, media: &str) -> Self {
        self.followed_by(&format!(" as {media}"))
    }

    fn plain(text: &str) -> Self {
        Self {
            before: text.to_owned(),
            ..Self::default()
        }
    }

    fn followed_by(mut self, text: &str) -> Self {
        self.after.push_str(text);
        self
    }
}

/// What a value must keep to beyond its type.
pub fn rules(schema: &Value) -> Vec<String> {
    let number = |name: &str| schema.get(name).filter(|value| value.is_number());
    let mut rules = Vec::new();
    match (number("minLength"), number("maxLength")) {
        (Some(least), Some(most)) if least == most => rules.push(format!("{least} characters")),
        (Some(least), Some(most)) => rules.push(format!("{least} to {most} characters")),
        (None, Some(most)) => rules.push(format!("up to {most} characters")),
        (Some(least), None) => rules.push(format!("at least {least} characters")),
        (None, None) => {}
    }
    match (number("minimum"), number("maximum")) {
        (Some(least), Some(most)) => rules.push(format!("{least} to {most}")),
        (Some(least), None) => rules.push(format!("at least {least}")),
        (None, Some(most)) => rules.push(format!("at most {most}")),
        (None, None) => {}
    }
    match text(schema, "format") {
        "" | "int32" | "int64" => {}
        "date-time" => rules.push("RFC 3339 in UTC, with milliseconds".to_owned()),
        format => rules.push(format!("format {format}")),
    }
    match text(schema, "pattern") {
        "" => {}
        pattern => rules.push(format!("matches {pattern}")),
    }
    let values = values(schema);
    if values.len() > 1 {
        rules.push(format!("one of {}", values.join(", ")));
    }
    if let Some(example) = schema.get("example").and_then(Value::as_str) {
        rules.push(format!("for example {example}"));
    }
    rules
}

/// Splits a sentence at its backticks.
pub fn words(text: &str) -> Vec<Word> {
    let parts = text.split('`').enumerate();
    let words = parts.map(|(at, part)| match at % 2 {
        0 => Word::Plain(part.to_owned()),
        _ => Word::Code(part.to_owned()),
    });
    let said = |word: &Word| !matches!(word, Word::Plain(part) if part.is_empty());
    words.filter(said).collect()
}

/// The description of a schema, or of the one schema that it stands for.
fn described(schema: &Value) -> &str {
    match text(schema, "description") {
        "" => choices(schema)
            .into_iter()
            .flatten()
            .map(|choice| text(choice, "description"))
            .find(|description| !description.is_empty())
            .unwrap_or_default(),
        description => description,
    }
}

/// What follows is for whoever reads the code.
fn first_paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default()
}

fn choices(schema: &Value) -> Option<impl Iterator<Item = &Value>> {
    let choices = schema.get("oneOf").or_else(|| schema.get("anyOf"))?;
    choices.as_array().map(|choices| choices.iter())
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn values(schema: &Value) -> Vec<String> {
    let values = schema.get("enum").and_then(Value::as_array);
    let texts = values.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn text<'a>(schema: &'a Value, name: &str) -> &'a str {
    schema.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(schema: &Value) -> String {
        let kind = Kind::of(schema);
        format!(
            "{}{}{}",
            kind.before,
            kind.name.unwrap_or_default(),
            kind.after
        )
    }

    #[test]
    fn types_are_said_in_words() {
        let reference = json!({"$ref": "#/components/schemas/Account"});
        for (schema, wanted) in [
            (json!({"type": "string"}), "string"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (reference.clone(), "Account"),
            (
                json!({"oneOf": [reference, {"type": "null"}]}),
                "Account or null",
            ),
            (
                json!({"type": "array", "items": reference}),
                "list of Account",
            ),
            (json!({"type": "string", "enum": ["hosted"]}), "“hosted”"),
            (
                json!({"type": ["object", "null"], "additionalProperties": {"type": "string"}}),
                "object with values of type string or null",
            ),
        ] {
            assert_eq!(said(&schema), wanted);
        }
    }

    #[test]
    fn rules_are_said_in_words() {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^conn_", "example": "conn_1"});
        assert_eq!(
            rules(&schema),
            [
                "1 to 255 characters",
                "matches ^conn_",
                "for example conn_1"
            ]
        );
    }

    #[test]
    fn backticks_become_code() {
        assert_eq!(
            words("`cs_…`, or not"),
            [
                Word::Code("cs_…".to_owned()),
                Word::Plain(", or not".to_owned())
            ]
        );
    }
}
