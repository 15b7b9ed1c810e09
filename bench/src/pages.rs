//! Render time and weight of each page.

use std::{io::Write as _, time::Instant};

use flate2::{Compression, write::GzEncoder};
use linchpin::hosted::{
    assets, render,
    texts::Locale,
    view::{AccountFace, AppFace, AskedPermission, CodeMethod, Frame, LoginProblem, Theme, View},
};

use crate::table::{heading, line, median};

/// Renderings that are timed, each.
const RENDERINGS: usize = 2_000;

/// Measures and prints.
pub fn run() {
    heading("pages (median render time; document, stylesheet and script together, gzip)");
    let shared: usize = [
        assets::stylesheet_path(Some("#3355dd")),
        assets::script_path(false),
    ]
    .iter()
    .filter_map(|path| assets::find(path.rsplit('/').next()?))
    .map(|asset| asset.gzip.len())
    .sum();
    for (name, view) in steps() {
        let frame = frame();
        let mut taken = Vec::with_capacity(RENDERINGS);
        for _ in 0..RENDERINGS {
            let start = Instant::now();
            std::hint::black_box(render::page(&frame, &view));
            taken.push(start.elapsed().as_secs_f64() * 1_000_000.0);
        }
        let weight = compressed(&render::page(&frame, &view)) + shared;
        let kilobytes = f64::from(u32::try_from(weight).unwrap_or(u32::MAX)) / 1_024.0;
        line(&format!(
            "{name:>22}  {:>6.1} µs   {kilobytes:>5.1} KB   aim: under 30 KB",
            median(taken)
        ));
    }
}

fn compressed(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish())
        .map_or(usize::MAX, |bytes| bytes.len())
}

fn frame() -> Frame {
    Frame {
        app: Some(AppFace {
            name: "Acme".to_owned(),
            logo: None,
            accent: Some("#3355dd".to_owned()),
            website: Some("https://acme.example".to_owned()),
            privacy: Some("https://acme.example/privacy".to_owned()),
            terms: None,
            support: None,
        }),
        provider: Some("Sandbox".to_owned()),
        locale: Locale::En,
        theme: Theme::Auto,
        sandbox: true,
        seconds_left: Some(120),
        hand_off: true,
        here: "/f/flow".to_owned(),
        post_to: "/f/flow".to_owned(),
        embedding: None,
    }
}

fn steps() -> Vec<(&'static str, View)> {
    let token = "t".repeat(32);
    let permission = |name: &str, changes, required| AskedPermission {
        name: name.to_owned(),
        sentence: "Read your posts".to_owned(),
        changes,
        risky: changes,
        required,
        new: false,
    };
    let permissions = vec![
        permission("profile:read", false, true),
        permission("posts:read", false, false),
        permission("messages:write", true, false),
    ];
    let providers = vec![("sandbox".to_owned(), "Sandbox".to_owned())];
    let problem = LoginProblem::WrongPassword {
        tries_left: 4,
        unknown_sandbox_domain: false,
    };
    let account = AccountFace {
        name: "Jane".to_owned(),
        username: "jane5687".to_owned(),
        avatar: None,
    };
    vec![
        (
            "pre-login",
            View::PreLogin {
                token: token.clone(),
                providers,
                reconnect: false,
                elsewhere: false,
            },
        ),
        (
            "authorization",
            View::Authorization {
                token: token.clone(),
                permissions,
            },
        ),
        (
            "login",
            View::Login {
                token: token.clone(),
                username: "jane@creator.sandbox.com".to_owned(),
                by_email: true,
                problem: Some(problem),
            },
        ),
        (
            "2fa",
            View::Code {
                token,
                method: CodeMethod::App,
                another_way: false,
                problem: None,
            },
        ),
        (
            "done",
            View::Done {
                account,
                back: "/f/flow/return".to_owned(),
                own: format!("https://link.example.com/c/{}", "o".repeat(54)),
            },
        ),
    ]
}
