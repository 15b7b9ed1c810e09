//! What is wrong with one field of an input.

/// One thing that is wrong with one field, in words for the developer who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name on the wire: camelCase, parts joined by a dot, such as `geolocation.country`.
    pub field: &'static str,
    /// The rule that is broken and how to keep it; without the field's name, beginning in lower case.
    pub message: String,
}

impl FieldProblem {
    /// A problem of `field`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}
