//! Where the traffic of a session leaves from.

use serde::{Deserialize, Serialize};

use super::field_problem::FieldProblem;

/// Every assigned two-letter code of ISO 3166-1.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ \
    FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT \
    JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP \
    MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE \
    RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV \
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A place that a session's traffic leaves from, as a client asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Geolocation {
    /// ISO 3166-1 alpha-2, in upper case.
    pub country: String,
    /// The region part of ISO 3166-2 (`CA` of `US-CA`), in upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The city's name as written, 1 to 100 characters; compared without regard to case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

impl Geolocation {
    /// Takes a place as a client wrote it.
    ///
    /// # Errors
    ///
    /// All problems, of the fields `geolocation.country`, `geolocation.state` and `geolocation.city`.
    pub fn check(
        country: Option<&str>,
        state: Option<&str>,
        city: Option<&str>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let upper = country.unwrap_or_default().to_ascii_uppercase();
        if country.is_none() {
            problems.push(FieldProblem::new(
                "geolocation.country",
                "is required in `geolocation`",
            ));
        } else if upper.len() != 2 || !COUNTRIES.split_ascii_whitespace().any(|code| code == upper)
        {
            let rule = "must be a two-letter country code of ISO 3166-1, such as `US`";
            problems.push(FieldProblem::new("geolocation.country", rule));
        }
        if state.is_some_and(|state| !is_region(state)) {
            let rule = "must be the region part of ISO 3166-2: 1 to 3 letters or digits, such as `CA` for `US-CA`";
            problems.push(FieldProblem::new("geolocation.state", rule));
        }
        if city.is_some_and(|city| !is_city(city)) {
            let rule = "must be 1 to 100 characters without control characters";
            problems.push(FieldProblem::new("geolocation.city", rule));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let state = state.map(str::to_ascii_uppercase);
        Ok(Self {
            country: upper,
            state,
            city: city.map(str::to_owned),
        })
    }
}

/// A place as it stands in JSON, before it is checked.
#[derive(Deserialize)]
struct Written {
    country: Option<String>,
    state: Option<String>,
    city: Option<String>,
}

impl TryFrom<Written> for Geolocation {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written {
            country,
            state,
            city,
        } = written;
        Self::check(country.as_deref(), state.as_deref(), city.as_deref()).map_err(|problems| {
            let lines = problems
                .into_iter()
                .map(|problem| format!("{} {}", problem.field, problem.message));
            lines.collect::<Vec<_>>().join("; ")
        })
    }
}

fn is_region(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_city(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(country: Option<&str>, state: Option<&str>, city: Option<&str>) -> Vec<&'static str> {
        let problems = Geolocation::check(country, state, city).unwrap_err();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn country_and_state_are_kept_in_upper_case() {
        let place = Geolocation::check(Some("us"), Some("ca"), Some("Los Ángeles")).unwrap();
        assert_eq!(
            (place.country.as_str(), place.state.as_deref()),
            ("US", Some("CA"))
        );
        assert_eq!(place.city.as_deref(), Some("Los Ángeles"));
    }

    #[test]
    fn a_stored_place_is_checked_when_it_is_read() {
        let place = Geolocation::check(Some("US"), Some("CA"), None).unwrap();
        let json = serde_json::to_string(&place).unwrap();
        assert_eq!(json, r#"{"country":"US","state":"CA"}"#);
        assert_eq!(serde_json::from_str::<Geolocation>(&json).unwrap(), place);
        assert!(serde_json::from_str::<Geolocation>(r#"{"country":"XX"}"#).is_err());
    }

    #[test]
    fn every_problem_is_told() {
        let long = "x".repeat(101);
        assert_eq!(
            fields(Some("XX"), Some("US-CA"), Some(&long)),
            [
                "geolocation.country",
                "geolocation.state",
                "geolocation.city"
            ]
        );
        assert_eq!(fields(None, Some(""), Some("a\nb")).len(), 3);
    }

    #[test]
    fn only_assigned_country_codes_are_taken() {
        assert_eq!(COUNTRIES.split_ascii_whitespace().count(), 249);
        for code in ["", "U", "USA", "UK", "EU", "ZZ", "u s", "ÜS", "D "] {
            assert_eq!(
                fields(Some(code), None, None),
                ["geolocation.country"],
                "{code:?}"
            );
        }
        for code in ["de", "GB", "TW", "ax", "ZW"] {
            assert!(
                Geolocation::check(Some(code), None, None).is_ok(),
                "{code:?}"
            );
        }
    }
}
