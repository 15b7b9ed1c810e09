//! Looks whether a connector keeps the contract: first what it lets in and gives out, then what it answers.

mod placed;
mod wire;

use std::time::Duration;

use linchpin_provider::{
    Client, Provider as _, Reach, Secret, SendError,
    conformance::{Rule, Script, Verdict, judge},
};

use super::{About, Connector, asking::Unanswered, questions::Describe};
use crate::file;

/// Where calls go when a script makes none.
const NOWHERE: &str = "https://nowhere.invalid";

/// A connector that is to be looked at.
pub struct Suspect {
    /// Where it is: `/v1/…` is put behind it.
    pub url: String,
    /// What it shares with Linchpin: a line of `whsec_…`.
    pub secret: Secret,
    /// Whether users sign in on the platform's own page.
    pub elsewhere: bool,
    /// Where the platform's API is; needed where the script makes a call.
    pub api: Option<String>,
    /// The outbound proxy that the connector has to leave through; otherwise directly.
    pub proxy: Option<Secret>,
    /// Accounts that are there.
    pub script: Script,
    /// The longest that an answer may take, whole seconds.
    pub deadline: Duration,
}

/// A connector that can be looked at.
pub struct Verification {
    connector: Connector,
    proxy: Option<Secret>,
    script: Script,
}

impl Verification {
    /// Prepares to look at a connector.
    ///
    /// # Errors
    ///
    /// What is wrong with URL or secret, a sentence each.
    pub fn new(suspect: Suspect) -> Result<Self, Vec<String>> {
        let file = as_file(&suspect);
        let secret = |_: &str| Ok(suspect.secret.clone());
        let read = file::within(&file, |table| {
            table.has("kind");
            Connector::read(table, &secret)
        });
        match read {
            Ok(connector) => Ok(Self {
                connector,
                proxy: suspect.proxy,
                script: suspect.script,
            }),
            Err(problems) => Err(problems
                .into_iter()
                .map(|problem| problem.message)
                .collect()),
        }
    }

    /// Where it has to be able to go.
    pub fn reach(&self) -> &Reach {
        &self.connector.describe().reach
    }

    /// Looks at each rule and tells what came of it: those of the wire first, then those of every provider.
    ///
    /// # Errors
    ///
    /// A sentence, where the connector does not even say who it is: nothing else is worth asking then.
    pub async fn verify(&self, client: &Client) -> Result<(About, Vec<Verdict>), String> {
        let line = &self.connector.line;
        let placed = self
            .proxy
            .clone()
            .map(|proxy| placed::behind(client, proxy));
        let client = placed.as_ref().unwrap_or(client);
        let about = line.ask::<_, About, _>(client, Describe {}).await;
        let about: About = about.map_err(|unanswered| match unanswered {
            Unanswered::Send(SendError::Unreachable) => "it cannot be reached".to_owned(),
            Unanswered::Send(SendError::TooSlow) => "it does not answer in time".to_owned(),
            Unanswered::Send(SendError::Broken) => "it does not answer with HTTP".to_owned(),
            Unanswered::Unknown => "it does not know /v1/description".to_owned(),
            Unanswered::Unsound(why) => why.to_owned(),
        })?;
        let mut verdicts = wire::judge(line, client, &self.script).await;
        // What a file says of a provider is not the connector's doing.
        let file = [Rule::Description.name(), Rule::Coverage.name()];
        let kit = judge(&self.connector, client, &self.script).await;
        verdicts.extend(kit.into_iter().filter(|v| !file.contains(&v.rule)));
        Ok((about, verdicts))
    }
}

/// The provider file that a suspect would have.
fn as_file(suspect: &Suspect) -> String {
    let text = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let sign_in = if suspect.elsewhere {
        "elsewhere"
    } else {
        "password"
    };
    let open: Vec<String> = suspect
        .script
        .path
        .iter()
        .map(|path| text(&format!("GET {path}")))
        .collect();
    format!(
        r#"
id = "connector"
name = "Connector"
open = [{open}]
[connector]
url = {url}
secret_file = "given"
sign_in = "{sign_in}"
[api]
base_url = {api}
private_networks = ["0.0.0.0/0", "::/0"]
[limits]
deadline = "{deadline}s"
"#,
        open = open.join(", "),
        url = text(&suspect.url),
        api = text(suspect.api.as_deref().unwrap_or(NOWHERE)),
        deadline = suspect.deadline.as_secs(),
    )
}
