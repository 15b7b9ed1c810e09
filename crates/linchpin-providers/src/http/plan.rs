//! Everything that a file of kind `http` says.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use http::HeaderName;
use linchpin_provider::{Entry, Method, Secret, UsernameKind};

use super::{
    factor::Factor,
    known::{self, Known},
    means::{FACTORS, Means, Part},
    profile::{Field, Profile},
    read_step,
    step::Step,
    template::{Name, Template},
};
use crate::{
    api::{Api, Platform},
    file::{Secrets, Table},
};

/// Everything that a file says.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) platform: Platform,
    pub(super) api: Api,
    pub(super) secrets: BTreeMap<String, Secret>,
    pub(super) sign_in: Vec<Step>,
    pub(super) factors: Vec<Factor>,
    pub(super) profile: Profile,
    /// What goes with each request of an account.
    pub(super) headers: Vec<(HeaderName, Template)>,
    pub(super) lasts: Option<Lasts>,
    pub(super) renew: Vec<Step>,
    pub(super) sign_out: Vec<Step>,
    pub(super) import: Imports,
    /// What is kept of what was taken, once somebody is signed in.
    pub(super) kept: BTreeSet<String>,
}

/// How long a session lives.
#[derive(Debug, Clone)]
pub(super) enum Lasts {
    Always(Duration),
    /// The platform says it, in seconds.
    Told(Template),
}

/// Which sessions of elsewhere can be taken over.
#[derive(Debug, Clone, Default)]
pub(super) struct Imports {
    pub(super) cookies: bool,
    /// What an access token is kept as.
    pub(super) access_token: Option<String>,
    pub(super) refresh_token: Option<String>,
}

impl Plan {
    /// Reads a file; what is wrong is noted.
    pub(super) fn read(file: &Table<'_>, secrets: Secrets<'_>) -> Option<Self> {
        let kinds = [("email", UsernameKind::Email), ("text", UsernameKind::Text)];
        let username = file.word("username", &kinds).unwrap_or(UsernameKind::Text);
        let platform = Platform::read(file, Some(Entry::Password(username)));
        let api = Api::read(file);
        let secrets = known::secrets(file, secrets);
        // What else is wrong is told even where it is not known where requests go.
        let anywhere = Api::anywhere()?;
        let mut known = Known::new(api.as_ref().unwrap_or(&anywhere), &secrets).part(true, false);
        let (sign_in, at_factor) = read_sign_in(file, &mut known);
        let mut known = known.part(false, false);
        let factors = Factor::read_all(file, &mut known, &at_factor);
        check_factors(file, &sign_in, &factors);
        let import = Imports::read(file, &known);
        let session = file.table("session");
        let session = session.as_ref();
        let headers = session.map(|table| read_step::headers(table, "headers", &known));
        let lasts = session.and_then(|table| Lasts::read(table, &known));
        let renew = Step::read_all(file, "renew", &mut known.part(false, false), Part::Renew);
        let sign_out = Step::read_all(
            file,
            "sign_out",
            &mut known.part(false, false),
            Part::SignOut,
        );
        let profile = Profile::read(file, &known);
        let plan = Self {
            platform: platform?,
            api: api?,
            sign_in,
            factors,
            profile: profile?,
            headers: headers.unwrap_or_default(),
            lasts,
            renew,
            sign_out,
            import,
            kept: BTreeSet::new(),
            secrets,
        };
        Some(Self {
            kept: plan.names_kept(),
            ..plan
        })
    }

    pub(super) fn factor(&self, method: Method) -> Option<&Factor> {
        self.factors.iter().find(|factor| factor.method == method)
    }

