//! What answers mean, and where they can.

use http::StatusCode;
use linchpin_provider::Method;

use crate::{answer::Condition, file::Table};

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Means {
    GoOn,
    SignedIn,
    /// Which ways, the usual one first; `None` for all that the file has and the answer offers.
    SecondFactor(Option<Vec<Method>>),
    WrongCredentials,
    WrongCode,
    Declined,
    NotYet,
    Locked,
    SignedOut,
    Revoked,
    TryLater,
}

/// The parts of a file that have requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    SignIn,
    Begin,
    Check,
    Poll,
    Profile,
    Renew,
    SignOut,
}

/// The words for what an answer means.
const WORDS: [(&str, Means); 11] = [
    ("go on", Means::GoOn),
    ("signed in", Means::SignedIn),
    ("second factor", Means::SecondFactor(None)),
    ("wrong credentials", Means::WrongCredentials),
    ("wrong code", Means::WrongCode),
    ("declined", Means::Declined),
    ("not yet", Means::NotYet),
    ("locked", Means::Locked),
    ("signed out", Means::SignedOut),
    ("revoked", Means::Revoked),
    ("try later", Means::TryLater),
];

/// The ways to prove a second factor, as files name them.
pub(super) const FACTORS: [(&str, Method); 6] = [
    ("app", Method::App),
    ("phone", Method::Phone),
    ("email", Method::Email),
    ("push", Method::Face),
    ("question", Method::Question),
    ("shown", Method::Shown),
];

impl Means {
    /// The word for it.
    pub(super) fn word(&self) -> &'static str {
        let same = |(_, means): &&(&str, Self)| {
            std::mem::discriminant(means) == std::mem::discriminant(self)
        };
        WORDS
            .iter()
            .find(same)
            .map_or("try later", |(word, _)| word)
    }

    fn may_stand(&self, part: Part) -> bool {
        match self {
            Self::GoOn | Self::TryLater => true,
            Self::SignedIn | Self::SecondFactor(_) => {
                matches!(part, Part::SignIn | Part::Check | Part::Poll)
            }
            Self::WrongCredentials => part == Part::SignIn,
            Self::WrongCode => part == Part::Check,
            Self::Declined => matches!(part, Part::Begin | Part::Check | Part::Poll),
            Self::NotYet => part == Part::Poll,
            Self::Locked => part != Part::SignOut,
            Self::SignedOut | Self::Revoked => matches!(part, Part::Profile | Part::Renew),
        }
    }

    /// What an answer means of which the file says nothing.
    pub(super) fn of_status(status: StatusCode, part: Part) -> Self {
        match status.as_u16() {
            200..=399 => Self::GoOn,
            401 => match part {
                Part::SignIn => Self::WrongCredentials,
                Part::Check => Self::WrongCode,
                Part::Begin | Part::Poll => Self::Declined,
                Part::Profile | Part::Renew => Self::SignedOut,
                // It has ended already.
                Part::SignOut => Self::GoOn,
            },
            408 | 425 | 429 => Self::TryLater,
            400..=499 if part == Part::Renew => Self::SignedOut,
            _ => Self::TryLater,
        }
    }
}

/// When an answer means something.
#[derive(Debug, Clone)]
pub(super) struct When {
    pub(super) condition: Condition,
    pub(super) means: Means,
}

impl When {
    /// Reads the entries of `when`; what is wrong is noted.
    pub(super) fn read(step: &Table<'_>, part: Part) -> Vec<Self> {
        let tables = step.tables("when");
        let last = tables.len();
        let mut read = Vec::new();
        for (at, table) in tables.iter().enumerate() {
            let condition = Condition::read(table);
            if condition.is_always() && at + 1 < last {
                let message = format!(
                    "{} holds for every answer, so that no later entry counts; give it a condition or put it last",
                    table.name()
                );
                table.problems().note(&table.at(), message);
            }
            if let Some(means) = means(table, part) {
                read.push(Self { condition, means });
            }
        }
        read
    }
}

fn means(table: &Table<'_>, part: Part) -> Option<Means> {
    let allowed = WORDS.iter().filter(|(_, means)| means.may_stand(part));
    let allowed: Vec<(&str, &Means)> = allowed.map(|(word, means)| (*word, means)).collect();
    if !table.has("means") {
        table.missing(
            "means",
            r#"what the answer means, such as means = "wrong credentials""#,
        );
    }
    let means = table.word("means", &allowed)?.clone();
    let methods = methods(table);
    match means {
        Means::SecondFactor(_) => Some(Means::SecondFactor(methods)),
        means => {
            if methods.is_some() {
                table.note("methods", r#"goes with means = "second factor" only"#);
            }
            Some(means)
        }
    }
}

fn methods(table: &Table<'_>) -> Option<Vec<Method>> {
    if !table.has("methods") {
        return None;
    }
    let mut methods = Vec::new();
    for text in table.texts("methods") {
        match FACTORS.iter().find(|(name, _)| *name == text.value) {
            Some((_, method)) => methods.push(*method),
            None => table.problems().note(
                &text.at,
                format!(
                    "{} cannot have {:?}; the factors are app, phone, email, push, question, shown",
                    table.full("methods"),
                    text.value
                ),
            ),
        }
    }
    Some(methods)
}
