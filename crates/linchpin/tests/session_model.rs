//! The state machine of a link session beside a small model of it, driven by the same random events at the same
//! random times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

use linchpin::domain::{
    client_app::AppType,
    environment::Environment,
    id::{ConnectionId, SessionId},
    link_session::{
        Event, LinkSession, Outcome, Reconnect, Refused, SessionRequest, Stage, State, Status,
    },
    public_id::{AppId, OrganisationId},
    time::Timestamp,
};
use linchpin_provider::{Challenge, Method, PhoneRules};
use proptest::prelude::*;

const EXPIRES: i64 = 100_000;
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// What the specification says of a session, and no more.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    stage: &'static str,
    /// Where a check goes back to, and until when it may take.
    check: Option<(&'static str, i64)>,
    factor: Factor,
    wrong_passwords: u8,
    wrong_codes: u8,
    unavailable: u8,
    deleted: bool,
    reconnects: bool,
}

/// A second factor that is wanted.
#[derive(Debug, Clone, PartialEq, Default)]
struct Factor {
    methods: Vec<Method>,
    at: usize,
    sends_left: u8,
    sent: i64,
}

impl Factor {
    fn takes_code(&self) -> bool {
        self.methods.get(self.at).is_some_and(|m| m.takes_code())
    }

    fn codes_max(&self) -> u8 {
        self.codes_max_at(self.at)
    }

    fn codes_max_at(&self, at: usize) -> u8 {
        match self.methods.get(at) {
            Some(Method::Phone) => 3,
            _ => 5,
        }
    }

    /// The next way in turn that more wrong codes would not have used up already.
    fn another(&self, wrong_codes: u8) -> Option<usize> {
        let count = self.methods.len();
        (1..count)
            .map(|step| (self.at + step) % count)
            .find(|at| !self.methods[*at].takes_code() || wrong_codes < self.codes_max_at(*at))
    }
}

const ENDS: [&str; 5] = ["completed", "cancelled", "failed", "expired", "deleted"];

impl Model {
    fn ended(&self) -> bool {
        ENDS.contains(&self.stage)
    }

    /// What follows, or the name of the refusal.
    fn next(&self, event: &Event, now: i64) -> Result<Model, &'static str> {
        let mut next = self.clone();
        match (event, self.stage) {
            (Event::Deleted, _) if self.deleted => return Err("Over"),
            (Event::Deleted, stage) => {
                next.deleted = true;
                next.stage = if self.ended() { stage } else { "deleted" };
                return Ok(next);
            }
            _ if self.ended() => return Err("Over"),
            (Event::TimePassed, _) => {
                let until = self.check.map_or(EXPIRES, |(_, until)| until.max(EXPIRES));
                next.stage = "expired";
                return if now < until {
                    Err("TooEarly")
                } else {
                    Ok(next)
                };
            }
            (Event::Restored, _) => {
                next.stage = "expired";
                return Ok(next);
            }
            (Event::Cancelled, _) if now < EXPIRES => next.stage = "cancelled",
            (Event::Cancelled, _) => return Err("TooLate"),
            (_, stage) if now >= EXPIRES && stage != "verifying" => return Err("TooLate"),
            (Event::Begun { provider, .. }, "initialized") if provider == "sandbox" => {
                next.stage = if self.reconnects {
                    "login"
                } else {
                    "authorization"
                };
            }
            (Event::Allowed { .. }, "authorization") => next.stage = "login",
            (Event::PasswordSubmitted { until, .. }, "login") => next.begin_check("login", until.0),
            (Event::CodeSubmitted { until }, "two_factor") if self.factor.takes_code() => {
                next.begin_check("two_factor", until.0);
            }
            (Event::CodeExpired, "two_factor") if self.factor.takes_code() => {}
            (Event::CodeNotSent, "two_factor") => {}
            (Event::CodeSent, "two_factor")
                if self.factor.sends_left > 0 && now >= self.factor.sent + 1_000 =>
            {
                next.factor.sends_left -= 1;
                next.factor.sent = now;
            }
            (Event::AnotherWay, "two_factor") => {
                next.factor.at = self.factor.another(self.wrong_codes).ok_or("WrongStage")?;
            }
            (Event::Broke, "login" | "verifying" | "two_factor") => next.stage = "failed",
            (_, "verifying") => next.checked(event, now)?,
            (
                Event::Linked { .. }
                | Event::Declined
                | Event::Locked
                | Event::DifferentAccount
                | Event::LinkedToAnotherUser,
                "two_factor",
            ) if !self.factor.takes_code() => next.checked(event, now)?,
            _ => return Err("WrongStage"),
        }
        if next.stage != "verifying" {
            next.check = None;
        }
        Ok(next)
    }

    fn begin_check(&mut self, from: &'static str, until: i64) {
        self.stage = "verifying";
        self.check = Some((from, until));
    }

    /// The outcome of a check, or of an approval elsewhere.
    fn checked(&mut self, event: &Event, now: i64) -> Result<(), &'static str> {
        let from = self.check.map_or("two_factor", |(from, _)| from);
        let before = std::mem::take(&mut self.unavailable);
        self.stage = match event {
            Event::Linked { .. } => "completed",
            Event::Locked | Event::Broke => "failed",
            Event::Declined | Event::DifferentAccount | Event::LinkedToAnotherUser => "login",
            Event::SecondFactorWanted(challenge) => {
                self.factor = Factor {
                    methods: challenge.methods.clone(),
                    at: 0,
                    sends_left: challenge.phone.as_ref().map_or(0, |phone| phone.sends - 1),
                    sent: now,
                };
                "two_factor"
            }
            Event::WrongPassword { .. } => {
                self.wrong_passwords += 1;
                if self.wrong_passwords < 5 {
                    "login"
                } else {
                    "failed"
                }
            }
            Event::WrongCode if from == "two_factor" => {
                // Five in a session, or the provider's own lower number.
                self.wrong_codes += 1;
                if self.wrong_codes < self.factor.codes_max() {
                    from
                } else {
                    "failed"
                }
            }
            Event::Unavailable => {
                self.unavailable = before + 1;
                if self.unavailable < 3 { from } else { "failed" }
            }
            Event::CheckLost => {
                self.unavailable = before;
                from
            }
            _ => return Err("WrongStage"),
        };
        Ok(())
    }
}

