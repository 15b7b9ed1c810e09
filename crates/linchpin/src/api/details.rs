//! What is wrong with a request, field by field.

use serde::Serialize;
use utoipa::ToSchema;

/// Every problem of a request that was found.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(as = ErrorDetails)]
pub struct Details(Vec<Detail>);

/// One problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
pub struct Detail {
    /// Path of the field, such as `geolocation.country`; empty for the whole body.
    field: String,
    /// What is wrong and what to do.
    message: String,
    /// Its kind.
    code: DetailCode,
}

/// The closed list of problems.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DetailCode {
    /// No such field.
    UnknownField,
    /// A path that a provider must not be asked for.
    InvalidPath,
    /// No way out from there.
    GeolocationUnavailable,
    /// Not a value that the field takes.
    InvalidValue,
    /// Missing.
    Required,
}

/// What is told of a place that no traffic can leave from, given those that there are.
pub fn no_egress(places: &str) -> String {
    match places.is_empty() {
        true => "no egress is configured for any place; leave it out".to_owned(),
        false => format!(
            "no egress is configured there but in: {places}; name one of these, or leave it out"
        ),
    }
}

impl Details {
    /// One problem.
    pub fn one(field: &str, code: DetailCode, message: impl Into<String>) -> Self {
        let mut details = Self::default();
        details.add(field, code, message);
        details
    }

    /// Adds a problem.
    pub fn add(&mut self, field: &str, code: DetailCode, message: impl Into<String>) {
        self.0.push(Detail {
            field: field.to_owned(),
            message: message.into(),
            code,
        });
    }

    /// What was read, where nothing is wrong.
    ///
    /// # Errors
    ///
    /// Everything that is.
    pub fn checked<T>(self, read: T) -> Result<T, Self> {
        match self.is_empty() {
            true => Ok(read),
            false => Err(self),
        }
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first problem in one sentence, and how many more there are.
    pub fn summary(&self) -> String {
        let Some(first) = self.0.first() else {
            return "the request is not valid".to_owned();
        };
        // A message that says whose fault it is stands by itself, since clients look at its beginning.
        let message = match (
            first.field.as_str(),
            first.message.starts_with("Link is misconfigured"),
        ) {
            ("", _) | (_, true) => first.message.clone(),
            (field, false) => format!("{field}: {}", first.message),
        };
        match self.0.len() {
            1 => message,
            more => format!("{message} (and {} more in details)", more - 1),
        }
    }
}
