//! Rows on their way from the engine to domain values.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::operation::Value;

/// A row that was read: its values in the order of the question.
#[derive(Debug)]
pub struct Row {
    table: &'static str,
    values: std::vec::IntoIter<Value>,
}

/// A stored value that cannot be: names the table and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a row of {table} cannot be read: {expected}")]
pub struct Corrupt {
    /// The table.
    pub table: &'static str,
    /// What was expected.
    pub expected: String,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Too many questions are waiting.
    #[error("the store is busy")]
    Busy,
    /// The engine failed.
    #[error("the store failed: {0}")]
    Failed(String),
    /// A stored value cannot be.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

impl Row {
    pub(super) fn new(table: &'static str, values: Vec<Value>) -> Self {
        Self {
            table,
            values: values.into_iter(),
        }
    }

    /// The next value, a number.
    pub fn int(&mut self) -> Result<i64, Corrupt> {
        match self.values.next() {
            Some(Value::Int(number)) => Ok(number),
            _ => Err(self.corrupt("a number")),
        }
    }

    /// The next value, a text.
    pub fn text(&mut self) -> Result<Cow<'static, str>, Corrupt> {
        match self.values.next() {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.corrupt("a text")),
        }
    }

    /// The next value, bytes.
    pub fn bytes(&mut self) -> Result<Vec<u8>, Corrupt> {
        match self.values.next() {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(self.corrupt("bytes")),
        }
    }

    /// The next value, a text that holds JSON of this type.
    pub fn json<T: DeserializeOwned>(&mut self) -> Result<T, Corrupt> {
        let text = self.text()?;
        // The error of the JSON reader may quote what stands in the row, so only its place is told.
        serde_json::from_str(&text).map_err(|error| {
            self.corrupt(&format!(
                "JSON of {}, broken at column {}",
                std::any::type_name::<T>(),
                error.column()
            ))
        })
    }

    /// This row's error, with what was expected.
    pub fn corrupt(&self, expected: &str) -> Corrupt {
        Corrupt {
            table: self.table,
            expected: expected.to_owned(),
        }
    }
}
