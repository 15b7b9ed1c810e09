//! What is wrong with an answer, in sentences that repeat nothing of what is in it.

use crate::{
    Account, Answer, Challenge, Imported, Looked, Method, Pending, Prompt, Secret, Session,
    SignedIn,
};

/// Bytes of an account's id at most.
const ID_MAX: usize = 255;
/// Characters of a prompt at most.
const PROMPT_MAX: usize = 500;
/// Characters of a name or a username at most.
const NAME_MAX: usize = 255;
/// Bytes of an account's picture's address at most.
const AVATAR_MAX: usize = 2_048;

/// What is wrong with an answer to a sign-in; empty when nothing is.
pub fn answer_faults(answer: &Answer) -> Vec<&'static str> {
    match answer {
        Answer::SignedIn(signed_in) => signed_in_faults(signed_in),
        Answer::SecondFactor {
            challenge,
            progress,
        } => {
            let mut faults = challenge_faults(challenge);
            faults.extend(progress_fault(Some(progress)));
            faults
        }
        Answer::WrongCode { progress } => progress_fault(progress.as_ref()).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// What is wrong with an answer to an import; empty when nothing is.
pub fn imported_faults(imported: &Imported) -> Vec<&'static str> {
    match imported {
        Imported::Taken(signed_in) => signed_in_faults(signed_in),
        _ => Vec::new(),
    }
}

/// What is wrong with an answer to a look; empty when nothing is.
pub fn looked_faults(looked: &Looked) -> Vec<&'static str> {
    match looked {
        Looked::Alive { account, renewed } => {
            let mut faults = account_faults(account);
            faults.extend(renewed.as_ref().and_then(session_fault));
            faults
        }
        _ => Vec::new(),
    }
}

/// What is wrong with a session; nothing where it can be kept.
pub fn session_fault(session: &Session) -> Option<&'static str> {
    let length = session.reveal().len();
    (length == 0 || length > Session::LENGTH_MAX)
        .then_some("the session is empty or larger than 64 KiB")
}

/// What is wrong with progress; nothing where it can be kept.
pub fn progress_fault(progress: Option<&Secret>) -> Option<&'static str> {
    progress
        .is_some_and(|progress| progress.reveal().len() > Pending::PROGRESS_MAX)
        .then_some("the progress is larger than 32 KiB")
}

/// What is wrong with a profile; nothing where it has what every profile has.
pub fn profile_fault(profile: &serde_json::Value) -> Option<&'static str> {
    let Some(profile) = profile.as_object() else {
        return Some("the profile is no object");
    };
    let named = ["id", "name", "username", "avatar"];
    let whole = named.iter().all(|name| profile.contains_key(*name));
    (!whole).then_some("the profile lacks id, name, username or avatar")
}

fn signed_in_faults(signed_in: &SignedIn) -> Vec<&'static str> {
    let mut faults = account_faults(&signed_in.account);
    faults.extend(session_fault(&signed_in.session));
    faults
}

fn account_faults(account: &Account) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let id = account.id.as_str();
    if id.is_empty() || id.len() > ID_MAX || !id.bytes().all(|b| b.is_ascii_graphic()) {
        faults.push("the account's id is not 1 to 255 printable ASCII characters");
    }
    if !super::is_shown(&account.name) {
        faults.push("the account's name is empty or has line breaks");
    }
    if !super::is_shown(&account.username) || account.username.starts_with('@') {
        faults.push("the account's username is empty, begins with @ or has line breaks");
    }
    for (name, fault) in [
        (
            &account.name,
            "the account's name is longer than 255 characters",
        ),
        (
            &account.username,
            "the account's username is longer than 255 characters",
        ),
    ] {
        if name.chars().count() > NAME_MAX {
            faults.push(fault);
        }
    }
    let avatar = account.avatar.as_deref().unwrap_or_default();
    if avatar.len() > AVATAR_MAX {
        faults.push("the address of the account's picture is longer than 2,048 bytes");
    }
    if let Some(avatar) = &account.avatar
        && !(avatar.starts_with("https://") || avatar.starts_with("data:image/"))
    {
        faults.push("the account's picture is neither https: nor data:image/");
    }
    faults
}

fn challenge_faults(challenge: &Challenge) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if challenge.methods.is_empty() {
        faults.push("a second factor without a method");
    }
    for (method, rules) in [
        (Method::Phone, &challenge.phone),
        (Method::Email, &challenge.email),
    ] {
        if challenge.methods.contains(&method) != rules.is_some() {
            faults.push("rules for codes go with the method phone or email, and only with it");
        }
        if let Some(rules) = rules
            && (rules.sends == 0 || rules.checks == 0 || rules.code_life == 0)
        {
            faults.push("codes are never sent, never checked or never good");
        }
    }
    let prompts = |method: &Method| matches!(method, Method::Question | Method::Shown);
    if challenge.methods.iter().any(prompts) != challenge.prompt.is_some() {
        faults.push("what is asked goes with question and shown, and only with them");
    }
    if let Some(prompt) = &challenge.prompt {
        let length = prompt.text.chars().count();
        if length == 0 || length > PROMPT_MAX {
            faults.push("what is asked is not 1 to 500 characters");
        }
        if let Some(picture) = &prompt.picture
            && (picture.len() > Prompt::PICTURE_MAX || !is_picture(picture))
        {
            faults.push("the picture is no data:image/ URL of at most 32 KiB");
        }
    }
    faults
}

fn is_picture(url: &str) -> bool {
    ["png", "jpeg", "gif", "webp"].iter().any(|kind| {
        url.strip_prefix("data:image/")
            .and_then(|rest| rest.strip_prefix(kind))
            .is_some_and(|rest| rest.starts_with(";base64,"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_for_texts_without_a_phone_are_a_fault() {
        let challenge = Challenge {
            methods: vec![Method::Phone],
            ..Challenge::default()
        };
        assert_eq!(challenge_faults(&challenge).len(), 1);
    }

    #[test]
    fn progress_that_cannot_be_kept_is_a_fault() {
        for (length, fault) in [(0, false), (32_768, false), (32_769, true)] {
            let progress = Secret::new("a".repeat(length));
            assert_eq!(progress_fault(Some(&progress)).is_some(), fault, "{length}");
        }
    }

    #[test]
    fn a_name_or_a_picture_that_is_too_long_is_a_fault() {
        let account = |name: usize, avatar: usize| Account {
            id: "7".to_owned(),
            name: "ä".repeat(name),
            username: "ä".repeat(name),
            avatar: Some(format!("https://{}", "a".repeat(avatar - 8))),
        };
        assert_eq!(account_faults(&account(255, 2_048)).len(), 0);
        assert_eq!(account_faults(&account(256, 2_049)).len(), 3);
    }

    #[test]
    fn a_session_that_cannot_be_kept_is_a_fault() {
        for (length, fault) in [(0, true), (1, false), (65_536, false), (65_537, true)] {
            let session = Session::new("a".repeat(length));
            assert_eq!(session_fault(&session).is_some(), fault, "{length}");
        }
    }
}
