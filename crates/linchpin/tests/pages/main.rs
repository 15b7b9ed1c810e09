//! The hosted pages as HTML: what each view must show, in every language, and what no page may contain.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at what it did not expect, and says what it measured"
)]

mod contract;
mod factor;
mod hand_off;
mod safety;
mod samples;
mod texts;
mod weight;
mod whole;

use linchpin::hosted::render::page;
use linchpin::hosted::texts::Locale;
use samples::Sample;

/// Every sample in every language: its name, and the page.
fn every_page() -> Vec<(String, String)> {
    let render = |locale: Locale| {
        samples::all().into_iter().map(move |sample| {
            let name = format!("{} in {}", sample.name, locale.tag());
            (name, rendered(sample, locale))
        })
    };
    Locale::ALL.into_iter().flat_map(render).collect()
}

/// The sample of a name, in English.
fn english(name: &str) -> String {
    rendered(find(name), Locale::En)
}

fn rendered(mut sample: Sample, locale: Locale) -> String {
    sample.frame.locale = locale;
    page(&sample.frame, &sample.view)
}

fn find(name: &str) -> Sample {
    samples::all()
        .into_iter()
        .find(|sample| sample.name == name)
        .unwrap_or_else(|| panic!("no sample {name}"))
}

/// The tags of a page, `<…>` each, in order. Attribute values never hold a bare `>`: it is escaped.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
        .collect()
}

/// The tags of one element name.
fn elements<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    tags(html)
        .into_iter()
        .filter(|tag| tag.split([' ', '/']).next() == Some(name))
        .collect()
}

/// The step's form, its contents included.
fn step_form(html: &str) -> &str {
    let start = html.find("<form id=\"step\"").expect("a step form");
    let rest = &html[start..];
    &rest[..rest.find("</form>").expect("its end")]
}
