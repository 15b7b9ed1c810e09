//! The state machine of a link session beside a small model of it, driven by the same random events at the same
//! random times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails, and says where"
)]

#[path = "session_model/events.rs"]
mod events;
#[path = "session_model/model.rs"]
mod model;

use linchpin::domain::{
    client_app::AppType,
    environment::Environment,
    id::{ConnectionId, SessionId},
    link_session::{
        Event, HAND_OFFS_MAX, LinkSession, Outcome, Reconnect, Refused, SessionRequest, Stage,
        State, Status,
    },
    public_id::{AppId, OrganisationId},
    time::Timestamp,
};
use linchpin_provider::Method;
use proptest::prelude::*;

use self::events::events;
use self::model::{Factor, HandOff, Model};

const EXPIRES: i64 = 200_000;
const DAY: i64 = 24 * 60 * 60 * 1_000;

fn request(reconnects: bool, whitelabel: bool) -> SessionRequest {
    let app_type = match whitelabel {
        true => AppType::Whitelabel,
        false => AppType::Redirect,
    };
    SessionRequest {
        organisation: OrganisationId::parse("org_0000000000000000000001").unwrap(),
        environment: Environment::Sandbox,
        app: AppId::parse("app_1").unwrap(),
        app_type,
        redirect_url: None,
        client_reference_id: None,
        reconnect: reconnects.then(|| Reconnect {
            connection: ConnectionId::from_text("conn_1"),
            asked: vec!["profile:read".to_owned(), "posts:read".to_owned()],
            granted: vec!["profile:read".to_owned()],
            exit: None,
            own_proxy: None,
        }),
        geolocation: None,
        providers: vec!["sandbox".to_owned()],
        required: vec!["profile:read".to_owned()],
        optional: vec!["posts:read".to_owned()],
        locale: None,
        prefill_username: None,
        metadata: std::collections::BTreeMap::new(),
        return_raw_session: false,
    }
}

