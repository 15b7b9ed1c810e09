//! What is wrong with a provider file, and where.

use std::{cell::RefCell, fmt, ops::Range};

/// One thing that is wrong with a provider file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// 1 for the first line.
    pub line: usize,
    /// In characters; 1 for the first of the line.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Problem {
    /// At the same place another message.
    pub(crate) fn with(&self, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..*self
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Where something stands in the text of a file, in bytes.
pub(crate) type At = Range<usize>;

/// Gathers what is wrong while a file is read.
pub(crate) struct Problems<'a> {
    text: &'a str,
    found: RefCell<Vec<Problem>>,
}

impl<'a> Problems<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            found: RefCell::default(),
        }
    }

    /// Notes what is wrong at a place.
    pub(crate) fn note(&self, at: &At, message: impl Into<String>) {
        let problem = self.at(at).with(message);
        self.found.borrow_mut().push(problem);
    }

    /// A place, with nothing wrong there yet.
    pub(crate) fn at(&self, at: &At) -> Problem {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let on_the_line = before.rsplit('\n').next().unwrap_or_default();
        Problem {
            line: before.matches('\n').count() + 1,
            column: on_the_line.chars().count() + 1,
            message: String::new(),
        }
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// All that was noted, in the order of the file.
    pub(crate) fn into_sorted(self) -> Vec<Problem> {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        found
    }
}
