//! What the page shows of the `OpenAPI` document, in the order in which it is read.

use serde_json::{Map, Value};

use super::schema::{Kind, Shape, Word, words};

/// Everything on the page.
pub struct Outline {
    /// Of the document.
    pub version: String,
    /// What the document says of the API as a whole.
    pub lead: Vec<Word>,
    /// Operations by their tag.
    pub groups: Vec<Group>,
    /// The named schemas, by name.
    pub shapes: Vec<Shape>,
}

/// Operations that belong together.
pub struct Group {
    /// The tag.
    pub name: String,
    /// In the document's order of paths and methods.
    pub operations: Vec<Operation>,
}

/// One call.
pub struct Operation {
    /// `operationId`; the anchor too.
    pub id: String,
    /// In upper case.
    pub method: String,
    /// With its parameters in braces.
    pub path: String,
    /// One sentence.
    pub summary: Vec<Word>,
    /// More of them.
    pub description: Vec<Word>,
    /// Whether a key is needed.
    pub secured: bool,
    /// Of path, query and headers.
    pub parameters: Vec<Parameter>,
    /// What the body is.
    pub body: Option<Kind>,
    /// By status.
    pub answers: Vec<Answer>,
}

/// One parameter.
pub struct Parameter {
    /// As it is written.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Whether it must be there.
    pub required: bool,
    /// Its type.
    pub kind: Kind,
    /// What it does.
    pub about: Vec<Word>,
    /// Further rules.
    pub rules: Vec<String>,
}

/// One answer.
pub struct Answer {
    /// `200`
    pub status: String,
    /// When it is given.
    pub about: Vec<Word>,
    /// What its body is.
    pub body: Option<Kind>,
}

impl Outline {
    /// Reads the document. What it does not have is left out.
    pub fn of(document: &Value) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (path, item) in entries(document.get("paths")) {
            for (method, operation) in entries(Some(item)) {
                let read = Operation::of(path, method, operation);
                let tag = operation.pointer("/tags/0").and_then(Value::as_str);
                // An operation without a tag gets the name of its module.
                let name = tag.filter(|tag| *tag != "super").unwrap_or("Service");
                match groups.iter_mut().find(|group| group.name == name) {
                    Some(group) => group.operations.push(read),
                    None => groups.push(Group {
                        name: name.to_owned(),
                        operations: vec![read],
                    }),
                }
            }
        }
        groups.sort_by_key(|group| group.name == "Service");
        let schemas = entries(document.pointer("/components/schemas"));
        Self {
            version: text(document.pointer("/info/version")).to_owned(),
            lead: words(text(document.pointer("/info/description"))),
            groups,
            shapes: schemas
                .map(|(name, schema)| Shape::of(name, schema))
                .collect(),
        }
    }
}

impl Operation {
    fn of(path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let body = operation.get("requestBody");
        Self {
            id: text(operation.get("operationId")).to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: words(text(operation.get("summary"))),
            description: words(text(operation.get("description"))),
            secured: operation.get("security").is_some(),
            parameters: parameters
                .into_iter()
                .flatten()
                .map(Parameter::of)
                .collect(),
            body: body.and_then(body_kind),
            answers: entries(operation.get("responses"))
                .map(|(status, answer)| Answer {
                    status: status.clone(),
                    about: words(text(answer.get("description"))),
                    body: body_kind(answer),
                })
                .collect(),
        }
    }

    /// Whether the call did what was asked, for the colour of the status.
    pub fn is_good(status: &str) -> bool {
        status.starts_with('2')
    }
}

impl Parameter {
    fn of(parameter: &Value) -> Self {
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let required = parameter.get("required") == Some(&Value::Bool(true));
        Self {
            name: text(parameter.get("name")).to_owned(),
            place: text(parameter.get("in")).to_owned(),
            required,
            kind: Kind::of(schema),
            about: words(text(parameter.get("description"))),
            rules: super::schema::rules(schema),
        }
    }
}

/// The type of a body, whatever its media type.
fn body_kind(holder: &Value) -> Option<Kind> {
    let (media, content) = entries(holder.get("content")).next()?;
    let kind = Kind::of(content.get("schema")?);
    Some(if media == "application/json" {
        kind
    } else {
        kind.in_media(media)
    })
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}