fn begin(reconnects: bool, whitelabel: bool) -> (LinkSession, Model) {
    let session = LinkSession {
        id: SessionId::from_number(1),
        request: request(reconnects, whitelabel),
        state: State {
            stage: Stage::Initialized,
            owner: None,
            wrong_passwords: 0,
            wrong_codes: 0,
            unavailable: 0,
            deleted: false,
            hand_off: None,
            place: None,
            proxy: None,
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
        whitelabel,
        hand_off: HandOff::default(),
        trip: (0, 0),
    };
    (session, model)
}

/// Index of an event and the time before it. Ways that lead on are likelier than ends, else nothing gets far.
fn steps() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let event = prop_oneof![
        3 => 0..53_usize,
        3 => 28..34_usize,
        2 => 36..39_usize,
        2 => 46..52_usize,
        2 => Just(20_usize),
        2 => Just(0_usize),
        2 => Just(2_usize),
        4 => Just(3_usize),
        4 => Just(4_usize),
        3 => 6..13_usize,
        2 => Just(12_usize),
        1 => 16..23_usize,
        3 => 40..46_usize,
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
    if matches!(event, Event::HandOff(_)) {
        // What a phone may do never moves the session itself.
        assert_eq!(after.state.stage, before.state.stage);
        assert_eq!(
            after.status(Timestamp(now), DAY),
            before.status(Timestamp(now), DAY)
        );
        let hand_off = after.state.hand_off.as_ref().expect("a hand-off");
        assert_eq!(hand_off.since_version, after.version);
        assert!((1..=HAND_OFFS_MAX).contains(&hand_off.offers));
    } else {
        assert_eq!(after.state.hand_off, before.state.hand_off);
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
    fn the_session_does_what_its_model_does(reconnects: bool, whitelabel: bool, steps in steps()) {
        let (mut session, mut model) = begin(reconnects, whitelabel);
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
            let offers = session.state.hand_off.as_ref().map_or(0, |it| it.offers);
            prop_assert_eq!(offers, model.hand_off.offers);
            let taken = session.state.hand_off.as_ref().is_some_and(|it| it.is_taken());
            prop_assert_eq!(taken, model.hand_off.stands == "taken");
        }
        // The history has each version once.
        let versions: Vec<i64> = history.iter().map(|(version, _)| *version).collect();
        prop_assert_eq!(versions, (2..2 + i64::try_from(history.len()).unwrap()).collect::<Vec<_>>());
    }
}

#[test]
fn every_event_in_every_stage_is_answered_as_the_model_does() {
    let ways: [&[usize]; 15] = [
        &[0, 28],
        &[0, 2, 28, 30],
        &[],
        &[34],
        &[0],
        &[0, 2],
        &[0, 2, 3],
        &[0, 2, 3, 6],
        &[0, 2, 3, 8],
        &[0, 2, 3, 6, 4],
        &[0, 2, 3, 46],
        &[0, 2, 3, 47, 4],
        &[0, 2, 3, 5],
        &[0, 2, 41],
        &[0, 2, 40, 42],
    ];
    for way in ways {
        for index in 0..events(0).len() {
            for now in [5_000, EXPIRES - 1, EXPIRES, EXPIRES + 50_000] {
                // Whitelabel sessions take every event that others take.
                let (mut session, mut model) = begin(false, true);
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
    let (mut session, _) = begin(true, false);
    let take = |session: &mut LinkSession, index: usize| {
        let event = events(0).swap_remove(index);
        *session = session.apply(&event, Timestamp(0)).unwrap().session;
    };
    let [begun, password, code, face_or_app, wrong, declined] = [0, 3, 4, 9, 12, 14];
    let [app, face] = [36, 38];
    take(&mut session, begun);
    let mut wrong_codes = 0;
    while wrong_codes < 5 {
        take(&mut session, password);
        take(&mut session, face_or_app);
        take(&mut session, app);
        for _ in 0..2 {
            take(&mut session, code);
            take(&mut session, wrong);
            wrong_codes += 1;
            if wrong_codes == 5 {
                break;
            }
        }
        if wrong_codes < 5 {
            take(&mut session, face);
            take(&mut session, declined);
        }
    }
    let failed = Outcome::Error(linchpin::domain::link_session::ErrorCode::TwoFactorFailed);
    assert_eq!(session.outcome(), Some(failed));
}

#[test]
fn a_way_whose_codes_are_used_up_is_not_offered() {
    // Texted codes allow three wrong ones, an authenticator's five.
    let (mut session, _) = begin(true, false);
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
            wanted.factor.others(),
            [Method::Phone],
            "{}",
            wanted.factor.wrong_codes
        );
        session = apply(&session, index);
    }
    let Stage::TwoFactor(wanted) = &session.state.stage else {
        panic!("{:?}", session.state.stage);
    };
    assert_eq!(
        (wanted.factor.method, wanted.factor.others()),
        (Method::App, Vec::new())
    );
}

#[test]
fn a_provider_that_shows_one_picture_after_another_gives_no_endless_tries() {
    let (mut session, _) = begin(true, false);
    let [begun, password, code, shown] = [0, 3, 4, 47];
    for index in [begun, password, shown] {
        session = apply(&session, index);
    }
    for wrong in 1..=5 {
        session = apply(&session, code);
        session = apply(&session, shown);
        assert_eq!(session.state.wrong_codes, wrong);
        assert_eq!(session.outcome().is_some(), wrong == 5);
    }
}

#[test]
fn no_more_than_five_approvals_are_asked_for() {
    let (mut session, _) = begin(true, false);
    let [begun, password, face_or_app, app, face] = [0, 3, 9, 36, 38];
    for index in [begun, password, face_or_app] {
        session = apply(&session, index);
    }
    for _ in 1..5 {
        session = apply(&session, app);
        session = apply(&session, face);
    }
    session = apply(&session, app);
    let refused = session.apply(&events(0)[face], Timestamp(0));
    assert_eq!(refused.unwrap_err(), Refused::WrongStage);
}

fn apply(session: &LinkSession, index: usize) -> LinkSession {
    let event = events(0).swap_remove(index);
    session.apply(&event, Timestamp(0)).unwrap().session
}
