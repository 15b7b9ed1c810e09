//! Finding an element of a page while it is read, without building the page.

use html5gum::{DefaultEmitter, HtmlString, Token, Tokenizer};

use super::css::{Element, Marks, Selector};

/// Elements within each other that are followed; what is nested deeper is not searched.
const DEPTH_MAX: usize = 128;
/// Bytes of a text that are taken.
const TEXT_MAX: usize = 64 * 1024;

/// Elements that have no end.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Elements that end where the next of their name begins.
const ENDED_BY_THE_NEXT: [&str; 8] = ["p", "li", "option", "dt", "dd", "tr", "td", "th"];

/// The text of the first element that a selector names, without white space around it, or one of its attributes.
pub(super) fn find(page: &[u8], selector: &Selector, attribute: Option<&str>) -> Option<String> {
    let page = String::from_utf8_lossy(page);
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut open: Vec<(Element, Marks)> = Vec::new();
    // The depth of the element whose text is being taken.
    let mut inside: Option<usize> = None;
    let mut text = String::new();
    for token in Tokenizer::new_with_emitter(&*page, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let element = element(&tag.name, &tag.attributes);
                let repeats = open
                    .last()
                    .is_some_and(|(last, _)| last.name == element.name);
                if repeats && ENDED_BY_THE_NEXT.contains(&element.name.as_str()) {
                    open.pop();
                }
                if inside.is_some_and(|depth| open.len() < depth) {
                    break;
                }
                let is_void = VOID.contains(&element.name.as_str());
                let mut marks = Marks::default();
                if inside.is_none() {
                    marks = selector.marks(&element, open.last().map(|(_, around)| around));
                }
                if inside.is_none() && selector.names(&marks) {
                    match attribute {
                        // Of several that the selector names the first with the attribute counts.
                        Some(name) => {
                            if let Some(value) = element.attribute(name) {
                                return Some(value.to_owned());
                            }
                        }
                        None if is_void => return Some(String::new()),
                        None => inside = Some(open.len() + 1),
                    }
                }
                if !is_void {
                    open.push((element, marks));
                }
                if open.len() > DEPTH_MAX {
                    return None;
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name);
                if let Some(at) = open.iter().rposition(|(element, _)| element.name == *name) {
                    open.truncate(at);
                }
                if inside.is_some_and(|depth| open.len() < depth) {
                    break;
                }
            }
            Token::String(string) if inside.is_some() && text.len() < TEXT_MAX => {
                text.push_str(&String::from_utf8_lossy(&string));
            }
            _ => {}
        }
    }
    inside.map(|_| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn element<'t, V>(
    name: &HtmlString,
    attributes: impl IntoIterator<Item = (&'t HtmlString, &'t V)>,
) -> Element
where
    V: std::ops::Deref<Target = HtmlString> + 't,
{
    let owned = |bytes: &HtmlString| String::from_utf8_lossy(bytes).into_owned();
    Element {
        name: owned(name),
        attributes: attributes
            .into_iter()
            .map(|(name, value)| (owned(name), owned(value)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><title>Log in</title>
        <script>document.write("<p class=error>not this</p>")</script>
        <body class="page dark"><form id=login action="/in?a=1&amp;b=2">
        <input name="csrf" value='a"b&lt;c'><input type=text name=user>
        <ul><li>one<li class="x y">two<b> and </b>more<li>three</ul>
        <p class="error big"> Wrong &amp; late. </p></form>"#;

    fn found(selector: &str, attribute: Option<&str>) -> Option<String> {
        find(PAGE.as_bytes(), &selector.parse().unwrap(), attribute)
    }

    #[test]
    fn an_attribute_or_a_text_is_found_as_a_browser_reads_it() {
        for (selector, attribute, wanted) in [
            ("input[name=csrf]", Some("value"), Some(r#"a"b<c"#)),
            ("#login", Some("action"), Some("/in?a=1&b=2")),
            ("form > p.error", None, Some("Wrong & late.")),
            (".dark form .error.big", None, Some("Wrong & late.")),
            ("li.x", None, Some("two and more")),
            ("li.y > b", None, Some("and")),
            ("title", None, Some("Log in")),
            ("h1, title", None, Some("Log in")),
            ("input[type^='te']", Some("name"), Some("user")),
            (
                "form[action*=in]",
                None,
                Some("onetwo and morethree Wrong & late."),
            ),
            ("input", Some("value"), Some(r#"a"b<c"#)),
            ("body > p", None, None),
            ("script p.error", None, None),
            ("p.err", None, None),
            ("#login", Some("missing"), None),
        ] {
            assert_eq!(found(selector, attribute).as_deref(), wanted, "{selector}");
        }
    }

    #[test]
    fn a_page_nested_without_end_is_given_up() {
        let deep = "<div>".repeat(100_000) + "<p>";
        assert_eq!(find(deep.as_bytes(), &"p".parse().unwrap(), None), None);
    }

    #[test]
    fn a_page_of_many_attributes_and_elements_is_searched_in_one_pass() {
        let attributes = (0..20_000).fold(String::new(), |all, n| all + &format!(" a{n}"));
        let words = "w ".repeat(50_000);
        let inputs = "<input name=csrf value=x>".repeat(20_000);
        let page = format!("<div{attributes} class='{words}'>{inputs}");
        let selector = "#login input[name=csrf], .login > input, div.w > b";
        assert_eq!(
            find(page.as_bytes(), &selector.parse().unwrap(), None),
            None
        );
    }
}
