//! What a connector answers, as it is on the wire. Members that are not known are passed over.

use linchpin_provider::{
    Account, Answer, Asked, Called, Challenge, CodeRules, Death, Departed, Imported, Looked,
    Method, Prompt, Secret, Session, SignedIn,
    conformance::{answer_faults, imported_faults, looked_faults, profile_fault, progress_fault},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

/// Why an answer does not count: a sentence that repeats nothing of it.
pub(super) type Unsound = &'static str;

/// Permissions that an answer may name as granted.
const GRANTED_MAX: usize = 256;

/// What a question may be answered with.
pub(super) trait Means<T> {
    /// What it means; an error where it cannot be kept or shown.
    fn means(self) -> Result<T, Unsound>;
}

/// Who a connector is.
#[derive(Debug, Clone, Deserialize)]
pub struct About {
    /// The version of the contract, 1.
    pub contract: u32,
    /// The connector's name for its operator.
    pub name: String,
    /// The connector's own version.
    #[serde(default)]
    pub version: String,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum SignInAnswer {
    SignedIn {
        account: Account,
        session: Map<String, Value>,
        granted: Option<Vec<String>>,
    },
    SecondFactor {
        challenge: WrittenChallenge,
        #[serde(default)]
        progress: Value,
    },
    NotYet,
    WrongCredentials,
    WrongCode {
        progress: Option<Value>,
    },
    Declined,
    Denied,
    Locked,
    Unavailable,
}

#[derive(Deserialize)]
pub(super) struct WrittenChallenge {
    methods: Vec<Method>,
    phone: Option<WrittenRules>,
    email: Option<WrittenRules>,
    prompt: Option<Prompt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenRules {
    hint: String,
    sends: u8,
    checks: u8,
    resend_after: u32,
    code_life: u32,
}

impl Default for WrittenRules {
    fn default() -> Self {
        Self {
            hint: String::new(),
            sends: 3,
            checks: 3,
            resend_after: 30,
            code_life: 600,
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum AskAnswer {
    Done { progress: Option<Value> },
    NotNow,
    Unavailable,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum DepartAnswer {
    To {
        url: String,
        #[serde(default)]
        progress: Value,
    },
    Unavailable,
    NotOffered,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum ImportAnswer {
    Taken {
        account: Account,
        session: Map<String, Value>,
    },
    Dead,
    NotOffered,
    Unavailable,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum LookAnswer {
    Alive {
        account: Account,
        session: Option<Map<String, Value>>,
    },
    Dead {
        #[serde(default)]
        why: Why,
    },
    Unavailable,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) enum Why {
    #[default]
    SignedOut,
    Revoked,
    Locked,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum SignOutAnswer {
    Done,
    Unavailable,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum ProfileAnswer {
    Answered {
        profile: Value,
        session: Option<Map<String, Value>>,
    },
    SignedOut,
    Unavailable,
}

#[derive(Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub(super) enum AttachAnswer {
    Attached {
        headers: Map<String, Value>,
        query: Option<String>,
    },
    SignedOut,
    Unavailable,
}

impl Means<Answer> for SignInAnswer {
    fn means(self) -> Result<Answer, Unsound> {
        let answer = match self {
            Self::SignedIn { granted, .. }
                if granted.as_ref().is_some_and(|all| all.len() > GRANTED_MAX) =>
            {
                return Err("more permissions are granted than there can be");
            }
            Self::SignedIn {
                account,
                session,
                granted,
            } => Answer::SignedIn(SignedIn {
                account,
                session: kept(session),
                granted,
            }),
            Self::SecondFactor {
                challenge,
                progress,
            } => Answer::SecondFactor {
                challenge: challenge.meant(),
                progress: secret(&progress),
            },
            Self::NotYet => Answer::NotYet,
            Self::WrongCredentials => Answer::WrongCredentials {
                unknown_domain: false,
            },
            Self::WrongCode { progress } => Answer::WrongCode {
                progress: progress.as_ref().map(secret),
            },
            Self::Declined => Answer::Declined,
            Self::Denied => Answer::Denied,
            Self::Locked => Answer::Locked,
            Self::Unavailable => Answer::Unavailable,
        };
        sound(answer_faults(&answer))?;
        Ok(answer)
    }
}

impl WrittenChallenge {
    fn meant(self) -> Challenge {
        let rules = |rules: WrittenRules| CodeRules {
            sends: rules.sends,
            checks: rules.checks,
            hint: rules.hint,
            resend_after: rules.resend_after,
            code_life: rules.code_life,
        };
        Challenge {
            methods: self.methods,
            phone: self.phone.map(rules),
            email: self.email.map(rules),
            prompt: self.prompt,
        }
    }
}

impl Means<Asked> for AskAnswer {
    fn means(self) -> Result<Asked, Unsound> {
        let progress = match self {
            Self::Done { progress } => progress.as_ref().map(secret),
            Self::NotNow | Self::Unavailable => return Ok(Asked::NotNow),
        };
        sound(progress_fault(progress.as_ref()))?;
        Ok(Asked::Done { progress })
    }
}

impl Means<Departed> for DepartAnswer {
    fn means(self) -> Result<Departed, Unsound> {
        let (url, progress) = match self {
            Self::To { url, progress } => (url, secret(&progress)),
            Self::Unavailable => return Ok(Departed::Unavailable),
            Self::NotOffered => return Ok(Departed::NotOffered),
        };
        sound(progress_fault(Some(&progress)))?;
        if !is_web_address(&url) {
            return Err("the URL to sign in at is no absolute https or http URL in ASCII");
        }
        Ok(Departed::To { url, progress })
    }
}

impl Means<Imported> for ImportAnswer {
    fn means(self) -> Result<Imported, Unsound> {
        let imported = match self {
            Self::Taken { account, session } => Imported::Taken(SignedIn {
                account,
                session: kept(session),
                granted: None,
            }),
            Self::Dead => Imported::Dead,
            Self::NotOffered => Imported::NotOffered,
            Self::Unavailable => Imported::Unavailable,
        };
        sound(imported_faults(&imported))?;
        Ok(imported)
    }
}

impl Means<Looked> for LookAnswer {
    fn means(self) -> Result<Looked, Unsound> {
        let looked = match self {
            Self::Alive { account, session } => Looked::Alive {
                account,
                renewed: session.map(kept),
            },
            Self::Dead { why } => Looked::Dead(match why {
                Why::SignedOut => Death::SignedOut,
                Why::Revoked => Death::Revoked,
                Why::Locked => Death::Locked,
            }),
            Self::Unavailable => Looked::Unavailable,
        };
        sound(looked_faults(&looked))?;
        Ok(looked)
    }
}

impl Means<bool> for SignOutAnswer {
    fn means(self) -> Result<bool, Unsound> {
        Ok(matches!(self, Self::Done))
    }
}

impl Means<Called<Value>> for ProfileAnswer {
    fn means(self) -> Result<Called<Value>, Unsound> {
        Ok(match self {
            Self::Answered { profile, session } => {
                sound(profile_fault(&profile))?;
                Called::Answered {
                    answer: profile,
                    renewed: renewed(session)?,
                }
            }
            Self::SignedOut => Called::SignedOut,
            Self::Unavailable => Called::Unreachable,
        })
    }
}

impl Means<About> for About {
    fn means(self) -> Result<Self, Unsound> {
        match self.contract {
            1 => Ok(self),
            _ => Err("the contract is not version 1"),
        }
    }
}

/// A session of a connector's, as it is kept.
pub(super) fn kept(session: Map<String, Value>) -> Session {
    Session::new(Value::Object(session).to_string())
}

/// A session that takes the place of another, where there is one.
fn renewed(session: Option<Map<String, Value>>) -> Result<Option<Session>, Unsound> {
    let renewed = session.map(kept);
    let fault = renewed
        .as_ref()
        .and_then(linchpin_provider::conformance::session_fault);
    sound(fault)?;
    Ok(renewed)
}

/// Whether a browser can be sent there as it is written: non-ASCII and spaces have to be encoded already.
fn is_web_address(text: &str) -> bool {
    let web = |url: Url| matches!(url.scheme(), "https" | "http") && url.has_host();
    text.bytes().all(|byte| byte.is_ascii_graphic()) && Url::parse(text).is_ok_and(web)
}

fn secret(progress: &Value) -> Secret {
    Secret::new(progress.to_string())
}

fn sound(faults: impl IntoIterator<Item = Unsound>) -> Result<(), Unsound> {
    faults.into_iter().next().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(value: Value) -> Result<Answer, Unsound> {
        serde_json::from_value::<SignInAnswer>(value)
            .unwrap()
            .means()
    }

    #[test]
    fn what_is_not_known_is_passed_over_and_what_is_left_out_has_its_usual_value() {
        let given = json!({ "outcome": "secondFactor", "more": 1, "challenge": {
            "methods": ["phone", "app"], "phone": { "hint": "1234", "colour": "red" }, "more": 2 } });
        let Ok(Answer::SecondFactor {
            challenge,
            progress,
        }) = answer(given)
        else {
            panic!("no second factor");
        };
        assert_eq!(challenge.methods, [Method::Phone, Method::App]);
        let rules = challenge.phone.unwrap();
        assert_eq!((rules.sends, rules.checks, rules.code_life), (3, 3, 600));
        assert_eq!(progress.reveal(), "null");
    }

    #[test]
    fn what_cannot_be_kept_or_shown_does_not_count() {
        let account = json!({ "id": "1", "name": "Ada", "username": "ada" });
        let large = json!({ "cookie": "a".repeat(Session::LENGTH_MAX) });
        for unsound in [
            json!({ "outcome": "signedIn", "account": account, "session": large }),
            json!({ "outcome": "signedIn", "session": {}, "account":
                { "id": "", "name": "Ada", "username": "ada" } }),
            json!({ "outcome": "signedIn", "account": account, "session": {}, "granted": vec!["a"; 257] }),
            json!({ "outcome": "secondFactor", "challenge": { "methods": [] } }),
            json!({ "outcome": "secondFactor", "challenge": { "methods": ["phone"] } }),
        ] {
            assert!(answer(unsound).is_err());
        }
        let sound = json!({ "outcome": "signedIn", "account": account, "session": {} });
        assert!(matches!(answer(sound), Ok(Answer::SignedIn(_))));
    }

    #[test]
    fn what_was_granted_is_what_it_names_and_everything_where_it_names_nothing() {
        let account = json!({ "id": "1", "name": "Ada", "username": "ada" });
        for (named, granted) in [
            (json!(["posts:read"]), Some(vec!["posts:read".to_owned()])),
            (json!([]), Some(Vec::new())),
            (Value::Null, None),
        ] {
            let given = json!({ "outcome": "signedIn", "account": account, "session": {}, "granted": named });
            let Ok(Answer::SignedIn(signed_in)) = answer(given) else {
                panic!("not signed in");
            };
            assert_eq!(signed_in.granted, granted);
        }
    }

    #[test]
    fn a_browser_is_sent_only_where_it_can_go() {
        for (url, sound) in [
            ("https://gallery.example/in?state=s", true),
            ("http://127.0.0.1:8000/in", true),
            ("https://gallery.example/ü", false),
            ("https://gallery.example/a b", false),
            ("https://", false),
            ("javascript:alert(1)", false),
            ("/in", false),
        ] {
            let answer = json!({ "outcome": "to", "url": url });
            let answer: DepartAnswer = serde_json::from_value(answer).unwrap();
            assert_eq!(answer.means().is_ok(), sound, "{url}");
        }
    }

    #[test]
    fn a_session_that_is_no_object_or_an_unknown_outcome_is_no_answer() {
        for wrong in [
            json!({ "outcome": "signedIn", "session": "text", "account":
                { "id": "1", "name": "Ada", "username": "ada" } }),
            json!({ "outcome": "welcome" }),
            json!({}),
        ] {
            assert!(serde_json::from_value::<SignInAnswer>(wrong).is_err());
        }
    }
}
