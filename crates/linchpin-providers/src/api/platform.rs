//! What every file says of its platform, whatever its kind: names, permissions, limits.

use std::{collections::HashSet, time::Duration};

use linchpin_provider::{
    Access, CallLimits, Description, Entry, Permission, Reach, conformance::description_faults,
};

use super::coverage::{Covers, Pattern};
use crate::file::{At, Table};

const SECOND: Duration = Duration::from_secs(1);
const MIB: u64 = 1 << 20;

/// What every file says of its platform.
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    /// Its `reach` is empty; the kind knows it.
    pub(crate) description: Description,
    /// The scopes of OAuth that each permission stands for, in the order of the permissions.
    pub(crate) scopes: Vec<Vec<String>>,
    pub(crate) covers: Covers,
    pub(crate) limits: Limits,
}

/// What questions and calls may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) at_once: usize,
    pub(crate) looks_a_minute: u32,
    pub(crate) call: CallLimits,
}

impl Platform {
    /// Reads `id`, `name`, `[[permission]]`, `open`, `rest` and `[limits]`. `None` where something is missing; what is wrong
    /// is noted.
    pub(crate) fn read(file: &Table<'_>, entry: Option<Entry>) -> Option<Self> {
        let id = file.required_text(
            "id",
            r#"the name on the wire, lower-case letters, digits and -, such as id = "acme""#,
        );
        let name = file.required_text("name", r#"the name for people, such as name = "Acme""#);
        let mut covers = Covers {
            rules: Vec::new(),
            rest_open: file.word("rest", &[("open", true), ("refused", false)]) == Some(true),
        };
        let (permissions, scopes) = permissions(file, &mut covers);
        for text in file.texts("open") {
            let pattern = pattern(file, "open", &text.value, &text.at);
            covers.rules.extend(pattern.map(|pattern| (pattern, None)));
        }
        let limits = Limits::read(file.table("limits").as_ref());
        let platform = Self {
            description: Description {
                id: id.as_ref()?.value.clone(),
                name: name?.value,
                entry: entry?,
                permissions,
                reach: Reach::default(),
                test_accounts: Vec::new(),
            },
            scopes,
            covers,
            limits,
        };
        for fault in description_faults(&platform.description) {
            file.problems().note(&id.as_ref()?.at, fault);
        }
        Some(platform)
    }
}

fn permissions(file: &Table<'_>, covers: &mut Covers) -> (Vec<Permission>, Vec<Vec<String>>) {
    let kind = file.text("kind").map(|text| text.value);
    let has_scopes = matches!(kind.as_deref(), Some("oauth2" | "oidc"));
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for table in file.tables("permission") {
        let name = table.required_text("name", r#"what apps ask for, such as name = "posts:read""#);
        let sentence = table.required_text(
            "text",
            r#"the sentence that users read, such as text = "See your posts""#,
        );
        let access = table.word(
            "access",
            &[("read", Access::Read), ("write", Access::Write)],
        );
        if access.is_none() && !table.has("access") {
            table.missing("access", r#"write "read" or "write""#);
        }
        let risky = table.flag("risky").unwrap_or_default();
        let mut scopes = Vec::new();
        if has_scopes {
            scopes.extend(table.texts("scopes").into_iter().map(|text| text.value));
        }
        let calls = table.texts("calls");
        let (Some(name), Some(sentence), Some(access)) = (name, sentence, access) else {
            continue;
        };
        if !seen.insert(name.value.clone()) {
            let message = format!("permission {:?} is there twice; leave one out", name.value);
            table.problems().note(&name.at, message);
            continue;
        }
        for text in calls {
            if let Some(pattern) = pattern(&table, "calls", &text.value, &text.at) {
                covers.rules.push((pattern, Some(name.value.clone())));
            }
        }
        let permission = Permission {
            name: name.value,
            sentence: sentence.value,
            access,
            risky,
        };
        read.push((permission, scopes));
    }
    read.into_iter().unzip()
}

fn pattern(table: &Table<'_>, key: &str, text: &str, at: &At) -> Option<Pattern> {
    let read = Pattern::parse(text);
    read.map_err(|message| {
        let message = format!("{text:?} of {} {message}", table.full(key));
        table.problems().note(at, message);
    })
    .ok()
}

impl Limits {
    fn read(table: Option<&Table<'_>>) -> Self {
        let usual = Self::default();
        let Some(table) = table else {
            return usual;
        };
        let count = |key, most| table.count(key, 1..=most);
        let span = |key, most| table.span(key, SECOND..=most);
        Self {
            deadline: span("deadline", 120 * SECOND).unwrap_or(usual.deadline),
            at_once: count("at_once", 10_000)
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(usual.at_once),
            looks_a_minute: count("looks_a_minute", 60_000)
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(usual.looks_a_minute),
            call: CallLimits {
                sent: table
                    .size("call_sent", 0..=1024 * MIB)
                    .unwrap_or(usual.call.sent),
                answered: table
                    .size("call_answered", 1..=10 * 1024 * MIB)
                    .unwrap_or(usual.call.answered),
                pause: span("call_pause", 300 * SECOND).unwrap_or(usual.call.pause),
                whole: span("call_whole", 3600 * SECOND).unwrap_or(usual.call.whole),
            },
        }
    }
}

impl Default for Limits {
    /// 30 seconds, 256 at once, 60 looks a minute.
    fn default() -> Self {
        Self {
            deadline: 30 * SECOND,
            at_once: 256,
            looks_a_minute: 60,
            call: CallLimits::default(),
        }
    }
}
