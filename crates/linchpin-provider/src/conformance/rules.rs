//! The rules of the contract, as questions.

use http::{HeaderMap, Method as Verb};
use http_body_util::BodyExt as _;

use super::{
    Actor, Ending, Rule,
    kit::{Kit, another, typed},
};
use crate::{
    Account, Answer, Asked, Call, Called, Challenge, Coverage, Departed, Departure, Entry, Import,
    Imported, Looked, Method, Pending, Reply, Secret, Session, SignedIn, UsernameKind, whole,
};

/// Paths that nobody has thought of.
const UNTHOUGHT: [&str; 8] = [
    "/",
    "/linchpin-conformance",
    "/linchpin-conformance/1/2/3/4/5/6/7/8",
    "/linchpin conformance/ü/漢字",
    "/linchpin-conformance/%2e%2e/;a=b",
    "/*",
    "/linchpin-conformance/**",
    "/linchpin-conformance/",
];

/// Is the description well-formed?
pub(super) fn description(kit: &mut Kit<'_>) {
    let faults = super::description_faults(kit.provider.describe());
    kit.expect(Rule::Description, faults.is_empty(), || faults.join(", "));
}

/// Is each call covered by a permission that there is, or refused?
pub(super) fn coverage(kit: &mut Kit<'_>) {
    let long = format!("/linchpin-conformance/{}", "a/".repeat(2_000));
    for path in UNTHOUGHT.into_iter().chain([long.as_str()]) {
        for verb in [
            Verb::GET,
            Verb::HEAD,
            Verb::POST,
            Verb::PUT,
            Verb::PATCH,
            Verb::DELETE,
        ] {
            let coverage = kit.provider.covers(&verb, path);
            let kept = match &coverage {
                Coverage::Refused => true,
                Coverage::Open => kit.script.rest_is_open,
                Coverage::Needs(name) => kit.provider.describe().permission(name).is_some(),
            };
            kit.expect(Rule::Coverage, kept, || {
                let path: String = path.chars().take(40).collect();
                format!(
                    "{verb} {path} is neither refused nor needs a permission of the description"
                )
            });
        }
    }
}

