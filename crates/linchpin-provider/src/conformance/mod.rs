//! What a test can ask of any provider, built in or not: a script of accounts is played, and each rule of the contract gets
//! a verdict.

mod answers;
mod description;
mod kit;
mod rules;
mod script;

pub use answers::{
    answer_faults, imported_faults, looked_faults, profile_fault, progress_fault, session_fault,
};
pub use description::description_faults;
pub use script::{Actor, Code, Ending, Rule, Script, Verdict};

use crate::{Client, Provider};

/// Plays a script and judges each rule, in the order of [`Rule::ALL`].
///
/// Signs in to each account four times or less, once of that with a wrong password and once with a wrong code. Takes as long
/// as the provider's answers do, each no longer than its deadline.
pub async fn judge(provider: &dyn Provider, client: &Client, script: &Script) -> Vec<Verdict> {
    let mut kit = kit::Kit::new(provider, client, script);
    rules::description(&mut kit);
    rules::coverage(&mut kit);
    rules::strangers(&mut kit).await;
    for actor in &script.accounts {
        rules::account(&mut kit, actor).await;
    }
    kit.verdicts()
}

/// Everything in which a provider departs from the contract, as sentences; empty when it conforms. Only its own description
/// is gone by: a provider without test accounts is hardly asked anything.
pub async fn faults(provider: &dyn Provider, client: &Client) -> Vec<String> {
    let script = Script::of(provider.describe());
    let verdicts = judge(provider, client, &script).await;
    let told = |verdict: Verdict| {
        let rule = verdict.rule;
        let sentence = move |fault| format!("{rule}: {fault}");
        verdict.faults.into_iter().map(sentence)
    };
    verdicts.into_iter().flat_map(told).collect()
}

fn is_shown(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}
