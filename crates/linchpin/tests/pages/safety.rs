//! What no page may contain: the words of others as markup, inline code, other people's servers.

use linchpin::hosted::render::page;
use linchpin::hosted::texts::Locale;
use linchpin::hosted::view::{
    AccountFace, AskedAnswer, AskedPermission, CodeMethod, Embedding, Frame, HandOffView, Phrase,
    Resend, Screen, Standing, View, Way,
};

use super::{elements, every_page, samples, tags};

/// Attempts to break out of text, attributes, addresses and styles. Each would add the tag `x-evil` or an attribute.
const CORPUS: [&str; 12] = [
    "<x-evil>",
    "</title><x-evil>",
    "\"><x-evil>",
    "'><x-evil>",
    "\" onfocus=alert(1) x-evil=\"",
    "' onfocus=alert(1) x-evil='",
    "</script><x-evil>",
    "--><x-evil>",
    "&lt;x-evil&gt;<x-evil>",
    "{{ x-evil }}<x-evil>",
    "\u{2069}<x-evil>\u{2068}",
    "javascript:alert(1)//\"><x-evil>",
];

#[test]
fn text_of_others_never_becomes_markup() {
    for attack in CORPUS {
        let quiet: Vec<_> = pages_that_hold("x")
            .iter()
            .map(|html| shape(html))
            .collect();
        for (html, expected) in pages_that_hold(attack).iter().zip(quiet) {
            assert_eq!(shape(html), expected, "{attack} changed the page:\n{html}");
        }
    }
}

/// The tags of a page with their attributes' names, without any value.
fn shape(html: &str) -> Vec<String> {
    tags(html)
        .into_iter()
        // Isolates around a name are there or not by what the name is; they carry nothing.
        .filter(|tag| !tag.ends_with("bdi"))
        .map(|tag| tag.split('"').step_by(2).collect())
        .collect()
}

/// Every view with a text of someone else's in every place that takes one.
fn pages_that_hold(text: &str) -> Vec<String> {
    let mut frame = frame_that_holds(text);
    let mut views = views_that_hold(text).to_vec();
    views.extend(own_views_that_hold(text));
    views.extend(factors_that_hold(text));
    views.extend(hand_offs_that_hold(text));
    let pages = Locale::ALL.into_iter().flat_map(|locale| {
        frame.locale = locale;
        views
            .iter()
            .map(|view| page(&frame, view))
            .collect::<Vec<_>>()
    });
    pages.collect()
}

fn views_that_hold(text: &str) -> [View; 10] {
    let own = || text.to_owned();
    let method = CodeMethod::Phone {
        last_four: own(),
        resend: RESEND,
    };
    [
        View::PreLogin {
            token: own(),
            providers: vec![(own(), own()), (own(), own())],
            reconnect: false,
            elsewhere: false,
        },
        View::Authorization {
            token: own(),
            permissions: vec![permission_that_holds(text)],
        },
        View::Login {
            token: own(),
            username: own(),
            by_email: true,
            problem: None,
        },
        View::Code {
            token: own(),
            method,
            another_way: true,
            problem: None,
        },
        View::Approval {
            token: own(),
            wait: own(),
            another_way: true,
            not_asked: false,
        },
        View::Checking {
            token: own(),
            wait: own(),
        },
        View::Leave {
            token: own(),
            back: own(),
        },
        View::Done {
            account: account_that_holds(text),
            back: own(),
            own: format!("https://link.example/c/{text}"),
        },
        View::Ended {
            back: Some(format!("/{text}")),
        },
        View::Unavailable,
    ]
}

const RESEND: Resend = Resend {
    sends_left: 1,
    resend_in: 1,
};

/// The same for what else a second factor can be.
fn factors_that_hold(text: &str) -> [View; 3] {
    let own = || text.to_owned();
    [
        View::Code {
            token: own(),
            method: CodeMethod::Email {
                hint: own(),
                resend: RESEND,
            },
            another_way: true,
            problem: None,
        },
        View::Answer {
            token: own(),
            asked: AskedAnswer {
                is_question: false,
                text: own(),
                picture: Some(format!("data:image/png;base64,{text}")),
            },
            another_way: true,
            problem: None,
        },
        View::Ways {
            token: own(),
            ways: vec![Way::Phone(own()), Way::Email(own())],
            back: own(),
        },
    ]
}

/// The same for the user's own page of a connection.
fn own_views_that_hold(text: &str) -> [View; 3] {
    let own = || text.to_owned();
    [
        View::Connection {
            account: account_that_holds(text),
            since: own(),
            standing: Standing::EndedByApp,
            permissions: vec![permission_that_holds(text)],
            end: own(),
        },
        View::Disconnect {
            token: own(),
            back: own(),
        },
        View::Disconnected,
    ]
}

fn permission_that_holds(text: &str) -> AskedPermission {
    AskedPermission {
        name: text.to_owned(),
        sentence: text.to_owned(),
        changes: false,
        risky: true,
        required: false,
        new: true,
    }
}

fn account_that_holds(text: &str) -> AccountFace {
    AccountFace {
        name: text.to_owned(),
        username: text.to_owned(),
        avatar: Some(format!("/a/{text}")),
    }
}