fn request(reconnects: bool) -> SessionRequest {
    SessionRequest {
        organisation: OrganisationId::parse("org_0000000000000000000001").unwrap(),
        environment: Environment::Sandbox,
        app: AppId::parse("app_1").unwrap(),
        app_type: AppType::Redirect,
        redirect_url: None,
        client_reference_id: None,
        reconnect: reconnects.then(|| Reconnect {
            connection: ConnectionId::from_text("conn_1"),
            asked: vec!["profile:read".to_owned(), "posts:read".to_owned()],
            granted: vec!["profile:read".to_owned()],
        }),
        geolocation: None,
        providers: vec!["sandbox".to_owned()],
        required: vec!["profile:read".to_owned()],
        optional: vec!["posts:read".to_owned()],
        locale: None,
        prefill_username: None,
        metadata: std::collections::BTreeMap::new(),
    }
}

fn begin(reconnects: bool) -> (LinkSession, Model) {
    let session = LinkSession {
        id: SessionId::from_number(1),
        request: request(reconnects),
        state: State {
            stage: Stage::Initialized,
            owner: None,
            wrong_passwords: 0,
            wrong_codes: 0,
            unavailable: 0,
            deleted: false,
        },
        version: 1,
        created_at: Timestamp(0),
        expires_at: Timestamp(EXPIRES),
    };
    let model = Model {
        stage: "initialized",
        check: None,
        factor: Factor::default(),
        wrong_passwords: 0,
        wrong_codes: 0,
        unavailable: 0,
        deleted: false,
        reconnects,
    };
    (session, model)
}

fn challenge(methods: &[Method]) -> Challenge {
    Challenge {
        methods: methods.to_vec(),
        phone: methods.contains(&Method::Phone).then(|| PhoneRules {
            sends: 3,
            checks: 3,
            last_four: "1234".to_owned(),
            resend_after: 1,
            code_life: 600,
        }),
    }
}

