//! The query of a request, read as strictly as a body: unknown and repeated parameters are problems.

use std::collections::BTreeMap;

use super::details::{DetailCode, Details};

/// Entries of a page where nothing is said, and at most.
const LIMIT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// Entries that can be left out at most.
const OFFSET_MAX: i64 = 2_147_483_647;

/// The parameters of a query.
pub struct Query {
    values: BTreeMap<String, String>,
}

impl Query {
    /// Reads a query (`application/x-www-form-urlencoded`); `None` is an empty one.
    pub fn parse(text: Option<&str>, known: &[&str], details: &mut Details) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(text.unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                let message = format!("unknown parameter; known are {}", known.join(", "));
                details.add(&name, DetailCode::UnknownField, message);
            } else if values
                .insert(name.clone().into_owned(), value.into_owned())
                .is_some()
            {
                details.add(&name, DetailCode::InvalidValue, "is given more than once");
            }
        }
        Self { values }
    }

    /// A parameter that `parse` makes something of, or says what is wrong with.
    pub fn parsed<T>(
        &self,
        name: &str,
        details: &mut Details,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        parse(self.values.get(name)?)
            .map_err(|message| details.add(name, DetailCode::InvalidValue, message))
            .ok()
    }

    /// `true` or `false`.
    pub fn boolean(&self, name: &str, details: &mut Details) -> Option<bool> {
        self.parsed(name, details, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        })
    }

    /// How many entries a page has: 10 where nothing is said, 100 at most.
    pub fn limit(&self, details: &mut Details) -> i64 {
        let limit = self.parsed("limit", details, |text| match number(text) {
            Some(number) if number >= 1 => Ok(number.min(LIMIT_MAX)),
            _ => Err("must be a whole number, 1 or more; over 100 counts as 100".to_owned()),
        });
        limit.unwrap_or(LIMIT)
    }

    /// How many entries are left out.
    pub fn offset(&self, details: &mut Details) -> i64 {
        let offset = self.parsed("offset", details, |text| match number(text) {
            Some(number) if (0..=OFFSET_MAX).contains(&number) => Ok(number),
            _ => Err(format!("must be a whole number from 0 to {OFFSET_MAX}")),
        });
        offset.unwrap_or(0)
    }
}

/// A whole number; one that is too large for any type counts as the largest.
fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let beyond = match text.starts_with('-') {
        true => i64::MIN,
        false => i64::MAX,
    };
    Some(text.parse().unwrap_or(beyond))
}
