//! Reading the tables of a provider file. Whatever nobody asks a table for is an unknown key.

mod lists;

use std::{cell::RefCell, collections::BTreeSet, ops::RangeInclusive, time::Duration};

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::{
    problem::{At, Problems},
    units,
};

/// A text of the file, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) at: At,
}

/// A table that is being read. Each question marks its key as known; what is wrong with a value is noted and answered
/// with `None`. When the table is dropped, the keys that were never asked for are noted.
pub(crate) struct Table<'a> {
    problems: &'a Problems<'a>,
    entries: &'a DeTable<'a>,
    /// How messages name it: `api`, `sign_in[1]`; empty for the whole file.
    name: String,
    at: At,
    asked: RefCell<BTreeSet<String>>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        problems: &'a Problems<'a>,
        name: String,
        table: &'a DeTable<'a>,
        at: At,
    ) -> Self {
        Self {
            problems,
            entries: table,
            name,
            at,
            asked: RefCell::default(),
        }
    }

    /// Where the table begins.
    pub(crate) fn at(&self) -> At {
        self.at.clone()
    }

    pub(crate) fn problems(&self) -> &'a Problems<'a> {
        self.problems
    }

    /// How messages name it.
    pub(crate) fn name(&self) -> &str {
        match self.name.as_str() {
            "" => "the file",
            name => name,
        }
    }

    /// Notes what is wrong with the value of a key, or with the table where the key is missing.
    pub(crate) fn note(&self, key: &str, message: &str) {
        let at = self.peek(key).map_or(self.at(), |value| value.span());
        let message = format!("{} {message}", self.full(key));
        self.problems.note(&at, message);
    }

    /// The key with the name of its table, as messages give it.
    pub(crate) fn full(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    /// Whether a key is there; it counts as known from now on.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.ask(key).is_some()
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, key: &str) -> Option<Text> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::String(text) if !text.is_empty() => Some(Text {
                value: text.clone().into_owned(),
                at: value.span(),
            }),
            DeValue::String(_) => self.wrong(key, "must not be empty"),
            other => self.wrong_type(key, "a text in quotes", other),
        }
    }

    /// The same, where the file must have it; `remedy` says what to write: `the name for people, such as name = "Acme"`.
    pub(crate) fn required_text(&self, key: &str, remedy: &str) -> Option<Text> {
        if !self.has(key) {
            self.missing(key, remedy);
        }
        self.text(key)
    }

    /// Notes that a key is missing.
    pub(crate) fn missing(&self, key: &str, remedy: &str) {
        let message = format!("{} is missing: {remedy}", self.full(key));
        self.problems.note(&self.at, message);
    }

    /// A text that some function reads; what it says is wrong is noted behind the key's name.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(key)?;
        read(&text.value)
            .map_err(|message| self.note(key, &message))
            .ok()
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let meant = match nearest(&text.value, known.iter().copied()) {
                Some(candidate) => format!(" (did you mean {candidate:?}?)"),
                None => String::new(),
            };
            let message = format!(
                "cannot be {:?}; write one of: {}{meant}",
                text.value,
                known.join(", ")
            );
            self.note(key, &message);
        }
        found.map(|(_, value)| *value)
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong_type(key, "true or false, without quotes", other),
        }
    }

    /// A whole number within bounds.
    pub(crate) fn count(&self, key: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = self.ask(key)?;
        let wanted = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        match value.get_ref() {
            DeValue::Integer(number) => {
                let number = units::number(number.as_str(), number.radix());
                match number.filter(|number| bounds.contains(number)) {
                    Some(number) => Some(number),
                    None => self.wrong(key, &format!("must be {wanted}")),
                }
            }
            other => self.wrong_type(key, &wanted, other),
        }
    }

    /// A time such as `"30s"`, within bounds.
    pub(crate) fn span(&self, key: &str, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        self.unit(key, |text| units::span(text, &bounds))
    }

    /// A size such as `"64 KiB"`, within bounds, in bytes.
    pub(crate) fn size(&self, key: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        self.unit(key, |text| units::size(text, &bounds))
    }

    /// A number with its unit, the message the same for what is no text at all.
    fn unit<T>(&self, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = self.ask(key)?;
        read(value.get_ref().as_str().unwrap_or_default())
            .map_err(|message| self.note(key, &message))
            .ok()
    }

    /// A text that may be empty.
    pub(crate) fn value_text(&self, key: &str) -> Option<Text> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some(Text {
                value: text.clone().into_owned(),
                at: value.span(),
            }),
            other => self.wrong_type(key, "a text in quotes", other),
        }
    }

    /// A table within this one.
    pub(crate) fn table(&self, key: &str) -> Option<Table<'a>> {
        let value = self.ask(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Table::new(
                self.problems,
                self.full(key),
                table,
                value.span(),
            )),
            other => {
                let wanted = format!("a table: [{}] or {{ … }}", self.full(key));
                self.wrong_type(key, &wanted, other)
            }
        }
    }

    /// The raw value of a key, for what has several forms.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.ask(key)
    }

    /// Notes what is wrong with the value of a key; always `None`.
    fn wrong<T>(&self, key: &str, message: &str) -> Option<T> {
        self.note(key, message);
        None
    }

    pub(crate) fn wrong_type<T>(&self, key: &str, wanted: &str, got: &DeValue<'_>) -> Option<T> {
        let got = match got {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.wrong(key, &format!("must be {wanted}; here it is {got}"))
    }

    fn ask(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.peek(key)
    }

    fn peek(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.entries.get(key)
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let asked = self.asked.borrow();
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if !asked.contains(name) {
                let place = match self.name.as_str() {
                    "" => "a provider of this kind".to_owned(),
                    name => name.to_owned(),
                };
                let meant = did_you_mean(name, asked.iter().map(String::as_str));
                let message = format!("{place} has no key {name:?}{meant}");
                self.problems.note(&key.span(), message);
            }
        }
    }
}

/// `; did you mean "…"?` where a known name is near, otherwise the known names.
fn did_you_mean<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.collect();
    match nearest(name, known.iter().copied()) {
        Some(candidate) => format!("; did you mean {candidate:?}?"),
        None if known.is_empty() => String::new(),
        None => format!("; its keys are {}", known.join(", ")),
    }
}

/// The known name that somebody may have meant.
pub(crate) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 3))
        .min()
        .map(|(_, candidate)| candidate)
}
