//! What a test can ask of any provider: is its description well-formed, does it answer the same twice?

use std::collections::HashSet;
use std::mem::discriminant;

use crate::{
    Account, Answer, Challenge, Credentials, Description, Method, Provider, Reply, Secret, Session,
    SignedIn, TestAccount,
};

/// Everything in which a provider departs from the contract, as sentences; empty when it conforms.
///
/// Reads the description, then signs in twice with each of its test accounts, with the code where it names one.
/// A provider without test accounts has only its description read. Takes as long as the provider's answers do.
pub async fn faults(provider: &dyn Provider) -> Vec<String> {
    let description = provider.describe();
    let mut faults = description_faults(description);
    for account in &description.test_accounts {
        let first = attempt(provider, account).await;
        let second = attempt(provider, account).await;
        for fault in answer_faults(&first)
            .into_iter()
            .chain(difference(&first, &second))
        {
            faults.push(format!("test account {}: {fault}", account.id));
        }
    }
    faults
}

/// What is wrong with a description: ids, names and sentences missing, misspelt or given twice.
pub fn description_faults(description: &Description) -> Vec<String> {
    let mut faults = Vec::new();
    if !is_id(description.id) {
        faults.push(format!(
            "id {:?} is not lower-case letters, digits and '-'",
            description.id
        ));
    }
    if !is_shown(description.name) {
        faults.push("the name is empty or cannot be shown on one line".to_owned());
    }
    let mut names = HashSet::new();
    for permission in &description.permissions {
        let name = permission.name;
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
            faults.push(format!(
                "permission {name:?} is not printable ASCII without spaces"
            ));
        }
        if !names.insert(name) {
            faults.push(format!("permission {name:?} is given twice"));
        }
        if !is_shown(permission.sentence) {
            faults.push(format!("permission {name:?} has no sentence of one line"));
        }
    }
    let mut ids = HashSet::new();
    for account in &description.test_accounts {
        if !is_id(account.id) || !ids.insert(account.id) {
            faults.push(format!(
                "test account {:?} is misspelt or given twice",
                account.id
            ));
        }
        if account.username.is_empty() || account.password.is_empty() {
            faults.push(format!("test account {:?} has nothing to type", account.id));
        }
    }
    faults
}

/// Signs in, with the code where one is asked for and known.
async fn attempt(provider: &dyn Provider, account: &TestAccount) -> Answer {
    let credentials = Credentials {
        username: account.username.to_owned(),
        password: Secret::new(account.password.to_owned()),
    };
    let answer = provider.sign_in(credentials).await;
    let (Answer::SecondFactor(challenge), Some(code)) = (&answer, account.code) else {
        return answer;
    };
    let Some(&method) = challenge.methods.iter().find(|m| m.takes_code()) else {
        return answer;
    };
    let code = Secret::new(code.to_owned());
    provider
        .second_factor(account.username, Reply::Code { method, code })
        .await
}

fn answer_faults(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::SignedIn(signed_in) => signed_in_faults(signed_in),
        Answer::SecondFactor(challenge) => challenge_faults(challenge),
        Answer::WrongCredentials { .. } => vec!["its own password is wrong".to_owned()],
        Answer::WrongCode => vec!["its own code is wrong".to_owned()],
        Answer::NotYet | Answer::Declined | Answer::Locked | Answer::Unavailable => Vec::new(),
    }
}

fn signed_in_faults(signed_in: &SignedIn) -> Vec<String> {
    let mut faults = account_faults(&signed_in.account);
    let length = signed_in.session.reveal().len();
    if length == 0 || length > Session::LENGTH_MAX {
        faults.push(format!("its session has {length} bytes"));
    }
    faults
}

fn account_faults(account: &Account) -> Vec<String> {
    let mut faults = Vec::new();
    if account.id.is_empty() || !account.id.bytes().all(|b| b.is_ascii_graphic()) {
        faults.push(format!(
            "account id {:?} is not printable ASCII",
            account.id
        ));
    }
    if account.id.len() > 255 {
        faults.push(format!("account id {:?} is longer than 255", account.id));
    }
    if !is_shown(&account.name) {
        faults.push(format!(
            "name {:?} cannot be shown on one line",
            account.name
        ));
    }
    if !is_shown(&account.username) || account.username.starts_with('@') {
        faults.push(format!(
            "username {:?} is empty, begins with @ or has line breaks",
            account.username
        ));
    }
    if let Some(avatar) = &account.avatar
        && !(avatar.starts_with("https://") || avatar.starts_with("data:image/"))
    {
        faults.push("the picture is neither https: nor data:image/".to_owned());
    }
    faults
}

fn challenge_faults(challenge: &Challenge) -> Vec<String> {
    let mut faults = Vec::new();
    if challenge.methods.is_empty() {
        faults.push("a second factor without a method".to_owned());
    }
    if challenge.methods.contains(&Method::Phone) != challenge.phone.is_some() {
        faults.push("rules for texted codes go with the method Phone, and only with it".to_owned());
    }
    if let Some(rules) = &challenge.phone
        && (rules.sends == 0 || rules.checks == 0 || rules.code_life == 0)
    {
        faults.push("texted codes are never sent, never checked or never good".to_owned());
    }
    faults
}

fn difference(first: &Answer, second: &Answer) -> Option<String> {
    let same = match (first, second) {
        (Answer::SignedIn(a), Answer::SignedIn(b)) => a.account.id == b.account.id,
        _ => discriminant(first) == discriminant(second),
    };
    (!same).then(|| "answers differently the second time".to_owned())
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_shown(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Permission};

    fn description() -> Description {
        Description {
            id: "example",
            name: "Example",
            permissions: vec![Permission {
                name: "posts:read",
                sentence: "Your posts",
                access: Access::Read,
                risky: false,
            }],
            test_accounts: Vec::new(),
        }
    }

    #[test]
    fn a_well_formed_description_has_no_faults() {
        assert!(description_faults(&description()).is_empty());
    }

    #[test]
    fn an_id_that_cannot_be_on_the_wire_is_a_fault() {
        for id in ["", "Example", "ex ample", "ex_ample"] {
            let faults = description_faults(&Description {
                id,
                ..description()
            });
            assert_eq!(faults.len(), 1, "{id}");
        }
    }

    #[test]
    fn a_permission_given_twice_is_a_fault() {
        let mut twice = description();
        twice.permissions.extend(description().permissions);
        assert_eq!(
            description_faults(&twice),
            [r#"permission "posts:read" is given twice"#]
        );
    }

    #[test]
    fn rules_for_texts_without_a_phone_are_a_fault() {
        let challenge = Challenge {
            methods: vec![Method::Phone],
            phone: None,
        };
        assert_eq!(challenge_faults(&challenge).len(), 1);
    }

    #[test]
    fn another_account_the_second_time_is_a_fault() {
        let signed_in = |id: &str| {
            Answer::SignedIn(SignedIn {
                account: Account {
                    id: id.to_owned(),
                    name: "Jane".to_owned(),
                    username: "jane".to_owned(),
                    avatar: None,
                },
                session: Session::new("a cookie".to_owned()),
            })
        };
        assert_eq!(difference(&signed_in("1"), &signed_in("1")), None);
        assert!(difference(&signed_in("1"), &signed_in("2")).is_some());
    }
}