fn hand_offs_that_hold(text: &str) -> [View; 3] {
    let own = || text.to_owned();
    let phrase = Phrase {
        place: 0,
        locale: Locale::En,
    };
    [
        View::HandOff(HandOffView::Waiting {
            token: own(),
            wait: own(),
        }),
        View::HandOff(HandOffView::Code {
            token: own(),
            wait: own(),
            link: own(),
            phrase,
            seconds_left: 1,
        }),
        View::HandOff(HandOffView::Ask {
            token: own(),
            phrases: [phrase; 3],
            screen: Screen::Public {
                network: own(),
                country: Some(own()),
                city: Some(own()),
                shared: true,
            },
        }),
    ]
}

fn frame_that_holds(text: &str) -> Frame {
    let mut frame = samples::frame();
    frame.provider = Some(text.to_owned());
    frame.here = format!("/s/x?{text}");
    frame.post_to = format!("/s/x?{text}");
    frame.embedding = Some(Embedding {
        origins: text.to_owned(),
        told: text.to_owned(),
        embedded: true,
        kept: vec![("embed_origin", text.to_owned())],
    });
    if let Some(app) = &mut frame.app {
        text.clone_into(&mut app.name);
        app.logo = Some(format!("/logos/{text}"));
        app.accent = Some(text.to_owned());
        app.website = Some(format!("https://acme.example/{text}"));
        app.support = Some(format!("mailto:{text}"));
    }
    frame
}

#[test]
fn a_name_cannot_turn_the_words_around_it() {
    let mut frame = samples::frame();
    if let Some(app) = &mut frame.app {
        app.name = "\u{202e}emcA\u{2066}\u{200f}".to_owned();
    }
    let html = page(
        &frame,
        &View::Checking {
            token: "t".to_owned(),
            wait: "/w".to_owned(),
        },
    ) + &page(&frame, &View::InUse)
        + &page(&frame, &View::Disconnected)
        + &page(
            &frame,
            &View::Done {
                account: AccountFace {
                    name: "\u{202e}enaJ\u{2066}".to_owned(),
                    username: "\u{200f}jane".to_owned(),
                    avatar: None,
                },
                back: "/f/x/return".to_owned(),
                own: "/c/x".to_owned(),
            },
        );
    assert!(!html.contains(['\u{202e}', '\u{2066}', '\u{200f}']));
}

#[test]
fn addresses_that_run_code_or_leave_our_origin_are_left_out() {
    let mut frame = samples::frame();
    if let Some(app) = &mut frame.app {
        app.website = Some("javascript:alert(1)".to_owned());
        app.privacy = Some("data:text/html,x".to_owned());
        app.logo = Some("https://elsewhere.example/logo.png".to_owned());
    }
    let providers = vec![("sandbox".to_owned(), "Fanhouse".to_owned())];
    let html = page(
        &frame,
        &View::PreLogin {
            token: "t".to_owned(),
            providers,
            reconnect: false,
            elsewhere: false,
        },
    ) + &page(
        &frame,
        &View::Ended {
            back: Some("javascript:alert(1)".to_owned()),
        },
    );
    let picture = |address: &str| {
        page(
            &frame,
            &View::Answer {
                token: "t".to_owned(),
                asked: AskedAnswer {
                    is_question: false,
                    text: "What is this?".to_owned(),
                    picture: Some(address.to_owned()),
                },
                another_way: false,
                problem: None,
            },
        )
    };
    let html = html
        + &picture("https://elsewhere.example/x.png")
        + &picture("/elsewhere.example/x.png")
        + &picture("data:text/html,x");
    for bad in ["javascript:", "data:text", "elsewhere.example"] {
        assert!(!html.contains(bad), "{bad}");
    }
}

#[test]
fn pages_have_no_inline_code_and_no_inline_style() {
    for (name, html) in every_page() {
        assert!(elements(&html, "style").is_empty(), "{name}");
        let links = elements(&html, "link");
        let [icon, styles] = links[..] else {
            panic!("{name}: an icon and one stylesheet, not {links:?}");
        };
        // Without one, browsers would ask for /favicon.ico.
        assert_eq!(icon, "link rel=\"icon\" href=\"data:,\"", "{name}");
        assert!(styles.starts_with("link rel=\"stylesheet\" "), "{name}");
        let scripts = elements(&html, "script");
        assert_eq!(scripts.len(), 1, "{name}: one script");
        assert!(
            html.contains(" defer></script>"),
            "{name}: the script is a file"
        );
        for tag in tags(&html) {
            for attribute in tag.split('"').step_by(2) {
                let attribute = attribute.trim_start().trim_end_matches('=');
                let last = attribute.rsplit(' ').next().unwrap_or_default();
                assert!(!last.starts_with("on") && last != "style", "{name}: {tag}");
            }
        }
    }
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    for (name, html) in every_page() {
        for tag in tags(&html) {
            let loads = ["src=\"", "srcset=\"", "poster=\"", "data=\""];
            let loads =
                loads.iter().any(|attribute| tag.contains(attribute)) || tag.starts_with("link ");
            let elsewhere = tag.contains("//") && !tag.contains("data:image/");
            assert!(!(loads && elsewhere), "{name}: {tag}");
        }
        for link in elements(&html, "a") {
            if link.contains("target=\"_blank\"") {
                assert!(
                    link.contains("rel=\"noopener noreferrer\""),
                    "{name}: {link}"
                );
            }
        }
    }
}

#[test]
fn a_page_never_holds_a_password() {
    for (name, html) in every_page() {
        for input in elements(&html, "input")
            .iter()
            .filter(|input| input.contains("type=\"password\""))
        {
            assert!(!input.contains("value="), "{name}");
        }
    }
}
