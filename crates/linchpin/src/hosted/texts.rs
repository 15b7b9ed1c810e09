//! The texts of the pages, by language: one message file a language, and what fills its gaps.

use std::fmt;
use std::sync::LazyLock;

use askama::filters::HtmlSafe;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

/// A language that the pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Arabic, written from right to left.
    Ar,
    /// German.
    De,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Portuguese, as it is written in Brazil.
    Pt,
    /// Japanese.
    Ja,
}

impl Locale {
    /// Every language, in the order in which the pages list them.
    pub const ALL: [Self; 7] = [
        Self::En,
        Self::De,
        Self::Es,
        Self::Fr,
        Self::Pt,
        Self::Ja,
        Self::Ar,
    ];

    /// The BCP 47 tag, as in the `lang` attribute and the `lang` parameter.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ar => "ar",
            Self::De => "de",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::Pt => "pt",
            Self::Ja => "ja",
        }
    }

    /// The direction of writing, as in the `dir` attribute.
    pub const fn dir(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            _ => "ltr",
        }
    }

    /// The language of a BCP 47 tag such as `ar-EG`; `None` for any other language and for what is no tag.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let well_formed = tag.len() <= 35
            && tag.split('-').all(|part| {
                (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
            });
        let language = tag.split('-').next().filter(|_| well_formed)?;
        Self::ALL
            .into_iter()
            .find(|locale| locale.tag().eq_ignore_ascii_case(language))
    }

    /// The language that an `Accept-Language` header likes best; English where it names none of ours.
    pub fn negotiate(accept_language: &str) -> Self {
        let mut best = (0.0_f32, Self::default());
        for range in accept_language.split(',').take(32) {
            let mut parts = range.split(';').map(str::trim);
            let Some(locale) = parts.next().and_then(Self::from_tag) else {
                continue;
            };
            let quality = parts
                .find_map(|part| part.strip_prefix("q="))
                .map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if quality > best.0 && quality <= 1.0 {
                best = (quality, locale);
            }
        }
        best.1
    }

    fn bundle(self) -> &'static Bundle {
        match self {
            Self::En => &ENGLISH,
            Self::Ar => &ARABIC,
            Self::De => &GERMAN,
            Self::Es => &SPANISH,
            Self::Fr => &FRENCH,
            Self::Pt => &PORTUGUESE,
            Self::Ja => &JAPANESE,
        }
    }

    fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }
}

/// Around an inserted value: "first strong isolate" and "pop directional isolate", `<bdi>` and `</bdi>` in HTML.
const APART: char = '\u{2068}';
const TOGETHER: char = '\u{2069}';

type Bundle = FluentBundle<FluentResource>;

/// The message files of a language: every language has each of them.
macro_rules! files {
    ($tag:literal) => {
        &[
            include_str!(concat!("../../locales/", $tag, "/hosted.ftl")),
            include_str!(concat!("../../locales/", $tag, "/yours.ftl")),
            include_str!(concat!("../../locales/", $tag, "/hand_off.ftl")),
            include_str!(concat!("../../locales/", $tag, "/elsewhere.ftl")),
        ]
    };
}

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::En, files!("en")));
static ARABIC: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Ar, files!("ar")));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::De, files!("de")));
static SPANISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Es, files!("es")));
static FRENCH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Fr, files!("fr")));
static PORTUGUESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Pt, files!("pt")));
static JAPANESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Ja, files!("ja")));

fn bundle(locale: Locale, files: &[&str]) -> Bundle {
    let language = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Names are set apart by `Words::with`; numbers need it in no language.
    bundle.set_use_isolating(false);
    for messages in files {
        // A file with mistakes still gives the messages that it does have; a test refuses such a file.
        let resource = FluentResource::try_new((*messages).to_owned())
            .unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// A text that is HTML already: escaped, with every inserted value in a `<bdi>` of its own.
#[derive(Debug, Clone)]
pub struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// The texts of one page: a language, and the names that its messages may use.
#[derive(Debug, Clone)]
pub struct Words {
    locale: Locale,
    names: Vec<(&'static str, String)>,
}

impl Words {
    /// Texts in a language, without any names yet.
    pub fn new(locale: Locale) -> Self {
        Self {
            locale,
            names: Vec::new(),
        }
    }

    /// Gives every message the value of `$name`, kept apart from the words around it. Characters that steer the
    /// direction of text, or are no text at all, are left out: they could turn those words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        let mut apart = String::with_capacity(value.len() + 6);
        apart.push(APART);
        apart.push_str(&unsteered(value));
        apart.push(TOGETHER);
        self.names.push((name, apart));
        self
    }

    /// The language.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// Whether the language has a message of this key.
    pub fn has(&self, key: &str) -> bool {
        self.locale.has(key)
    }

    /// Whether messages may use a value of this name.
    pub fn names(&self, name: &str) -> bool {
        self.names.iter().any(|(known, _)| *known == name)
    }

    /// A message as HTML.
    pub fn html(&self, key: &str) -> Markup {
        self.html_with(key, &[])
    }

    /// A message as HTML, with a number for `$count`.
    pub fn counted(&self, key: &str, count: impl Into<u32>) -> Markup {
        self.html_with(key, &[("count", FluentValue::from(count.into()))])
    }

    /// A message as HTML, with one more value than the names that every message may use.
    pub fn valued(&self, key: &str, name: &'static str, value: &str) -> Markup {
        self.clone().with(name, value).html(key)
    }

    /// A name on its own as HTML, kept apart from what stands around it.
    pub fn name(&self, name: &str) -> Markup {
        let quiet: String = name.chars().filter(|&c| !is_steering(c)).collect();
        markup(&format!("{APART}{quiet}{TOGETHER}"))
    }

    /// A message as plain text, for titles and attributes. The marks that keep inserted values apart stay only
    /// where text of both directions meets.
    pub fn plain(&self, key: &str) -> String {
        let text = self.format(key, &[]);
        if text.contains(is_written_right_to_left) {
            text
        } else {
            text.replace([APART, TOGETHER], "")
        }
    }

    fn html_with(&self, key: &str, extra: &[(&'static str, FluentValue<'_>)]) -> Markup {
        markup(&self.format(key, extra))
    }

    /// The message with its gaps filled; in English where the language lacks it, and its key where English does too.
    fn format(&self, key: &str, extra: &[(&'static str, FluentValue<'_>)]) -> String {
        let mut arguments = FluentArgs::with_capacity(self.names.len() + extra.len());
        for (name, value) in &self.names {
            arguments.set(*name, value.as_str());
        }
        for (name, value) in extra {
            arguments.set(*name, value.clone());
        }
        for locale in [self.locale, Locale::default()] {
            let bundle = locale.bundle();
            if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
                let mut mistakes = Vec::new();
                return bundle
                    .format_pattern(pattern, Some(&arguments), &mut mistakes)
                    .into_owned();
            }
        }
        key.to_owned()
    }
}

/// A text of others without the characters that steer the direction of text, or are no text at all.
pub fn unsteered(text: &str) -> String {
    text.chars().filter(|&c| !is_steering(c)).collect()
}

/// Plain text as HTML.
fn markup(text: &str) -> Markup {
    let mut html = String::with_capacity(text.len() + 32);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            APART => html.push_str("<bdi>"),
            TOGETHER => html.push_str("</bdi>"),
            other => html.push(other),
        }
    }
    Markup(html)
}

fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_written_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}
