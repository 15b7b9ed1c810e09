//! Platforms that are declared in a file: with a log-in form or a JSON log-in, and without OAuth.

mod account;
mod factor;
mod known;
mod live;
mod means;
mod plan;
mod play;
mod profile;
mod provider;
mod read_step;
mod run;
mod scenario;
mod sign_in;
mod state;
mod step;
mod template;

use std::sync::Arc;

use linchpin_provider::{Client, Secret};

pub use run::Watch;
pub use scenario::word;

use plan::Plan;
use run::Run;
use scenario::Scenario;

use crate::file::{Secrets, Table};

/// A platform that a file of kind `http` declares.
#[derive(Clone)]
pub struct Declared {
    plan: Arc<Plan>,
    watch: Option<Arc<dyn Watch>>,
    scenarios: Arc<[Scenario]>,
}

impl Declared {
    /// Reads a file; what is wrong is noted.
    pub(crate) fn read(file: &Table<'_>, secrets: Secrets<'_>) -> Option<Self> {
        let scenarios = Scenario::read_all(file);
        let mut plan = Plan::read(file, secrets)?;
        plan.platform.description.reach = plan.api.hosts.reach();
        Some(Self {
            plan: Arc::new(plan),
            watch: None,
            scenarios: scenarios.into(),
        })
    }

    /// The secrets of the file by name, for whoever has to keep them out of what is shown.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &Secret)> {
        let secrets = self.plan.secrets.iter();
        secrets.map(|(name, secret)| (name.as_str(), secret))
    }

    /// The same with `secret-NAME` in the place of each secret: nothing secret is played.
    fn with_placeholders(&self) -> Self {
        let mut plan = Plan::clone(&self.plan);
        for (name, secret) in &mut plan.secrets {
            *secret = Secret::new(format!("secret-{name}"));
        }
        Self {
            plan: Arc::new(plan),
            watch: None,
            scenarios: Arc::clone(&self.scenarios),
        }
    }

    /// The same, of which somebody sees what is taken from answers and what they mean.
    #[must_use]
    pub fn watched(mut self, watch: Arc<dyn Watch>) -> Self {
        self.watch = Some(watch);
        self
    }

    fn run<'a>(&'a self, client: &'a Client) -> Run<'a> {
        Run::new(&self.plan, client, self.watch.as_deref())
    }
}
