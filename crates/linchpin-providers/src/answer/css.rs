//! The part of CSS selectors that finds things in pages: `form#login input[name="csrf"]`, `.error, .alert > p`.

mod marks;

use std::str::FromStr;

pub(super) use marks::Marks;

/// An element of a page: its name and attributes in lower case.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let found = attributes.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn has_word(&self, attribute: &str, word: &str) -> bool {
        self.attribute(attribute)
            .is_some_and(|value| value.split_ascii_whitespace().any(|part| part == word))
    }
}

/// A selector: type, `*`, `#id`, `.class`, `[attribute]` with `=`, `^=`, `$=`, `*=`, `~=`, within each other by white space
/// or `>`, in lists with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector(Vec<Path>);

/// From the outermost to the element itself.
type Path = Vec<(Within, Vec<Test>)>;

/// How a part stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Anywhere,
    Directly,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Name(String),
    Id(String),
    Class(String),
    Attribute(String, Option<(Compare, String)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Is,
    Begins,
    Ends,
    Holds,
    Word,
}

impl Test {
    fn holds(&self, element: &Element) -> bool {
        match self {
            Self::Name(name) => element.name == *name,
            Self::Id(id) => element.attribute("id") == Some(id),
            Self::Class(class) => element.has_word("class", class),
            Self::Attribute(name, None) => element.attribute(name).is_some(),
            Self::Attribute(name, Some((Compare::Word, wanted))) => element.has_word(name, wanted),
            Self::Attribute(name, Some((compare, wanted))) => {
                element.attribute(name).is_some_and(|value| match compare {
                    Compare::Is => value == wanted,
                    Compare::Begins => value.starts_with(wanted),
                    Compare::Ends => value.ends_with(wanted),
                    Compare::Holds | Compare::Word => value.contains(wanted),
                })
            }
        }
    }
}

/// Parts of one path: each is a bit of [`Marks`].
const PARTS_MAX: usize = 8;

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = Rest(text);
        let mut paths = Vec::new();
        loop {
            paths.push(rest.path()?);
            rest.spaces();
            match rest.next() {
                None => return Ok(Self(paths)),
                Some(',') => {}
                Some(other) => return Err(unknown(other)),
            }
        }
    }
}

fn unknown(c: char) -> String {
    format!(
        "has {c:?}, which is not known here; a selector may have names, *, #id, .class, [attribute=\"value\"], spaces, > and commas"
    )
}

struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.0.chars();
        let next = chars.next();
        self.0 = chars.as_str();
        next
    }

    /// Whether there were any.
    fn spaces(&mut self) -> bool {
        let trimmed = self.0.trim_start();
        let any = trimmed.len() < self.0.len();
        self.0 = trimmed;
        any
    }

    fn path(&mut self) -> Result<Path, String> {
        let mut path = Vec::new();
        let mut within = Within::Anywhere;
        self.spaces();
        loop {
            path.push((within, self.tests()?));
            let apart = self.spaces();
            within = match self.peek() {
                Some('>') => {
                    self.next();
                    self.spaces();
                    Within::Directly
                }
                None | Some(',') => break,
                Some(_) if apart => Within::Anywhere,
                Some(other) => return Err(unknown(other)),
            };
        }
        match path.len() > PARTS_MAX {
            true => Err(format!("has more than {PARTS_MAX} parts within each other")),
            false => Ok(path),
        }
    }

    fn tests(&mut self) -> Result<Vec<Test>, String> {
        let mut tests = Vec::new();
        let mut any = false;
        if self.peek() == Some('*') {
            self.next();
            any = true;
        } else if self.peek().is_some_and(is_name) {
            tests.push(Test::Name(self.name()?.to_ascii_lowercase()));
        }
        loop {
            match self.peek() {
                Some('#') => {
                    self.next();
                    tests.push(Test::Id(self.name()?));
                }
                Some('.') => {
                    self.next();
                    tests.push(Test::Class(self.name()?));
                }
                Some('[') => {
                    self.next();
                    tests.push(self.attribute()?);
                }
                _ => break,
            }
        }
        match (tests.is_empty() && !any, self.peek()) {
            (false, _) => Ok(tests),
            (true, Some(other)) => Err(unknown(other)),
            (true, None) => Err("ends where an element is to be named".to_owned()),
        }
    }

    fn name(&mut self) -> Result<String, String> {
        let end = self.0.find(|c| !is_name(c)).unwrap_or(self.0.len());
        let (name, rest) = self.0.split_at(end);
        self.0 = rest;
        match name {
            "" => Err("lacks a name after # or . or [".to_owned()),
            name => Ok(name.to_owned()),
        }
    }

    /// What follows `[`.
    fn attribute(&mut self) -> Result<Test, String> {
        self.spaces();
        let name = self.name()?.to_ascii_lowercase();
        self.spaces();
        let compare = match self.next() {
            Some(']') => return Ok(Test::Attribute(name, None)),
            Some('=') => Compare::Is,
            Some(sign @ ('^' | '$' | '*' | '~')) if self.next() == Some('=') => match sign {
                '^' => Compare::Begins,
                '$' => Compare::Ends,
                '*' => Compare::Holds,
                _ => Compare::Word,
            },
            _ => return Err(format!("has [{name} without ] or = after it")),
        };
        self.spaces();
        let value = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.next();
                let Some((value, rest)) = self.0.split_once(quote) else {
                    return Err(format!("has [{name}= with a quote that does not end"));
                };
                self.0 = rest;
                value.to_owned()
            }
            _ => self.name()?,
        };
        self.spaces();
        match self.next() {
            Some(']') => Ok(Test::Attribute(name, Some((compare, value)))),
            _ => Err(format!(
                "has [{name}={value} without ] after it; write values with other signs than letters, digits, - and _ in quotes"
            )),
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_selector_or_none_of_ours_is_said() {
        for wrong in [
            "",
            "p:first-child",
            "a + b",
            "a >",
            "#",
            "[name",
            "[name=a b]",
            "[name='a]",
            "a,",
            "a b c d e f g h i",
        ] {
            assert!(wrong.parse::<Selector>().is_err(), "{wrong}");
        }
    }
}
