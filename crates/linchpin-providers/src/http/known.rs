//! Which names a text of the file may use where it stands.

use std::collections::{BTreeMap, BTreeSet};

use linchpin_provider::Secret;

use super::{
    state::USERNAME,
    template::{Name, Template},
};
use crate::{
    api::{Api, secret_value},
    file::{Secrets, Table, Text, nearest},
};

/// Which names a text of the file may use where it stands.
pub(super) struct Known<'a> {
    pub(super) api: &'a Api,
    /// What was taken before.
    pub(super) taken: BTreeSet<String>,
    pub(super) password: bool,
    pub(super) code: bool,
    pub(super) secrets: &'a BTreeMap<String, Secret>,
}

impl<'a> Known<'a> {
    pub(super) fn new(api: &'a Api, secrets: &'a BTreeMap<String, Secret>) -> Self {
        Self {
            api,
            taken: BTreeSet::from([USERNAME.to_owned()]),
            password: false,
            code: false,
            secrets,
        }
    }

    /// The same, for texts of another part.
    pub(super) fn part(&self, password: bool, code: bool) -> Self {
        Self {
            api: self.api,
            taken: self.taken.clone(),
            password,
            code,
            secrets: self.secrets,
        }
    }

    /// Reads a text with names; what is wrong is noted. `what` is how messages name it.
    pub(super) fn template(&self, table: &Table<'_>, what: &str, text: &Text) -> Option<Template> {
        let note = |message: &str| {
            let message = format!("{what} {message}");
            table.problems().note(&text.at, message);
        };
        let template = Template::parse(&text.value)
            .map_err(|wrong| note(&wrong))
            .ok()?;
        let before = table.problems().count();
        for name in template.names() {
            if let Some(wrong) = self.wrong(name) {
                note(&wrong);
            }
        }
        (table.problems().count() == before).then_some(template)
    }

    /// The same for the value of a key.
    pub(super) fn keyed(&self, table: &Table<'_>, key: &str) -> Option<Template> {
        let text = table.text(key)?;
        self.template(table, &table.full(key), &text)
    }

    fn wrong(&self, name: &Name) -> Option<String> {
        match name {
            Name::Cookie(_) => None,
            Name::Password => (!self.password)
                .then(|| "uses {{password}}, which is there in sign_in only".to_owned()),
            Name::Code => (!self.code)
                .then(|| "uses {{code}}, which is there in the check of a factor only".to_owned()),
            Name::Taken(name) if self.taken.contains(name) => None,
            Name::Taken(name) => Some(format!(
                "uses {{{{{name}}}}}, which no request before it takes{}",
                meant(
                    name,
                    self.taken.iter(),
                    &format!("take it from an earlier answer: take.{name} = {{ … }}")
                )
            )),
            Name::Secret(name) if self.secrets.contains_key(name) => None,
            Name::Secret(name) => Some(format!(
                "uses {{{{secret.{name}}}}}, which [secrets] does not have{}",
                meant(
                    name,
                    self.secrets.keys(),
                    &format!(r#"write {name} = "file" there"#)
                )
            )),
        }
    }
}

fn meant<'k>(name: &str, known: impl Iterator<Item = &'k String>, otherwise: &str) -> String {
    match nearest(name, known.map(String::as_str)) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => format!("; {otherwise}"),
    }
}

/// Reads `[secrets]`: names with the files whose text they are.
pub(super) fn secrets(file: &Table<'_>, read: Secrets<'_>) -> BTreeMap<String, Secret> {
    let mut secrets = BTreeMap::new();
    for (name, path) in file.pairs("secrets") {
        let note = |message: String| file.problems().note(&path.at, message);
        if !super::template::is_name(&name.value) {
            let message = format!(
                "secret {:?} must be named with lower-case letters, digits and _",
                name.value
            );
            file.problems().note(&name.at, message);
        }
        match read(&path.value) {
            Ok(secret) if secret_value(secret.reveal()).is_none() => note(format!(
                "secrets.{} names a file whose text is not one line",
                name.value
            )),
            Ok(secret) => drop(secrets.insert(name.value, secret)),
            Err(wrong) => note(format!("secrets.{} names a file: {wrong}", name.value)),
        }
    }
    secrets
}
