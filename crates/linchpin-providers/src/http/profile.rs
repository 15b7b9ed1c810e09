//! Where an answer says whose account it is.

use super::{known::Known, means::Part, step::Step, template::Template};
use crate::{answer::Place, file::Table};

/// Whose account it is.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) step: Step,
    pub(super) id: Field,
    pub(super) name: Option<Field>,
    pub(super) username: Field,
    pub(super) avatar: Option<Field>,
    /// What else the profile has, for platforms that do not give it as JSON.
    pub(super) fields: Vec<(String, Field)>,
}

/// Where a part of a profile stands.
#[derive(Debug, Clone)]
pub(super) enum Field {
    Place(Place),
    Text(Template),
}

impl Profile {
    /// Reads `[profile]`; what is wrong is noted.
    pub(super) fn read(file: &Table<'_>, known: &Known<'_>) -> Option<Self> {
        let Some(table) = file.table("profile") else {
            file.missing("profile", "write [profile] with the request that says whose account it is, and where its id and username stand");
            return None;
        };
        let mut known = known.part(false, false);
        let step = Step::read(&table, &mut known, Part::Profile);
        let required = |key: &str| {
            if !table.has(key) {
                table.missing(
                    key,
                    &format!(
                        r#"where it stands in the answer, such as {key} = {{ json = "/{key}" }}"#
                    ),
                );
            }
            Field::read(&table, key, &known)
        };
        let (id, username) = (required("id"), required("username"));
        let name = Field::read(&table, "name", &known);
        let avatar = Field::read(&table, "avatar", &known);
        let fields = table.table("fields").map(|fields| {
            let names = fields.keys().into_iter();
            let read = names.filter_map(|name| {
                let field = Field::read(&fields, &name.value, &known)?;
                Some((name.value, field))
            });
            read.collect()
        });
        Some(Self {
            step: step?,
            id: id?,
            name,
            username: username?,
            avatar,
            fields: fields.unwrap_or_default(),
        })
    }
}

impl Field {
    fn read(profile: &Table<'_>, key: &str, known: &Known<'_>) -> Option<Self> {
        let value = profile.value(key)?;
        match value.get_ref().is_str() {
            true => known.keyed(profile, key).map(Self::Text),
            false => {
                let place = profile.table(key)?;
                Place::required(&place).map(Self::Place)
            }
        }
    }
}
