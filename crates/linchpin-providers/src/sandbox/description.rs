//! What the sandbox offers: its permissions and the accounts that the page's banner names.

use linchpin_provider::{Access, Description, Entry, Permission, Reach, TestAccount, UsernameKind};

use super::{
    PASSWORD,
    factor::{ANSWER, CODE, SHOWN},
};

/// The description of the sandbox.
pub(super) fn description() -> Description {
    Description {
        id: "sandbox".to_owned(),
        name: "Sandbox".to_owned(),
        entry: Entry::Password(UsernameKind::Email),
        reach: Reach::default(),
        permissions: permissions(),
        test_accounts: test_accounts(),
    }
}

/// What can be asked for. Sentences go on from the headings "can see" (a thing) and "can change" (an action).
/// Risky is what reaches other people privately, and what shows private talk, unpublished work or money.
fn permissions() -> Vec<Permission> {
    vec![
        sees("profile:read", "Your profile: name, username and picture"),
        changes(
            "profile:write",
            "Edit your profile: name, description and picture",
        ),
        sees("posts:read", "Your posts, scheduled ones included"),
        changes("posts:write", "Publish and edit posts in your name"),
        risky(
            Access::Read,
            "messages:read",
            "Your messages and who wrote them",
        ),
        risky(
            Access::Write,
            "messages:write",
            "Send messages to your subscribers in your name",
        ),
        sees("subscribers:read", "Who subscribes to you, and since when"),
        changes(
            "subscribers:write",
            "Sort your subscribers into lists, mute and block them",
        ),
        risky(
            Access::Read,
            "vault:read",
            "Your vault: photos and videos, unpublished ones included",
        ),
        sees(
            "analytics:read",
            "Your statistics: visits, likes and growth",
        ),
        risky(
            Access::Read,
            "earnings:read",
            "Your earnings: payments, tips and payouts",
        ),
        sees("notifications:read", "Your notifications"),
    ]
}

fn sees(name: &'static str, sentence: &'static str) -> Permission {
    Permission {
        name: name.to_owned(),
        sentence: sentence.to_owned(),
        access: Access::Read,
        risky: false,
    }
}

fn changes(name: &'static str, sentence: &'static str) -> Permission {
    Permission {
        access: Access::Write,
        ..sees(name, sentence)
    }
}

fn risky(access: Access, name: &'static str, sentence: &'static str) -> Permission {
    Permission {
        access,
        risky: true,
        ..sees(name, sentence)
    }
}

fn test_accounts() -> Vec<TestAccount> {
    let account = |id: &str, username: &str, code: Option<&str>| TestAccount {
        id: id.to_owned(),
        username: username.to_owned(),
        password: PASSWORD.to_owned(),
        code: code.map(str::to_owned),
    };
    vec![
        account("creator", "jane@creator.sandbox.com", None),
        account("fan", "jane@fan.sandbox.com", None),
        account("creator-otp", "jane@creator-otp.sandbox.com", Some(CODE)),
        account("creator-sms", "jane@creator-sms.sandbox.com", Some(CODE)),
        account("creator-face", "jane@creator-face.sandbox.com", None),
        account("slow", "jane@slow.sandbox.com", None),
        account("locked", "jane@locked.sandbox.com", None),
        account("unavailable", "jane@unavailable.sandbox.com", None),
        account("short-lived", "jane@short-lived.sandbox.com", None),
        account(
            "creator-email",
            "jane@creator-email.sandbox.com",
            Some(CODE),
        ),
        account(
            "creator-choice",
            "jane@creator-choice.sandbox.com",
            Some(CODE),
        ),
        account(
            "creator-question",
            "jane@creator-question.sandbox.com",
            Some(ANSWER),
        ),
        account(
            "creator-challenge",
            "jane@creator-challenge.sandbox.com",
            Some(SHOWN),
        ),
    ]
}
