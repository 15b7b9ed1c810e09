//! What came in the query about the page itself: language, theme, and the page that it stands in. Carried from page to
//! page in the query, never in a cookie.

use super::{texts::Locale, view::Theme};

/// Characters of an origin at most; a longer one names none that could be registered.
const ORIGIN_MAX: usize = 300;

/// The choices, each only where it was made; anything that is not on the closed list was not made.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub lang: Option<Locale>,
    pub theme: Option<Theme>,
    /// Whether the person is asked if they want to leave.
    pub leaving: bool,
    /// Whether they choose among the ways of the second factor.
    pub choosing: bool,
    /// Whether an embed library opened the page: it tells the page around it what happens, and leads nowhere by itself.
    pub embedded: bool,
    /// Where that page is, by its own word. It only chooses among the app's Allowed Origins.
    pub embed_origin: Option<String>,
}

impl Choices {
    pub fn from_query(query: Option<&str>) -> Self {
        let mut choices = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "lang" => choices.lang = Locale::from_tag(&value),
                "theme" => choices.theme = Theme::from_name(&value),
                "leave" => choices.leaving = true,
                "ways" => choices.choosing = true,
                "embed" => choices.embedded = value == "true",
                "embed_origin" => {
                    choices.embed_origin =
                        Some(value.into_owned()).filter(|origin| origin.len() <= ORIGIN_MAX);
                }
                // Embedding pages may append parameters of their own.
                _ => {}
            }
        }
        choices
    }

    /// A path of ours with the choices behind it, asking about leaving or not.
    pub fn with(&self, path: &str, leaving: bool) -> String {
        self.with_asking(path, leaving.then_some("leave"))
    }

    /// The same, asking which way of the second factor to use.
    pub fn with_ways(&self, path: &str) -> String {
        self.with_asking(path, Some("ways"))
    }

    fn with_asking(&self, path: &str, asking: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(lang) = self.lang {
            query.append_pair("lang", lang.tag());
        }
        if let Some(theme) = self.theme {
            query.append_pair("theme", theme.name());
        }
        for (name, value) in self.embedding() {
            query.append_pair(name, value);
        }
        if let Some(question) = asking {
            query.append_pair(question, "1");
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// The parameters that tell the page where it stands, which the forms for language and theme carry on, too.
    pub fn embedding(&self) -> Vec<(&'static str, &str)> {
        let embedded = self.embedded.then_some(("embed", "true"));
        let origin = self
            .embed_origin
            .as_deref()
            .map(|origin| ("embed_origin", origin));
        embedded.into_iter().chain(origin).collect()
    }
}