/// Every kind of event; `until` is that of a check begun at `now`.
fn events(now: i64) -> Vec<Event> {
    let until = Timestamp(now + 20_000);
    vec![
        Event::Begun {
            flow_hash: [1; 32],
            provider: "sandbox".to_owned(),
        },
        Event::Begun {
            flow_hash: [2; 32],
            provider: "other".to_owned(),
        },
        Event::Allowed {
            optional: vec!["posts:read".to_owned()],
        },
        Event::PasswordSubmitted {
            username: "ada".to_owned(),
            until,
        },
        Event::CodeSubmitted { until },
        Event::Linked {
            connection: ConnectionId::from_text("conn_1"),
        },
        Event::SecondFactorWanted(challenge(&[Method::App])),
        Event::SecondFactorWanted(challenge(&[Method::Phone])),
        Event::SecondFactorWanted(challenge(&[Method::Face])),
        Event::SecondFactorWanted(challenge(&[Method::Face, Method::App])),
        Event::SecondFactorWanted(challenge(&[Method::App, Method::Phone])),
        Event::WrongPassword {
            unknown_domain: false,
        },
        Event::WrongCode,
        Event::CodeExpired,
        Event::Declined,
        Event::Locked,
        Event::Unavailable,
        Event::DifferentAccount,
        Event::LinkedToAnotherUser,
        Event::CheckLost,
        Event::CodeSent,
        Event::CodeNotSent,
        Event::AnotherWay,
        Event::Cancelled,
        Event::TimePassed,
        Event::Deleted,
        Event::Broke,
        Event::Restored,
    ]
}

/// Index of an event and the time before it. Ways that lead on are likelier than ends, else nothing gets far.
fn steps() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let event = prop_oneof![
        3 => 0..28_usize,
        2 => Just(0_usize),
        2 => Just(2_usize),
        4 => Just(3_usize),
        4 => Just(4_usize),
        3 => 6..13_usize,
        2 => Just(12_usize),
        1 => 16..23_usize,
    ];
    let wait = prop_oneof![8 => 0..2_000_i64, 1 => 10_000..60_000_i64];
    proptest::collection::vec((event, wait), 1..60)
}

fn refusal(refused: Refused) -> &'static str {
    match refused {
        Refused::WrongStage => "WrongStage",
        Refused::Over => "Over",
        Refused::TooLate => "TooLate",
        Refused::TooEarly => "TooEarly",
    }
}