/// How does it take those whom it does not know?
pub(super) async fn strangers(kit: &mut Kit<'_>) {
    let (provider, client) = (kit.provider, kit.client);
    let departure = Departure {
        back_to: "https://linchpin.example/back".to_owned(),
        state: Secret::new("conformance-state".to_owned()),
        permissions: Vec::new(),
        username: None,
        locale: Some("en".to_owned()),
    };
    let departed = kit
        .within("depart", provider.depart(client, departure))
        .await;
    match (provider.describe().entry, departed) {
        (Entry::Elsewhere, Some(Departed::To { url, progress })) => {
            let kept = url.starts_with("http") && url.contains("conformance-state");
            kit.expect(Rule::Depart, kept, || {
                "the browser is sent to no URL with the state".to_owned()
            });
            let fault = super::progress_fault(Some(&progress));
            kit.expect(Rule::Depart, fault.is_none(), || {
                fault.unwrap_or_default().to_owned()
            });
        }
        (entry, departed) => {
            let kept = entry != Entry::Elsewhere && matches!(departed, Some(Departed::NotOffered));
            kit.expect(Rule::Depart, kept, || {
                "whether one signs in elsewhere does not go with the description".to_owned()
            });
        }
    }
    if let Entry::Password(kind) = provider.describe().entry {
        let nobody = Actor::new(
            match kind {
                UsernameKind::Email => "linchpin-conformance@nobody.invalid",
                UsernameKind::Text => "linchpin-conformance-nobody",
            },
            "no password of anybody",
        );
        let answer = kit.sign_in(&nobody, nobody.password.reveal()).await;
        let kept = matches!(answer, Some(Answer::WrongCredentials { .. }));
        kit.expect(Rule::UnknownUsername, kept, || {
            format!("the answer is {answer:?}")
        });
    }
    let rubbish = Kit::session(r#"{"session":"linchpin-conformance"}"#);
    let looked = kit.within("look", provider.look(client, &rubbish)).await;
    kit.expect(
        Rule::ForeignSession,
        matches!(looked, Some(Looked::Dead(_) | Looked::Unavailable)),
        || format!("a look answers {looked:?}"),
    );
    let profile = kit
        .within("profile", provider.profile(client, &rubbish))
        .await;
    kit.expect(
        Rule::ForeignSession,
        !matches!(profile, Some(Called::Answered { .. })),
        || "the profile is given".to_owned(),
    );
    let import = Import::Cookie {
        cookie: Secret::new("linchpin-conformance=nothing".to_owned()),
        user_agent: "Linchpin/1".to_owned(),
    };
    let imported = kit.within("import", provider.import(client, import)).await;
    kit.expect(
        Rule::Import,
        !matches!(imported, Some(Imported::Taken(_)) | None),
        || "a cookie that is no session is taken over".to_owned(),
    );
}

/// Does an account of the script do what the script says?
pub(super) async fn account(kit: &mut Kit<'_>, actor: &Actor) {
    if !matches!(kit.provider.describe().entry, Entry::Password(_)) {
        return import(kit, actor, None).await;
    }
    let username = actor.username.as_str();
    if matches!(actor.ending, Ending::SignedIn | Ending::Fleeting) {
        let wrong = format!("{}-wrong", actor.password.reveal());
        let answer = kit.sign_in(actor, &wrong).await;
        kit.expect(
            Rule::WrongPassword,
            matches!(answer, Some(Answer::WrongCredentials { .. })),
            || format!("{username}: the answer is {answer:?}"),
        );
    }
    let Some(first) = enter(kit, actor, false).await else {
        return;
    };
    let second = enter(kit, actor, true).await;
    let same = second
        .as_ref()
        .is_some_and(|second| second.account.id == first.account.id);
    kit.expect(Rule::SameAccount, same, || {
        format!("{username}: the second sign-in does not end in the same account")
    });
    import(kit, actor, Some(&first.account)).await;
    if let Some(second) = second {
        live(kit, actor, second).await;
    }
}

/// Signs in, with the code where one is wanted; with a wrong one first where that is wished.
async fn enter(kit: &mut Kit<'_>, actor: &Actor, err: bool) -> Option<SignedIn> {
    let username = actor.username.as_str();
    let answer = kit.sign_in(actor, actor.password.reveal()).await?;
    let kept = match (actor.ending, &answer) {
        (_, Answer::SecondFactor { .. } | Answer::SignedIn(_)) => {
            !matches!(actor.ending, Ending::Locked | Ending::Unavailable)
        }
        (Ending::Locked, answer) => matches!(answer, Answer::Locked),
        (Ending::Unavailable, answer) => matches!(answer, Answer::Unavailable),
        (Ending::Any, answer) => matches!(answer, Answer::Locked | Answer::Unavailable),
        (Ending::SignedIn | Ending::Fleeting, _) => false,
    };
    kit.expect(Rule::RightPassword, kept, || {
        format!("{username}: the answer is {answer:?}")
    });
    match answer {
        Answer::SignedIn(signed_in) => {
            if err {
                let pending = pending(actor, Secret::new(String::new()));
                is_declined(kit, &pending, Method::App).await;
            }
            Some(signed_in)
        }
        Answer::SecondFactor {
            challenge,
            progress,
        } => second_factor(kit, actor, &challenge, pending(actor, progress), err).await,
        _ => None,
    }
}

async fn second_factor(
    kit: &mut Kit<'_>,
    actor: &Actor,
    challenge: &Challenge,
    mut pending: Pending,
    err: bool,
) -> Option<SignedIn> {
    let username = actor.username.as_str();
    let (method, code) = (typed(challenge)?, actor.code.as_ref()?);
    if err {
        ask(kit, challenge, method, &mut pending).await;
        let wrong = Reply::Code {
            method,
            code: Secret::new(another(&code.now())),
        };
        let answer = kit.reply(&pending, wrong).await;
        kit.expect(
            Rule::WrongCode,
            matches!(answer, Some(Answer::WrongCode { .. })),
            || format!("{username}: the answer is {answer:?}"),
        );
        if let Some(Answer::WrongCode {
            progress: Some(progress),
        }) = answer
        {
            pending.progress = progress;
        }
    }
    let right = Reply::Code {
        method,
        code: Secret::new(code.now()),
    };
    let answer = kit.reply(&pending, right).await;
    let rule = if err {
        Rule::WrongCode
    } else {
        Rule::RightPassword
    };
    kit.expect(rule, matches!(answer, Some(Answer::SignedIn(_))), || {
        format!("{username}: the right code is answered with {answer:?}")
    });
    match answer {
        Some(Answer::SignedIn(signed_in)) => Some(signed_in),
        _ => None,
    }
}

/// Asks for the way that there is, and for one that there is not.
async fn ask(kit: &mut Kit<'_>, challenge: &Challenge, method: Method, pending: &mut Pending) {
    let (provider, client) = (kit.provider, kit.client);
    if let Some(other) = Method::ALL
        .into_iter()
        .find(|m| !challenge.methods.contains(m))
    {
        let asked = kit
            .within("ask", provider.ask(client, pending, other))
            .await;
        kit.expect(Rule::Ask, matches!(asked, Some(Asked::NotNow)), || {
            format!("{} is asked for, though it is not offered", other.name())
        });
    }
    let asked = kit
        .within("ask", provider.ask(client, pending, method))
        .await;
    kit.expect(Rule::Ask, matches!(asked, Some(Asked::Done { .. })), || {
        format!("{} cannot be asked for", method.name())
    });
    if let Some(Asked::Done {
        progress: Some(progress),
    }) = asked
    {
        pending.progress = progress;
    }
}

async fn is_declined(kit: &mut Kit<'_>, pending: &Pending, method: Method) {
    let reply = Reply::Code {
        method,
        code: Secret::new("000000".to_owned()),
    };
    let answer = kit.reply(pending, reply).await;
    kit.expect(
        Rule::NoSuchFactor,
        matches!(answer, Some(Answer::Declined)),
        || format!("{}: the answer is {answer:?}", pending.username),
    );
}

/// The life of a session, from its first look to its end.
async fn live(kit: &mut Kit<'_>, actor: &Actor, signed_in: SignedIn) {
    let (provider, client) = (kit.provider, kit.client);
    let SignedIn {
        account,
        mut session,
        granted: _,
    } = signed_in;
    let looked = kit.within("look", provider.look(client, &session)).await;
    if let Some(looked) = &looked {
        kit.is_discreet(looked, &[session.reveal()]);
    }
    let dead = matches!(looked, Some(Looked::Dead(_)));
    let kept = match &looked {
        Some(Looked::Alive { account: found, .. }) => {
            actor.ending != Ending::Fleeting && found.id == account.id
        }
        _ => dead && matches!(actor.ending, Ending::Fleeting | Ending::Any),
    };
    kit.expect(Rule::Look, kept, || {
        format!("{}: the answer is {looked:?}", actor.username)
    });
    let faults = looked
        .as_ref()
        .map(super::looked_faults)
        .unwrap_or_default();
    kit.expect(Rule::Look, faults.is_empty(), || faults.join(", "));
    if dead {
        return;
    }
    if let Some(Looked::Alive {
        renewed: Some(renewed),
        ..
    }) = looked
    {
        session = renewed;
    }
    profile(kit, &account, &mut session).await;
    call(kit, &mut session).await;
    sign_out(kit, &session).await;
}

async fn profile(kit: &mut Kit<'_>, account: &Account, session: &mut Session) {
    let (provider, client) = (kit.provider, kit.client);
    match kit
        .within("profile", provider.profile(client, session))
        .await
    {
        Some(Called::Answered { answer, renewed }) => {
            let fault = super::profile_fault(&answer);
            kit.expect(Rule::Profile, fault.is_none(), || {
                fault.unwrap_or_default().to_owned()
            });
            let id = match answer.get("id") {
                Some(serde_json::Value::String(id)) => id.clone(),
                Some(id) => id.to_string(),
                None => String::new(),
            };
            kit.expect(Rule::Profile, id == account.id, || {
                "it is of another account".to_owned()
            });
            if let Some(renewed) = renewed {
                *session = renewed;
            }
        }
        _ => kit.expect(Rule::Profile, false, || "it is not given".to_owned()),
    }
}

async fn call(kit: &mut Kit<'_>, session: &mut Session) {
    let (provider, client) = (kit.provider, kit.client);
    let Some(path) = kit.script.path.clone() else {
        return;
    };
    kit.expect(
        Rule::Call,
        provider.covers(&Verb::GET, &path) != Coverage::Refused,
        || format!("GET {path} is refused"),
    );
    let call = Call {
        method: Verb::GET,
        path: path.clone(),
        query: Some("linchpin=conformance".to_owned()),
        headers: HeaderMap::new(),
        body: whole(Vec::new()),
    };
    match kit
        .within("call", provider.call(client, session, call))
        .await
    {
        Some(Called::Answered { answer, renewed }) => {
            let status = answer.status();
            let body = kit.within("call", answer.into_body().collect()).await;
            let kept = status.is_success() && matches!(body, Some(Ok(_)));
            kit.expect(Rule::Call, kept, || {
                format!("GET {path} is answered with {status}")
            });
            if let Some(renewed) = renewed {
                *session = renewed;
            }
        }
        _ => kit.expect(Rule::Call, false, || format!("GET {path} is not answered")),
    }
}

async fn sign_out(kit: &mut Kit<'_>, session: &Session) {
    let (provider, client) = (kit.provider, kit.client);
    let done = kit
        .within("sign-out", provider.sign_out(client, session))
        .await;
    kit.expect(Rule::SignOut, done == Some(true), || {
        "it does not work".to_owned()
    });
    if !kit.script.sign_out_ends {
        return;
    }
    let looked = kit.within("look", provider.look(client, session)).await;
    kit.expect(
        Rule::SignOut,
        matches!(looked, Some(Looked::Dead(_))),
        || format!("a look answers {looked:?} afterwards"),
    );
    let profile = kit
        .within("profile", provider.profile(client, session))
        .await;
    kit.expect(
        Rule::SignOut,
        matches!(profile, Some(Called::SignedOut)),
        || "the profile does not tell that the session is over".to_owned(),
    );
}

/// Takes over the script's own session of the account.
async fn import(kit: &mut Kit<'_>, actor: &Actor, account: Option<&Account>) {
    let (provider, client) = (kit.provider, kit.client);
    let Some(import) = actor.import.clone() else {
        return;
    };
    let imported = kit.within("import", provider.import(client, import)).await;
    let kept = match &imported {
        Some(Imported::Taken(taken)) => {
            account.is_none_or(|account| account.id == taken.account.id)
        }
        _ => false,
    };
    kit.expect(Rule::Import, kept, || {
        format!("{}: the answer is {imported:?}", actor.username)
    });
    let faults = imported
        .as_ref()
        .map(super::imported_faults)
        .unwrap_or_default();
    kit.expect(Rule::Import, faults.is_empty(), || faults.join(", "));
}

fn pending(actor: &Actor, progress: Secret) -> Pending {
    Pending {
        username: actor.username.clone(),
        progress,
    }
}
