//! When an answer means something.

use http::StatusCode;
use toml::de::DeValue;

use super::{Place, Seen};
use crate::file::Table;

/// When an answer means something: all of what is given must hold. Nothing given always holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    /// Ranges of statuses, one of which must hold the answer's; empty is any.
    statuses: Vec<(u16, u16)>,
    place: Option<Place>,
    /// What must stand at the place; `None` is anything.
    is: Option<String>,
}

impl Condition {
    /// The answers of one status.
    pub(crate) fn status(status: StatusCode) -> Self {
        Self {
            statuses: vec![(status.as_u16(), status.as_u16())],
            ..Self::default()
        }
    }

    /// Reads `status`, a place and `is` of a table; what is wrong is noted.
    pub(crate) fn read(table: &Table<'_>) -> Self {
        let place = Place::read(table);
        let is = table.value_text("is").map(|text| text.value);
        if is.is_some() && place.is_none() {
            table.note("is", "says what stands at a place in the answer, but none is named: write json, css, regex, header, cookie or url beside it");
        }
        Self {
            statuses: statuses(table),
            place,
            is,
        }
    }

    /// Whether it holds for every answer.
    pub(crate) fn is_always(&self) -> bool {
        self.statuses.is_empty() && self.place.is_none()
    }

    /// Whether the body has to be read for it, given the status of the answer.
    pub(crate) fn needs_body(&self, status: StatusCode) -> bool {
        self.fits_status(status) && self.may_need_body()
    }

    /// Whether there are answers whose body has to be read for it.
    pub(crate) fn may_need_body(&self) -> bool {
        self.place.as_ref().is_some_and(Place::needs_body)
    }

    /// Whether it says of a redirect itself that it means something, rather than of what it leads to.
    pub(crate) fn is_of_redirects(&self) -> bool {
        !self.statuses.is_empty() || self.place.as_ref().is_some_and(Place::is_header)
    }

    /// Whether it holds.
    pub(crate) fn holds(&self, seen: &Seen<'_>) -> bool {
        self.fits_status(seen.status)
            && match &self.place {
                None => true,
                Some(place) => place
                    .find(seen)
                    .is_some_and(|found| self.is.as_ref().is_none_or(|wanted| *wanted == found)),
            }
    }

    fn fits_status(&self, status: StatusCode) -> bool {
        let status = status.as_u16();
        let within = |(first, last): &(u16, u16)| (*first..=*last).contains(&status);
        self.statuses.is_empty() || self.statuses.iter().any(within)
    }
}

/// Reads `status`: `200`, `"4xx"`, or a list of both.
fn statuses(table: &Table<'_>) -> Vec<(u16, u16)> {
    let Some(value) = table.value("status") else {
        return Vec::new();
    };
    let read = match value.get_ref() {
        DeValue::Array(entries) => entries
            .iter()
            .map(|entry| status(entry.get_ref()))
            .collect(),
        single => status(single).map(|range| vec![range]),
    };
    read.unwrap_or_else(|| {
        table.note(
            "status",
            r#"must be a status such as 403 or "4xx", or a list of them"#,
        );
        Vec::new()
    })
}

fn status(value: &DeValue<'_>) -> Option<(u16, u16)> {
    match value {
        DeValue::Integer(number) => {
            let number: u16 = number.as_str().parse().ok()?;
            (100..=599).contains(&number).then_some((number, number))
        }
        DeValue::String(text) => {
            let class: u16 = text.strip_suffix("xx")?.parse().ok()?;
            (1..=5)
                .contains(&class)
                .then_some((class * 100, class * 100 + 99))
        }
        _ => None,
    }
}
