//! How much a page weighs, and the files it loads.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use linchpin::hosted::assets;

use super::every_page;

/// Bytes, compressed, of one step with everything that it loads.
const STEP_MAX: usize = 30 * 1024;
/// Bytes of the script as it is.
const SCRIPT_MAX: usize = 8 * 1024;

fn compressed(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").len()
}

fn asset(path: &str) -> assets::Asset {
    let name = path.strip_prefix("/assets/").expect("an asset's path");
    assets::find(name).expect("an asset")
}

#[test]
fn a_step_weighs_less_than_thirty_kilobytes() {
    let files = asset(&assets::stylesheet_path(Some("#123456"))).gzip.len()
        + asset(&assets::script_path(true)).gzip.len();
    let mut heaviest = (0, String::new());
    for (name, html) in every_page() {
        heaviest = heaviest.max((compressed(&html) + files, name));
    }
    println!("heaviest: {heaviest:?}, of which stylesheet and script {files}");
    assert!(heaviest.0 < STEP_MAX, "{heaviest:?}");
}

#[test]
fn the_script_is_small() {
    let (alone, embedded) = [false, true]
        .map(|embedding| asset(&assets::script_path(embedding)).body.len())
        .into();
    assert!(alone < SCRIPT_MAX, "{alone}");
    assert!(embedded - alone < SCRIPT_MAX, "{embedded}");
}

#[test]
fn every_file_that_a_page_names_is_there() {
    for (name, html) in every_page() {
        let paths: Vec<_> = html
            .split("\"/assets/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(paths.len(), 2, "{name}");
        for path in paths {
            assert!(assets::find(path).is_some(), "{name}: {path}");
        }
    }
}

#[test]
fn compressed_files_are_the_same_files() {
    for path in [
        assets::stylesheet_path(None),
        assets::stylesheet_path(Some("#C0FFEE")),
        assets::script_path(false),
        assets::script_path(true),
    ] {
        let asset = asset(&path);
        let mut body = Vec::new();
        GzDecoder::new(asset.gzip.as_ref())
            .read_to_end(&mut body)
            .expect("gzip");
        assert_eq!(body, asset.body, "{path}");
    }
}

#[test]
fn a_colour_is_in_the_name_of_the_stylesheet_and_at_its_end() {
    let path = assets::stylesheet_path(Some("#0A7D4F"));
    assert!(path.ends_with("-0a7d4f.css"), "{path}");
    let body = asset(&path).body;
    let text = String::from_utf8_lossy(&body);
    assert!(text.trim_end().ends_with('}') && text.contains("--accent:light-dark(#0a7d4f,"));
    for no_colour in [
        None,
        Some(""),
        Some("red"),
        Some("#12345"),
        Some("#12345g"),
        Some("123456"),
    ] {
        assert_eq!(
            assets::stylesheet_path(no_colour),
            assets::stylesheet_path(None),
            "{no_colour:?}"
        );
    }
}

#[test]
fn other_names_are_no_files() {
    let styles = assets::stylesheet_path(None);
    let stem = styles
        .strip_prefix("/assets/")
        .and_then(|name| name.strip_suffix(".css"))
        .expect("a stem");
    for name in [
        String::new(),
        "link.css".to_owned(),
        "link-000000000000.css".to_owned(),
        "../link.css".to_owned(),
        format!("{stem}.js"),
        format!("{stem}-.css"),
        format!("{stem}-0A7D4F.css"),
        format!("{stem}-12345.css"),
        format!("{stem}-12345g.css"),
        format!("{stem}0a7d4f.css"),
        format!("{stem}-0a7d4f-0a7d4f.css"),
    ] {
        assert!(assets::find(&name).is_none(), "{name}");
    }
}

#[test]
fn any_number_of_colours_can_be_asked_for() {
    for colour in 0..600_u32 {
        let hex = format!("#{colour:06x}");
        assert!(assets::find(&assets::stylesheet_path(Some(&hex))["/assets/".len()..]).is_some());
    }
}
