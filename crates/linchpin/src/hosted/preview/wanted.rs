//! What the fields of the preview hold.

use url::form_urlencoded::{self, Serializer};

use super::steps::Step;
use crate::{
    domain::client_app::ClientApp,
    hosted::{accent::Accent, texts::Locale, view::Theme},
};

/// Characters of an app's name at most.
const NAME_MAX: usize = 80;

/// A size of the frame that a step is shown in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Its name in the address.
    pub name: &'static str,
    /// What the page calls it.
    pub title: &'static str,
    /// In CSS pixels.
    pub width: u16,
    /// In CSS pixels.
    pub height: u16,
}

/// The sizes that can be chosen; the first is the one to begin with.
pub const SIZES: [Size; 3] = [
    Size {
        name: "modal",
        title: "Modal, 400 × 600",
        width: 400,
        height: 600,
    },
    Size {
        name: "phone",
        title: "Small phone, 320 × 568",
        width: 320,
        height: 568,
    },
    Size {
        name: "tablet",
        title: "Tablet, 768 × 1024",
        width: 768,
        height: 1024,
    },
];

/// The choices; whatever is not on its closed list is as the app has it.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: String,
    pub accent: Accent,
    /// Whether the app's own logo is shown.
    pub logo: bool,
    pub theme: Theme,
    pub locale: Locale,
    pub size: Size,
    /// The only step to show; `None` shows every one.
    pub step: Option<Step>,
}

impl Wanted {
    /// Reads the fields, beginning with what the app has.
    pub fn from_query(app: &ClientApp, query: Option<&str>) -> Self {
        let [first, ..] = SIZES;
        let mut wanted = Self {
            name: app.name.as_str().to_owned(),
            accent: accent_of(app),
            logo: true,
            theme: Theme::Auto,
            locale: Locale::default(),
            size: first,
            step: None,
        };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "name" => wanted.call(&value),
                "accent" => wanted.accent = Accent::from_hex(&value).unwrap_or(wanted.accent),
                "logo" => wanted.logo = value != "none",
                "theme" => wanted.theme = Theme::from_name(&value).unwrap_or_default(),
                "lang" => wanted.locale = Locale::from_tag(&value).unwrap_or_default(),
                "size" => wanted.size = size(&value).unwrap_or(first),
                "step" => wanted.step = Step::from_name(&value),
                _ => {}
            }
        }
        wanted
    }

    fn call(&mut self, name: &str) {
        let name: String = name.trim().chars().take(NAME_MAX).collect();
        if !name.is_empty() {
            self.name = name;
        }
    }

    /// Path and query of one step as it is wanted.
    pub fn path_of(&self, step: Step) -> String {
        let query = Serializer::new(String::new())
            .append_pair("step", step.name())
            .append_pair("name", &self.name)
            .append_pair("accent", &format!("#{}", self.accent.digits()))
            .append_pair("logo", if self.logo { "own" } else { "none" })
            .append_pair("theme", self.theme.name())
            .append_pair("lang", self.locale.tag())
            .finish();
        format!("/branding/step?{query}")
    }
}

/// The colour that an app has, or the one of apps without any.
pub fn accent_of(app: &ClientApp) -> Accent {
    let own = app.accent.as_ref().map(ToString::to_string);
    own.as_deref()
        .and_then(Accent::from_hex)
        .unwrap_or(Accent::NEUTRAL)
}

fn size(name: &str) -> Option<Size> {
    SIZES.into_iter().find(|size| size.name == name)
}