/// What must hold of every transition, whatever the model says.
fn check_invariants(before: &LinkSession, after: &LinkSession, event: &Event, now: i64) {
    assert_eq!(after.version, before.version + 1);
    assert_eq!(after.id, before.id);
    assert_eq!(after.request, before.request);
    assert_eq!(after.expires_at, before.expires_at);
    assert_eq!(after.created_at, before.created_at);
    if let Some(ended) = before.ended_at() {
        // Only "deleted" follows an end, and it changes nothing of it.
        assert!(matches!(event, Event::Deleted));
        assert_eq!(after.ended_at(), Some(ended));
        assert_eq!(after.state.stage, before.state.stage);
        assert_eq!(after.outcome(), before.outcome());
    }
    if before.state.owner.is_some() {
        assert_eq!(after.state.owner, before.state.owner);
    }
    assert!(after.state.wrong_passwords >= before.state.wrong_passwords);
    if matches!(after.state.stage, Stage::Completed { .. }) && !before.state.deleted {
        let asked = matches!(
            before.state.stage,
            Stage::Verifying { .. } | Stage::TwoFactor(_)
        );
        assert!(asked || before.ended_at().is_some());
    }
    let open = after.ended_at().is_none();
    assert_eq!(
        after.outcome().is_none(),
        open || after.state.stage.name() == "deleted"
    );
    assert_eq!(after.step().is_some(), open);
    let gone = after.state.deleted || matches!(after.state.stage, Stage::Expired { .. });
    if gone || (open && now >= EXPIRES) {
        assert_eq!(after.status(Timestamp(now), DAY), Status::NotFound);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 3_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_session_does_what_its_model_does(reconnects: bool, steps in steps()) {
        let (mut session, mut model) = begin(reconnects);
        let mut now = 0;
        let mut history = Vec::new();
        for (index, wait) in steps {
            now += wait;
            let event = events(now).swap_remove(index);
            let told = session.apply(&event, Timestamp(now));
            let wanted = model.next(&event, now);
            match (told, wanted) {
                (Ok(transition), Ok(next)) => {
                    prop_assert_eq!(transition.event, event.name());
                    prop_assert_eq!(transition.from, session.state.stage.name());
                    check_invariants(&session, &transition.session, &event, now);
                    session = transition.session;
                    model = next;
                    history.push((session.version, event.name()));
                }
                (Err(refused), Err(wanted)) => {
                    prop_assert_eq!(refusal(refused), wanted, "{} at {}", event.name(), model.stage);
                }
                (told, wanted) => prop_assert!(
                    false,
                    "{} at {model:?}: the session says {:?}, the model {wanted:?}",
                    event.name(),
                    told.map(|t| t.session.state)
                ),
            }
            prop_assert_eq!(session.state.stage.name(), model.stage, "after {:?}", &history);
            prop_assert_eq!(session.state.wrong_passwords, model.wrong_passwords);
        }
        // The history has each version once.
        let versions: Vec<i64> = history.iter().map(|(version, _)| *version).collect();
        prop_assert_eq!(versions, (2..2 + i64::try_from(history.len()).unwrap()).collect::<Vec<_>>());
    }
}

#[test]
fn every_event_in_every_stage_is_answered_as_the_model_does() {
    let ways: [&[usize]; 8] = [
        &[],
        &[0],
        &[0, 2],
        &[0, 2, 3],
        &[0, 2, 3, 6],
        &[0, 2, 3, 8],
        &[0, 2, 3, 6, 4],
        &[0, 2, 3, 5],
    ];
    for way in ways {
        for index in 0..events(0).len() {
            for now in [5_000, EXPIRES - 1, EXPIRES, EXPIRES + 50_000] {
                let (mut session, mut model) = begin(false);
                for step in way {
                    let event = events(0).swap_remove(*step);
                    session = session.apply(&event, Timestamp(0)).unwrap().session;
                    model = model.next(&event, 0).unwrap();
                }
                let event = events(now).swap_remove(index);
                let told = session.apply(&event, Timestamp(now));
                let told = told.map_err(refusal).map(|t| t.session.state.stage.name());
                let wanted = model.next(&event, now).map(|next| next.stage);
                assert_eq!(told, wanted, "{} at {} at {now}", event.name(), model.stage);
            }
        }
    }
}

#[test]
fn wrong_codes_are_counted_over_the_whole_session() {
    // Declining elsewhere leads back to the sign-in; a new second factor must not give five new tries.
    let (mut session, _) = begin(true);
    let take = |session: &mut LinkSession, index: usize| {
        let event = events(0).swap_remove(index);
        *session = session.apply(&event, Timestamp(0)).unwrap().session;
    };
    let [begun, password, code, face_or_app, wrong, declined, another] = [0, 3, 4, 9, 12, 14, 22];
    take(&mut session, begun);
    let mut wrong_codes = 0;
    while wrong_codes < 5 {
        take(&mut session, password);
        take(&mut session, face_or_app);
        take(&mut session, another);
        for _ in 0..2 {
            take(&mut session, code);
            take(&mut session, wrong);
            wrong_codes += 1;
            if wrong_codes == 5 {
                break;
            }
        }
        if wrong_codes < 5 {
            take(&mut session, another);
            take(&mut session, declined);
        }
    }
    let failed = Outcome::Error(linchpin::domain::link_session::ErrorCode::TwoFactorFailed);
    assert_eq!(session.outcome(), Some(failed));
}

#[test]
fn a_way_whose_codes_are_used_up_is_not_offered() {
    // Texted codes allow three wrong ones, an authenticator's five.
    let (mut session, _) = begin(true);
    let [begun, password, app_or_phone, code, wrong] = [0, 3, 10, 4, 12];
    let three_wrong = [code, wrong, code, wrong, code, wrong];
    for index in [begun, password, app_or_phone]
        .into_iter()
        .chain(three_wrong)
    {
        let Stage::TwoFactor(wanted) = &session.state.stage else {
            session = apply(&session, index);
            continue;
        };
        assert_eq!(
            wanted.factor.another(),
            Some(Method::Phone),
            "{}",
            wanted.factor.wrong_codes
        );
        session = apply(&session, index);
    }
    let Stage::TwoFactor(wanted) = &session.state.stage else {
        panic!("{:?}", session.state.stage);
    };
    assert_eq!(
        (wanted.factor.method, wanted.factor.another()),
        (Method::App, None)
    );
}

fn apply(session: &LinkSession, index: usize) -> LinkSession {
    let event = events(0).swap_remove(index);
    session.apply(&event, Timestamp(0)).unwrap().session
}
