//! Every kind of event, each at a place of its own.

use linchpin::domain::{
    geolocation::Geolocation,
    id::ConnectionId,
    link_session::{Event, HandOffEvent},
    sealed::Sealed,
    time::Timestamp,
};
use linchpin_provider::{Challenge, CodeRules, Method};

fn challenge(methods: &[Method]) -> Challenge {
    Challenge {
        methods: methods.to_vec(),
        phone: methods.contains(&Method::Phone).then(|| rules(3, 3)),
        email: methods.contains(&Method::Email).then(|| rules(2, 4)),
        prompt: None,
    }
}

fn rules(sends: u8, checks: u8) -> CodeRules {
    CodeRules {
        sends,
        checks,
        hint: "1234".to_owned(),
        resend_after: 1,
        code_life: 600,
    }
}

fn wanted(challenge: Challenge) -> Event {
    Event::SecondFactorWanted {
        challenge,
        progress: Some(sealed()),
    }
}

/// What a provider keeps; what is in it is not the session's to know.
fn sealed() -> Sealed {
    Sealed {
        key_version: 1,
        wrapped_key: vec![1],
        bytes: vec![2],
    }
}

/// Every kind of event; `until` is that of a check begun at `now`.
pub fn events(now: i64) -> Vec<Event> {
    let until = Timestamp(now + 20_000);
    let mut events = vec![
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
        wanted(challenge(&[Method::App])),
        wanted(challenge(&[Method::Phone])),
        wanted(challenge(&[Method::Face])),
        wanted(challenge(&[Method::Face, Method::App])),
        wanted(challenge(&[Method::App, Method::Phone])),
        Event::WrongPassword {
            unknown_domain: false,
        },
        Event::WrongCode { progress: None },
        Event::CodeExpired,
        Event::Declined,
        Event::Locked,
        Event::Unavailable,
        Event::DifferentAccount,
        Event::LinkedToAnotherUser,
        Event::CheckLost,
        Event::CodeSent,
        Event::CodeNotSent,
        Event::MethodChosen {
            method: Method::ForceFace,
        },
        Event::Cancelled,
        Event::TimePassed,
        Event::Deleted,
        Event::Broke,
        Event::Restored,
        Event::HandOff(offered(1)),
        Event::HandOff(offered(2)),
        Event::HandOff(HandOffEvent::Taken {
            nonce: [1; 16],
            flow_hash: [7; 32],
        }),
        Event::HandOff(HandOffEvent::Taken {
            nonce: [2; 16],
            flow_hash: [8; 32],
        }),
        Event::HandOff(HandOffEvent::WrongPhrase { nonce: [1; 16] }),
        Event::HandOff(HandOffEvent::Ended),
    ];
    events.extend(events_by_api());
    events.push(Event::Progressed { progress: sealed() });
    events.extend(events_elsewhere(now));
    events.extend(events_of_other_ways());
    events.push(Event::PlaceChosen {
        place: Geolocation::check(Some("DE"), None, None).unwrap(),
    });
    events.push(Event::ProxyChosen { proxy: sealed() });
    events
}

/// Those of a browser that goes to the provider's own page.
fn events_elsewhere(now: i64) -> [Event; 6] {
    let departed = |trip| Event::Departed {
        trip,
        until: Timestamp(now + 30_000),
        progress: Some(sealed()),
    };
    let arrived = |trip| Event::Arrived {
        trip,
        until: Timestamp(now + 20_000),
    };
    [
        departed(1),
        departed(2),
        arrived(1),
        arrived(2),
        Event::NotDeparted,
        Event::Denied,
    ]
}

/// Challenges that offer much, and their ways.
fn events_of_other_ways() -> [Event; 6] {
    use Method::{Email, Face, ForceFace, Phone, Question, Shown};
    let chosen = |method| Event::MethodChosen { method };
    [
        wanted(challenge(&[Email, Question, Face])),
        wanted(challenge(&[Shown])),
        wanted(challenge(&[Phone, Email, ForceFace])),
        chosen(Email),
        chosen(Question),
        chosen(Shown),
    ]
}

/// Those that only calls of an app's backend lead to.
fn events_by_api() -> [Event; 5] {
    [
        Event::BegunByApp {
            provider: "sandbox".to_owned(),
        },
        Event::BegunByApp {
            provider: "other".to_owned(),
        },
        Event::MethodChosen {
            method: Method::App,
        },
        Event::MethodChosen {
            method: Method::Phone,
        },
        Event::MethodChosen {
            method: Method::Face,
        },
    ]
}

fn offered(nonce: u8) -> HandOffEvent {
    HandOffEvent::Offered {
        nonce: [nonce; 16],
        language: "en".to_owned(),
        from: None,
    }
}