    /// Every name that something uses after signing in.
    fn names_kept(&self) -> BTreeSet<String> {
        let steps = self
            .renew
            .iter()
            .chain(&self.sign_out)
            .chain([&self.profile.step]);
        let mut names: Vec<&Name> = steps.flat_map(Step::names).collect();
        names.extend(self.headers.iter().flat_map(|(_, value)| value.names()));
        let profile = &self.profile;
        let fields = [
            Some(&profile.id),
            Some(&profile.username),
            profile.name.as_ref(),
            profile.avatar.as_ref(),
        ];
        let further = profile.fields.iter().map(|(_, field)| field);
        for field in fields.into_iter().flatten().chain(further) {
            if let Field::Text(text) = field {
                names.extend(text.names());
            }
        }
        let taken = names.into_iter().filter_map(|name| match name {
            Name::Taken(name) => Some(name.clone()),
            _ => None,
        });
        taken.collect()
    }
}

/// Reads `sign_in`; with it comes what is known where a second factor may be asked for first.
fn read_sign_in(file: &Table<'_>, known: &mut Known<'_>) -> (Vec<Step>, BTreeSet<String>) {
    let (mut steps, mut at_factor) = (Vec::new(), None);
    for table in file.tables("sign_in") {
        let Some(step) = Step::read(&table, known, Part::SignIn) else {
            continue;
        };
        let asks = |step: &Step| {
            step.whens
                .iter()
                .any(|when| matches!(when.means, Means::SecondFactor(_)))
        };
        if asks(&step) && at_factor.is_none() {
            at_factor = Some(known.taken.clone());
        }
        steps.push(step);
    }
    if !file.has("sign_in") {
        file.missing(
            "sign_in",
            "write [[sign_in]] for each request that signs in, in their order",
        );
    }
    (steps, at_factor.unwrap_or_else(|| known.taken.clone()))
}

/// A factor that no answer asks for, and an answer that asks for one that is not there, are mistakes.
fn check_factors(file: &Table<'_>, sign_in: &[Step], factors: &[Factor]) {
    let of_factors = factors.iter().flat_map(Factor::steps);
    let whens = sign_in
        .iter()
        .chain(of_factors)
        .flat_map(|step| &step.whens);
    let asked: Vec<_> = whens
        .filter_map(|when| match &when.means {
            Means::SecondFactor(methods) => Some(methods),
            _ => None,
        })
        .collect();
    if asked.is_empty() && !factors.is_empty() {
        file.note(
            "factor",
            r#"is there, but no answer means "second factor"; add it to when of a sign_in request"#,
        );
    }
    if !asked.is_empty() && factors.is_empty() && !file.has("factor") {
        file.missing(
            "factor",
            r#"an answer means "second factor": write what follows, such as [[factor.app.check]]"#,
        );
    }
    for method in asked.into_iter().flatten().flatten() {
        if !factors.iter().any(|factor| factor.method == *method) {
            let named = FACTORS.iter().find(|(_, known)| known == method);
            let name = named.map_or("", |(name, _)| name);
            file.note("factor", &format!("does not say how {name} goes, which methods of a sign_in request names; write [[factor.{name}.check]]"));
        }
    }
}

impl Lasts {
    fn read(session: &Table<'_>, known: &Known<'_>) -> Option<Self> {
        const DAY: Duration = Duration::from_hours(24);
        let text = session.text("lasts")?;
        match text.value.contains("{{") {
            true => known.keyed(session, "lasts").map(Self::Told),
            false => session
                .span("lasts", Duration::from_secs(10)..=3_650 * DAY)
                .map(Self::Always),
        }
    }
}

impl Imports {
    fn read(file: &Table<'_>, known: &Known<'_>) -> Self {
        let Some(table) = file.table("import") else {
            return Self::default();
        };
        let name = |key: &str| {
            let text = table.text(key)?;
            if !known.taken.contains(&text.value) {
                table.note(key, "must name what a sign_in request takes, such as access_token = \"token\" beside take.token = { … } there");
                return None;
            }
            Some(text.value)
        };
        let (access_token, refresh_token) = (name("access_token"), name("refresh_token"));
        if refresh_token.is_some() && access_token.is_none() {
            table.note("refresh_token", "goes with access_token");
        }
        Self {
            cookies: table.flag("cookies").unwrap_or_default(),
            access_token,
            refresh_token,
        }
    }
}
