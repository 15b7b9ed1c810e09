//! Lists of a table: of texts, of tables, of its keys.

use toml::de::DeValue;

use super::{Table, Text};

impl<'a> Table<'a> {
    /// A list of texts, none of them empty; no key is an empty list.
    pub(crate) fn texts(&self, key: &str) -> Vec<Text> {
        const WANTED: &str = r#"a list of texts, such as ["a", "b"]"#;
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let DeValue::Array(entries) = value.get_ref() else {
            self.wrong_type::<()>(key, WANTED, value.get_ref());
            return Vec::new();
        };
        let mut texts = Vec::new();
        for entry in entries {
            match entry.get_ref() {
                DeValue::String(text) if !text.is_empty() => texts.push(Text {
                    value: text.clone().into_owned(),
                    at: entry.span(),
                }),
                _ => self.problems.note(
                    &entry.span(),
                    format!("each entry of {} must be a text in quotes", self.full(key)),
                ),
            }
        }
        texts
    }

    /// Names with a text each, in the order of the file; no key is none.
    pub(crate) fn pairs(&self, key: &str) -> Vec<(Text, Text)> {
        let Some(table) = self.table(key) else {
            return Vec::new();
        };
        let keys = table.keys();
        let pairs = keys
            .into_iter()
            .filter_map(|name| table.value_text(&name.value).map(|text| (name, text)));
        pairs.collect()
    }

    /// A list of tables; no key is an empty list. Messages count them from 1: `sign_in[1]`.
    pub(crate) fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let wanted = || format!("a list of tables: [[{}]] or [{{ … }}]", self.full(key));
        let Some(value) = self.ask(key) else {
            return Vec::new();
        };
        let DeValue::Array(entries) = value.get_ref() else {
            self.wrong_type::<()>(key, &wanted(), value.get_ref());
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let name = format!("{}[{}]", self.full(key), at + 1);
            match entry.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Table::new(self.problems, name, table, entry.span()));
                }
                _ => self
                    .problems
                    .note(&entry.span(), format!("{name} must be a table")),
            }
        }
        tables
    }

    /// All keys, in the order of the file; each counts as known from now on.
    pub(crate) fn keys(&self) -> Vec<Text> {
        let mut keys: Vec<Text> = self
            .entries
            .keys()
            .map(|key| Text {
                value: key.get_ref().clone().into_owned(),
                at: key.span(),
            })
            .collect();
        keys.sort_by_key(|key| key.at.start);
        for key in &keys {
            self.ask(&key.value);
        }
        keys
    }
}
