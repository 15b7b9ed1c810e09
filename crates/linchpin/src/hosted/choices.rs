//! What the person chose about the page itself: language and theme, carried in the query, never in a cookie.

use super::{texts::Locale, view::Theme};

/// The choices, each only where it was made; anything that is not on the closed list was not made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choices {
    pub lang: Option<Locale>,
    pub theme: Option<Theme>,
    /// Whether the person is asked if they want to leave.
    pub leaving: bool,
}

impl Choices {
    pub fn from_query(query: Option<&str>) -> Self {
        let mut choices = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "lang" => choices.lang = Locale::from_tag(&value),
                "theme" => choices.theme = Theme::from_name(&value),
                "leave" => choices.leaving = true,
                // Embedding pages append parameters of their own.
                _ => {}
            }
        }
        choices
    }

    /// A path of ours with the choices behind it, asking about leaving or not.
    pub fn with(self, path: &str, leaving: bool) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(lang) = self.lang {
            query.append_pair("lang", lang.tag());
        }
        if let Some(theme) = self.theme {
            query.append_pair("theme", theme.name());
        }
        if leaving {
            query.append_pair("leave", "1");
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}
