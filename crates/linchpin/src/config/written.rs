//! What was written, and where.

use std::{collections::BTreeMap, fs, path::Path};

use toml::{Table, Value};

use super::{Problem, keys};

/// Values by key, as they were written. A flag goes before the environment, and that before the file.
#[derive(Debug, Clone, Default)]
pub struct Written {
    values: BTreeMap<&'static str, Entry>,
    problems: Vec<Problem>,
}

#[derive(Debug, Clone)]
struct Entry {
    value: Value,
    source: Option<String>,
}

impl Written {
    /// Reads the file, where one is named, and the environment variables that are ours.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut written = Self::default();
        if let Some(file) = file {
            written.read_file(file);
        }
        written.read_environment(environment);
        written
    }

    /// Takes what a file says.
    pub fn read_text(&mut self, name: &str, text: &str) {
        match text.parse::<Table>() {
            Ok(table) => self.read_table("", &table),
            Err(error) => self.problems.push(Problem {
                key: name.to_owned(),
                source: None,
                message: format!("is not TOML: {}", error.to_string().trim_end()),
            }),
        }
    }

    /// Takes what a flag says.
    pub fn flag(&mut self, key: &str, flag: &str, value: Option<String>) {
        if let (Some(key), Some(value)) = (keys::known(key), value) {
            let source = Some(flag.to_owned());
            let value = Value::String(value);
            self.values.insert(key, Entry { value, source });
        }
    }

    /// The value of a key, and where it was written.
    pub(super) fn get(&self, key: &str) -> Option<(&Value, Option<&str>)> {
        let entry = self.values.get(key)?;
        Some((&entry.value, entry.source.as_deref()))
    }

    /// What cannot even be read: no TOML, unknown keys.
    pub(super) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    fn read_file(&mut self, file: &Path) {
        match fs::read_to_string(file) {
            Ok(text) => self.read_text(&file.display().to_string(), &text),
            Err(error) => self.problems.push(Problem {
                key: file.display().to_string(),
                source: None,
                message: format!("cannot be read: {error}"),
            }),
        }
    }

    fn read_table(&mut self, section: &str, table: &Table) {
        for (name, value) in table {
            let path = match section {
                "" => name.clone(),
                section => format!("{section}.{name}"),
            };
            match (keys::known(&path), value) {
                (Some("config"), _) => self.unknown(path, None),
                (Some(key), value) => {
                    let value = value.clone();
                    self.values.insert(
                        key,
                        Entry {
                            value,
                            source: None,
                        },
                    );
                }
                (None, Value::Table(inner)) if section.is_empty() => self.read_table(name, inner),
                (None, _) => self.unknown(path, None),
            }
        }
    }

    fn read_environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (name, value) in environment {
            match keys::of_variable(&name) {
                // An empty variable is how many tools write that it is not set.
                Some(Ok(key)) if key != "config" && !value.is_empty() => {
                    let source = Some(name);
                    let value = Value::String(value);
                    self.values.insert(key, Entry { value, source });
                }
                None | Some(Ok(_)) => {}
                Some(Err(())) => {
                    let path = name.trim_start_matches("LINCHPIN_").to_lowercase();
                    self.unknown(path.replacen('_', ".", 1), Some(name));
                }
            }
        }
    }

    fn unknown(&mut self, path: String, variable: Option<String>) {
        let meant = keys::nearest(&path);
        let hint = match (meant, &variable) {
            (Some(key), None) => format!("; did you mean {key}?"),
            (Some(key), Some(_)) => format!("; did you mean {}?", keys::variable(key)),
            (None, _) => "; docs/operations/configuration.md lists those there are".to_owned(),
        };
        self.problems.push(Problem {
            key: variable.unwrap_or(path),
            source: None,
            message: format!("there is no such key{hint}"),
        });
    }
}
