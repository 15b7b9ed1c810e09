//! Signing in from the terminal.

use std::{
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use linchpin_provider::{
    Answer, Asked, Challenge, Client, Credentials, Entry, Looked, Method, Pending, Provider, Reply,
    SignedIn,
};
use linchpin_providers::word;

use super::{
    Refused, Tried, complain, provider_file,
    recording::{self, Recorded},
    say, terminal,
    witness::Witness,
};
use crate::egress::{Egress, Rules};

/// How long approval elsewhere is waited for.
const APPROVAL: Duration = Duration::from_mins(2);
/// The names of factors in files.
const FACTORS: [(Method, &str, &str); 7] = [
    (Method::App, "app", "The code of the authenticator"),
    (Method::Phone, "phone", "The code of the text message"),
    (Method::Email, "email", "The code of the e-mail"),
    (Method::Face, "push", "Approve on the other device"),
    (Method::ForceFace, "push", "Approve on the other device"),
    (Method::Question, "question", "The answer"),
    (Method::Shown, "shown", "What it shows"),
];

/// Tries a file out, and records it under a name where one is given. Exit code 0 where somebody is signed in, or what came is recorded.
pub async fn run(tried: Tried, record: Option<String>) -> Result<ExitCode, Refused> {
    let problems = |lines: Vec<String>| Refused::new(lines.join("\n"));
    let declared = provider_file::read_declared(&tried.file).map_err(problems)?;
    let witness = Witness::new(tried.bodies);
    let provider: Arc<dyn Provider> = match (&declared, &record) {
        (Some(declared), _) => {
            for (name, secret) in declared.secrets() {
                witness.mask(secret.reveal(), &format!("secret-{name}"));
            }
            let watch: Arc<Witness> = Arc::clone(&witness);
            Arc::new(declared.clone().watched(watch))
        }
        (None, None) => provider_file::read(&tried.file).map_err(problems)?,
        (None, Some(_)) => {
            return Err(Refused::new("only files of kind http have scenarios"));
        }
    };
    let description = provider.describe();
    if !matches!(description.entry, Entry::Password(_)) {
        return Err(Refused::new(format!(
            "{} signs in on its own page; try it with `linchpin dev` and providers.directory",
            description.name
        )));
    }
    let rules = Rules {
        ca_file: tried.ca_file,
        ..Rules::strict()
    };
    let client = Egress::new(rules)?.client(&description.reach, None, "trial");
    let trial = Trial {
        client: witness.client(client),
        witness,
        provider,
    };
    let mut done = trial.sign_in(tried.username).await?;
    trial.witness.show();
    if let Some(name) = record {
        return trial.record(&tried.file, name, &done).await;
    }
    match &mut done.answer {
        Answer::SignedIn(signed_in) => {
            trial.live(signed_in).await;
            Ok(ExitCode::SUCCESS)
        }
        answer => {
            say(&format!("Not signed in: {}.", word(answer)));
            Ok(ExitCode::FAILURE)
        }
    }
}

struct Trial {
    provider: Arc<dyn Provider>,
    client: Client,
    witness: Arc<Witness>,
}

/// What a sign-in has come to.
struct Done {
    answer: Answer,
    method: Option<Method>,
}

impl Trial {
    async fn sign_in(&self, username: Option<String>) -> Result<Done, Refused> {
        let username = match username {
            Some(username) => username,
            None => terminal::line("Username").await?,
        };
        let password = terminal::secret("Password").await?;
        self.witness.mask(password.reveal(), "password");
        self.witness.mask(&username, "username");
        let credentials = Credentials {
            username: username.clone(),
            password,
        };
        let mut answer = self
            .within(self.provider.sign_in(&self.client, credentials))
            .await;
        let mut method = None;
        while let Answer::SecondFactor {
            challenge,
            progress,
        } = answer
        {
            let pending = Pending {
                username: username.clone(),
                progress,
            };
            let chosen = choose(&challenge).await?;
            method = Some(chosen);
            answer = self.second_factor(chosen, &challenge, pending).await?;
        }
        Ok(Done { answer, method })
    }

    async fn second_factor(
        &self,
        method: Method,
        challenge: &Challenge,
        mut pending: Pending,
    ) -> Result<Answer, Refused> {
        if challenge.methods.first() != Some(&method) {
            match self.provider.ask(&self.client, &pending, method).await {
                Asked::Done {
                    progress: Some(progress),
                } => pending.progress = progress,
                Asked::Done { progress: None } => {}
                Asked::NotNow => return Ok(Answer::Unavailable),
            }
        }
        if let Some(prompt) = challenge
            .prompt
            .as_ref()
            .filter(|_| !method.is_code() && method.is_typed())
        {
            say(&format!(
                "{}{}",
                prompt.text,
                if prompt.picture.is_some() {
                    " (with a picture)"
                } else {
                    ""
                }
            ));
        }
        if !method.is_typed() {
            return self.approval(&pending).await;
        }
        let code = terminal::secret(words(method).1).await?;
        self.witness.mask(code.reveal(), "123456");
        let reply = Reply::Code { method, code };
        let asked = self.provider.second_factor(&self.client, &pending, reply);
        Ok(self.within(asked).await)
    }

    async fn approval(&self, pending: &Pending) -> Result<Answer, Refused> {
        say(words(Method::Face).1);
        let begun = Instant::now();
        loop {
            let reply = Reply::Approval {
                waited: begun.elapsed(),
            };
            let asked = self.provider.second_factor(&self.client, pending, reply);
            match self.within(asked).await {
                Answer::NotYet if begun.elapsed() < APPROVAL => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                answer => return Ok(answer),
            }
        }
    }

    /// Looks at a session that was just made, and ends it.
    async fn live(&self, signed_in: &SignedIn) {
        let account = &signed_in.account;
        say(&format!(
            "Signed in as {} ({}), id {}.",
            account.name, account.username, account.id
        ));
        let mut session = signed_in.session.clone();
        match self.provider.look(&self.client, &session).await {
            Looked::Alive { renewed, .. } => {
                say("The session is alive.");
                session = renewed.unwrap_or(session);
            }
            Looked::Dead(death) => complain(&format!("The session is dead already: {death:?}.")),
            Looked::Unavailable => complain("Whether the session is alive cannot be told."),
        }
        let ended = self.provider.sign_out(&self.client, &session).await;
        self.witness.show();
        match ended {
            true => say("Signed out."),
            false => complain("Signing out did not work."),
        }
    }

    async fn record(&self, file: &Path, name: String, done: &Done) -> Result<ExitCode, Refused> {
        self.witness.mask_account();
        let recorded = Recorded {
            name,
            factor: done.method.map(|method| words(method).0),
            typed: done.method.is_some_and(Method::is_typed),
            answer: &done.answer,
        };
        let text = self
            .witness
            .so_far(|exchanges, masks| recording::written(recorded, exchanges, masks))?;
        recording::append(file, &text)?;
        say(&format!(
            "Recorded at the end of {}. Look it over before you give it on: it may still hold what only you know to be personal.",
            file.display()
        ));
        super::check(&[file.to_owned()]).await
    }

    async fn within(&self, asked: impl Future<Output = Answer>) -> Answer {
        let answer = tokio::time::timeout(self.provider.deadline(), asked).await;
        answer.unwrap_or_else(|_| {
            complain("The platform took longer than the deadline of the file.");
            Answer::Unavailable
        })
    }
}

async fn choose(challenge: &Challenge) -> Result<Method, Refused> {
    let names: Vec<&str> = challenge
        .methods
        .iter()
        .map(|method| words(*method).0)
        .collect();
    loop {
        let typed = match names[..] {
            [only] => only.to_owned(),
            _ => terminal::line(&format!("Second factor ({})", names.join(", "))).await?,
        };
        let mut methods = challenge.methods.iter();
        if let Some(method) = methods.find(|method| words(**method).0 == typed) {
            return Ok(*method);
        }
    }
}

/// The name of a factor in files, and what is asked for.
fn words(method: Method) -> (&'static str, &'static str) {
    let found = FACTORS.iter().find(|(known, ..)| *known == method);
    found.map_or(("", ""), |(_, name, asked)| (name, asked))
}
