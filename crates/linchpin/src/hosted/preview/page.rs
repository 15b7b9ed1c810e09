//! The page with the fields: what its template is given.

use askama::Template;

use super::{
    Preview,
    steps::Step,
    wanted::{SIZES, Size, Wanted, accent_of},
};
use crate::{
    domain::client_app::ClientApp,
    hosted::{
        accent::{Button, DARK_CARD, LIGHT_CARD, Rgb, contrast, digits},
        texts::{Locale, Words},
        view::Theme,
    },
};

#[derive(Template)]
#[template(path = "demo/branding.html")]
struct Branding<'a> {
    words: Names<'a>,
    wanted: &'a Wanted,
    accent: String,
    has_logo: bool,
    themes: [(Theme, &'static str); 3],
    languages: [(Locale, String); Locale::ALL.len()],
    sizes: [Size; SIZES.len()],
    /// Every step, and whether it is the only one to show.
    steps: Vec<(Step, bool)>,
    /// The steps that are shown, each with its address.
    shown: Vec<(Step, String)>,
    warnings: Vec<Warning>,
    command: String,
    /// Whether the command would change anything.
    changed: bool,
}

/// What the layout names.
struct Names<'a> {
    api_url: &'a str,
}

/// That the colour is changed in a theme, since it could not be told from the card.
struct Warning {
    theme: &'static str,
    contrast: String,
    instead: String,
}

/// The page for what is wanted.
pub fn branding(preview: &Preview, app: &ClientApp, wanted: &Wanted) -> String {
    let steps = || Step::ALL.iter().copied();
    let shown = steps().filter(|step| wanted.step.is_none_or(|only| only == *step));
    let changes = changes(app, wanted);
    let page = Branding {
        words: Names {
            api_url: &preview.api_url,
        },
        accent: wanted.accent.digits(),
        has_logo: app.logo.is_some(),
        themes: [
            (Theme::Auto, "As the device says"),
            (Theme::Light, "Light"),
            (Theme::Dark, "Dark"),
        ],
        languages: Locale::ALL.map(|locale| (locale, Words::new(locale).plain("language-name"))),
        sizes: SIZES,
        steps: steps()
            .map(|step| (step, wanted.step == Some(step)))
            .collect(),
        shown: shown.map(|step| (step, wanted.path_of(step))).collect(),
        warnings: warnings(wanted),
        changed: !changes.is_empty(),
        command: format!(
            "linchpin app update {} --data {}{changes}",
            app.id,
            quoted(&preview.data)
        ),
        wanted,
    };
    // Writing into a string cannot fail, and the template calls nothing that can.
    page.render().unwrap_or_default()
}

fn warnings(wanted: &Wanted) -> Vec<Warning> {
    let chosen = wanted.accent;
    let warning = |theme, button: Button, card: Rgb| {
        (button.fill != chosen.rgb()).then(|| Warning {
            theme,
            contrast: format!("{:.1}", contrast(chosen.rgb(), card)),
            instead: digits(button.fill),
        })
    };
    [
        warning("light", chosen.light(), LIGHT_CARD),
        warning("dark", chosen.dark(), DARK_CARD),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The flags that make the app so.
fn changes(app: &ClientApp, wanted: &Wanted) -> String {
    let name =
        (wanted.name != app.name.as_str()).then(|| format!(" --name {}", quoted(&wanted.name)));
    let accent = (wanted.accent != accent_of(app))
        .then(|| format!(" --accent '#{}'", wanted.accent.digits()));
    let logo = (app.logo.is_some() && !wanted.logo).then(|| " --logo ''".to_owned());
    [name, accent, logo].into_iter().flatten().collect()
}

/// A word as a shell takes it, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_is_one_word_for_a_shell() {
        assert_eq!(quoted("Ada's $(shop)"), r"'Ada'\''s $(shop)'");
    }
}
