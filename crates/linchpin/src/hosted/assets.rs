//! The stylesheet and the script of the pages: inside the binary, named by their content, compressed once.
//!
//! An app's accent colour is part of the stylesheet's name (`link-<hash>-<rrggbb>.css`), so that a page needs
//! one stylesheet and no inline style. Whatever was found may be cached for ever: other content has another name.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::accent::Accent;

const STYLES: &str = include_str!("../../static/link.css");
const SCRIPT: &str = include_str!("../../static/link.js");
/// The same for pages that can be embedded, with what talks to the page around them.
const EMBEDDED_SCRIPT: &str = concat!(
    include_str!("../../static/link.js"),
    include_str!("../../static/embedded.js")
);

/// For the pages on which a browser comes back from a provider's own.
const BACK_SCRIPT: &str = include_str!("../../static/back.js");

/// How many coloured stylesheets are kept ready. Anyone may ask for any colour, so the shelf is cleared when full.
const COLOURED_MAX: usize = 256;

/// A file that the pages load. Copies share their bytes.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The file as it is.
    pub body: Bytes,
    /// The same, compressed by gzip.
    pub gzip: Bytes,
}

impl Asset {
    pub(super) fn new(content_type: &'static str, body: String) -> Self {
        let gzip = gzip(body.as_bytes()).unwrap_or_default();
        Self {
            content_type,
            body: body.into(),
            gzip: gzip.into(),
        }
    }

    fn stylesheet(accent: Accent) -> Self {
        Self::new("text/css; charset=utf-8", coloured(accent))
    }
}

/// The path of the stylesheet in an app's colour (`#rrggbb`); in the neutral one without or where it is no colour.
pub fn stylesheet_path(accent: Option<&str>) -> String {
    match accent.and_then(Accent::from_hex) {
        Some(accent) => format!(
            "/assets/link-{}-{}.css",
            STYLES_HASH.as_str(),
            accent.digits()
        ),
        None => format!("/assets/link-{}.css", STYLES_HASH.as_str()),
    }
}

/// The path of the script; pages that can be embedded have one that does more.
pub fn script_path(embedding: bool) -> String {
    let hash = if embedding {
        &EMBEDDED_SCRIPT_HASH
    } else {
        &SCRIPT_HASH
    };
    format!("/assets/link-{}.js", hash.as_str())
}

/// The path of the script with which browsers come back.
pub fn back_path() -> String {
    format!("/assets/link-{}.js", BACK_SCRIPT_HASH.as_str())
}

/// The file of a name, which is what follows `/assets/` in its path; `None` for any other name, older ones included.
pub fn find(name: &str) -> Option<Asset> {
    let (stem, kind) = name.strip_prefix("link-")?.rsplit_once('.')?;
    match kind {
        "js" if stem == SCRIPT_HASH.as_str() => Some(SCRIPT_FILE.clone()),
        "js" if stem == EMBEDDED_SCRIPT_HASH.as_str() => Some(EMBEDDED_SCRIPT_FILE.clone()),
        "js" if stem == BACK_SCRIPT_HASH.as_str() => Some(BACK_SCRIPT_FILE.clone()),
        "css" => match stem.strip_prefix(STYLES_HASH.as_str())? {
            "" => Some(NEUTRAL_STYLES.clone()),
            colour => coloured_styles(colour.strip_prefix('-')?),
        },
        _ => None,
    }
}

static STYLES_HASH: LazyLock<String> = LazyLock::new(|| hash(&coloured(Accent::NEUTRAL)));
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));
static EMBEDDED_SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(EMBEDDED_SCRIPT));
static BACK_SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(BACK_SCRIPT));
static BACK_SCRIPT_FILE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", BACK_SCRIPT.to_owned()));
static EMBEDDED_SCRIPT_FILE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", EMBEDDED_SCRIPT.to_owned()));
static NEUTRAL_STYLES: LazyLock<Asset> = LazyLock::new(|| Asset::stylesheet(Accent::NEUTRAL));
static SCRIPT_FILE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("text/javascript; charset=utf-8", SCRIPT.to_owned()));
static COLOURED: LazyLock<Mutex<HashMap<String, Asset>>> = LazyLock::new(Mutex::default);

fn coloured_styles(digits: &str) -> Option<Asset> {
    let accent = Accent::from_hex(&format!("#{digits}"))?;
    // One colour has one name, or caches would keep several copies of it.
    if accent.digits() != digits {
        return None;
    }
    let mut ready = COLOURED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(asset) = ready.get(digits) {
        return Some(asset.clone());
    }
    if ready.len() >= COLOURED_MAX {
        ready.clear();
    }
    let asset = Asset::stylesheet(accent);
    ready.insert(digits.to_owned(), asset.clone());
    Some(asset)
}

fn coloured(accent: Accent) -> String {
    format!("{STYLES}{}\n", accent.css())
}

/// The first 12 hexadecimal digits of the content's SHA-256.
pub(super) fn hash(content: &str) -> String {
    let mut digits = String::new();
    for byte in Sha256::digest(content.as_bytes()).iter().take(6) {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
