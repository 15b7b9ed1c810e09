//! What a file says of a second factor.

use std::{collections::BTreeSet, time::Duration};

use linchpin_provider::{CodeRules, Method, Prompt};

use super::{
    known::Known,
    means::{FACTORS, Means, Part},
    step::Step,
    template::{Escape, Scope, Template},
};
use crate::{answer::Condition, file::Table};

/// Characters of a prompt.
const PROMPT_MAX: usize = 500;

/// What a file says of a second factor.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub(super) method: Method,
    /// When an answer offers it; `None` is always.
    pub(super) offered: Option<Condition>,
    pub(super) begin: Vec<Step>,
    /// `None` is as it begins.
    pub(super) resend: Option<Vec<Step>>,
    /// Requests that check a code, or ask whether it was approved.
    pub(super) check: Vec<Step>,
    /// With an empty hint.
    rules: Option<CodeRules>,
    hint: Option<Template>,
    prompt: Option<Template>,
    picture: Option<Template>,
}

impl Factor {
    /// Reads `[factor]`. Each knows what was taken before a second factor may be asked for; afterwards all that they take is
    /// known.
    pub(super) fn read_all(
        file: &Table<'_>,
        known: &mut Known<'_>,
        before: &BTreeSet<String>,
    ) -> Vec<Self> {
        let Some(table) = file.table("factor") else {
            return Vec::new();
        };
        let mut read = Vec::new();
        for (name, method) in FACTORS {
            let mut own = known.part(false, false);
            own.taken.clone_from(before);
            if let Some(factor) = table.table(name) {
                read.push(Self::read(&factor, method, &mut own));
                known.taken.append(&mut own.taken);
            }
        }
        if table.has("question") && table.has("shown") {
            table.note(
                "shown",
                "stands beside question; a provider has one of them",
            );
        }
        read
    }

    fn read(table: &Table<'_>, method: Method, known: &mut Known<'_>) -> Self {
        let offered = table.table("offered").map(|table| Condition::read(&table));
        if offered.as_ref().is_some_and(Condition::is_always) {
            table.note(
                "offered",
                "has no condition; write where the answer offers this factor, or leave it out",
            );
        }
        let begin = Step::read_all(table, "begin", known, Part::Begin);
        let (mut rules, mut hint, mut resend) = (None, None, None);
        if method.is_sent() {
            resend = table
                .has("resend")
                .then(|| Step::read_all(table, "resend", known, Part::Begin));
            hint = known.keyed(table, "hint");
            rules = Some(read_rules(table));
        }
        let (mut prompt, mut picture) = (None, None);
        if matches!(method, Method::Question | Method::Shown) {
            prompt = known.keyed(table, "prompt");
            if !table.has("prompt") {
                table.missing(
                    "prompt",
                    r#"what the user is asked, such as prompt = "{{question}}""#,
                );
            }
        }
        if method == Method::Shown {
            picture = known.keyed(table, "picture");
        }
        let (key, part) = match method.is_typed() {
            true => ("check", Part::Check),
            false => ("poll", Part::Poll),
        };
        let mut typed = known.part(false, method.is_typed());
        let check = Step::read_all(table, key, &mut typed, part);
        known.taken.append(&mut typed.taken);
        if !table.has(key) {
            table.missing(
                key,
                &format!(
                    "write [[{}]] for each request, in their order",
                    table.full(key)
                ),
            );
        }
        let waits = |step: &Step| step.whens.iter().any(|when| when.means == Means::NotYet);
        if part == Part::Poll && table.has(key) && !check.iter().any(waits) {
            table.note(
                key,
                r#"never means "not yet", so that nobody had time to approve; add it to when"#,
            );
        }
        Self {
            method,
            offered,
            begin,
            resend,
            check,
            rules,
            hint,
            prompt,
            picture,
        }
    }

    /// Every request of it.
    pub(super) fn steps(&self) -> impl Iterator<Item = &Step> {
        let resend = self.resend.iter().flatten();
        self.begin.iter().chain(resend).chain(&self.check)
    }

    /// The rules for its codes, where codes are sent.
    pub(super) fn code_rules(&self, scope: Scope<'_>) -> Option<CodeRules> {
        let hint = self
            .hint
            .as_ref()
            .and_then(|hint| hint.fill(scope, Escape::None));
        Some(CodeRules {
            hint: shown(hint.as_deref().map_or("", String::as_str), 100),
            ..self.rules.clone()?
        })
    }

    /// What is asked; `None` where it could not be taken.
    pub(super) fn prompt(&self, scope: Scope<'_>) -> Option<Prompt> {
        let text = shown(
            &self.prompt.as_ref()?.fill(scope, Escape::None)?,
            PROMPT_MAX,
        );
        let picture = match &self.picture {
            None => None,
            Some(picture) => Some((*picture.fill(scope, Escape::None)?).clone()),
        };
        let fits = |picture: &String| {
            picture.starts_with("data:image/") && picture.len() <= Prompt::PICTURE_MAX
        };
        (!text.is_empty() && picture.iter().all(fits)).then_some(Prompt { text, picture })
    }
}

fn read_rules(table: &Table<'_>) -> CodeRules {
    const DAY: Duration = Duration::from_hours(24);
    let count = |key| table.count(key, 1..=20).and_then(|n| u8::try_from(n).ok());
    let seconds = |key, least| {
        let span = table.span(key, Duration::from_secs(least)..=DAY)?;
        u32::try_from(span.as_secs()).ok()
    };
    CodeRules {
        sends: count("sends").unwrap_or(3),
        checks: count("checks").unwrap_or(3),
        hint: String::new(),
        resend_after: seconds("resend_after", 0).unwrap_or(30),
        code_life: seconds("code_life", 1).unwrap_or(600),
    }
}

/// A text as it can be shown on one line, cut to a number of characters.
pub(super) fn shown(text: &str, most: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line: Vec<&str> = line.filter(|word| !word.is_empty()).collect();
    line.join(" ").chars().take(most).collect()
}
